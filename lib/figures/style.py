"""Style of all figures: colours with a meaning, and reproducible SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes

COLOURS: Mapping[str, str] = {
    "before": "#4d4d4d",
    "reconstruction": "#56b4e9",
    "control": "#999999",
    "sm": "#0072b2",
    "nt": "#009e73",
    "op": "#d55e00",
    "op_unmasked": "#661100",
    "private": "#cc79a7",
    "authors_op": "#e69f00",
    "authors_op_matched": "#e69f00",
    "report_op": "#44aa99",
    "reversed_op": "#117733",
    "resampled": "#777777",
    "blur": "#999999",
    "pixelate": "#999933",
    "k-Same": "#332288",
    "filter": "#882255",
    "claimed": "#999999",
    "measured": "#0072b2",
    "attacked": "#d55e00",
    "rendered": "#d55e00",
    "photographs": "#0072b2",
    "female": "#cc79a7",
    "male": "#0072b2",
    "neutral": "#4d4d4d",
    "chance": "#bbbbbb",
    "training": "#a6761d",
    "validation": "#0072b2",
}
"""The Okabe-Ito palette, and darker tones of Paul Tol's for rivals and for what is made of OP:
tells apart under the common forms of colour blindness; one thing, one colour."""


def use() -> None:
    """Set the book's matplotlib style, with SVG output in notebooks."""
    sns.set_theme(style="whitegrid", context="notebook", font_scale=0.9)
    mpl.rcParams.update(
        {
            "svg.hashsalt": "face-value",  # else ids of clip paths and markers are random
            "svg.fonttype": "none",  # text stays text: small and searchable
            "font.family": ["DejaVu Sans"],  # ships with matplotlib
            "figure.figsize": (7.2, 3.6),
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#cccccc",
            "grid.color": "#ececec",
            "axes.titlesize": "medium",
            "axes.titlelocation": "left",
        }
    )
    _use_svg()


def _use_svg() -> None:
    try:
        from IPython.core.getipython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:  # plain Python
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None})


def mark_chance(axes: Axes, value: float, text: str = "chance", *, vertical: bool = False) -> None:
    """Draw and name the line of chance level.

    Parameters
    ----------
    value : where chance lies, in data units.
    vertical : a vertical line at x = `value` instead of a horizontal one at y = `value`.
    """
    line = axes.axvline if vertical else axes.axhline
    line(value, color=COLOURS["chance"], linestyle=(0, (4, 2)), linewidth=1.2, zorder=1)
    place: dict[str, Any] = {
        "xytext": (3, 3),
        "textcoords": "offset points",
        "color": "#777777",
        "fontsize": "small",
    }
    at = (value, 0) if vertical else (0, value)
    frame = axes.get_xaxis_transform() if vertical else axes.get_yaxis_transform()
    axes.annotate(text, at, xycoords=frame, **place)


def notice(axes: Axes, text: str) -> None:
    """Write into empty axes why nothing is drawn."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True)
