"""k-Same against recognition, after Newton, Sweeney and Malin (IEEE TKDE 2005): the mean of k faces.

The k faces nearest to a face, of other subjects, are averaged, and the mean stands in for the face; the face
itself has no part in it. k-Same-Select averages only faces of the same group, so that what makes the group
(an expression, say) stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.arrays import digest
from lib.deidentify.protections.base import Colour, ProtectionError
from lib.judges.recogniser_embeddings import unit_rows

NEAREST = 10
"""Faces that are averaged."""


@dataclass(frozen=True)
class KSame:
    """The mean of the k nearest faces of a gallery.

    Attributes
    ----------
    gallery : uint8 (M, H, W, 3), aligned as the faces are, of subjects of whom none is protected.
    embeddings : (M, D) of the gallery.
    groups : (M,) of the gallery: only faces of the same group are averaged (k-Same-Select); None: all are.
    nearest : k.

    Raises
    ------
    ProtectionError : a gallery of another form, or fewer than k faces in it or in one of its groups.
    """

    gallery: np.ndarray
    embeddings: np.ndarray
    groups: np.ndarray | None = None
    nearest: int = NEAREST
    colour: Colour = field(default="rgb", init=False)
    template: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.gallery.ndim != 4 or self.gallery.dtype != np.uint8:
            raise ProtectionError(
                f"the gallery must be uint8 (M, H, W, 3), got {self.gallery.dtype} {self.gallery.shape}"
            )
        fewest = len(self.gallery)
        if self.groups is not None:
            fewest = int(np.unique(self.groups, return_counts=True)[1].min())
        if not 1 <= self.nearest <= fewest:
            raise ProtectionError(f"k must lie in 1 to {fewest}, faces to choose from: {self.nearest}")

    @property
    def name(self) -> str:
        """With k and a hash of the gallery."""
        kind = "k-Same" if self.groups is None else "k-Same-Select"
        return f"{kind} {self.nearest} {digest({'gallery': self.gallery, 'by': self.embeddings})[:12]}"

    @property
    def size(self) -> tuple[int, int]:
        """Of the gallery's faces."""
        return self.gallery.shape[1], self.gallery.shape[2]

    @property
    def needs(self) -> tuple[str, ...]:
        """The embedding of each face, and its group for k-Same-Select."""
        return ("embedding",) if self.groups is None else ("embedding", "group")

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Means for `faces`, uint8 (N, H, W, 3).

        Parameters
        ----------
        labels : `embedding` (N, D), NaN where no face was found: then the mean of the first k faces; and
            `group` (N,) for k-Same-Select.

        Raises
        ------
        ProtectionError : a group of which the gallery has nobody.
        """
        likeness = np.nan_to_num(unit_rows(labels["embedding"])) @ unit_rows(self.embeddings).T
        if self.groups is not None:
            same = np.asarray(labels["group"])[:, None] == np.asarray(self.groups)[None]
            if not same.any(axis=1).all():
                raise ProtectionError("k-Same-Select has no face of one of the groups to choose from")
            likeness = np.where(same, likeness, -np.inf)
        near = np.argsort(-likeness, axis=1, kind="stable")[:, : self.nearest]
        means = [self.gallery[some].astype(float).mean(axis=0) for some in near]
        return np.rint(np.reshape(means, faces.shape)).astype(np.uint8)
