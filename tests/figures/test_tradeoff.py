import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lib.figures.style import COLOURS
from lib.figures.tradeoff import tradeoff, tradeoff_table
from lib.measures.estimate import Estimate
from tests.exact import exactly


def record(method, auc, tmr, strength=None):
    return {
        "method": method,
        "strength": strength,
        "auc": Estimate(auc, auc - 0.02, auc + 0.01, 9),
        "tmr": Estimate(tmr, tmr - 0.05, tmr + 0.02, 9).to_dict(),
    }


TABLE = tradeoff_table(
    [
        record("op", 0.98, 0.95),
        record("sm", 0.98, 0.95),
        record("nt", 0.98, 0.951),
        record("blur", 0.9, 0.6, 4),
        record("blur", 0.8, 0.2, 8),
        record("private", 0.61, 0.65),
    ]
)


def test_points_lines_and_intervals_are_those_of_the_table():
    axes = plt.figure().subplots()
    tradeoff(axes, TABLE)
    drawn = {line.get_label(): line for line in axes.get_lines()}
    assert exactly(
        drawn["blur"].get_xydata(),
        [[0.9, 0.6], [0.8, 0.2]],
        because="what is drawn is the table's own number",
    )
    assert drawn["op"].get_color() == COLOURS["op"]
    at = list(dict.fromkeys(TABLE["method"])).index("blur")
    across, down = (part.get_segments() for part in axes.containers[at].lines[2])
    np.testing.assert_allclose(across[0], [[0.88, 0.6], [0.91, 0.6]])
    np.testing.assert_allclose(down[1], [[0.8, 0.15], [0.8, 0.22]])


def test_methods_read_by_embeddings_alone_have_open_markers():
    axes = plt.figure().subplots()
    tradeoff(axes, tradeoff_table([record("op", 0.9, 0.9), {**record("blur", 0.8, 0.2), "open": True}]))
    inside = {line.get_label(): line.get_markerfacecolor() for line in axes.get_lines()}
    assert inside["blur"] == "white" and inside["op"] == COLOURS["op"]


def test_names_strengths_chance_and_aim_are_there():
    axes = plt.figure().subplots()
    tradeoff(axes, TABLE, aim=(0.72, 0.8), names={"private": "ours, private"}, fmr="0.1 %")
    texts = {text.get_text() for text in axes.texts}
    assert texts == {"chance", "goal", "OP", "SM", "NT", "4", "blur (8)", "ours, private"}
    (corner,) = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert corner.get_x() + corner.get_width() == pytest.approx(0.72) and corner.get_y() == pytest.approx(0.8)
    assert any(set(np.ravel(line.get_xdata())) == {0.5} for line in axes.get_lines())
    assert axes.get_ylabel() == "TMR at FMR 0.1 %"


def test_names_of_points_in_one_place_do_not_overlap():
    drawing, axes = plt.subplots(figsize=(7.2, 4.6))
    tradeoff(axes, TABLE)
    drawing.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


def test_a_point_without_an_interval_is_drawn_and_one_without_an_estimate_is_not():
    rows = [record("op", 0.9, 0.9), record("blur", 0.8, 0.2)]
    rows[0]["auc"] = Estimate(0.9)
    rows[1]["tmr"] = Estimate(float("nan"))
    axes = plt.figure().subplots()
    tradeoff(axes, tradeoff_table(rows))
    drawn = {line.get_label(): line for line in axes.get_lines()}
    assert len(drawn["op"].get_xdata()) == 1 and len(drawn["blur"].get_xdata()) == 0
    assert {text.get_text() for text in axes.texts} == {"chance", "OP"}


def test_a_wrong_table_raises():
    axes = plt.figure().subplots()
    with pytest.raises(ValueError, match="no column tmr_low"):
        tradeoff(axes, TABLE.drop(columns="tmr_low"))
    with pytest.raises(ValueError, match=r"tmr: an AUC or a TMR lies in \[0, 1\]"):
        tradeoff(axes, TABLE.assign(tmr=95))
    with pytest.raises(ValueError, match="no methods"):
        tradeoff(axes, TABLE.head(0))
