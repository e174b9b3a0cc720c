"""Checks of input arrays: shape, NaN, lengths, weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def as_floats(values: ArrayLike, name: str, ndim: int = 1) -> np.ndarray:
    """Check `values` and return them as float64 with `ndim` axes.

    Infinities are allowed, they are extreme scores. A missing value is an error: whoever knows why it is
    missing must count it as a failure and leave it out.

    Raises
    ------
    ValueError : wrong number of axes, not numbers, or NaN.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected numbers, none missing ({error})") from error
    if array.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} axes, got shape {array.shape}")
    if np.isnan(array).any():
        raise ValueError(f"{name}: {np.isnan(array).sum()} values are NaN; count them as failures, drop them")
    return array


def as_bools(values: ArrayLike, name: str, ndim: int = 1) -> np.ndarray:
    """Check `values` and return them as bool with `ndim` axes; only true, false, 0 and 1 are accepted.

    Raises
    ------
    ValueError : anything else, missing values included.
    """
    array = np.asarray(values)
    if array.dtype != np.bool_:
        array = as_floats(array, name, array.ndim)
        if not np.isin(array, (0, 1)).all():
            raise ValueError(f"{name}: expected true or false, got other values")
    if array.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} axes, got shape {array.shape}")
    return array.astype(bool)


def check_weights(values: ArrayLike | None, n: int, name: str) -> np.ndarray:
    """Check `n` weights and return them as float64; ones if `values` is None.

    Raises
    ------
    ValueError : another length, or a weight that is negative, infinite or NaN.
    """
    if values is None:
        return np.ones(n)
    array = as_floats(values, name)
    check_lengths(n, **{name: array})
    if (array < 0).any() or np.isinf(array).any():
        raise ValueError(f"{name}: weights must be finite and not negative")
    return array


def check_lengths(n: int, **arrays: Any) -> None:
    """Raise ValueError unless each array has `n` rows."""
    for name, array in arrays.items():
        if len(array) != n:
            raise ValueError(f"{name}: {len(array)} rows where {n} are needed")


def encode_labels(*labels: ArrayLike) -> tuple[list[np.ndarray], int]:
    """Number the distinct labels of all arrays jointly.

    Returns
    -------
    The arrays as integers 0 to S - 1, and S.

    Raises
    ------
    ValueError : labels with more than one axis, or missing ones.
    """
    arrays = [_labels(part) for part in labels]
    distinct, inverse = np.unique(np.concatenate(arrays), return_inverse=True)
    return np.split(inverse, np.cumsum([len(array) for array in arrays])[:-1]), len(distinct)


def _labels(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"labels must have one axis, got shape {array.shape}")
    missing = array.dtype.kind in "fO" and any(value is None or value != value for value in array)
    if missing:
        raise ValueError("labels: some are missing")
    return array.astype(str) if array.dtype == object else array
