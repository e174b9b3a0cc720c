"""The error of mean faces as drawn: lines of the table, continued with the root of n."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from lib.figures import style
from lib.figures.mean_error_plot import draw_errors

TABLE = pd.DataFrame(
    {"group": ["female"] * 2, "n": [10, 100], "estimate": [9.0, 3.0], "low": [8.0, 2.5], "high": [10.0, 3.5]}
)


def test_lines_go_on_with_the_root_of_n_to_the_count_asked_for():
    style.use()
    axes = plt.figure().subplots()
    draw_errors(axes, TABLE, beyond={"female": 10_000}, photographs=TABLE[:0], settled=1.0)
    dotted = next(line for line in axes.lines if line.get_linestyle() == ":")
    np.testing.assert_allclose(dotted.get_xdata(), [100, 10_000])
    np.testing.assert_allclose(dotted.get_ydata(), [3.0, 0.3])
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert {"female", "one grey level"} <= {text.get_text() for text in axes.texts}


def test_photographs_are_drawn_dashed_and_named():
    axes = plt.figure().subplots()
    draw_errors(axes, TABLE, beyond={}, photographs=TABLE, settled=0.5)
    assert [line.get_linestyle() for line in axes.lines if len(line.get_xdata()) == 2][:2] == ["-", "--"]
    assert {"female", "female, photographs", "0.5 grey levels"} <= {text.get_text() for text in axes.texts}


def test_an_empty_table_says_so():
    axes = plt.figure().subplots()
    draw_errors(axes, TABLE[:0], beyond={}, photographs=TABLE[:0], settled=1.0)
    assert "two subjects" in axes.texts[0].get_text()
