"""The one form in which a test may ask that two computed values agree to the last bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def exactly(first: Any, second: Any, *, because: str) -> bool:
    """Return whether two values agree to the last bit.

    Parameters
    ----------
    first, second : arrays (then the shapes agree too), tables, lists of arrays, dataclasses,
        numbers; a number beside an array is that of every element.
    because : why no rounding can part them: a copy, whole numbers, or the same operations in the same order
        on the same machine. What two code paths compute takes `pytest.approx` or `assert_allclose` instead.
    """
    assert because, "say why the last bit is known"
    if isinstance(first, (pd.DataFrame, pd.Series)):
        return bool(first.equals(second))
    if isinstance(first, (list, tuple)) and isinstance(second, (list, tuple)):
        return len(first) == len(second) and all(
            exactly(one, other, because=because) for one, other in zip(first, second, strict=True)
        )
    if not hasattr(first, "shape") and not hasattr(second, "shape"):
        return bool(first == second)
    one, other = np.asarray(first), np.asarray(second)
    if one.ndim == 0 or other.ndim == 0:  # one number, that of every element
        return bool(np.all(one == other))
    return np.array_equal(one, other, equal_nan=one.dtype.kind == other.dtype.kind == "f")


def same_pixels(first: Any, second: Any, *, within: int = 1) -> bool:
    """Return whether two 8-bit images agree within some grey levels: computed floats round to either side."""
    one, other = np.asarray(first), np.asarray(second)
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16))
    return one.shape == other.shape and one.dtype == other.dtype and apart.max(initial=0) <= within
