"""Recovered against true numbers of codes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.figures.style import COLOURS

EDGE = 4.0
"""Standard deviations shown."""


def inversion_plot(true: np.ndarray, found: np.ndarray, spread: np.ndarray) -> Figure:
    """Draw every number of every picture as a dot, in standard deviations, and the diagonal.

    Parameters
    ----------
    true, found : (N, D). spread : (D,) standard deviation of each number.
    """
    drawing, axes = plt.subplots(figsize=(4.6, 4.2))
    axes.axline((0, 0), slope=1, color=COLOURS["chance"], lw=1)
    dots = (one / spread for one in (true, found))
    axes.plot(*(one.ravel() for one in dots), ".", ms=2.5, color=COLOURS["private"], alpha=0.5)
    axes.set(xlabel="true number, standard deviations", ylabel="recovered number")
    axes.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
    return drawing
