"""Age estimation: errors in years overall and per age band, and a conformal interval for one face."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.bootstrap_intervals import bootstrap, bootstrap_correlation, bootstrap_mean
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.resampling import BootstrapOptions, WeightedSums
from lib.measures.statistics import divide
from lib.measures.ties import TIE
from lib.measures.validation import as_floats, check_lengths

BANDS = (0, 10, 20, 30, 40, 50, 60, 70, 200)


def expectation(probabilities: ArrayLike, ages: ArrayLike | None = None) -> np.ndarray:
    """Expected age (N,) from probabilities (N, K) over `ages` (K,) in years (0 to K - 1 by default).

    Raises
    ------
    ValueError : a row that does not sum to 1 within 1e-3: those are not probabilities.
    """
    table = as_floats(probabilities, "probabilities", 2)
    if not np.allclose(table.sum(axis=1), 1, atol=1e-3):
        raise ValueError("probabilities: rows must sum to 1")
    years = np.arange(table.shape[1]) if ages is None else as_floats(ages, "ages")
    return table @ years


@dataclass(frozen=True)
class AgeErrors:
    """Errors of an age estimator in years.

    Attributes
    ----------
    mae : mean absolute error; it is not a +- interval of a single face (see `conformal`).
    baseline : mean absolute error of the training median for every face.
    cumulative_score : share of faces off by at most `within` years.
    correlation : Pearson's r of estimated and true age.
    bias : mean of estimated minus true age.
    mae_of_bands : mean of the bands' mean absolute errors, each band weighing the same.
    band_mae, band_bias : per band "low-high" (high excluded); regression to the mean shows in the bias.
    within : years of the cumulative score.
    """

    mae: Estimate
    baseline: Estimate
    cumulative_score: Estimate
    correlation: Estimate
    bias: Estimate
    mae_of_bands: Estimate
    band_mae: dict[str, Estimate]
    band_bias: dict[str, Estimate]
    within: float


def _band_means(values: np.ndarray, member: np.ndarray) -> WeightedSums:
    """Statistic: mean over the bands (columns of `member`) of each band's mean; empty bands left out."""

    def combine(sums: np.ndarray) -> np.ndarray:
        totals, counts = np.split(sums, 2, axis=1)
        there = counts > 0
        means = np.where(there, totals / np.where(there, counts, 1), 0)
        return divide(means.sum(axis=1), there.sum(axis=1))

    return WeightedSums(np.concatenate([member * values[:, None], member], axis=1), combine)


def age_errors(
    estimated: ArrayLike,
    true: ArrayLike,
    subjects: ArrayLike,
    training_median: float,
    *,
    within: float = 5,
    bands: ArrayLike = BANDS,
    **draws: Unpack[BootstrapOptions],
) -> AgeErrors:
    """All errors of `estimated` against `true` ages in years, (N,) each; intervals over `subjects` (N,).

    Parameters
    ----------
    training_median : of the ages of the training set, the baseline.
    within : years of the cumulative score. bands : rising limits of the bands, the upper ones excluded.

    Raises
    ------
    ValueError : an age outside all bands.
    """
    guess, truth, people = as_floats(estimated, "estimated"), as_floats(true, "true"), np.asarray(subjects)
    check_lengths(len(truth), estimated=guess, subjects=people)
    limits = as_floats(bands, "bands")
    at = np.searchsorted(limits, truth, "right") - 1
    if ((at < 0) | (at >= len(limits) - 1)).any():
        raise ValueError(f"bands: some ages lie outside {limits[0]:g} to {limits[-1]:g}")
    error, miss = guess - truth, np.abs(guess - truth)

    def mean(values: np.ndarray, rows: np.ndarray | slice = slice(None)) -> Estimate:
        if not len(values[rows]):
            return undefined_estimate("no faces")
        return bootstrap_mean(values[rows], people[rows], **draws)

    names = [f"{low:g}-{high:g}" for low, high in pairwise(limits)]
    by_band = _band_means(miss, np.eye(len(names))[at])
    return AgeErrors(
        mae=mean(miss),
        baseline=mean(np.abs(training_median - truth)),
        cumulative_score=mean((miss <= within + TIE).astype(np.float64)),
        correlation=bootstrap_correlation(guess, truth, people, **draws),
        bias=mean(error),
        mae_of_bands=bootstrap(by_band, people, **draws),
        band_mae={name: mean(miss, at == band) for band, name in enumerate(names)},
        band_bias={name: mean(error, at == band) for band, name in enumerate(names)},
        within=within,
    )


def conformal(estimated: ArrayLike, true: ArrayLike, *, level: float = 0.9) -> float:
    """Half-width in years such that estimate +- half-width covers a new face's age with probability `level`.

    The ceil((n + 1) level)-th smallest absolute error of held-out subjects, one face each (split conformal
    prediction); infinite where n is too small for the level.
    """
    guess, truth = as_floats(estimated, "estimated"), as_floats(true, "true")
    check_lengths(len(truth), estimated=guess)
    at = int(np.ceil((len(truth) + 1) * level - 1e-9))
    return float(np.sort(np.abs(guess - truth))[at - 1]) if at <= len(truth) else float("inf")
