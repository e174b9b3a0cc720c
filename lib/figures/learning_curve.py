"""Learning curves of attackers: direction-free AUC over the number of training subjects."""

from __future__ import annotations

from collections.abc import Mapping

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


def learning_curve_plot(tables: Mapping[str, pd.DataFrame]) -> Drawing:
    """Draw a column of charts for each set of faces, one per kind of attacker, with 95 % intervals.

    Parameters
    ----------
    tables : set of faces, in words -> table with COLUMNS, as `attacks.learning_curve.curve_table` gives it;
        `averaged` is a key of LOOKS. An empty table gets no charts; with one set, no chart names it.

    Raises
    ------
    ValueError : a column is missing, or there are no rows.
    """
    drawn = {name: table for name, table in tables.items() if len(table)}
    missing = [name for name in COLUMNS if any(name not in table for table in drawn.values())]
    if missing or not drawn:
        raise ValueError(f"no column {', '.join(missing)}" if missing else "no attackers to draw")
    kinds = list(dict.fromkeys(kind for table in drawn.values() for kind in table["reads"]))
    colours = colours_of(pd.concat([table["method"] for table in drawn.values()]))
    size = (3.9 * len(drawn), 2.9 * len(kinds))
    drawing, grid = plt.subplots(len(kinds), len(drawn), figsize=size, sharey=True, squeeze=False)
    lowest = min(0.44, *(table["low"].min() - 0.02 for table in drawn.values()))
    parts = {
        (row, column): table[table["reads"] == kind]
        for row, kind in enumerate(kinds)
        for column, table in enumerate(drawn.values())
    }
    names = [(kind, name) for kind in kinds for name in drawn]
    for (place, part), (kind, name) in zip(parts.items(), names, strict=True):
        axes = grid[place]
        axes.set(xscale="log", ylim=(lowest, 1.02))
        axes.set_title(f"{name}: {kind}" if len(drawn) > 1 else f"reads {kind}", loc="left")
        mark_chance(axes, 0.5)
        if len(part):
            _ticks(axes, part["subjects"])
        else:
            axes.text(0.5, 0.7, "not measured", transform=axes.transAxes, ha="center", color="#777777")
    for row in grid:
        row[0].set_ylabel("direction-free AUC")
    for axes in grid[-1]:
        axes.set_xlabel("subjects to learn from")
    for place, part in parts.items():
        lines = part.groupby(["method", "averaged"], sort=False)
        name_ends(
            grid[place],
            [_line(grid[place], some, str(key[0]), key[1], colours[key[0]]) for key, some in lines],
        )
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
