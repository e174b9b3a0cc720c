"""Names beside lines that do not cover each other: no legend to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from scipy.optimize import isotonic_regression

from lib.figures.style import COLOURS

SHOWN: Mapping[str, str] = {"sm": "SM", "nt": "NT", "op": "OP"}
LEADING = 1.3
"""Distance of two lines of text, in heights of the font."""
CORNERS = ("lower right", "upper left", "lower left", "upper right")


class Label(NamedTuple):
    """A name, the height (data units) at which its line leaves the axes, and its colour."""

    y: float
    text: str
    colour: str


def shown(name: str) -> str:
    """How a treatment is written on a picture: `sm` as SM, all others as they are."""
    return SHOWN.get(name, name)


def colour_of(name: str, place: int = 0) -> str:
    """The book's colour of a name, or one of matplotlib's own by `place` where the book has none."""
    return COLOURS.get(name, f"C{place}")


def spread(wanted: Sequence[float], gap: float) -> np.ndarray:
    """Positions at least `gap` apart, in the order of `wanted` (N,) and as near to it as squares can say."""
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(order))
    out = np.empty(len(order))
    out[order] = isotonic_regression(np.asarray(wanted, dtype=float)[order] - steps).x + steps
    return out


def name_ends(axes: Axes, labels: Sequence[Label]) -> None:
    """Write the names to the right of the axes, each at the height of its line, moved apart where needed.

    Call it last: limits, scale and texts of the axes decide where there is room.
    """
    if not labels:
        return
    _figure(axes).draw_without_rendering()  # the layout is only known then
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


def _figure(axes: Axes) -> Drawing:
    drawing = axes.get_figure(root=True)
    if drawing is None:
        raise ValueError("names need axes that belong to a figure")
    return drawing


def font_size() -> float:
    """Height of small text, points."""
    return float(FontProperties(size="small").get_size_in_points())


def stack(axes: Axes, names: Sequence[tuple[str, str]], corners: Sequence[str] = CORNERS) -> None:
    """Write (text, colour) pairs below each other into the corner with the least drawing in it.

    Parameters
    ----------
    corners : those that may be taken; the first of equally empty ones is.
    """
    _figure(axes).draw_without_rendering()
    size, points = font_size(), 72 / axes.figure.dpi
    step = LEADING * size / (axes.bbox.height * points)
    width = max(len(text) for text, _ in names) * 0.62 * size / (axes.bbox.width * points)
    drawn = _drawn(axes)
    corner = min(corners, key=lambda name: _inside(drawn, name, width + 0.03, step * len(names) + 0.03))
    right, upper = "right" in corner, "upper" in corner
    first = 0.97 if upper else 0.03 + step * (len(names) - 1)
    for place, (text, colour) in enumerate(names):
        axes.text(
            0.97 if right else 0.03, first - place * step, text, color=colour, fontsize="small",
            transform=axes.transAxes, ha="right" if right else "left", va="top" if upper else "bottom",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.75},
        )  # fmt: skip


def _drawn(axes: Axes) -> np.ndarray:
    """Points along all lines, in fractions of the axes, (N, 2)."""
    parts = [np.zeros((0, 2))]
    for line in axes.get_lines():
        ends = axes.transAxes.inverted().transform(line.get_transform().transform(line.get_xydata()))
        ends = ends[np.isfinite(ends).all(axis=1)]
        if len(ends) > 1:
            at = np.linspace(0, len(ends) - 1, 400)
            parts.append(np.column_stack([np.interp(at, np.arange(len(ends)), column) for column in ends.T]))
    return np.concatenate(parts)


def _inside(points: np.ndarray, corner: str, width: float, height: float) -> int:
    x = 1 - points[:, 0] if "right" in corner else points[:, 0]
    y = 1 - points[:, 1] if "upper" in corner else points[:, 1]
    return int(((x >= -0.01) & (x < width) & (y >= -0.01) & (y < height)).sum())
