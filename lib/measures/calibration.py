"""Calibration of probabilities: expected calibration error, Brier score, log loss, entropy floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.bootstrap_intervals import bootstrap, bootstrap_mean
from lib.measures.estimate import Estimate
from lib.measures.resampling import REPLICATES, WeightedSums
from lib.measures.statistics import divide
from lib.measures.validation import as_bools, as_floats, check_lengths

BINS = 15
CLIP = 1e-12


def _checked(probabilities: ArrayLike, outcomes: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    p, y = as_floats(probabilities, "probabilities"), as_bools(outcomes, "outcomes").astype(np.float64)
    check_lengths(len(p), outcomes=y)
    if ((p < 0) | (p > 1)).any():
        raise ValueError("probabilities must lie in [0, 1]")
    return p, y


def equal_width(probabilities: ArrayLike, bins: int = BINS) -> np.ndarray:
    """Bin number of each probability in equal-width bins [k / M, (k + 1) / M) of [0, 1]; 1 is in the last."""
    edges = np.arange(bins + 1) / bins
    return np.clip(np.searchsorted(edges, np.asarray(probabilities), "right") - 1, 0, bins - 1)


def equal_count(probabilities: ArrayLike, bins: int = BINS) -> np.ndarray:
    """Bin number of each probability in bins of equal count; equal values share a bin (fewer bins then)."""
    values = np.asarray(probabilities)
    edges = np.unique(np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf"))
    return np.searchsorted(edges, values, "left")


def _columns(p: np.ndarray, y: np.ndarray, at: np.ndarray) -> np.ndarray:
    member = np.eye(at.max(initial=0) + 1)[at]
    return np.concatenate([member * (p - y)[:, None], np.ones((len(p), 1))], axis=1)


def _gap(sums: np.ndarray) -> np.ndarray:
    return divide(np.abs(sums[:, :-1]).sum(axis=1), sums[:, -1])


def ece_of(probabilities: ArrayLike, outcomes: ArrayLike, at: np.ndarray) -> WeightedSums:
    """Expected calibration error with given bin numbers `at` (N,), as a statistic for the bootstrap."""
    p, y = _checked(probabilities, outcomes)
    return WeightedSums(_columns(p, y, at), _gap)


def ece(probabilities: ArrayLike, outcomes: ArrayLike, *, bins: int = BINS) -> float:
    """Expected calibration error over equal-width bins; empty bins are skipped.

    Parameters
    ----------
    probabilities : (N,) of class 1, not of the predicted class (for several classes see `confidences`).
    outcomes : (N,) bool, class 1 came true.
    """
    statistic = ece_of(probabilities, outcomes, equal_width(probabilities, bins))
    return float(statistic(np.ones((1, len(statistic.columns))))[0])


def confidences(probabilities: ArrayLike, true: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Confidence of a multi-class prediction (the highest probability), and whether it is right, (N,) each.

    `probabilities` (N, K), `true` (N,) class positions. Both feed `calibration`.
    """
    table, at = as_floats(probabilities, "probabilities", 2), np.asarray(true)
    check_lengths(len(table), true=at)
    return table.max(axis=1), table.argmax(axis=1) == at


def brier(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Brier score: mean squared difference of probabilities (N,) in [0, 1] and outcomes (N,) bool."""
    p, y = _checked(probabilities, outcomes)
    return float(np.mean((p - y) ** 2))


def log_losses(probabilities: ArrayLike, outcomes: ArrayLike) -> np.ndarray:
    """Negative log-likelihood of each outcome in nats, (N,); probabilities are clipped at 1e-12."""
    p, y = _checked(probabilities, outcomes)
    return -np.log(np.clip(np.where(y > 0, p, 1 - p), CLIP, None))


def nll(probabilities: ArrayLike, outcomes: ArrayLike) -> float:
    """Mean negative log-likelihood in nats; equals scikit-learn's log loss but for the clip."""
    return float(log_losses(probabilities, outcomes).mean())


def entropy_floor(targets: ArrayLike) -> float:
    """Mean binary entropy of `targets` in [0, 1], in nats: the lowest per-pixel cross-entropy possible."""
    x = np.asarray(targets, dtype=np.float64)
    if np.isnan(x).any() or (x < 0).any() or (x > 1).any():
        raise ValueError("targets must lie in [0, 1]")
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(x > 0, x * np.log(x), 0) + np.where(x < 1, (1 - x) * np.log1p(-x), 0)
    return float(-parts.mean())


@dataclass(frozen=True)
class Reliability:
    """Points of a reliability diagram, empty bins left out.

    Attributes
    ----------
    probability, outcome : (K,) mean probability and mean outcome in each bin.
    count : (K,) items in it.
    """

    probability: np.ndarray
    outcome: np.ndarray
    count: np.ndarray


def reliability(probabilities: ArrayLike, outcomes: ArrayLike, *, bins: int = BINS) -> Reliability:
    """Points of a reliability diagram: mean probability and mean outcome per equal-width bin."""
    p, y = _checked(probabilities, outcomes)
    at = equal_width(p, bins)
    count = np.bincount(at, minlength=bins)
    there = count > 0
    sums = (np.bincount(at, weights=values, minlength=bins)[there] for values in (p, y))
    probability, outcome = (total / count[there] for total in sums)
    return Reliability(probability, outcome, count[there])


@dataclass(frozen=True)
class Calibration:
    """Calibration errors, Brier score and log loss of a classifier's probabilities.

    Attributes
    ----------
    ece, ece_equal_count : calibration error over equal-width and over equal-count bins.
    ece_zero : mean calibration error if outcomes were drawn from these very probabilities; what perfect
        calibration gives on as many items.
    brier, nll : mean squared error and mean negative log-likelihood (nats).
    bins : number of bins asked for.
    """

    ece: Estimate
    ece_equal_count: Estimate
    ece_zero: float
    brier: Estimate
    nll: Estimate
    bins: int


def calibration(
    probabilities: ArrayLike,
    outcomes: ArrayLike,
    subjects: ArrayLike,
    *,
    bins: int = BINS,
    shuffles: int = 200,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Calibration:
    """Measure the calibration of `probabilities` (N,) of class 1 against `outcomes` (N,) bool.

    Parameters
    ----------
    subjects : (N,) subject of each image, the units of the bootstrap.
    bins : number of bins. shuffles : simulated outcomes behind `ece_zero`.

    Raises
    ------
    ValueError : probabilities outside [0, 1], NaN, or arrays of different lengths.
    """
    p, y = _checked(probabilities, outcomes)
    width = equal_width(p, bins)
    drawn = np.random.default_rng(seed).random((shuffles, len(p))) < p
    zeros = [float(ece_of(p, row, width)(np.ones((1, len(p))))[0]) for row in drawn]
    errors = [
        bootstrap(ece_of(p, y, at), subjects, replicates=replicates, seed=seed)
        for at in (width, equal_count(p, bins))
    ]
    means = [
        bootstrap_mean(values, subjects, replicates=replicates, seed=seed)
        for values in ((p - y) ** 2, log_losses(p, y))
    ]
    return Calibration(errors[0], errors[1], float(np.mean(zeros)), means[0], means[1], bins)
