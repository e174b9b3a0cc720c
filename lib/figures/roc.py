"""ROC and DET curves with bands, one line per treatment, and the tables behind them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FixedLocator, NullLocator
from scipy.special import ndtri

from lib.figures.line_labels import colours_of, figure_of, lay_out, shown, stack
from lib.figures.style import COLOURS
from lib.measures.estimate import Estimate, EstimateBand

COLUMNS = ("treatment", "fmr", "tmr", "low", "high")
SAME = {"fpr": "fmr", "tpr": "tmr"}
"""Words for classifiers and what matchers call them."""
DET_TICKS = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95)
DET_LIMITS = (0.001, 0.95)


def rates(points: int = 101, *, lowest: float | None = None) -> np.ndarray:
    """False match rates (K,) at which to compute a curve, rising to 1.

    Parameters
    ----------
    points : how many.
    lowest : None for even steps from 0, or the first rate of even steps of the logarithm.
    """
    return np.linspace(0, 1, points) if lowest is None else np.geomspace(lowest, 1, points)


def curves_table(
    bands: Mapping[str, EstimateBand], aucs: Mapping[str, Estimate] | None = None
) -> pd.DataFrame:
    """Table of ROC curves that the functions below draw and that is saved as CSV.

    Parameters
    ----------
    bands : treatment to TMR over FMR with its band, from `measures.bootstrap_intervals.bootstrap_roc`.
    aucs : treatment to its AUC, written beside the name of the line.

    Returns
    -------
    Columns treatment, fmr, tmr, low, high, n and, with `aucs`, auc, auc_low, auc_high, repeated in each row.

    Raises
    ------
    ValueError : a treatment has no AUC.
    """
    if aucs is not None and set(bands) - set(aucs):
        raise ValueError(f"no AUC of {', '.join(sorted(set(bands) - set(aucs)))}")
    parts = []
    for name, band in bands.items():
        values = {"fmr": band.x, "tmr": band.estimate, "low": band.low, "high": band.high, "n": band.n}
        if aucs is not None:
            auc = aucs[name]
            values |= {"auc": auc.estimate, "auc_low": auc.low, "auc_high": auc.high}
        parts.append(pd.DataFrame({"treatment": name} | values))
    return pd.concat(parts, ignore_index=True)


def roc_curves(
    axes: Axes,
    table: pd.DataFrame,
    *,
    logarithmic: bool = False,
    interval: bool = True,
    named: bool = True,
) -> None:
    """Draw TMR over FMR: a line, a band and a label with AUC per treatment, and the chance line.

    Parameters
    ----------
    table : as `curves_table` gives it; `fpr`, `tpr` may stand for `fmr`, `tmr` and name the axes so.
    logarithmic : a logarithmic FMR axis, for matchers; rates of 0 are left out there.
    interval : write the interval of the AUC too.
    named : write the names of the lines; False where `name_curves` does it later.

    Raises
    ------
    ValueError : a column is missing, a rate lies outside [0, 1], or a band ends below its start.
    """
    data = checked(table)
    data = data[data["fmr"] > 0] if logarithmic else data
    chance = np.geomspace(data["fmr"].min(), 1, 200) if logarithmic else np.array([0.0, 1.0])
    _chance(axes, chance, chance)
    colours = colours_of(data["treatment"])
    for name, part in data.groupby("treatment", sort=False):
        _line(axes, part["fmr"], part["tmr"], part["low"], part["high"], str(name), colours[str(name)])
    if logarithmic:
        axes.set_xscale("log")
    axes.set(xlim=(chance[0], 1), ylim=(0, 1.01))
    match = "match" if "fmr" in table else "positive"
    axes.set(xlabel=f"false {match} rate", ylabel=f"true {match} rate")
    _name_now(axes, table, named, interval)


def det_curves(
    axes: Axes,
    table: pd.DataFrame,
    *,
    limits: tuple[float, float] = DET_LIMITS,
    interval: bool = True,
    named: bool = True,
) -> None:
    """Draw FNMR over FMR on normal deviate axes, as ISO/IEC 19795-1 plots them.

    A rate of 0 or 1 has no place on such axes and is left out; a band that reaches one ends at the frame.

    Parameters
    ----------
    table : as in `roc_curves`.
    limits : of both axes, rates in (0, 1).
    interval : write the interval of the AUC, where the table has it.
    named : as in `roc_curves`.

    Raises
    ------
    ValueError : as in `roc_curves`.
    """
    data = checked(table)
    ends = ndtri(np.array(limits))
    _chance(axes, ends, -ends)
    colours = colours_of(data["treatment"])
    for name, part in data.groupby("treatment", sort=False):
        fmr, fnmr = _deviates(part["fmr"]), _deviates(1 - part["tmr"])
        low, high = (np.clip(ndtri(1 - part[end]), *ends) for end in ("high", "low"))
        _line(axes, fmr, fnmr, low, high, str(name), colours[str(name)])
    ticks = [rate for rate in DET_TICKS if limits[0] <= rate <= limits[1]]
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator(list(ndtri(ticks))))
        axis.set_minor_locator(NullLocator())
        axis.set_ticklabels([f"{100 * rate:g} %" for rate in ticks])
    axes.set(xlim=ends, ylim=ends, aspect="equal")
    words = ("match", "non-match") if "fmr" in table else ("positive", "negative")
    axes.set(xlabel=f"false {words[0]} rate", ylabel=f"false {words[1]} rate")
    _name_now(axes, table, named, interval)


def panels(
    table: pd.DataFrame,
    *,
    by: str = "classifier",
    draw: Callable[..., None] = roc_curves,
    columns: int = 3,
    titles: Mapping[str, str] | None = None,
    interval: bool | None = None,
    **options: Any,
) -> Drawing:
    """Draw one chart per value of a column, side by side.

    Parameters
    ----------
    table : as in `roc_curves`, and the column `by`.
    draw : `roc_curves` or `det_curves`, with `options`.
    columns : pictures side by side, as far as there are that many.
    titles : value to what stands above its picture.
    interval : write the interval of the AUC too; None: where there is room for it.

    Raises
    ------
    ValueError : there is no column `by`.
    """
    if by not in table:
        raise ValueError(f"no column {by} in the table, it has {', '.join(map(str, table))}")
    values = list(dict.fromkeys(table[by]))
    across = min(columns, len(values))
    down = math.ceil(len(values) / across)
    height = 7.2 / max(across, 2) * down + 0.4
    drawing, grid = plt.subplots(down, across, figsize=(7.2, height), squeeze=False)
    drawn = list(zip(grid.flat, values, strict=False))
    for axes, value in drawn:
        axes.set_title((titles or {}).get(value, str(value)), fontsize="small" if across > 2 else "medium")
        draw(axes, table[table[by] == value], **options, named=False)
    for place, (axes, _) in enumerate(drawn):
        axes.set_xlabel(axes.get_xlabel() if place + across >= len(values) else "")
        axes.set_ylabel("" if place % across else axes.get_ylabel())
    for axes in grid.flat[len(values) :]:
        axes.remove()
    lay_out(drawing)  # once: it takes longer than all lines and names
    wide = across < 3 if interval is None else interval
    for place, (axes, value) in enumerate(drawn):
        name_curves(axes, table[table[by] == value], interval=wide, chance=place == 0)
    return drawing


def checked(table: pd.DataFrame) -> pd.DataFrame:
    """The table with columns named fmr and tmr; ValueError if it is no set of ROC curves."""
    data = table.rename(columns=SAME)
    missing = [name for name in COLUMNS if name not in data]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} in the table, it has {', '.join(map(str, table))}")
    if not len(data):
        raise ValueError("the table has no curves")
    for name in COLUMNS[1:]:
        outside = (data[name] < 0) | (data[name] > 1)
        if outside.any():
            raise ValueError(f"{name}: a rate lies in [0, 1], got {data.loc[outside, name].iloc[0]}")
    if (data["low"] > data["high"]).any():
        raise ValueError("a band ends below its start: low and high are swapped")
    return data


def _chance(axes: Axes, x: np.ndarray, y: np.ndarray) -> None:
    axes.plot(x, y, color=COLOURS["chance"], linestyle=(0, (4, 2)), lw=1.2, zorder=1, label="chance")


def _line(axes: Axes, x: Any, y: Any, low: Any, high: Any, name: str, colour: str) -> None:
    axes.fill_between(x, low, high, color=colour, alpha=0.16, lw=0, label=f"{name} band")
    axes.plot(x, y, color=colour, lw=1.6, label=name)


def _deviates(values: pd.Series) -> np.ndarray:
    deviates = ndtri(values.to_numpy(dtype=float))
    return np.where(np.isfinite(deviates), deviates, np.nan)


def name_curves(axes: Axes, table: pd.DataFrame, *, interval: bool = True, chance: bool = True) -> None:
    """Write the names of a chart's lines, with their AUC, into its emptiest place; call it after `lay_out`.

    Parameters
    ----------
    table, interval : as in `roc_curves`, which drew it.
    chance : name the diagonal too; of several charts, it is enough in the first.
    """
    colours = colours_of(table["treatment"])
    firsts = {name: table[table["treatment"] == name].iloc[0] for name in colours}
    names = [(_text(name, firsts[name], interval), colour) for name, colour in colours.items()]
    if "auc" in table:
        names.insert(0, ("AUC", "#777777"))
    if chance:
        names.append(("chance 0.50" if "auc" in table else "chance", "#888888"))
    stack(axes, names)


def _name_now(axes: Axes, table: pd.DataFrame, named: bool, interval: bool) -> None:
    """Lay the chart out and name its lines, if they are to be named now."""
    if named:
        lay_out(figure_of(axes))
        name_curves(axes, table, interval=interval)


def _text(name: str, row: pd.Series, interval: bool) -> str:
    if pd.isna(row.get("auc", np.nan)):
        return shown(name)
    text = f"{shown(name)} {row['auc']:.2f}"
    if not interval or pd.isna(row.get("auc_low", np.nan)):
        return text
    return f"{text} [{row['auc_low']:.2f}, {row['auc_high']:.2f}]"
