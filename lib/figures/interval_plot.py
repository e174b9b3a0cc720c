"""Dot plots of figures of merit with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.figures.line_labels import colours_of
from lib.figures.style import COLOURS, mark_chance


def figures_table(figures: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Table for `dots` from records that hold names and a figure of merit each.

    Parameters
    ----------
    figures : mappings with `row`, `series` and a `figure`: a mapping or an object with `to_dict` that
        gives `estimate`, `low`, `high`, `n`.

    Returns
    -------
    Table with the columns row, series, estimate, low, high, n: what `dots` draws and a CSV keeps.
    """
    rows = []
    for record in figures:
        figure = record["figure"]
        values = figure if isinstance(figure, Mapping) else figure.to_dict()
        names = {key: value for key, value in record.items() if key != "figure"}
        rows.append(names | {key: values.get(key) for key in ("estimate", "low", "high", "n")})
    table = pd.DataFrame(rows)
    return table.astype({"estimate": float, "low": float, "high": float})


def dots(
    axes: Axes,
    table: pd.DataFrame,
    *,
    spread: float = 0.22,
    names: bool = True,
    colours: Mapping[str, str] | None = None,
) -> None:
    """Draw one line of dots per `row` of the table, one colour per `series`, with 95 % intervals.

    Each series is labelled with its name, so a legend made of the axes has the colours of the dots.

    Parameters
    ----------
    table : as `figures_table` gives it; an undefined estimate (NaN) is left out.
    spread : vertical distance between the series of a row, in rows.
    names : write the name of each series above the axes, in its colour.
    colours : series -> colour, where other charts show some of them too; None: the book's.
    """
    rows = list(dict.fromkeys(table["row"]))
    series = list(dict.fromkeys(table["series"]))
    colours = colours or colours_of(series)
    for k, name in enumerate(series):
        part = table[(table["series"] == name) & table["estimate"].notna()]
        y = np.array([rows.index(row) for row in part["row"]]) + (k - (len(series) - 1) / 2) * spread
        colour = colours[name]
        errors = np.abs(np.vstack([part["estimate"] - part["low"], part["high"] - part["estimate"]]))
        axes.errorbar(
            part["estimate"], y, xerr=np.nan_to_num(errors), fmt="o", color=colour, ms=5, lw=1.6, label=name
        )
    axes.set_yticks(range(len(rows)), rows)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    axes.grid(axis="y", visible=False)
    if names:
        _name_series(axes, colours)


def panels(table: pd.DataFrame, titles: Mapping[str, str]) -> Figure:
    """Figure with one panel of `dots` for each task, below each other, as high as it has rows.

    Parameters
    ----------
    table : as for `dots`, with the column `task`; figures between 0 and 1.
    titles : task -> title of its panel, in this order; a task without a row gets none.
    """
    parts = {task: table[table["task"] == task] for task in titles if (table["task"] == task).any()}
    heights = [part["row"].nunique() + 1.2 for part in parts.values()]
    layout: dict[str, Any] = {"figsize": (7.2, 0.34 * sum(heights)), "height_ratios": heights}
    figure, places = plt.subplots(len(parts), squeeze=False, **layout)
    for axes, (task, part) in zip(places[:, 0], parts.items(), strict=True):
        dots(axes, part, names=task == next(iter(parts)))
        axes.set_title(titles[task])
        axes.set(xticks=[tick for tick in axes.get_xticks() if tick < 1.001])
        axes.set_xlim(right=1.005 if axes.get_xlim()[0] > 0.9 else 1.02)
    return figure


def pairs(axes: Axes, table: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """Draw two dots per row of a table, joined by a line, and name both in their colours above the axes.

    Parameters
    ----------
    table : index the names of the rows, shown without underscores; two columns of numbers, NaN where there is
        none. The first row is drawn at the top.
    colours : column, which is also its name above the axes -> name of its colour in `style.COLOURS`.
    """
    rows = np.arange(len(table))
    first, second = colours
    axes.hlines(rows, table[first], table[second], color="#cccccc", lw=1.5, zorder=1)
    for column, name in colours.items():
        axes.plot(table[column], rows, "o", color=COLOURS[name], ms=5)
    axes.set_yticks(rows, [str(name).replace("_", " ") for name in table.index], fontsize="small")
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    _name_series(axes, {column: COLOURS[name] for column, name in colours.items()})


def points_lost(table: pd.DataFrame) -> Figure:
    """Figure with one panel of `dots` for each `set`, below each other, around a dashed line at 0.

    Parameters
    ----------
    table : as for `dots`, in points, with the column `set`.
    """
    names = list(dict.fromkeys(table["set"]))
    heights = [table.loc[table["set"] == name, "row"].nunique() + 1.2 for name in names]
    layout: dict[str, Any] = {"figsize": (7.2, 0.4 * sum(heights) + 0.4), "height_ratios": heights}
    drawing, places = plt.subplots(len(names), squeeze=False, sharex=True, **layout)
    colours = colours_of(table["series"])
    for axes, name in zip(places[:, 0], names, strict=True):
        part = table[table["set"] == name]
        mark_chance(axes, 0, "", vertical=True)
        dots(axes, part, names=False, colours=colours)
        axes.set_title(name)
        for place, series in enumerate(dict.fromkeys(part["series"])):
            axes.annotate(
                f"● {series}", (1, 1), (-4, 4 - 12 * place), xycoords="axes fraction",
                textcoords="offset points", color=colours[series], ha="right", fontsize="x-small",
            )  # fmt: skip
    places[-1, 0].set_xlabel("points of TMR")
    return drawing


def _name_series(axes: Axes, colours: Mapping[str, str]) -> None:
    for k, (name, colour) in enumerate(reversed(list(colours.items()))):
        axes.annotate(
            f"● {name}", (1, 1), xycoords="axes fraction", xytext=(-95 * k, 5), textcoords="offset points",
            color=colour, ha="right", fontsize="small",
        )  # fmt: skip
