import matplotlib

matplotlib.use("Agg")
import pandas as pd
import pytest

from lib.figures.learning_curve import LOOKS, learning_curve_plot


def table():
    rows = [
        {"method": method, "reads": reads, "subjects": number, "averaged": averaged, "estimate": value}
        | {"low": value - 0.05, "high": value + 0.03}
        for method, value in (("op", 0.95), ("private", 0.6))
        for reads in ("embeddings", "pictures")
        for number in (60, 900)
        for averaged in LOOKS
    ]
    return pd.DataFrame(rows)


def test_each_kind_of_attacker_has_its_chart_with_all_lines_named():
    drawing = learning_curve_plot({"here": table(), "photographs": table()[:0]})
    assert [axes.get_title(loc="left") for axes in drawing.axes] == ["reads embeddings", "reads pictures"]
    for axes in drawing.axes:
        named = {text.get_text() for text in axes.texts}
        assert {"OP, one picture", "private, all pictures"} <= named
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["60", "900"]
        assert axes.get_ylim()[0] < 0.5 < 0.98 < axes.get_ylim()[1]


def test_photographs_have_a_row_of_their_own_with_their_own_numbers_of_subjects():
    other = table().replace({"subjects": {900: 3000}})
    drawing = learning_curve_plot({"rendered faces": table(), "photographs": other})
    titles = [axes.get_title(loc="left") for axes in drawing.axes]
    assert titles == [f"{faces}: {kind}" for kind in ("embeddings", "pictures")
                      for faces in ("rendered faces", "photographs")]  # fmt: skip
    ticks = [[tick.get_text() for tick in axes.get_xticklabels()] for axes in drawing.axes]
    assert ticks[0] == ["60", "900"] and ticks[1] == ["60", "3,000"]


def test_a_table_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no column high"):
        learning_curve_plot({"here": table().drop(columns="high")})
    with pytest.raises(ValueError, match="no attackers"):
        learning_curve_plot({"here": table().iloc[:0]})
