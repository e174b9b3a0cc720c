"""Training curves: loss per epoch, with its floor and the loss of constant outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import MaxNLocator

from lib.figures.line_labels import Label, name_ends
from lib.figures.style import COLOURS

NAMES: Mapping[str, str] = {"loss": "training", "val_loss": "validation"}
FLOOR, CONSTANT = "#444444", "#888888"


def learning_curves(
    axes: Axes,
    table: pd.DataFrame,
    names: Mapping[str, str] | Sequence[str] = tuple(NAMES),
    *,
    floor: float | tuple[str, float] | None = None,
    constants: Mapping[str, float] | None = None,
    source: pd.DataFrame | None = None,
    source_name: str = "report",
) -> None:
    """Draw columns of a history (loss over epochs) as lines with labels at their ends.

    Title, scale (a log scale, say) and y limits are read when the names are placed: set them before.

    Parameters
    ----------
    table : one row per epoch: `epoch` (from 1) and the columns of `names`, as `History.table` has them.
    names : column to the name of its line, or columns alone, named by whether they start with `val_`.
    floor : least value that the loss can take, named "entropy floor" or by a (name, value) pair.
    constants : name to the loss of an answer that is the same for every picture.
    source : a table of the same columns (those it has) with the source's own figures, drawn dotted.
    source_name : stands before the names of its lines.

    Raises
    ------
    ValueError : a column is missing, or the table has no epochs.
    """
    names = _named(names)
    _check(table, names)
    labels = _lines(axes, table, names, marker="o")
    if source is not None:
        labels += _source_lines(axes, source, names, source_name)
    for name, value in (constants or {}).items():
        labels.append(_level(axes, name, value, CONSTANT))
    if floor is not None:
        name, value = floor if isinstance(floor, tuple) else ("entropy floor", floor)
        labels.append(_level(axes, name, value, FLOOR))
    _finish(axes)
    name_ends(axes, labels)


def terms_panel(
    table: pd.DataFrame,
    chance: Mapping[str, float],
    *,
    floors: Mapping[str, float] | None = None,
    titles: Mapping[str, str] | None = None,
    columns: int = 2,
) -> Drawing:
    """Draw one small chart per term of a loss, each with its value at chance.

    Parameters
    ----------
    table : as in `learning_curves`, with a column for each term and, where there is validation, `val_` of it.
    chance : term to its value where the answer knows nothing; NaN draws the term without that line.
    floors : term to the least value that it can take.
    titles : term to what stands above its picture; the term itself by default.
    columns : pictures side by side.

    Raises
    ------
    ValueError : no terms, or a term is missing in the table.
    """
    if not chance:
        raise ValueError("no terms to draw: give chance = {term: value, or NaN}")
    _check(table, {**chance, **(floors or {})})
    rows = math.ceil(len(chance) / columns)
    drawing, grid = plt.subplots(rows, columns, figsize=(7.2, 2.1 * rows + 0.3), squeeze=False, sharex=True)
    for place, (axes, term) in enumerate(zip(grid.flat, chance, strict=False)):
        axes.set_title((titles or {}).get(term, term))
        kinds = {term: "training", f"val_{term}": "validation"}
        names = {column: name for column, name in kinds.items() if column in table}
        level = None if math.isnan(chance[term]) else {"chance": chance[term]}
        floor = ("floor", floors[term]) if floors and term in floors else None
        learning_curves(axes, table, names, floor=floor, constants=level)
        axes.set_xlabel("epoch" if place + columns >= len(chance) else "")
        axes.tick_params(labelbottom=place + columns >= len(chance))
    for axes in grid.flat[len(chance) :]:
        axes.remove()
    return drawing


def courses_panel(courses: Mapping[str, pd.DataFrame], levels: Sequence[float]) -> Drawing:
    """Draw trainings side by side, training and validation loss, each with the loss of a constant answer.

    Parameters
    ----------
    courses : title -> table as `learning_curves` draws it.
    levels : what a constant answer costs in each.
    """
    drawing, grid = plt.subplots(1, len(courses), figsize=(3.3 * len(courses), 2.9), squeeze=False)
    for axes, (title, course), level in zip(grid.flat, courses.items(), levels, strict=True):
        axes.set_title(title)
        learning_curves(axes, course, constants={"chance": level})
    return drawing


def _named(names: Mapping[str, str] | Sequence[str]) -> Mapping[str, str]:
    if isinstance(names, Mapping):
        return names
    kinds = ["validation" if name.startswith("val_") else "training" for name in names]
    if len(set(kinds)) < len(kinds):
        raise ValueError(f"two columns of {', '.join(names)} would have one name: give a name to each")
    return dict(zip(names, kinds, strict=True))


def _source_lines(axes: Axes, source: pd.DataFrame, names: Mapping[str, str], who: str) -> list[Label]:
    known = {column: f"{who}, {name}" for column, name in names.items() if column in source}
    _check(source, known)
    colours = {f"{who}, {name}": name for name in names.values()}
    look = {"marker": "s", "linestyle": ":", "markerfacecolor": "white"}
    return _lines(axes, source, known, colours=colours, **look)


def _check(table: pd.DataFrame, columns: Mapping[str, object] | Sequence[str]) -> None:
    missing = [name for name in ("epoch", *columns) if name not in table]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} in the table, it has {', '.join(map(str, table))}")
    if not len(table):
        raise ValueError("the table has no epochs")


def _lines(
    axes: Axes,
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    colours: Mapping[str, str] | None = None,
    **look: object,
) -> list[Label]:
    labels = []
    for place, (column, name) in enumerate(names.items()):
        colour = COLOURS.get((colours or {}).get(name, name), f"C{place}")
        known = table[table[column].notna()]
        axes.plot(known["epoch"], known[column], color=colour, ms=4, lw=1.6, label=name, **look)  # type: ignore[arg-type]
        if len(known):
            labels.append(Label(float(known[column].iloc[-1]), name, colour))
    return labels


def _level(axes: Axes, name: str, value: float, colour: str) -> Label:
    if not np.isfinite(value):
        raise ValueError(f"{name}: a line needs a finite value, got {value}")
    axes.axhline(value, color=colour, linestyle=(0, (4, 2)), linewidth=1.1, zorder=1, label=name)
    return Label(value, f"{name} {value:.3g}", colour)


def _finish(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("epoch")
    axes.grid(axis="x", visible=False)
