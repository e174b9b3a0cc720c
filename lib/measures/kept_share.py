"""How much of what is read from a picture is still read after it was altered: ratios in the same draws.

What a reader gains over somebody who does not look is its *gain*: a balanced accuracy beyond one half, the
balanced accuracy of "always the majority", or the share of the mean absolute error that it saves of the
error of "always the median". The kept share is one gain divided by another, of the same pictures: 1 where
nothing is lost, 0 where nothing is left but the majority.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.classification import balanced_accuracy, confusion_of
from lib.measures.resampling import WeightedSums
from lib.measures.statistics import divide
from lib.measures.validation import as_bools, as_floats, check_lengths


def ratio_of_two(first: WeightedSums, second: WeightedSums, *, least: float = 0.0) -> WeightedSums:
    """One statistic divided by another in the same draw; NaN where the second is not above `least`."""
    check_lengths(len(first.columns), second=second.columns)
    width = first.columns.shape[1]

    def combine(sums: np.ndarray) -> np.ndarray:
        above, below = first.combine(sums[:, :width]), second.combine(sums[:, width:])
        return divide(above, np.where(below > least, below, 0))

    return WeightedSums(np.concatenate([first.columns, second.columns], axis=1), combine)


def attribute_gain_of(true: ArrayLike, said: ArrayLike) -> WeightedSums:
    """Balanced accuracy beyond one half of decisions about a binary attribute, as a statistic.

    Parameters
    ----------
    true, said : (N,) bool.
    """
    labels, told = as_bools(true, "true"), as_bools(said, "said")
    measured = confusion_of(balanced_accuracy, labels, told, (False, True))
    return WeightedSums(measured.columns, lambda sums: _both_occur(sums, measured.combine(sums)) - 0.5)


def _both_occur(sums: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values, NaN where a draw (R, 4) lacks one of both labels: half a balanced accuracy is none."""
    there = (sums.reshape(-1, 2, 2).sum(axis=2) > 0).all(axis=1)
    return np.where(there, values, np.nan)


def number_gain_of(true: ArrayLike, told: ArrayLike, median: float) -> WeightedSums:
    """Share of the mean absolute error of `median` that `told` (N,) saves, as a statistic: 1 is perfect."""
    values, said = as_floats(true, "true"), as_floats(told, "told")
    check_lengths(len(values), told=said)
    errors = np.stack([np.abs(said - values), np.abs(median - values)], axis=1)
    return WeightedSums(errors, lambda sums: 1 - divide(sums[:, 0], sums[:, 1]))
