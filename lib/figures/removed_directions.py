"""What each number of removed directions leaves to attackers, and to matchers."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.figures.style import COLOURS, notice

COLUMNS = ("removed", "one", "averaged", "matched")
LINES = {"one": ("one code", "op"), "averaged": ("all codes of a subject", "nt")}
"""Column -> words and colour."""
CHANCE, MARGIN = 0.5, 0.07
"""AUC that is learned from nothing, and the margin around all points, on both axes."""
WANTED = {"one": "wanted", "averaged": "wanted_averaged"}
"""Column -> the column that says what the choice asked of it at most, a dashed line."""


def removed_directions(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw, for each set of faces, the TMR of codes over the AUC of the strongest attackers.

    Parameters
    ----------
    tables : heading -> table with COLUMNS and, where they are known, `chosen` and those of WANTED; an empty
        one gets no panel.

    Returns
    -------
    The picture; a notice in its place where no table has rows.

    Raises
    ------
    ValueError : a column is missing.
    """
    drawn = {name: table for name, table in tables.items() if len(table)}
    missing = [name for name in COLUMNS for table in drawn.values() if name not in table]
    if missing:
        raise ValueError(f"no column {missing[0]}")
    count = max(1, len(drawn))
    drawing, places = plt.subplots(1, count, figsize=(7.2, 3.8), squeeze=False, sharey=True, sharex=True)
    if not drawn:
        notice(places[0, 0], "Nothing was erased in this run.")
        return drawing
    every = pd.concat(drawn.values())
    columns = ["averaged", *(name for name in WANTED.values() if name in every)]
    most, mated = every[columns].to_numpy(float).max(), every["matched"].to_numpy(float)
    places[0, 0].set(xlim=(CHANCE - MARGIN, most + 2 * MARGIN))  # both panels share their axes
    places[0, 0].set(ylim=(mated.min() - MARGIN, mated.max() + MARGIN))
    for axes, (name, table) in zip(places[0], drawn.items(), strict=True):
        axes.set_title(name)
        _curves(axes, table)
        axes.set_xlabel("direction-free AUC of the strongest")
    places[0, 0].set_ylabel("TMR of codes at FMR 1 %")
    return drawing


def _curves(axes: Axes, table: pd.DataFrame) -> None:
    for place, (column, (words, name)) in enumerate(LINES.items()):
        colour = COLOURS[name]
        if WANTED[column] in table:
            axes.axvline(float(table[WANTED[column]].iloc[0]), color=colour, lw=1, ls=(0, (4, 3)))
        axes.plot(table[column], table["matched"], "o-", color=colour, ms=4, lw=1.4)
        axes.annotate(
            f"● {words}", (0, 1), (4, -10 - 14 * place), xycoords="axes fraction",
            textcoords="offset points", color=colour, ha="left", fontsize="small",
        )  # fmt: skip
        if "chosen" in table:
            mine = table[table["chosen"].astype(bool)]
            axes.plot(mine[column], mine["matched"], "o", color=colour, ms=9, fillstyle="none")
    told = table.index.isin([table.index[0], table.index[-1]])
    if "chosen" in table:
        told |= table["chosen"].astype(bool).to_numpy()
    for row in table[told].to_dict("records"):
        axes.annotate(
            f"{row['removed']} removed", (row["averaged"], row["matched"]), (8, 0),
            textcoords="offset points", ha="left", va="center", fontsize="small", color="#555555",
        )  # fmt: skip
