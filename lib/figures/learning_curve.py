"""Learning curves of attackers: direction-free AUC over the number of training subjects."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from lib.figures.line_labels import Label, colours_of, name_ends, shown
from lib.figures.style import mark_chance

COLUMNS = ("method", "reads", "subjects", "averaged", "estimate", "low", "high")
LOOKS = {
    "one picture": ("-", "full", "one picture"),
    "all pictures of a subject": (":", "none", "all pictures"),
}
"""How scores were averaged, to line, marker, and the words at the end of the line."""


def learning_curve_plot(table: pd.DataFrame) -> Drawing:
    """Draw one chart per kind of attacker, one colour per method, with 95 % intervals.

    Parameters
    ----------
    table : with COLUMNS, as `attacks.learning_curve.curve_table` gives it; `averaged` is a key of LOOKS.

    Raises
    ------
    ValueError : a column is missing, or there are no rows.
    """
    missing = [name for name in COLUMNS if name not in table]
    if missing or not len(table):
        raise ValueError(f"no column {', '.join(missing)}" if missing else "no attackers to draw")
    kinds, colours = list(dict.fromkeys(table["reads"])), colours_of(table["method"])
    drawing, grid = plt.subplots(
        1, len(kinds), figsize=(3.9 * len(kinds), 3.4), sharey=True, sharex=True, squeeze=False
    )
    for axes, kind in zip(grid[0], kinds, strict=True):
        part = table[table["reads"] == kind]
        axes.set(xscale="log", ylim=(min(0.44, table["low"].min() - 0.02), 1.02))
        axes.set_title(f"reads {kind}", loc="left")
        axes.set_xlabel("subjects to learn from")
        mark_chance(axes, 0.5)
        _ticks(axes, part["subjects"])
    for axes, kind in zip(grid[0], kinds, strict=True):
        lines = table[table["reads"] == kind].groupby(["method", "averaged"], sort=False)
        name_ends(axes, [_line(axes, some, str(key[0]), key[1], colours[key[0]]) for key, some in lines])
    grid[0, 0].set_ylabel("direction-free AUC")
    return drawing


def _ticks(axes: Axes, subjects: pd.Series) -> None:
    numbers = np.unique(subjects)
    axes.xaxis.set_major_locator(FixedLocator([float(one) for one in numbers]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.set_xlim(numbers[0] / 1.25, numbers[-1] * 1.25)


def _line(axes: Axes, some: pd.DataFrame, method: str, averaged: str, colour: str) -> Label:
    line, marker, words = LOOKS[averaged]
    errors = np.abs([some["estimate"] - some["low"], some["high"] - some["estimate"]])
    beside = 1.0 if line == "-" else 1.03  # else the bars overlap
    axes.errorbar(
        some["subjects"] * beside, some["estimate"], yerr=np.nan_to_num(errors), marker="o", ms=4, lw=1.4,
        color=colour, linestyle=line, fillstyle=marker,
    )  # fmt: skip
    return Label(float(some["estimate"].iloc[-1]), f"{shown(method)}, {words}", colour)
