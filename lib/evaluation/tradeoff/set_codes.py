"""What attackers of `private` learn from who own its coder: the codes of whole sets of faces.

They learn from every training subject, those of the eraser among them, choose on validation subjects and read
test subjects. On a second set of photographs they learn in its own domain too: a stable hash of the subject's
name says who is attacked there and who is learned from.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.arrays import read_arrays, write_arrays
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.private.protection import Private
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import stable_hash

ATTRIBUTE = "Male"

PARTS = 10
"""Of the subjects of a set that has no split: five are attacked, four are learned from, one calibrates."""

_CHUNK = 1024


@dataclass(frozen=True)
class SetCodes:
    """Codes of some rows of a set of faces, nuisance numbers included.

    Attributes
    ----------
    rows : int64 (N,) of the set, ascending, those with a known face.
    told : float32 (N, D), all that the generator is told of each.
    """

    rows: np.ndarray
    told: np.ndarray

    @classmethod
    def of(cls, private: Private, faces: FaceSet, rows: np.ndarray) -> SetCodes:
        """Codes of `rows` of a set; rows in which there is no face are left out."""
        found, known = [], []
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            points = None if faces.points is None else faces.points[some]
            codes = private.coder(faces.images[some], points)
            found.append(codes.told[codes.known])
            known.append(some[codes.known])
        return cls(np.concatenate(known), np.concatenate(found).astype(np.float32))

    def save(self, path: str | Path) -> None:
        """Write them into an npz file."""
        write_arrays(path, {"rows": self.rows.astype(np.int64), "told": self.told})

    @classmethod
    def load(cls, path: str | Path) -> SetCodes:
        """Read what `save` wrote; WeightsError where the file is missing or damaged."""
        arrays = read_arrays(path)
        return cls(arrays["rows"], arrays["told"])

    def sample(self, faces: FaceSet, rows: np.ndarray) -> EmbeddingSet:
        """The codes of `rows` of the set, as attackers see them."""
        kept = np.isin(self.rows, rows)
        mine = self.rows[kept]
        return EmbeddingSet(self.told[kept], faces.binary(ATTRIBUTE, mine), faces.subjects[mine])


def coded_rows(faces: FaceSet, most: int) -> np.ndarray:
    """Rows of which codes are made: at most so many pictures of a subject, 0 for all, the label known."""
    known = np.flatnonzero(faces.known(ATTRIBUTE))
    return np.sort(limit_per_subject(faces.labels, known, most))


def code_split(faces: FaceSet) -> AttackSplit:
    """Rows by their part in the attack: the splits of a set, or where it has none, a hash of the name."""
    split = faces.labels["split"].to_numpy()
    if (split == "validation").any():
        return AttackSplit(*(np.flatnonzero(split == name) for name in ("train", "validation", "test")))
    names, place = np.unique(faces.subjects.astype(str), return_inverse=True)
    part = np.array([stable_hash(f"in-domain attackers {name}") % PARTS for name in names])[place]
    half = PARTS // 2
    return AttackSplit(*(np.flatnonzero(one) for one in ((part > half), (part == half), (part < half))))


def joined(*samples: EmbeddingSet) -> EmbeddingSet:
    """Samples of several sets as one; subjects of different sets are different subjects."""
    names = [np.char.add(f"{at} ", one.subjects.astype(str)) for at, one in enumerate(samples)]
    return EmbeddingSet(
        np.concatenate([one.embeddings for one in samples]),
        np.concatenate([one.positive for one in samples]),
        np.concatenate(names),
    )
