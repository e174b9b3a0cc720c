import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from lib.figures import style
from lib.figures.line_labels import spread
from lib.figures.style import COLOURS
from lib.figures.training_curves import courses_panel, learning_curves, terms_panel
from tests.exact import exactly

TABLE = pd.DataFrame({"epoch": [1, 2, 3], "loss": [0.9, 0.6, 0.56], "val_loss": [0.8, 0.62, 0.561]})


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_lines_say_what_the_table_says_and_are_named():
    axes = plt.figure().subplots()
    learning_curves(axes, TABLE)
    drawn = lines(axes)
    for name, column in (("training", "loss"), ("validation", "val_loss")):
        assert exactly(
            drawn[name].get_xdata(), TABLE["epoch"], because="what is drawn is the table's own number"
        )
        assert exactly(
            drawn[name].get_ydata(), TABLE[column], because="what is drawn is the table's own number"
        )
        assert drawn[name].get_color() == COLOURS[name]
    assert texts(axes) == ["training", "validation"]


def test_columns_alone_are_named_by_what_they_hold():
    axes = plt.figure().subplots()
    learning_curves(axes, TABLE, ("val_loss",))
    assert texts(axes) == ["validation"]
    with pytest.raises(ValueError, match="one name"):
        learning_curves(axes, TABLE.assign(auc=0.5), ("loss", "auc"))


def test_floor_constants_and_source_stand_beside():
    axes = plt.figure().subplots()
    source = pd.DataFrame({"epoch": [1, 2], "loss": [1.5, 1.4]})
    learning_curves(axes, TABLE, floor=0.55, constants={"mean face": 0.69}, source=source)
    drawn = lines(axes)
    assert exactly(
        list(drawn["report, training"].get_ydata()),
        [1.5, 1.4],
        because="what is drawn is the table's own number",
    )
    assert drawn["report, training"].get_color() == drawn["training"].get_color()
    assert "report, validation" not in drawn
    assert exactly(
        set(drawn["entropy floor"].get_ydata()), {0.55}, because="what is drawn is the table's own number"
    )
    assert exactly(
        set(drawn["mean face"].get_ydata()), {0.69}, because="what is drawn is the table's own number"
    )
    assert {"entropy floor 0.55", "mean face 0.69", "report, training"} <= set(texts(axes))


def test_names_of_lines_that_end_together_do_not_overlap():
    drawing, axes = plt.subplots()
    close = pd.DataFrame({"epoch": [1, 2], "loss": [1.0, 0.5], "val_loss": [1.0, 0.5]})
    learning_curves(axes, close, floor=0.5, constants={"one answer": 0.5001})
    drawing.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in axes.texts]  # without the connecting line
    assert not any(one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])


def test_a_gap_in_a_column_is_left_out():
    axes = plt.figure().subplots()
    learning_curves(axes, TABLE.assign(val_loss=[0.8, np.nan, 0.5]))
    assert list(lines(axes)["validation"].get_xdata()) == [1, 3]


def test_a_wrong_table_raises():
    axes = plt.figure().subplots()
    with pytest.raises(ValueError, match="no column val_loss"):
        learning_curves(axes, TABLE.drop(columns="val_loss"))
    with pytest.raises(ValueError, match="no epochs"):
        learning_curves(axes, TABLE.head(0))
    with pytest.raises(ValueError, match="finite"):
        learning_curves(axes, TABLE, floor=float("nan"))


def test_each_term_stands_beside_its_own_chance():
    table = TABLE.rename(columns={"loss": "gender_op", "val_loss": "val_gender_op"}).assign(matching_sm=0.1)
    drawing = terms_panel(table, {"gender_op": 0.693, "matching_sm": 2.0}, floors={"gender_op": 0.0})
    first, second = drawing.axes
    assert [axes.get_title(loc="left") or axes.get_title() for axes in (first, second)] == [*table][1::2]
    assert list(lines(first)["validation"].get_ydata()) == list(table["val_gender_op"])
    assert "validation" not in lines(second)
    assert exactly(
        set(lines(first)["chance"].get_ydata()), {0.693}, because="what is drawn is the table's own number"
    )
    assert set(lines(second)["chance"].get_ydata()) == {2.0}
    assert set(lines(first)["floor"].get_ydata()) == {0.0}
    with pytest.raises(ValueError, match="gender_sm"):
        terms_panel(table, {"gender_sm": 0.693})
    with pytest.raises(ValueError, match="no terms"):
        terms_panel(table, {})


def test_spread_keeps_order_distance_and_centre():
    np.testing.assert_allclose(spread([5, 5, 20], 4), [3, 7, 20])
    np.testing.assert_allclose(spread([9, 0], 4), [9, 0])


def test_courses_stand_side_by_side_each_with_its_own_chance():
    style.use()  # says on which side titles stand
    table = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.5], "val_loss": [1.9, 1.6]})
    drawing = courses_panel({"a": table, "b": table + 1}, [1.36, 1.39])
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["a", "b"]
    levels = [axes.get_lines()[2].get_ydata()[0] for axes in drawing.axes]
    assert levels == pytest.approx([1.36, 1.39])
    with pytest.raises(ValueError):
        courses_panel({"a": table}, [1.0, 2.0])
