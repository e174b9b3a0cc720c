"""Trade-off of a protection: TMR (utility) over the AUC of the strongest attacker (privacy)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from lib.figures.line_labels import colours_of, figure_of, lay_out, shown
from lib.figures.style import mark_chance

COLUMNS = ("method", "auc", "auc_low", "auc_high", "tmr", "tmr_low", "tmr_high")
ENDS = ("_low", "_high")
AIM = "#e3f1e8"
PLACES = tuple(
    (dx, dy)
    for far in (1, 2.2, 3.6, 5)
    for dx, dy in ((8, 0), (-8, 0), (6, 7 * far), (6, -7 * far), (-6, 7 * far), (-6, -7 * far))
)
"""Offsets of a name from its point, points of 1/72 inch, the preferred ones first."""


def tradeoff_table(records: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Table that `tradeoff` draws and that is saved as CSV.

    Parameters
    ----------
    records : mappings with `method`, figures of merit `auc`, `tmr` and, where it is known, the `fmr` that was
        reached (objects with `to_dict`, or what results keep of them), and optionally `strength` and `open`;
        rows of one method in the order of its line.

    Returns
    -------
    Columns method, strength, open, and for each figure estimate, `_low` and `_high`.
    """
    rows = []
    for record in records:
        row: dict[str, Any] = {"method": record["method"], "strength": record.get("strength")}
        row["open"] = bool(record.get("open", False))
        for name in [one for one in ("auc", "tmr", "fmr") if one in record]:
            given = record[name]
            figure = given if isinstance(given, Mapping) else given.to_dict()
            row |= {name: figure["estimate"], f"{name}_low": figure["low"], f"{name}_high": figure["high"]}
        rows.append(row)
    return pd.DataFrame(rows).astype({name: float for name in COLUMNS[1:]})


def tradeoff(
    axes: Axes,
    table: pd.DataFrame,
    *,
    aim: tuple[float, float] | None = None,
    names: Mapping[str, str] | None = None,
    fmr: str = "1 %",
) -> None:
    """Draw each row as a point with two intervals, with a line through the strengths of a method.

    Limits and titles are read when the names are placed: set them before.

    Parameters
    ----------
    table : as `tradeoff_table` gives it; strengths, where known, are written at the points, and the points of
        a method that is `open` are.
    aim : (highest AUC, lowest TMR) of the corner that a protection should reach, shaded.
    names : method to what is written; colours go by the method itself.
    fmr : false match rate at which the TMR was taken, for the axis.

    Raises
    ------
    ValueError : a column is missing, a figure lies outside [0, 1], or there are no rows.
    """
    _check(table)
    left = min(0.48, float(table[["auc", "auc_low"]].min().min()) - 0.02)
    axes.set(xlim=(left, 1.02), ylim=(-0.02, 1.04))
    axes.set(xlabel="direction-free AUC of the strongest attackers", ylabel=f"TMR at FMR {fmr}")
    mark_chance(axes, 0.5, vertical=True)
    if aim is not None:
        axes.add_patch(Rectangle((left, aim[1]), aim[0] - left, 2, fc=AIM, ec="none", zorder=0, label="goal"))
        place: dict[str, Any] = {"color": "#4a7a5c", "fontsize": "small", "ha": "left", "va": "bottom"}
        axes.text(max(left, 0.5) + 0.006, aim[1] + 0.012, "goal", **place)
    wanted: list[tuple[float, float, str, str]] = []
    for method, colour in colours_of(table["method"]).items():
        part = table[table["method"] == method]
        known = part[part["auc"].notna() & part["tmr"].notna()]
        _draw(axes, known, method, colour)
        wanted += _texts(known, (names or {}).get(method, shown(method)), colour)
    _place(axes, table, wanted)


def tradeoff_panels(tables: Mapping[str, pd.DataFrame], aims: Mapping[str, tuple[float, float]]) -> Drawing:
    """Draw one chart for each set of faces, below each other; an empty table gets none.

    Parameters
    ----------
    tables : heading -> table.
    aims : heading -> aim as for `tradeoff`; a chart without one has no corner.
    """
    drawn = {name: table for name, table in tables.items() if len(table)}
    size = (7.2, 4.4 * len(drawn))
    drawing, places = plt.subplots(len(drawn), figsize=size, squeeze=False)
    for axes, (name, table) in zip(places[:, 0], drawn.items(), strict=True):
        axes.set_title(name)
        tradeoff(axes, table, aim=aims.get(name))
    return drawing


def _check(table: pd.DataFrame) -> None:
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} in the table, it has {', '.join(map(str, table))}")
    if not len(table):
        raise ValueError("the table has no methods")
    for name in COLUMNS[1:]:
        if ((table[name] < 0) | (table[name] > 1)).any():
            raise ValueError(f"{name}: an AUC or a TMR lies in [0, 1]")


def _draw(axes: Axes, part: pd.DataFrame, method: str, colour: str) -> None:
    errors = {}
    for side, name in (("xerr", "auc"), ("yerr", "tmr")):
        ends = np.vstack([part[name] - part[f"{name}_low"], part[f"{name}_high"] - part[name]])
        errors[side] = np.maximum(np.nan_to_num(ends), 0)
    axes.errorbar(part["auc"], part["tmr"], **errors, fmt="none", ecolor=colour, elinewidth=1.3, alpha=0.75)
    inside = "white" if "open" in part and part["open"].astype(bool).all() else colour
    axes.plot(part["auc"], part["tmr"], "o-", color=colour, mfc=inside, ms=5.5, lw=1.4, label=method)


def _texts(part: pd.DataFrame, name: str, colour: str) -> list[tuple[float, float, str, str]]:
    """Labels of a method's points: its name at the last one, else the strength, if any."""
    out = []
    for place, row in enumerate(part.itertuples()):
        strength = getattr(row, "strength", None)
        known = strength is not None and not (isinstance(strength, float) and np.isnan(strength))
        said = (
            f"{strength:g}" if known and isinstance(strength, int | float) else f"{strength}" if known else ""
        )
        last = place == len(part) - 1
        text = said if not last else f"{name} ({said})" if said else name
        if text:
            out.append((float(row.auc), float(row.tmr), text, colour))  # type: ignore[arg-type]
    return sorted(out, key=lambda one: -len(one[2]))  # longest labels first


def _place(axes: Axes, table: pd.DataFrame, wanted: Sequence[tuple[float, float, str, str]]) -> None:
    """Write each label beside its point, where it overlaps least."""
    drawing = figure_of(axes)
    lay_out(drawing)
    scale = drawing.dpi / 72
    taken = _marks(axes, table, scale)
    frame = axes.bbox
    for x, y, words, colour in wanted:
        best, least = None, np.inf
        for rank, (dx, dy) in enumerate(PLACES):
            note = axes.annotate(
                words, (x, y), (dx, dy), textcoords="offset points", color=colour, fontsize="small",
                ha="left" if dx > 0 else "right", va="center",
            )  # fmt: skip
            box = note.get_window_extent().padded(1.5 * scale)
            covered = sum(_shared(box, other) for other in taken)
            outside = box.width * box.height - _shared(box, frame)
            cost = covered + 3 * outside + 2 * rank * scale**2
            if cost < least:
                if best is not None:
                    best[0].remove()
                best, least = (note, box), cost
            else:
                note.remove()
        if best is not None:
            taken.append(best[1])


def _shared(one: Bbox, other: Bbox) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(width, 0.0) * max(height, 0.0)


def _marks(axes: Axes, table: pd.DataFrame, scale: float) -> list[Bbox]:
    """Bounding boxes in pixels of points, intervals, lines and texts already drawn."""
    half = 4 * scale
    out = [text.get_window_extent() for text in axes.texts]
    for _, row in table.dropna(subset=["auc", "tmr"]).iterrows():
        here = np.array([row["auc"], row["tmr"]], dtype=float)
        spans = [(here, here, half)]
        for at, name in enumerate(("auc", "tmr")):
            low, high = here.copy(), here.copy()
            low[at], high[at] = (here[at] if pd.isna(row[name + end]) else row[name + end] for end in ENDS)
            spans.append((low, high, 1.2 * scale))
        out += [_box(axes, low, high, pad) for low, high, pad in spans]
    for _, part in table.groupby("method", sort=False):
        points = part[["auc", "tmr"]].dropna().to_numpy(dtype=float)
        for start, end in pairwise(points):
            steps = start + np.linspace(0, 1, 12)[:, None] * (end - start)
            out += [_box(axes, step, step, 3 * scale) for step in steps]
    return out


def _box(axes: Axes, low: np.ndarray, high: np.ndarray, pad: float) -> Bbox:
    """Bounding box of two points (data units), widened by `pad` pixels."""
    first, second = axes.transData.transform(np.stack([low, high]))
    return Bbox([first - pad, second + pad])
