"""The thesis figure: per protection the claimed, the measured and the attacked figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from lib.figures.style import COLOURS

KINDS = ("claimed", "measured", "attacked")
NAMES = {"claimed": "claimed", "measured": "measured", "attacked": "under attack"}
TURN = 0.6
"""Figures above it have their text on the left."""
OFFSET = {"claimed": -0.24, "measured": 0.0, "attacked": 0.24}


def thesis(claims: Sequence[Mapping[str, Any]]) -> Drawing:
    """Draw the thesis figure, one row per claim.

    Parameters
    ----------
    claims : mappings with `protection`, `measure`, `nothing` (the value at which nothing is given away),
        `unprotected` (a number, a figure of merit, or None), `claimed` (the source's figure, or None where it
        prints none), `measured` and `attacked` (figures of merit with `estimate`, `low`, `high`, or None
        where no chapter has them yet), `chapter`, and maybe `who`: kind of figure -> its judge.

    Returns
    -------
    Drawing whose x axis is what an observer still learns, 0 to 1.
    """
    drawing, axes = plt.subplots(figsize=(7.6, 0.5 + 1.15 * len(claims)))
    for row, claim in enumerate(claims):
        _draw_claim(axes, row, claim)
    axes.set(xlim=(-0.02, 1.05), ylim=(len(claims) - 0.45, -0.7), xlabel="what an observer still learns")
    axes.set_yticks(range(len(claims)), [_row_name(claim) for claim in claims])
    axes.grid(axis="y", visible=False)
    return drawing


def _row_name(claim: Mapping[str, Any]) -> str:
    words, line, lines = str(claim["measure"]).split(), "", []
    for word in words:
        if len(line) + len(word) > 26:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([str(claim["protection"]), *lines, line])


def _number(figure: Any) -> float | None:
    return figure["estimate"] if isinstance(figure, Mapping) else figure


def _draw_claim(axes: Axes, row: int, claim: Mapping[str, Any]) -> None:
    axes.plot([claim["nothing"]] * 2, [row - 0.4, row + 0.4], color=COLOURS["chance"], lw=1.2, ls=(0, (4, 2)))
    without = _number(claim["unprotected"])
    if without is not None:
        axes.plot(without, row, "|", color=COLOURS["before"], ms=30, mew=2)
        _say(axes, without, row - 0.4, "unprotected", COLOURS["before"], "center")
    for kind in KINDS:
        value = claim[kind]
        if kind == "claimed" and value is None:
            continue  # the source has no figure in this measure
        figure = {"estimate": value} if kind == "claimed" else value
        _draw_figure(axes, row + OFFSET[kind], kind, figure, claim)


def _draw_figure(
    axes: Axes, y: float, kind: str, figure: Mapping[str, Any] | None, claim: Mapping[str, Any]
) -> None:
    colour, end = COLOURS[kind], _number(claim["unprotected"])
    if figure is None:
        ends = [claim["nothing"], 1.0 if end is None else end]
        axes.plot(ends, [y, y], color=colour, lw=1, ls=":", alpha=0.7)
        text = f"{NAMES[kind]}: waits for chapter {claim['chapter']}"
        _say(axes, sum(ends) / 2, y, text, colour, "center")
        return
    value = figure["estimate"]
    low, high = (value if figure.get(key) is None else figure[key] for key in ("low", "high"))
    if high > low:
        axes.plot([low, high], [y, y], color=colour, lw=2)
    axes.plot(value, y, "o", color=colour, ms=7)
    who = (claim.get("who") or {}).get(kind)
    text = f"{NAMES[kind]} {value:.2f}" + (f", {who}" if who else "")
    beyond = value > TURN  # no room on the right
    _say(axes, low - 0.02 if beyond else high + 0.02, y, text, colour, "right" if beyond else "left")


def _say(axes: Axes, x: float, y: float, text: str, colour: str, side: str) -> None:
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(x, y, text, color=colour, fontsize="small", ha=side, va="center", bbox=plate)
