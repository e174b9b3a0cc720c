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
OFFSET = {"claimed": -0.24, "measured": 0.0, "attacked": 0.24}


def thesis(claims: Sequence[Mapping[str, Any]]) -> Drawing:
    """Draw the thesis figure, one row per claim.

    Parameters
    ----------
    claims : mappings with `protection`, `measure`, `nothing` (the value at which nothing is given away),
        `unprotected` and `claimed` (the source's figures), `measured` and `attacked` (figures of merit with
        `estimate`, `low`, `high`, or None where no chapter has them yet) and `chapter`.

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


def _draw_claim(axes: Axes, row: int, claim: Mapping[str, Any]) -> None:
    axes.plot([claim["nothing"]] * 2, [row - 0.4, row + 0.4], color=COLOURS["chance"], lw=1.2, ls=(0, (4, 2)))
    axes.plot(claim["unprotected"], row, "|", color=COLOURS["before"], ms=30, mew=2)
    _say(axes, claim["unprotected"], row - 0.4, "unprotected", COLOURS["before"], "center")
    for kind in KINDS:
        value = claim[kind]
        figure = {"estimate": value} if kind == "claimed" else value
        _draw_figure(axes, row + OFFSET[kind], kind, figure, claim)


def _draw_figure(
    axes: Axes, y: float, kind: str, figure: Mapping[str, Any] | None, claim: Mapping[str, Any]
) -> None:
    colour = COLOURS[kind]
    if figure is None:
        axes.plot([claim["nothing"], claim["unprotected"]], [y, y], color=colour, lw=1, ls=":", alpha=0.7)
        text = f"{NAMES[kind]}: chapter {claim['chapter']}"
        _say(axes, (claim["nothing"] + claim["unprotected"]) / 2, y, text, colour, "center")
        return
    if figure.get("low") is not None:
        axes.plot([figure["low"], figure["high"]], [y, y], color=colour, lw=2)
    axes.plot(figure["estimate"], y, "o", color=colour, ms=7)
    _say(axes, figure["estimate"] + 0.02, y, f"{NAMES[kind]} {figure['estimate']:.2f}", colour, "left")


def _say(axes: Axes, x: float, y: float, text: str, colour: str, side: str) -> None:
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(x, y, text, color=colour, fontsize="small", ha=side, va="center", bbox=plate)
