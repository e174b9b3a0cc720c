"""Locks: groups of strands that stay together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class Locks:
    """Assignment of strands to locks.

    Attributes
    ----------
    of : lock of each strand, (n,).
    guide : the strand that leads each lock, (m,).
    """

    of: np.ndarray
    guide: np.ndarray

    @classmethod
    def around(cls, points: np.ndarray, sign: np.ndarray, count: int, r: np.random.Generator) -> Locks:
        """Group roots (n, 3) into `count` locks; none crosses the parting (`sign`, (n,))."""
        places = np.c_[points, 25.0 * sign]
        guide = r.choice(len(points), size=min(count, len(points)), replace=False)
        return cls(cKDTree(places[guide]).query(places)[1], guide)

    def draw(self, r: np.random.Generator, own: float = 0.3) -> np.ndarray:
        """Normal random numbers (n,), correlated within a lock; `own` is the independent part."""
        common = r.normal(size=len(self.guide))[self.of]
        return np.sqrt(1 - own**2) * common + own * r.normal(size=len(self.of))

    def drawn_together(self, strands: np.ndarray, strength: float, width: float) -> np.ndarray:
        """Strands (n, K, 3) drawn towards their lock's guide along their length.

        strength: 0 to 1 at the tip; width: share of the root's distance from the leader that is left there.
        """
        leader = strands[self.guide[self.of]]
        along = np.linspace(0, 1, strands.shape[1])[None, :, None]
        apart = strands[:, :1] - leader[:, :1]
        target = leader + apart * (1 - (1 - width) * along)
        return strands + strength * np.minimum(1, along * 2.2) * (target - strands)
