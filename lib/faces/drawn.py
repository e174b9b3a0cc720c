"""Some of many rows, drawn at random: what a chapter looks at when all would take too long."""

from __future__ import annotations

import numpy as np


def drawn(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of `rows` (N,), in rising order; all of them if `most` is 0.

    Parameters
    ----------
    seed : of the draw; with one seed, more rows hold the fewer.
    """
    return np.sort(np.random.default_rng(seed).permutation(rows)[: most or None])
