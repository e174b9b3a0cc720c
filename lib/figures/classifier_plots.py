"""Plots of a gender classifier: two output units read in two ways, its training beside a source's."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from lib.figures.style import COLOURS
from lib.figures.training_curves import learning_curves

MEASURES: Mapping[str, tuple[float, float]] = {"loss": (0.0, 0.75), "accuracy": (0.4, 1.0)}
"""What is drawn of a training, and the limits of its axis: chance is at log 2 and at one half."""


def draw_sums(axes: Axes, sigmoids: np.ndarray) -> None:
    """Histogram of the sums of two sigmoids (N, 2); the sum of a distribution is marked."""
    sums = sigmoids.sum(axis=1)
    reach = max(0.1, 1.1 * float(np.abs(sums - 1).max()))
    axes.hist(sums, bins=41, range=(1 - reach, 1 + reach), color=COLOURS["control"])
    axes.axvline(1, color=COLOURS["chance"], linestyle=(0, (4, 2)), linewidth=1.2)
    axes.text(1, 1.02, "a distribution", ha="center", fontsize="small", transform=axes.get_xaxis_transform())
    axes.set(xlabel="sum of the two sigmoids", ylabel="images", xlim=(1 - reach, 1 + reach))


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
    axes.set(xlabel="male, by softmax", ylabel="male, as a share of the sum", xlim=(0, 1), ylim=(0, 1))


def training_panels(histories: Mapping[str, pd.DataFrame]) -> Drawing:
    """Draw loss and accuracy in training and validation: a row each, a column for each history.

    Parameters
    ----------
    histories : title -> `epoch`, `loss`, `val_loss`, `accuracy`, `val_accuracy`.
    """
    drawing, grid = plt.subplots(len(MEASURES), len(histories), figsize=(7.2, 5.2), squeeze=False)
    for row, (measure, limits) in zip(grid, MEASURES.items(), strict=True):
        for axes, (title, table) in zip(row, histories.items(), strict=True):
            axes.set(title=f"{title}, {measure}", ylim=limits)
            learning_curves(axes, table, [measure, f"val_{measure}"])
    return drawing
