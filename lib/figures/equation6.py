"""Equation 6 of the report: a falling map of a distance that is called a probability."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from lib.figures.style import COLOURS
from lib.measures.pairs import closeness

SCALES = (1, 10, 100)
DASHES = ("-", "--", ":")


def equation6_plot(
    distance: np.ndarray, mated: np.ndarray, rates: np.ndarray, scales: Sequence[float] = SCALES
) -> Figure:
    """Draw P for embeddings of several lengths, and the ROC curves of the distance and of each P.

    Parameters
    ----------
    distance : (N,) of pairs, finite. mated : (N,) bool. rates : (K,) false match rates above 0.
    scales : three factors by which embeddings are longer.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4))
    step = np.linspace(0, distance.max(), 200)
    right.plot(rates, _found(-distance, mated, rates), color=COLOURS["control"], lw=6, alpha=0.5)
    for scale, dash in zip(scales, DASHES, strict=True):
        values = closeness(scale * step)
        left.plot(step, values, dash, color=COLOURS["op"], label=f"embeddings × {scale:g}")
        curve = _found(closeness(scale * distance), mated, rates)
        right.plot(rates, curve, dash, color=COLOURS["op"], lw=1.2)
    left.legend(loc="upper left", bbox_to_anchor=(0.3, 0.52))  # between the first and the second curve
    left.set(xlabel="distance of the embeddings", ylabel="P of equation 6", ylim=(0, 1.02))
    right.set(xscale="log", xlabel="false match rate", ylabel="true match rate", ylim=(0, 1.01))
    return drawing


def _found(score: np.ndarray, mated: np.ndarray, rates: np.ndarray) -> list[float]:
    cuts = np.quantile(score[~mated], 1 - rates)
    return [float(np.mean(score[mated] > cut)) for cut in cuts]
