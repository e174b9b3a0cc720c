"""What others do to a face against the reading of perceived gender, to be held against ours.

Blur and low resolution are `baselines.Blur` and `baselines.Pixelate`. Here: k-Same across genders, after
Newton, Sweeney and Malin (IEEE TKDE 2005), who averaged a face with its nearest ones of any kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.arrays import digest
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import stored_name, unit_embeddings, unit_rows


@dataclass(frozen=True)
class KSameOppositeGender:
    """k-Same with the other gender: the mean of a face and its nearest ones of the other gender.

    It must be told the true gender, and shows other people's faces: the gallery is no secret.

    Attributes
    ----------
    recogniser : by whose embeddings faces are near.
    gallery : uint8 (M, H, W, 1), aligned as the faces are, of subjects of whom none is to be protected.
    embeddings : (M, D) of the gallery, rows of unit length.
    male : (M,) bool.
    nearest : how many are averaged; together they weigh as much as the face.
    """

    recogniser: Judge
    gallery: np.ndarray
    embeddings: np.ndarray
    male: np.ndarray
    nearest: int = 1
    colour: Colour = "grey"
    template = None

    def __post_init__(self) -> None:
        if self.gallery.ndim != 4 or self.gallery.shape[-1] != 1 or self.gallery.dtype != np.uint8:
            raise ProtectionError(
                f"the gallery must be uint8 (M, H, W, 1), got {self.gallery.dtype} {self.gallery.shape}"
            )
        few = min(int(np.sum(self.male)), int(np.sum(~self.male)))
        if not 1 <= self.nearest <= few:
            raise ProtectionError(f"nearest must lie in 1 to {few}, faces of each gender: {self.nearest}")

    @property
    def name(self) -> str:
        """With the number averaged, the recogniser and a hash of the gallery."""
        mark = digest({"gallery": self.gallery, "embeddings": self.embeddings, "male": self.male})[:12]
        return f"k-Same other gender {self.nearest} {stored_name(self.recogniser)} {mark}"

    @property
    def size(self) -> tuple[int, int]:
        """Of the gallery's faces."""
        return self.gallery.shape[1], self.gallery.shape[2]

    @property
    def needs(self) -> tuple[str, ...]:
        """The gender, and what the recogniser must be told."""
        return ("Male", *self.recogniser.card.needs)

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Average `faces`, uint8 (N, H, W, 1), with their nearest ones; mid grey where no face was found.

        Parameters
        ----------
        labels : `Male` (N,), and `points` (N, 5, 2) if it needs them.
        """
        rows = unit_embeddings(self.recogniser, faces, labels.get("points"))
        male, known = np.asarray(labels["Male"]).astype(bool), np.isfinite(rows).all(axis=1)
        out = np.full_like(faces, 128)
        for one in (False, True):
            mine = np.flatnonzero(known & (male == one))
            others = np.flatnonzero(np.asarray(self.male, bool) != one)
            alike = unit_rows(rows[mine]) @ self.embeddings[others].T
            near = others[np.argsort(-alike, axis=1, kind="stable")[:, : self.nearest]]
            for row, some in zip(mine, near, strict=True):
                mean = (faces[row].astype(float) + self.gallery[some].astype(float).mean(axis=0)) / 2
                out[row] = np.rint(mean).astype(np.uint8)
        return out
