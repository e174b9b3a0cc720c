"""Ties of scores: tolerances and roundings that make equal scores tie on every processor."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

TIE = 1e-12
"""Shares, cosines and rates that differ by less are equal: the order of a sum can move them so far."""
ROUNDINGS = 64
"""Roundings by which two ways to compute one score may part, as a multiple of its data type's epsilon."""
COUNT_TOLERANCE = 1e-9
"""Added to a number of comparisons before rounding down, so that 0.1 x 30 comparisons allow 3 and not 2."""


def tie_width(scores: ArrayLike) -> float:
    """Largest difference of two scores that counts as a tie: 64 rounding errors of the largest finite score.

    Scores keep the data type in which they were computed: those of float32 networks are coarser. Integers
    tie only where they are equal.
    """
    array = np.asarray(scores)
    if array.dtype.kind != "f":
        return 0.0
    largest = np.abs(array, where=np.isfinite(array), out=np.zeros(array.shape)).max(initial=0)
    return float(ROUNDINGS * np.finfo(array.dtype).eps * largest)


def round_for_ties(values: np.ndarray) -> np.ndarray:
    """Values rounded to 12 decimals, so that shares and cosines are the same on every processor.

    Two sums that differ only in the order of their terms then give one value, and 0.3 stays 0.3.
    """
    return np.round(values, 12)


def round_lengths_for_ties(values: np.ndarray) -> np.ndarray:
    """Lengths rounded to 40 significant bits (about 12 digits), the same on every processor."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.rint(np.ldexp(mantissa, 40)), exponent - 40)


def allowed_impostors(fmr: float, total: ArrayLike) -> np.ndarray:
    """Number or weight of impostors that a false match rate of at most `fmr` accepts: floor(fmr total).

    Parameters
    ----------
    total : number or weight of the impostor comparisons, any shape; the result has the same.
    """
    return np.floor(fmr * np.asarray(total, dtype=float) + COUNT_TOLERANCE)
