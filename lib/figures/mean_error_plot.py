"""Plot of the error of mean faces over the number of images in them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from lib.figures import style
from lib.figures.line_labels import Label, name_ends


def draw_errors(
    axes: Axes,
    measured: pd.DataFrame,
    *,
    beyond: Mapping[str, float],
    photographs: pd.DataFrame,
    settled: float,
) -> None:
    """Draw errors on logarithmic axes, continued with the root of n.

    Parameters
    ----------
    measured : as `faces.mean_error.error_table` gives it: lines with bands.
    beyond : group -> image count up to which its line is continued, dotted; other groups are not.
    photographs : the same table of photographs, thin lines without bands; may be empty.
    settled : grey levels, marked.
    """
    if not len(measured):
        style.notice(axes, "No group has two subjects.")
        return
    labels = []
    for (group, line), world in [
        *((one, "rendered") for one in measured.groupby("group")),
        *((one, "photographs") for one in photographs.groupby("group")),
    ]:
        colour = style.COLOURS.get(str(group), style.COLOURS["neutral"])
        ours = world == "rendered"
        if ours:
            axes.fill_between(line["n"], line["low"], line["high"], color=colour, alpha=0.2, lw=0)
        axes.plot(line["n"], line["estimate"], "o-" if ours else "s--", color=colour, ms=4 if ours else 3,
                  lw=1.6 if ours else 0.9)  # fmt: skip
        last, error = line["n"].iloc[-1], line["estimate"].iloc[-1]
        if ours and group in beyond:
            far = beyond[str(group)]
            axes.plot([last, far], [error, error * np.sqrt(last / far)], ":", color=colour)
            error *= np.sqrt(last / far)
        labels.append(Label(error, f"{group}, photographs" if not ours else str(group), colour))
    style.mark_chance(axes, settled, "one grey level" if settled == 1 else f"{settled:g} grey levels")
    axes.set(xscale="log", yscale="log", xlabel="images in the mean", ylabel="error, grey levels")
    name_ends(axes, labels)
