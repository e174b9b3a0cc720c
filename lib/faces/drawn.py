"""Some of many rows, drawn at random: what a chapter looks at when all would take too long."""

from __future__ import annotations

import numpy as np
import pandas as pd


def drawn(rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of `rows` (N,), in rising order; all of them if `most` is 0.

    Parameters
    ----------
    seed : of the draw; with one seed, more rows hold the fewer.
    """
    return np.sort(np.random.default_rng(seed).permutation(rows)[: most or None])


def drawn_of_each(subjects: np.ndarray, rows: np.ndarray, most: int, seed: int) -> np.ndarray:
    """At most so many of the `rows` of each subject, in rising order; all of them if `most` is 0.

    Intervals are over subjects, so a few images of each say nearly as much as all.

    Parameters
    ----------
    subjects : (N,) of all images. rows : (M,) of them to draw from.
    seed : of the draw; with one seed, more rows of a subject hold the fewer.
    """
    if not most:
        return np.sort(rows)
    shuffled = np.random.default_rng(seed).permutation(rows)
    rank = pd.Series(np.asarray(subjects)[shuffled]).groupby(np.asarray(subjects)[shuffled]).cumcount()
    return np.sort(shuffled[rank.to_numpy() < most])
