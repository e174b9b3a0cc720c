"""Sliders on scores, recovered codes, removed directions, points lost, equation 6: what is drawn."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from lib.figures.equation6 import equation6_plot
from lib.figures.interval_plot import points_lost
from lib.figures.inversion_plot import inversion_plot
from lib.figures.removed_directions import removed_directions
from lib.figures.score_sliders import RATES, averaging_slider, threshold_slider
from lib.figures.tradeoff import tradeoff_panels

RANDOM = np.random.default_rng(0)
TRIED = pd.DataFrame(
    {
        "removed": [8, 16],
        "one": [0.8, 0.7],
        "averaged": [0.9, 0.75],
        "matched": [0.8, 0.6],
        "chosen": [False, True],
    }
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def test_a_threshold_from_strangers_has_a_frame_for_each_rate():
    mated, others = RANDOM.normal(2, 1, 200), RANDOM.normal(0, 1, 900)
    slider = threshold_slider(np.append(mated, np.nan), others, RANDOM.normal(0, 1, 900))
    assert len(slider.labels) == len(RATES) and slider.labels[4] == "FMR 1.0% among strangers"


def test_as_many_pictures_are_averaged_as_subjects_have():
    subjects = np.repeat(np.arange(40), 4)
    male = subjects % 2 == 1
    slider = averaging_slider(RANDOM.normal(male, 2), male, subjects)
    assert slider.labels == [
        "1 picture of each subject",
        *(f"{n} pictures of each subject" for n in (2, 3, 4)),
    ]


def test_every_recovered_number_is_a_dot():
    true = RANDOM.normal(size=(5, 3))
    drawing = inversion_plot(true, true + 0.1, np.array([1.0, 2.0, 4.0]))
    dots = drawing.axes[0].get_lines()[1]
    assert len(dots.get_xdata()) == 15
    assert dots.get_xdata() == pytest.approx((true / [1, 2, 4]).ravel())


def test_only_measured_sets_have_a_panel_of_removed_directions():
    drawing = removed_directions({"rendered": TRIED, "photographs": TRIED[:0]})
    assert [(one.get_title("left") or one.get_title()) for one in drawing.axes] == ["rendered"]
    assert {text.get_text() for text in drawing.axes[0].texts} >= {"16 removed", "8 removed", "● one code"}
    (empty,) = removed_directions({"photographs": TRIED[:0]}).axes
    assert "Nothing was erased" in empty.texts[0].get_text()
    with pytest.raises(ValueError, match="no column matched"):
        removed_directions({"rendered": TRIED.drop(columns="matched")})


def test_what_the_choice_asked_for_is_a_dashed_line_and_nothing_else_is():
    table = TRIED.assign(wanted=0.7, wanted_averaged=0.75)
    for shown, wanted in ((table, [0.7, 0.75]), (TRIED, [])):
        lines = removed_directions({"rendered": shown}).axes[0].get_lines()
        dashed = [line.get_xdata()[0] for line in lines if line.get_linestyle() == "--"]
        assert dashed == pytest.approx(wanted)


def test_points_lost_have_a_panel_for_each_set():
    rows = [
        {"set": name, "row": "OP", "series": "dlib", "estimate": 3.0, "low": 1.0, "high": 5.0}
        for name in ("rendered", "lfw")
    ]
    assert [(one.get_title("left") or one.get_title()) for one in points_lost(pd.DataFrame(rows)).axes] == [
        "rendered",
        "lfw",
    ]


def test_trade_offs_stand_below_each_other():
    table = pd.DataFrame(
        [
            {"method": "op", "strength": None}
            | {k: 0.6 for k in ("auc", "auc_low", "auc_high", "tmr", "tmr_low", "tmr_high")}
        ]
    )
    both = {"rendered": table, "photographs": table}
    assert len(tradeoff_panels({**both, "photographs": table[:0]}, {}).axes) == 1
    plain, aimed = tradeoff_panels(both, {"photographs": (0.7, 0.5)}).axes
    assert not plain.patches and len(aimed.patches) == 1


def test_equation_6_has_one_curve_whatever_the_length_of_embeddings():
    mated = np.arange(300) < 100
    distance = np.where(mated, 0.4, 0.9) + RANDOM.uniform(0, 0.4, 300)
    left, right = equation6_plot(distance, mated, np.geomspace(0.01, 1, 20)).axes
    curves = [np.asarray(line.get_ydata()) for line in right.get_lines()]
    assert len(curves) == 4 and all(np.allclose(curves[0], one, rtol=0, atol=1e-12) for one in curves)
    assert len({round(float(line.get_ydata()[50]), 6) for line in left.get_lines()}) == 3
