"""Pictures of the rotation tables: table 2 as a heat map, attackers by angle, attributes cleaned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lib.figures.line_labels import OTHERS
from lib.figures.style import COLOURS, mark_chance

MARKS: Mapping[str, str] = {"FMR 0.1 %": "#0072b2", "FMR 1 %": "#d55e00", "strangers' median": "#009e73"}
"""Lines across a heat map, with their colours."""


def threshold_heat_maps(
    parts: Mapping[str, pd.DataFrame], marks: Mapping[str, Mapping[str, float]]
) -> Figure:
    """Matching rates as heat maps side by side: rows are distances, columns treatments.

    Parameters
    ----------
    parts : title -> rates, index eta (rising), one column for each treatment.
    marks : title -> name in MARKS -> eta at which a line is drawn; a title without an entry has no lines.
    """
    widths = [part.shape[1] for part in parts.values()]
    figure, places = plt.subplots(
        1, len(parts), figsize=(9.4, 5.4), width_ratios=widths, sharey=True, squeeze=False
    )
    for axes, (title, part) in zip(places[0], parts.items(), strict=True):
        texts = part.map(lambda rate: "–" if np.isnan(rate) else f"{rate:.2f}".removeprefix("0"))
        sns.heatmap(
            part, ax=axes, vmin=0, vmax=1, cmap="Greys", annot=texts, fmt="", cbar=False,
            annot_kws={"fontsize": 7}, linewidths=0.4,
        )  # fmt: skip
        axes.set_title(title)
        axes.set(xlabel="", ylabel="")
        axes.set_xticklabels([_column(str(name)) for name in part], rotation=0, fontsize="small")
        axes.set_yticklabels([f"{eta:.1f}" for eta in part.index], rotation=0, fontsize="small")
        for name, eta in marks.get(title, {}).items():
            _mark(axes, part, name, eta)
    places[0, 0].set_ylabel("distance η below which a pair matches")
    return figure


def _column(name: str) -> str:
    return f"{name}°" if name.isdigit() else {"original": "I", "fmr": "FMR"}.get(name, name)


def _mark(axes: Axes, part: pd.DataFrame, name: str, eta: float) -> None:
    """A line at eta, between the rows; row k is the distance (k + 1) / 10 and ends at k + 1."""
    height = float(np.interp(eta, part.index, np.arange(len(part)) + 0.5))
    axes.axhline(height, color=MARKS[name], lw=1.6)
    axes.annotate(
        f"{name}, η = {eta:.2f}", (1, height), xycoords=axes.get_yaxis_transform(), xytext=(3, 0),
        textcoords="offset points", color=MARKS[name], fontsize="x-small", va="center",
    )  # fmt: skip


def angle_panels(table: pd.DataFrame, strangers: float, beside: Mapping[str, str], across: int = 3) -> Figure:
    """TMR at an FMR of 1 % against the angle: a panel for each attacker, a line for each network, with bands.

    Parameters
    ----------
    table : columns `attacker` and `network` (in words, three networks at most), `condition`, `estimate`,
        `low`, `high`.
    strangers : what is reached where a picture shows another person, drawn as a dashed line.
    beside : conditions that are no angles -> words, drawn to the right of 180 degrees.
    across : panels side by side.
    """
    attackers = list(dict.fromkeys(table["attacker"]))
    tones = (COLOURS["measured"], COLOURS["attacked"], OTHERS[0])
    networks = dict(zip(dict.fromkeys(table["network"]), tones, strict=False))
    down = -(-len(attackers) // across)
    figure, places = plt.subplots(
        down, across, figsize=(9.2, 2.2 * down + 0.6), sharex=True, sharey=True, squeeze=False
    )
    for axes, attacker in zip(places.ravel(), attackers, strict=False):
        mark_chance(axes, strangers, "")
        axes.set_title(attacker, fontsize="small")
        for place, (network, tone) in enumerate(networks.items()):
            own = table[(table["attacker"] == attacker) & (table["network"] == network)]
            _line(axes, own, tone, network)
            _points(axes, own, list(beside), tone, 8 * place)
        axes.set_ylim(-0.04, 1.04)
        ticks = {float(angle): f"{angle}°" for angle in range(0, 181, 60)}
        ticks |= {216.0 + 44 * place: words for place, words in enumerate(beside.values())}
        axes.set_xticks(list(ticks), list(ticks.values()), fontsize="small")
    for axes in places.ravel()[len(attackers) :]:
        axes.set_axis_off()
    handles, labels = places[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    figure.supylabel("TMR at an FMR of 1 %", fontsize="medium")
    return figure


def _line(axes: Axes, own: pd.DataFrame, tone: str, network: str) -> None:
    line = own[own["condition"].str.isdigit()].assign(angle=lambda rows: rows["condition"].astype(float))
    line = line.sort_values("angle")
    axes.plot(line["angle"], line["estimate"], color=tone, label=network)
    axes.fill_between(line["angle"], line["low"], line["high"], color=tone, alpha=0.15, lw=0)


def _points(axes: Axes, own: pd.DataFrame, beside: Sequence[str], tone: str, shift: float) -> None:
    for place, condition in enumerate(beside):
        one = own[own["condition"] == condition]
        if len(one):
            errors = np.abs([one["estimate"] - one["low"], one["high"] - one["estimate"]])
            x = 212 + 44 * place + shift
            axes.errorbar(x, one["estimate"], yerr=errors, fmt="o", ms=4, color=tone)


def removed_plot(axes: Axes, table: pd.DataFrame, chosen: int) -> None:
    """How much attributes' halves tell by the number of removed directions; a ring marks the choice.

    Parameters
    ----------
    table : columns `removed`, `auc`, `tmr`. chosen : number of directions.
    """
    mark_chance(axes, 0.5, "")
    for column, words, tone in (("auc", "AUC", "measured"), ("tmr", "TMR at FMR 1 %", "attacked")):
        axes.plot(table["removed"], table[column], "o-", ms=4, color=COLOURS[tone], label=words)
        own = table[table["removed"] == chosen]
        axes.plot(own["removed"], own[column], "o", ms=11, mfc="none", color=COLOURS[tone])
    axes.set(xlabel="directions removed", ylim=(-0.04, 1.04))
    axes.legend(frameon=False)
