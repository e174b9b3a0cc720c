"""Figures of what is kept: confusion matrices, kept shares of labels, and all methods on one chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.figures import style
from lib.figures.interval_plot import dots
from lib.figures.line_labels import colours_of, shown

TITLES: Mapping[str, str] = {
    "original": "original",
    "0": "0° (reconstruction)",
    "90": "90°",
    "180": "180°",
    "best": "best angle",
    "ours": "ours",
    "new": "new identity",
}
"""Treatment -> heading."""
_COLOURS: Mapping[str, str] = {
    "original": style.COLOURS["before"],
    "0": style.COLOURS["reconstruction"],
    "90": "#e69f00",
    "180": "#6a3d9a",
    "best": "#117733",
    "ours": "#b2182b",
    "rotation": style.COLOURS["reconstruction"],
}
"""Treatment or method -> colour."""
GOAL = 0.9
UNREAD = "The judge reads none of these labels on originals."


def treatment_title(treatment: str) -> str:
    """Heading of a treatment; angles get their sign, methods the name that the book gives them."""
    if treatment in TITLES:
        return TITLES[treatment]
    return f"{treatment}°" if treatment.replace(".", "", 1).isdigit() else shown(treatment)


def confusion_panels(
    matrices: Mapping[str, np.ndarray], classes: Sequence[str], scores: Mapping[str, str]
) -> Figure:
    """One confusion matrix for each treatment, three in a row, as shares of the true expression in per cent.

    Parameters
    ----------
    matrices : treatment -> counts (K, K or more), true classes in rows.
    classes : K names. scores : treatment -> what stands behind its heading, such as its F.
    """
    count, lines = len(classes), -(-len(matrices) // 3)
    drawing, places = plt.subplots(lines, 3, figsize=(7.6, 2.9 * lines), squeeze=False, sharey=True)
    for axes in places.ravel()[len(matrices) :]:
        axes.set_axis_off()
    for axes, (treatment, matrix) in zip(places.ravel(), matrices.items(), strict=False):
        shares = 100 * matrix[:, :count] / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        for row, column in np.ndindex(shares.shape):
            if shares[row, column] >= 0.5:
                dark = "white" if shares[row, column] > 55 else "#333333"
                text = {"ha": "center", "va": "center", "fontsize": 6.5, "color": dark}
                axes.text(column, row, f"{shares[row, column]:.0f}", **text)
        axes.set_xticks(range(count), list(classes), rotation=60, ha="right", fontsize=7)
        axes.set_yticks(range(count), list(classes), fontsize=7)
        axes.grid(visible=False)
        axes.set_title(f"{treatment_title(treatment)}: {scores[treatment]}", fontsize=9)
    for axes in places[:, 0]:
        axes.set_ylabel("true", fontsize=8)
    return drawing


def f_beside_paper(table: pd.DataFrame) -> Figure:
    """Figure of mean F of the paper and of the judges here, with intervals where there are any.

    Parameters
    ----------
    table : as `interval_plot.figures_table` gives it, series the paper and judges.
    """
    drawing, axes = plt.subplots(figsize=(7.2, 3.0))
    series = list(dict.fromkeys(table["series"]))
    colours = colours_of(name for name in series if name != "the paper")
    colours = {"the paper": style.COLOURS["claimed"], **colours}
    dots(axes, table, names=False, colours={name: colours[name] for name in series})
    axes.set(xlim=(0, 1.02), xlabel="mean F over expressions")
    _legend(axes, {name: colours[name] for name in series})
    return drawing


def group_figure(table: pd.DataFrame, treatments: Sequence[str]) -> Figure:
    """Figure of `kept_dots`, one row for each group of labels."""
    drawing, axes = plt.subplots(figsize=(7.2, 0.55 * table["row"].nunique() + 0.9))
    if len(table):
        kept_dots(axes, table, treatments)
    else:
        style.notice(axes, UNREAD)
    return drawing


def kept_dots(axes: Axes, table: pd.DataFrame, treatments: Sequence[str], *, names: bool = True) -> None:
    """Draw the share of the reconstruction's gain that is kept of each label or group.

    Parameters
    ----------
    table : columns row, series (a treatment), estimate, low, high.
    treatments : those drawn, in this order. names : write their names above the axes.
    """
    some = table[table["series"].isin(list(treatments))]
    colours = {name: _colour(name) for name in treatments}
    style.mark_chance(axes, 0, "", vertical=True)
    axes.axvline(1, color="#777777", lw=0.8, zorder=0)
    dots(axes, some, names=False, colours=colours, spread=0.24)
    axes.set(xlim=_shares(some), xlabel="share of the reconstruction's gain over the majority that is kept")
    if names:
        _legend(axes, {treatment_title(name): colours[name] for name in treatments})


def _shares(table: pd.DataFrame) -> tuple[float, float]:
    """Limits that hold every dot; intervals may leave them."""
    least = float(table["estimate"].min()) if len(table) else 0.0
    return min(-0.35, least - 0.1), 1.45


def label_panels(table: pd.DataFrame, treatments: Sequence[str]) -> Figure:
    """One panel of `kept_dots` for each group of labels, below each other, as high as it has rows.

    Parameters
    ----------
    table : as for `kept_dots`, with the column `group`.
    """
    groups = list(dict.fromkeys(table["group"]))
    if not groups:
        drawing, axes = plt.subplots(figsize=(7.2, 1.0))
        style.notice(axes, UNREAD)
        return drawing
    heights = [table.loc[table["group"] == one, "row"].nunique() + 1.6 for one in groups]
    layout: dict[str, Any] = {"figsize": (7.2, 0.36 * sum(heights) + 0.5), "height_ratios": heights}
    drawing, places = plt.subplots(len(groups), squeeze=False, sharex=True, **layout)
    for axes, name in zip(places[:, 0], groups, strict=True):
        kept_dots(axes, table[table["group"] == name], treatments, names=axes is places[0, 0])
        axes.set_title(name)
        if axes is not places[-1, 0]:
            axes.set_xlabel("")
    places[0, 0].set_xlim(_shares(table[table["series"].isin(list(treatments))]))
    return drawing


def methods_figure(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """A panel of `methods_chart` for each table with rows; of what is kept alone where nobody attacked.

    Parameters
    ----------
    tables : heading -> table as for `methods_chart`; the heading is left out where there is one panel.
    """
    some = {name: table for name, table in tables.items() if len(table)}
    known = [(one["tmr"].notna() & ~one["open"].astype(bool)).any() for one in some.values()]
    heights = [
        4.6 if attacked else 0.3 * len(one) + 0.8 for attacked, one in zip(known, some.values(), strict=True)
    ]
    layout: dict[str, Any] = {"figsize": (7.2, sum(heights) + 0.2), "height_ratios": heights}
    drawing, places = plt.subplots(len(some), squeeze=False, **layout)
    for axes, attacked, (name, table) in zip(places[:, 0], known, some.items(), strict=True):
        if attacked:
            methods_chart(axes, table)
        else:
            _kept_alone(axes, table)
        if len(some) > 1:
            axes.set_title(name)
    return drawing


def methods_chart(axes: Axes, table: pd.DataFrame) -> None:
    """Draw each method: TMR of the strongest attacker to the right, what is kept of the expression upwards.

    Parameters
    ----------
    table : columns treatment, method, strength, `open` (drawn hollow: nobody attacked it), kept and tmr with
        `_low` and `_high`, TMR in [0, 1].
    """
    known = table[table["tmr"].notna() & table["kept"].notna()]
    top = max(1.1, float(known["kept_high"].max()) + 0.05)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, top))
    axes.set(xlabel="TMR at FMR 1 % of the strongest attacker", ylabel="F, part of that on originals")
    axes.axhline(GOAL, color="#4a7a5c", lw=0.8, ls=(0, (4, 2)), zorder=0)
    axes.text(1.02, GOAL + 0.01, "nine tenths", color="#4a7a5c", fontsize="small", ha="right")
    others = colours_of(name for name in known["method"] if name not in _COLOURS)
    for method, part in known.groupby("method", sort=False):
        name = str(method)
        colour = _COLOURS.get(name) or others[name]
        x, y = part["tmr"].to_numpy(float), part["kept"].to_numpy(float)
        errors = [_errors(part, column) for column in ("tmr", "kept")]
        axes.errorbar(x, y, xerr=errors[0], yerr=errors[1], fmt="none", ecolor=colour, lw=1, alpha=0.5)
        axes.plot(x, y, "o-" if len(part) > 1 else "o", color=colour, ms=5, lw=1.2)
        hollow = part["open"].to_numpy(bool)
        axes.plot(x[hollow], y[hollow], "o", color=colour, mfc="white", ms=5)
        for place, (_, row) in enumerate(part.iterrows()):
            text = _point_text(row, first=place == 0)
            axes.annotate(
                text, (row["tmr"], row["kept"]), (5, 5), textcoords="offset points", color=colour,
                fontsize="small",
            )  # fmt: skip


def _kept_alone(axes: Axes, table: pd.DataFrame) -> None:
    own = table.rename(columns={"kept": "estimate", "kept_low": "low", "kept_high": "high"})
    own = own.assign(row=[treatment_title(str(name)) for name in own["treatment"]], series="kept")
    dots(axes, own, names=False, colours={"kept": style.COLOURS["measured"]})
    axes.axvline(GOAL, color="#4a7a5c", lw=0.8, ls=(0, (4, 2)), zorder=0)
    axes.set(xlabel="F, part of that on originals", xlim=(-0.03, None))


def _errors(part: pd.DataFrame, column: str) -> np.ndarray:
    """Lengths of the intervals below and above, (2, N); 0 where there is none."""
    below, above = part[column] - part[f"{column}_low"], part[f"{column}_high"] - part[column]
    return np.nan_to_num(np.maximum(np.stack([below, above]).astype(float), 0))


def _point_text(row: pd.Series, *, first: bool) -> str:
    """What stands at a point: the method at its first, then its strengths; of the angles right ones alone."""
    if row["method"] == "rotation":
        text = f"{row['strength']:g}°" if row["strength"] % 90 == 0 else ""
        return f"turned by {text}" if first else text
    name = treatment_title(str(row["method"]))
    if pd.isna(row["strength"]):
        return name
    return f"{name} {row['strength']:g}" if first else f"{row['strength']:g}"


def _colour(treatment: str) -> str:
    return _COLOURS.get(treatment) or colours_of([treatment])[treatment]


def _legend(axes: Axes, colours: Mapping[str, str]) -> None:
    """Names in their colours above the axes, from right to left."""
    at = 1.0
    for name, colour in reversed(list(colours.items())):
        axes.annotate(
            f"● {name}", (at, 1), (0, 5), xycoords="axes fraction", textcoords="offset points", color=colour,
            ha="right", fontsize="x-small",
        )  # fmt: skip
        at -= 0.035 + 0.0145 * len(name)
