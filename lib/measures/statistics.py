"""Statistics as functions of weights (R, N) -> (R,), for `bootstrap_intervals.bootstrap`."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.resampling import Statistic, WeightedSums
from lib.measures.thresholds import SortedScores
from lib.measures.validation import as_bools, as_floats, check_lengths


def divide(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """`numerator` / `denominator`, NaN where the denominator is not positive."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)


def auc_of(scores: ArrayLike, positive: ArrayLike) -> Statistic:
    """AUC of `scores` (N,) for the class `positive` (N,), as a statistic of weights (R, N)."""
    values, positives = as_floats(scores, "scores"), as_bools(positive, "positive")
    check_lengths(len(values), positive=positives)
    ranked = SortedScores.split(values, positives)
    return lambda weights: ranked.weighted(weights, weights).auc()


def auc_and_eer_of(scores: ArrayLike, positive: ArrayLike) -> Statistic:
    """AUC and EER of `scores` (N,) for the class `positive` (N,), as a statistic that returns (R, 2)."""
    values, positives = as_floats(scores, "scores"), as_bools(positive, "positive")
    check_lengths(len(values), positive=positives)
    ranked = SortedScores.split(values, positives)

    def statistic(weights: np.ndarray) -> np.ndarray:
        scored = ranked.weighted(weights, weights)
        return np.stack([scored.auc(), scored.eer()], axis=1)

    return statistic


def ratio_of(numerators: ArrayLike, denominators: ArrayLike) -> WeightedSums:
    """Ratio of the weighted sums of two columns (N,), as a statistic: precision, recall and the like."""
    above, below = as_floats(numerators, "numerators"), as_floats(denominators, "denominators")
    check_lengths(len(above), denominators=below)
    return WeightedSums(np.stack([above, below], axis=1), lambda sums: divide(sums[:, 0], sums[:, 1]))


def mean_of(values: ArrayLike) -> WeightedSums:
    """Weighted mean of `values` (N,), as a statistic."""
    array = as_floats(values, "values")
    return ratio_of(array, np.ones(len(array)))


def _correlate(sums: np.ndarray) -> np.ndarray:
    total, x, y, xx, yy, xy = sums.T
    with np.errstate(invalid="ignore", divide="ignore"):
        x_spread, y_spread = xx / total - (x / total) ** 2, yy / total - (y / total) ** 2
        product = (xy / total - x * y / total**2) / np.sqrt(x_spread * y_spread)
    # A spread below 1e-12 of the mean square is rounding: the draw holds one value only.
    flat = (x_spread <= 1e-12 * xx / total) | (y_spread <= 1e-12 * yy / total)
    return np.where(flat | (total <= 0), np.nan, np.clip(product, -1, 1))


def correlation_of(first: ArrayLike, second: ArrayLike) -> WeightedSums:
    """Weighted Pearson correlation of `first` and `second` (N,), as a statistic; NaN if one is constant."""
    x, y = as_floats(first, "first"), as_floats(second, "second")
    check_lengths(len(x), second=y)
    x, y = x - x.mean(), y - y.mean()
    return WeightedSums(np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1), _correlate)


def difference_of(first: Statistic | WeightedSums, second: Statistic | WeightedSums) -> Statistic:
    """Difference of two statistics in the same draw: the paired difference of two systems."""
    return lambda *weights: np.asarray(first(*weights)) - np.asarray(second(*weights))
