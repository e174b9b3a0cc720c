"""Attributes' halves without what tells one person from another, by linear algebra.

An attributes' half is meant to hold expression and pose, and it may hold a person's face as well: whoever
encodes two pictures then finds the halves of one person more alike than those of strangers, whatever was done
to the identity half. In the space where a person's own halves vary equally in all directions (within-subject
covariance whitened), the directions in which the persons' means vary most are taken out: those in which a
half tells most of who it is, for the least of what changes from picture to picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.arrays import digest, read_arrays, write_arrays
from lib.deidentify.protections.base import ProtectionError

SHRINKAGE = 0.05
"""Share of the mean variance that is added to the within-subject covariance before it is inverted."""
_ARRAYS = ("mean", "directions", "readers")


@dataclass(frozen=True)
class AttributeCleaner:
    """Takes the directions of identity out of attributes' halves.

    Attributes
    ----------
    mean : (A,) of all halves.
    directions : (K, A), what moves with a change of identity; most telling first.
    readers : (K, A), what reads how far a half lies along each; `readers @ directions.T` is the unit matrix.
    removed : how many of them are taken out.
    """

    mean: np.ndarray
    directions: np.ndarray
    readers: np.ndarray
    removed: int

    def __post_init__(self) -> None:
        if not 0 <= self.removed <= len(self.directions):
            raise ProtectionError(
                f"between 0 and {len(self.directions)} directions can be removed: {self.removed}"
            )

    @classmethod
    def fit(
        cls, attributes: np.ndarray, subjects: np.ndarray, removed: int, shrinkage: float = SHRINKAGE
    ) -> AttributeCleaner:
        """Fit on subjects of whom nobody is protected, attacked or tested later.

        Parameters
        ----------
        attributes : (N, A). subjects : (N,), two pictures of each at least count within subjects.
        shrinkage : of the within-subject covariance towards a multiple of the unit matrix.

        Raises
        ------
        ProtectionError : fewer than two subjects, or nobody with two pictures.
        """
        rows = np.asarray(attributes, float)
        _, who, count = np.unique(np.asarray(subjects), return_inverse=True, return_counts=True)
        if len(count) < 2 or count.max() < 2:
            raise ProtectionError("cleaning needs two subjects or more, and two pictures of a subject")
        means = np.zeros((len(count), rows.shape[1]))
        np.add.at(means, who, rows)
        means /= count[:, None]
        apart = rows - means[who]
        inner = apart.T @ apart / max(1, len(rows) - len(count))
        inner += shrinkage * max(float(np.trace(inner)) / len(inner), 1e-12) * np.eye(len(inner))
        values, vectors = np.linalg.eigh(inner)
        white = vectors / np.sqrt(values) @ vectors.T
        spread = (means - rows.mean(axis=0)) @ white
        _, _, told = np.linalg.svd(spread, full_matrices=False)
        colour = vectors * np.sqrt(values) @ vectors.T
        return cls(rows.mean(axis=0), told @ colour, told @ white, removed)

    def removing(self, removed: int) -> AttributeCleaner:
        """The same with another number of directions, to choose it on other subjects."""
        return AttributeCleaner(self.mean, self.directions, self.readers, removed)

    def __call__(self, attributes: np.ndarray) -> np.ndarray:
        """Cleaned halves, float32 (N, A): along each removed direction all lie where the mean lies."""
        rows = np.asarray(attributes, float)
        read = (rows - self.mean) @ self.readers[: self.removed].T
        return np.asarray(rows - read @ self.directions[: self.removed], np.float32)

    @property
    def mark(self) -> str:
        """Number of directions and a hash of them."""
        return f"{self.removed} {digest({name: getattr(self, name) for name in _ARRAYS})[:8]}"

    def save(self, path: Path) -> None:
        """Write it as float32."""
        kept = {name: np.asarray(getattr(self, name), np.float32) for name in _ARRAYS}
        write_arrays(path, {**kept, "removed": np.array(self.removed)})

    @classmethod
    def load(cls, path: Path) -> AttributeCleaner:
        """Read it.

        Raises
        ------
        WeightsError : the file is missing or damaged.
        """
        kept = read_arrays(path)
        return cls(*(kept[name] for name in _ARRAYS), removed=int(kept["removed"]))
