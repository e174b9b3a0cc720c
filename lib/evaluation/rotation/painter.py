"""Photos repainted by CLEANIR under every condition of the rotation tables, encoded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.codec import CleanirCodec, Halves
from lib.deidentify.cleanir.protection import Drawn, NewIdentity, Per, RotatedIdentity
from lib.deidentify.protections.identity_rotation import rotate_identity
from lib.faces.faceset import FaceSet

NEW, OURS = "new", "ours"
"""Conditions beside the angles: identity drawn anew; that, and attributes cleaned of identity."""


def angle_names(step: int) -> list[str]:
    """Conditions `0` to `180` in steps of so many degrees.

    Raises
    ------
    ValueError : the steps miss 180 degrees.
    """
    if 180 % step:
        raise ValueError(f"steps of {step} degrees miss 180: give a divisor of it")
    return [str(angle) for angle in range(0, 181, step)]


@dataclass
class Photos:
    """Faces of the codec's size with their latent halves.

    Attributes
    ----------
    images : uint8 (N, H, W, 3). points : float (N, 5, 2). subjects : (N,) str.
    halves : of the codec.
    groups : (N,) str, expressions, for k-Same-Select; None: unknown.
    axes : (what shares an axis, key) -> axes (N, D), as far as they were drawn.
    """

    images: np.ndarray
    points: np.ndarray
    subjects: np.ndarray
    halves: Halves
    groups: np.ndarray | None = None
    axes: dict[tuple[Per, str], np.ndarray] = field(default_factory=dict)

    def take(self, rows: np.ndarray) -> Photos:
        """The photos at some rows; their axes are drawn again, and are the same."""
        groups = None if self.groups is None else self.groups[rows]
        return Photos(
            self.images[rows], self.points[rows], self.subjects[rows], self.halves.take(rows), groups
        )


@dataclass(frozen=True)
class Painter:
    """Paints photos anew by rotation, or with a new identity, or does to them what others do.

    Attributes
    ----------
    codec : trained. cleaner : of attributes' halves, for OURS; None: OURS cannot be painted.
    rivals : further conditions: name -> what makes pictures of photos and a key.
    """

    codec: CleanirCodec
    cleaner: AttributeCleaner | None = None
    rivals: Mapping[str, Callable[[Photos, str], np.ndarray]] = field(default_factory=dict)

    def photos(self, faces: FaceSet, rows: np.ndarray) -> Photos:
        """Photos at rows of a set, encoded.

        Raises
        ------
        ValueError : the set has no points, which matchers need.
        """
        if faces.points is None:
            raise ValueError(f"{faces.name}: matchers crop by five points; load it with a detector")
        images, labels = np.asarray(faces.images[rows]), faces.labels
        groups = labels["expression"].astype(str).to_numpy()[rows] if "expression" in labels else None
        subjects = np.asarray(faces.subjects[rows], str)
        return Photos(images, faces.points[rows], subjects, self.codec.encode(images), groups)

    def paint(self, photos: Photos, condition: str, per: Per = "image", key: str = "") -> np.ndarray:
        """The photos under a condition, uint8 (N, H, W, 3), as the protection of that name paints them.

        Parameters
        ----------
        condition : an angle in degrees, NEW, OURS, or one of `rivals`.
        per : what shares an axis, or a new identity. key : of the draws.
        """
        if condition in self.rivals:
            return self.rivals[condition](photos, key)
        attributes = photos.halves.attributes
        if condition in (NEW, OURS):
            fresh = NewIdentity(self.codec, per, key)
            identity = fresh.identities(photos.images, **_labels(fresh, photos))
            if condition == OURS:
                if self.cleaner is None:
                    raise ValueError("attributes can only be cleaned by a cleaner")
                attributes = self.cleaner(attributes)
            return self.codec.decode(identity, attributes)
        turned = rotate_identity(photos.halves.identity, self._axes(photos, per, key), float(condition))
        return self.codec.decode(turned, attributes)

    def _axes(self, photos: Photos, per: Per, key: str) -> np.ndarray:
        """The axes of the photos, drawn once."""
        if (per, key) not in photos.axes:
            drawn = RotatedIdentity(self.codec, per, key)
            photos.axes[per, key] = drawn.axes(photos.images, **_labels(drawn, photos))
        return photos.axes[per, key]


def _labels(protection: Drawn, photos: Photos) -> dict[str, np.ndarray]:
    return {"subject": photos.subjects} if "subject" in protection.needs else {}
