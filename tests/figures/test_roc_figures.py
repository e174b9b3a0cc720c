import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from lib.figures.roc import curves_table, det_curves, panels, rates, roc_curves
from lib.figures.style import COLOURS
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_roc
from lib.measures.estimate import Estimate
from lib.measures.scored_pairs import ScoredPairs
from lib.measures.verification import verify
from tests.exact import exactly


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(3)
    subjects = np.repeat(np.arange(60), 3)
    male = subjects % 2 == 0
    bands, aucs = {}, {}
    for name, apart in (("before", 2.0), ("op", 0.3)):
        scores = random.normal(size=180) + apart * male
        bands[name] = bootstrap_roc(scores, male, subjects, rates(21), replicates=100)
        aucs[name] = bootstrap_auc(scores, male, subjects, replicates=100)
    return curves_table(bands, aucs)


def line(axes, name):
    return next(line for line in axes.get_lines() if line.get_label() == name)


def band(axes, name):
    return next(part for part in axes.collections if part.get_label() == f"{name} band")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_roc_lines_bands_names_and_chance_are_those_of_the_table(table):
    axes = plt.figure().subplots()
    roc_curves(axes, table)
    for name, part in table.groupby("treatment"):
        drawn = line(axes, name)
        assert exactly(
            drawn.get_xydata(), part[["fmr", "tmr"]], because="what is drawn is the table's own number"
        )
        assert drawn.get_color() == COLOURS[name]
        corners = band(axes, name).get_paths()[0].vertices
        for x, y, low, high in part[["fmr", "tmr", "low", "high"]].to_numpy():
            here = corners[np.isclose(corners[:, 0], x)][:, 1]
            assert {low, high} <= set(here)
            assert here.min() - 0.02 <= y <= here.max() + 0.02
    np.testing.assert_array_equal(line(axes, "chance").get_xydata(), [[0, 0], [1, 1]])
    first = table.iloc[0]
    wanted = f"before {first['auc']:.2f} [{first['auc_low']:.2f}, {first['auc_high']:.2f}]"
    assert texts(axes)[:2] == ["AUC", wanted] and texts(axes)[2].startswith("OP ")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("false match rate", "true match rate")


def test_a_logarithmic_axis_leaves_out_the_rate_of_zero_and_keeps_chance(table):
    axes = plt.figure().subplots()
    roc_curves(axes, table, logarithmic=True)
    assert axes.get_xscale() == "log"
    assert line(axes, "before").get_xdata().min() == pytest.approx(0.05)
    chance = line(axes, "chance").get_xydata()
    assert exactly(chance[:, 0], chance[:, 1], because="a diagonal")


def test_names_stand_where_no_line_runs():
    x = np.linspace(0, 1, 50)
    curve = pd.DataFrame({"treatment": "before", "fmr": x, "tmr": x**4, "low": x**4, "high": x**4})
    axes = plt.figure(figsize=(5, 5)).subplots()
    roc_curves(axes, curve)  # below chance: the lower right, where names stand by default, is taken
    axes.figure.draw_without_rendering()
    for text in axes.texts:
        box = text.get_window_extent()
        points = axes.transData.transform(line(axes, "before").get_xydata())
        assert not any(box.contains(px, py) for px, py in points)


def test_words_of_classifiers_name_the_axes(table):
    axes = plt.figure().subplots()
    roc_curves(axes, table.rename(columns={"fmr": "fpr", "tmr": "tpr"}).drop(columns="auc"))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("false positive rate", "true positive rate")
    assert texts(axes) == ["before", "OP", "chance"]


def test_det_draws_normal_deviates(table):
    axes = plt.figure().subplots()
    det_curves(axes, table)
    part = table[table["treatment"] == "before"]
    inner = part[
        part["fmr"].between(0, 1, inclusive="neither") & part["tmr"].between(0, 1, inclusive="neither")
    ]
    drawn = line(axes, "before").get_xydata()
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    np.testing.assert_allclose(drawn, np.column_stack([ndtri(inner["fmr"]), ndtri(1 - inner["tmr"])]))
    assert len(drawn) > 5
    chance = line(axes, "chance").get_xydata()
    np.testing.assert_allclose(chance.sum(axis=1), 0)  # FNMR = 1 - FMR
    assert "50 %" in [tick.get_text() for tick in axes.get_xticklabels()]


def test_one_panel_per_classifier(table):
    both = pd.concat([table.assign(classifier="ours"), table.assign(classifier="cvlib", tmr=table["high"])])
    drawing = panels(both)
    assert len(drawing.axes) == 2
    assert exactly(
        line(drawing.axes[1], "op").get_ydata(),
        table[table["treatment"] == "op"]["high"],
        because="what is drawn is the table's own number",
    )
    named = ["chance 0.50" in texts(axes) for axes in drawing.axes]
    assert named == [True, False], "the diagonal is named once, which leaves more room beside the curves"
    with pytest.raises(ValueError, match="no column judge"):
        panels(both, by="judge")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 0.9, "high": 0.1}, "swapped"),
        ({"tmr": 98.0}, "tmr: a rate lies in"),
        ({"fmr": -0.1}, "fmr: a rate lies in"),
    ],
)
def test_a_wrong_table_raises(table, change, message):
    for draw in (roc_curves, det_curves):
        with pytest.raises(ValueError, match=message):
            draw(plt.figure().subplots(), table.assign(**change))
        with pytest.raises(ValueError, match="no column low"):
            draw(plt.figure().subplots(), table.drop(columns="low"))
        with pytest.raises(ValueError, match="no curves"):
            draw(plt.figure().subplots(), table.head(0))


def test_every_curve_needs_its_auc():
    band = bootstrap_roc([0.1, 0.9], [False, True], ["a", "b"], [0.0, 1.0], replicates=10)
    with pytest.raises(ValueError, match="no AUC of op"):
        curves_table({"op": band}, {"before": Estimate(0.5)})


def test_a_band_over_comparisons_draws_subjects_as_verification_does():
    random = np.random.default_rng(5)
    first, second = random.integers(0, 12, 400), random.integers(0, 12, 400)
    scores = random.normal(size=400) + 1.5 * (first == second)
    test = ScoredPairs(scores, first, second)
    wanted = verify(test, fmrs=(0.05, 0.2), replicates=50).tmr
    drawn = bootstrap_roc(scores, test.mated, first, [0.05, 0.2], second_subjects=second, replicates=50)
    np.testing.assert_allclose(drawn.estimate, [wanted[rate].estimate for rate in (0.05, 0.2)])
    np.testing.assert_allclose(drawn.low, [wanted[rate].low for rate in (0.05, 0.2)])
    np.testing.assert_allclose(drawn.high, [wanted[rate].high for rate in (0.05, 0.2)])
