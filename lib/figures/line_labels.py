"""Labels at the ends of lines, placed without overlap, and colours of treatments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from scipy.optimize import isotonic_regression

from lib.figures.style import COLOURS

SHOWN: Mapping[str, str] = {
    "sm": "SM",
    "nt": "NT",
    "op": "OP",
    "control": "blur",
    "resampled": "fewer pixels",
    "op_unmasked": "OP, map taken off",
    "op_predicted": "OP, predicted label",
    "private_control": "blur as far as private",
    "authors_op": "first paper's OP",
    "authors_op_matched": "first paper's OP, as far as OP",
    "authors_control": "blur as far as the first paper's OP",
    "report_sm": "report's SM, 1 − y",
    "report_nt": "report's NT, 1 − y",
    "report_op": "report's OP, 1 − y",
    "report_control": "blur as far as the report's OP",
    "reversed_op": "report's OP, its code",
    "reversed_control": "blur as far as the report's code's OP",
}
OTHERS = ("#6a3d9a", "#8c564b", "#7a9a01", "#b2182b", "#1b6d85", "#e69f00")
LEADING = 1.3
"""Distance of two lines of text, in heights of the font."""


class Label(NamedTuple):
    """Label of a line: height at which the line leaves the axes (data units), text, colour."""

    y: float
    text: str
    colour: str


def shown(name: str) -> str:
    """Name of a treatment as written in figures and tables: `sm` as SM, those without a name unchanged."""
    return SHOWN.get(name, name)


def colours_of(names: Iterable[str]) -> dict[str, str]:
    """Colour of each name from the book's palette; unknown names get unused colours."""
    names = list(dict.fromkeys(names))
    others = [name for name in names if name not in COLOURS]
    return {name: COLOURS.get(name) or OTHERS[others.index(name) % len(OTHERS)] for name in names}


def spread(wanted: Sequence[float], gap: float) -> np.ndarray:
    """Positions at least `gap` apart, in the order of `wanted` (N,), nearest to it in least squares."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    out = np.empty(len(order))
    out[order] = isotonic_regression(np.asarray(wanted, dtype=float)[order] - steps).x + steps
    return out


def name_ends(axes: Axes, labels: Sequence[Label]) -> None:
    """Write labels right of the axes at the heights of their lines, moved apart where needed.

    Call it last: limits, scale and texts of the axes decide where there is room.
    """
    if not labels:
        return
    lay_out(figure_of(axes))
    size = font_size()
    points = 72 / axes.figure.dpi
    low, high = (end * points for end in (axes.bbox.y0, axes.bbox.y1))
    heights = [axes.transData.transform((axes.get_xlim()[1], label.y))[1] * points for label in labels]
    anchors = np.clip(heights, low, high)
    for label, anchor, place in zip(labels, anchors, spread(anchors, LEADING * size), strict=True):
        moved = place - anchor
        line = {"arrowstyle": "-", "color": label.colour, "lw": 0.6, "relpos": (0, 0.5), "shrinkA": 0}
        axes.annotate(
            label.text, (1, (anchor - low) / (high - low)), xycoords="axes fraction", xytext=(10, moved),
            textcoords="offset points", color=label.colour, va="center", fontsize="small",
            arrowprops={**line, "shrinkB": 1} if abs(moved) > size / 4 else None, annotation_clip=False,
        )  # fmt: skip


def figure_of(axes: Axes) -> Drawing:
    """The figure that the axes belong to; ValueError without one."""
    drawing = axes.get_figure(root=True)
    if drawing is None:
        raise ValueError("names need axes that belong to a figure")
    return drawing


def lay_out(drawing: Drawing) -> None:
    """Compute where the axes lie: the layout engine alone, in half the time of a whole drawing."""
    engine = drawing.get_layout_engine()
    if engine is None:
        drawing.draw_without_rendering()
    else:
        engine.execute(drawing)


def font_size() -> float:
    """Size of small text in points."""
    return float(FontProperties(size="small").get_size_in_points())


def stack(axes: Axes, names: Sequence[tuple[str, str]]) -> None:
    """Write (text, colour) pairs below each other in the emptiest place of the axes.

    Lines named `chance` count half. Call it when limits and scales of the axes are final and after
    `lay_out`.
    """
    size, points = font_size(), 72 / figure_of(axes).dpi
    step = LEADING * size / (axes.bbox.height * points)
    width = max(len(text) for text, _ in names) * 0.6 * size / (axes.bbox.width * points)
    x, y = _free(axes, width, step * len(names))
    right = x + width > 0.9
    for place, (text, colour) in enumerate(names):
        axes.text(
            x + width if right else x, y + (len(names) - 1 - place) * step, text, color=colour,
            fontsize="small", transform=axes.transAxes, ha="right" if right else "left", va="bottom",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75},
        )  # fmt: skip


def _free(axes: Axes, width: float, height: float) -> tuple[float, float]:
    """Lower left corner (axes fractions) of the emptiest box of this size."""
    points, weights = _drawn(axes)
    best, least = (0.03, 0.03), np.inf
    for x in np.linspace(max(0.97 - width, 0.03), 0.03, 8):
        for y in np.linspace(0.03, max(0.97 - height, 0.03), 8):
            inside = (
                np.abs(points - (x + width / 2, y + height / 2)) < (width / 2 + 0.02, height / 2 + 0.02)
            ).all(1)
            cost = weights[inside].sum() + 0.01 * (y - x)
            if cost < least:
                best, least = (float(x), float(y)), cost
    return best


def _drawn(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Points along all lines in axes fractions, (N, 2), and their weights, (N,)."""
    parts, weights = [np.zeros((0, 2))], [np.zeros(0)]
    for line in axes.get_lines():
        ends = axes.transAxes.inverted().transform(line.get_transform().transform(line.get_xydata()))
        ends = ends[np.isfinite(ends).all(axis=1)]
        if len(ends) > 1:
            walked = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(ends, axis=0).T))])
            at = np.linspace(0, walked[-1], 400)
            parts.append(np.column_stack([np.interp(at, walked, column) for column in ends.T]))
            weights.append(np.full(400, (0.5 if line.get_label() == "chance" else 1) * walked[-1]))
    return np.concatenate(parts), np.concatenate(weights)
