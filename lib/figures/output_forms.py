"""Two output units read as two sigmoids and as a softmax."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLOURS, mark_chance


def draw_sums(axes: Axes, sigmoids: np.ndarray) -> None:
    """Histogram of the sums of two sigmoids (N, 2); the sum of a distribution is marked."""
    axes.hist(sigmoids.sum(axis=1), bins=40, range=(0, 2), color=COLOURS["control"])
    mark_chance(axes, 1, "distribution", vertical=True)
    axes.set(xlabel="sum of the two sigmoids", ylabel="images", xlim=(0, 2))


def draw_shares(axes: Axes, softmax: np.ndarray, sigmoids: np.ndarray, male: np.ndarray) -> None:
    """Share of *male* in the sum of two sigmoids against the softmax of the same units.

    Parameters
    ----------
    softmax, sigmoids : (N, 2), female and male. male : (N,), the label, for the colour.
    """
    share = sigmoids[:, 1] / sigmoids.sum(axis=1)
    for name, chosen in {"female": ~male, "male": male}.items():
        axes.plot(softmax[chosen, 1], share[chosen], ".", color=COLOURS[name])
    axes.text(0.03, 0.93, "labelled male", color=COLOURS["male"], fontsize="small")
    axes.text(0.03, 0.85, "labelled female", color=COLOURS["female"], fontsize="small")
    axes.plot([0, 1], [0, 1], color=COLOURS["chance"], lw=1, zorder=1)
    axes.set(xlabel="male, by softmax", ylabel="male, as a part of the sum", xlim=(0, 1), ylim=(0, 1))
