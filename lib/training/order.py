"""The order of an epoch: shuffled, or balanced over groups; each follows from (seed, epoch) alone."""

from __future__ import annotations

import numpy as np


def shuffled_order(size: int, seed: int, epoch: int) -> np.ndarray:
    """A permutation of 0 to size - 1, int64."""
    return np.random.default_rng([0, seed, epoch]).permutation(size)


def balanced_order(groups: np.ndarray, seed: int, epoch: int) -> np.ndarray:
    """Draws in which every group comes equally often, ceil(N / number of groups) times, mixed.

    Within a group the images take turns: over the epochs they follow one permutation after the other, so none
    comes twice before all came once, however unequal the groups.

    Parameters
    ----------
    groups : (N,) int, 0 to number of groups - 1, each present.

    Returns
    -------
    Places in `groups`, int64.
    """
    sizes = np.bincount(groups)
    share = -(-len(groups) // len(sizes))
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(sizes)[:-1])
    draws = [
        member[_turns(len(member), epoch * share, share, (2, seed, group))]
        for group, member in enumerate(members)
    ]
    return np.random.default_rng([0, seed, epoch]).permutation(np.concatenate(draws))


def _turns(size: int, start: int, count: int, key: tuple[int, ...]) -> np.ndarray:
    """Entries start to start + count of an endless row of permutations of `size` things."""
    rounds = range(start // size, (start + count - 1) // size + 1)
    row = np.concatenate([np.random.default_rng([*key, r]).permutation(size) for r in rounds])
    offset = start - rounds[0] * size
    return row[offset : offset + count]
