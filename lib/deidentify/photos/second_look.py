"""Faces altered, and the finished picture looked at once more for a face that is clear yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.deidentify.photos.compositing import NO_LABELS, protect_faces
from lib.deidentify.photos.detection import FoundFaces, find_faces, unaltered_faces
from lib.deidentify.photos.regions import Paste
from lib.deidentify.protections.base import Protection
from lib.faces.detections import Detections, FaceFinder


@dataclass(frozen=True)
class LookedAt:
    """An altered picture and what was still to be seen in it.

    Attributes
    ----------
    image : uint8 (H, W, 3) RGB.
    further : faces that only the second look found; they are altered too.
    left : faces that are clear yet.
    """

    image: np.ndarray
    further: FoundFaces
    left: FoundFaces


def protect_and_look_again(
    image: np.ndarray,
    faces: Detections,
    protection: Protection,
    paste: Paste,
    second: FaceFinder,
    labels: Mapping[str, np.ndarray] = NO_LABELS,
) -> LookedAt:
    """Alter faces, and those that are found in the altered picture.

    What the second look finds is altered too, and looked at again. A face that is none of those pasted counts
    as clear even where a filling covers most of it.

    Parameters
    ----------
    image : uint8 (H, W, 3) RGB; is not changed.
    faces : with five known points each.
    protection, paste, labels : as for `protect_faces`. A face of the second look has the first one's labels.
    second : who looks at the altered picture.

    Raises
    ------
    ProtectionError, ValueError : as `protect_faces`.
    """
    further = FoundFaces(Detections.none(), ())
    points = faces.points.astype(np.float64)
    altered = protect_faces(image, points, protection, paste, labels)
    left = unaltered_faces(find_faces(second, altered.image), altered.faces, faces.boxes)
    if len(left) and np.isfinite(left.faces.points).all():
        further = left
        every = np.concatenate([points, left.faces.points.astype(np.float64)])
        known = {
            name: np.concatenate([one, np.repeat(one[:1], len(left), 0)]) for name, one in labels.items()
        }
        # all anew: the filling of one head must not see, nor cover, what is known now to be a face
        altered = protect_faces(image, every, protection, paste, known)
        boxes = np.concatenate([faces.boxes, left.faces.boxes])
        left = unaltered_faces(find_faces(second, altered.image), altered.faces, boxes)
    return LookedAt(altered.image, further, left)
