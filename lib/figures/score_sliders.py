"""Sliders on histograms of scores: a matcher's threshold, and attackers who average a subject's pictures."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lib.figures.slider import MOST, Slider
from lib.figures.style import COLOURS
from lib.measures.roc import auc

RATES = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)
"""False match rates for which thresholds are set."""
BINS = 40


def threshold_slider(
    mated: np.ndarray, impostors: np.ndarray, strangers: np.ndarray, rates: Sequence[float] = RATES
) -> Slider:
    """Slide the threshold over the scores of mated pairs and impostors, and see both error rates.

    Parameters
    ----------
    mated, impostors : scores of the test subjects' comparisons; a missing one (NaN) is left out.
    strangers : impostor scores of other subjects, from which the thresholds come.
    rates : false match rates among the strangers, falling.
    """
    own, others, known = (one[np.isfinite(one)] for one in (mated, impostors, strangers))
    cuts = [float(np.quantile(known, 1 - rate)) for rate in rates]
    edges = np.histogram_bin_edges(np.concatenate([own, others, cuts]), BINS)
    frames = []
    for cut in cuts:
        drawing, axes = plt.subplots(figsize=(7.2, 3.2))
        _bars(axes, {"impostors": (others, "control"), "same person": (own, "sm")}, edges)
        axes.axvline(cut, color=COLOURS["op"], lw=1.8)
        reached, found = float((others > cut).mean()), float((own > cut).mean())
        axes.set_title(f"accepted: {found:.0%} of the mated pairs, {reached:.1%} of the impostors")
        axes.set(xlabel="comparison score", ylabel="share of the pairs", yticks=[])
        frames.append(drawing)
    labels = [f"FMR {rate:.1%} among strangers" for rate in rates]
    alt = "Two histograms of comparison scores and a vertical line, the threshold"
    return Slider(frames, labels, title="threshold", alt=alt)


def averaging_slider(scores: np.ndarray, positive: np.ndarray, subjects: np.ndarray) -> Slider:
    """Slide the number of a subject's pictures that attackers average, and see two labels part.

    Parameters
    ----------
    scores : (N,) of the attackers. positive : (N,) bool, male. subjects : (N,).
    """
    names, place = np.unique(subjects, return_inverse=True)
    order = np.argsort(place, kind="stable")
    starts = np.searchsorted(place[order], np.arange(len(names)))
    counts = np.bincount(place)
    most = int(min(MOST, max(2, np.median(counts))))
    male = np.bincount(place, weights=positive) / counts > 0.5
    scaled = (scores - scores.mean()) / (scores.std() or 1.0)
    frames, labels = [], []
    for number in range(1, most + 1):
        mean = np.array(
            [
                scaled[order[at : at + min(number, count)]].mean()
                for at, count in zip(starts, counts, strict=True)
            ]
        )
        drawing, axes = plt.subplots(figsize=(7.2, 3.2))
        _bars(axes, {"women": (mean[~male], "female"), "men": (mean[male], "male")}, np.linspace(-3, 3, BINS))
        axes.set_title(f"AUC {auc(mean[~male], mean[male]):.2f}")
        axes.set(xlabel="mean score of the attackers", ylabel="share of the subjects", yticks=[])
        frames.append(drawing)
        labels.append(f"{number} picture{'s' if number > 1 else ''} of each subject")
    alt = "Two histograms of attackers' scores, of women and of men"
    return Slider(frames, labels, title="pictures averaged", alt=alt, start=0)


def _bars(axes: Axes, groups: dict[str, tuple[np.ndarray, str]], edges: np.ndarray) -> None:
    for place, (name, (values, colour)) in enumerate(groups.items()):
        weights = np.full(len(values), 1 / max(1, len(values)))
        inside = np.clip(values, edges[0], edges[-1])
        axes.hist(inside, bins=edges.tolist(), weights=weights, color=COLOURS[colour], alpha=0.55)
        axes.text(
            0.01, 0.96 - 0.1 * place, name, color=COLOURS[colour], transform=axes.transAxes, ha="left",
            va="top", fontsize="small",
        )  # fmt: skip
