"""Sliders of chapter 05 over histograms of scores: a threshold, and the number of an attacker's subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from scipy.special import expit

from lib.deidentify.attacks.result import AttackResult
from lib.figures.gallery import Picture, notice
from lib.figures.line_labels import shown
from lib.figures.slider import Slider
from lib.figures.style import COLOURS


def threshold_slider(
    scores: Mapping[str, np.ndarray],
    positive: np.ndarray,
    errors: Callable[[np.ndarray, np.ndarray, float], tuple[float, float]],
    thresholds: Sequence[float],
) -> Slider:
    """Slider that moves one threshold over the scores under several treatments, with both error rates.

    Parameters
    ----------
    scores : treatment -> (N,) between 0 and 1, certainty of male.
    positive : (N,) bool, male.
    errors : such as `gender.judge_readings.threshold_errors`.
    thresholds : between 0 and 1, a frame each.
    """
    frames = []
    for threshold in thresholds:
        drawing, places = plt.subplots(len(scores), 1, figsize=(7.2, 1.9 * len(scores)), sharex=True)
        for axes, (name, own) in zip(np.atleast_1d(places), scores.items(), strict=True):
            score_histograms(axes, own, positive, threshold)
            women, men = errors(own, positive, threshold)
            axes.set_title(f"{shown(name)}: {women:.0%} of women called men, {men:.0%} of men called women")
        np.atleast_1d(places)[0].legend(frameon=False, loc="upper center", ncols=2)
        np.atleast_1d(places)[-1].set_xlabel("score: certainty of the label male")
        frames.append(drawing)
    labels = [f"threshold {threshold:.2f}" for threshold in thresholds]
    return Slider(frames, labels, title="threshold", alt="Histograms of the scores of women and of men")


def growth_slider(grown: Mapping[int, AttackResult], title: str) -> Slider | Picture:
    """Slider through attackers who learned from more and more subjects; a notice for a single one.

    Parameters
    ----------
    grown : number of subjects -> what its attacker, who scores logits, read.
    title : what they read.
    """
    if len(grown) < 2:
        return notice("Attackers were trained on one number of subjects only.")
    frames = []
    for count, one in grown.items():
        drawing, axes = plt.subplots(figsize=(7.2, 2.5))
        score_histograms(axes, expit(one.scores), one.positive)
        figure = one.auc_free.estimate
        axes.set_title(f"{title}, {count:,} subjects: direction-free AUC {figure:.2f}")
        axes.set_xlabel("score: certainty of the label male")
        axes.legend(frameon=False, loc="upper center", ncols=2)
        frames.append(drawing)
    labels = [f"{count:,} subjects" for count in grown]
    alt = "Histograms of an attacker's scores of women and of men"
    return Slider(frames, labels, title="attackers' subjects", alt=alt, start=0)


def score_histograms(
    axes: Axes, scores: np.ndarray, positive: np.ndarray, threshold: float | None = None, bins: int = 40
) -> None:
    """Draw how often each score is given to women and to men, and a threshold.

    Parameters
    ----------
    scores : (N,) between 0 and 1. positive : (N,) bool, male.
    threshold : drawn as a line; None: none.
    """
    edges = np.linspace(0, 1, bins + 1)
    for name, some in (("female", ~positive), ("male", positive)):
        share = np.histogram(scores[some], edges)[0] / max(1, int(some.sum()))
        axes.stairs(share, edges, fill=True, color=COLOURS[name], alpha=0.45)
        axes.stairs(share, edges, color=COLOURS[name], lw=1.4, label=name)
    if threshold is not None:
        axes.axvline(threshold, color="#222222", lw=1.6)
    axes.set(xlim=(0, 1), yticks=[])
