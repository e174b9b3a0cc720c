"""How identities are distributed among strangers, and new ones drawn as they are.

The embeddings of a recogniser do not fill their sphere: they lie around a common mean, and what remains after
it is taken away varies in some directions far more than in others. A vector of uniform direction is then no
stranger's identity but nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.arrays import read_arrays, write_arrays


@dataclass(frozen=True)
class IdentityDistribution:
    """Embeddings without their common mean, and the spread of identities.

    Attributes
    ----------
    mean : (D,) of the recogniser's embeddings; what is left of an embedding after it, at length 1, is what an
        identity half follows.
    root : (D, D), a root of the identities' second moments: a standard normal vector times it has them too.
        Brought to length 1, as identities are, it has nearly these.
    """

    mean: np.ndarray
    root: np.ndarray

    @classmethod
    def of(cls, mean: np.ndarray, identities: np.ndarray) -> IdentityDistribution:
        """That of identities (N, D) of length 1."""
        values, vectors = np.linalg.eigh(identities.T.astype(float) @ identities / len(identities))
        return cls(np.asarray(mean, float), (vectors * np.sqrt(np.clip(values, 0, None))).T)

    @classmethod
    def load(cls, path: Path) -> IdentityDistribution:
        """Read it.

        Raises
        ------
        WeightsError : the file is missing or damaged.
        """
        kept = read_arrays(path)
        return cls(kept["mean"], kept["root"])

    def save(self, path: Path) -> None:
        """Write it as float32."""
        write_arrays(path, {name: np.asarray(getattr(self, name), np.float32) for name in ("mean", "root")})

    def draw(self, count: int, seed: int | np.random.Generator) -> np.ndarray:
        """Identities of nobody in particular, (count, D) float64 of length 1."""
        drawn = np.random.default_rng(seed).normal(size=(count, len(self.root))) @ self.root
        return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def centred(embeddings: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Embeddings (N, D) less their common mean, at length 1, float32; rows of NaN stay so."""
    rest = np.asarray(embeddings, float) - mean
    return np.asarray(rest / np.linalg.norm(rest, axis=1, keepdims=True), np.float32)
