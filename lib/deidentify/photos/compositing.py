"""Protect the faces of one photograph: cut each out, alter it, warp it back, blend it in.

What is blended in replaces the face's pixels, within the outline of the face and softly at its border, so
that the copy is a photograph and not a picture with pasted squares. Adding the change to the original instead
would keep fine detail that the protection never saw.

A grey protection's face gets the mean colour of the face that it replaces, unless it shall have none: a ratio
of three numbers, the only part of the face's colour that enters the copy. A face that a network painted in
colour is shifted to the same mean where it has a tint, as a network's skin is seldom that of the neck below.

In the region `head` the rest of the head is filled before the face is pasted. The filling is a smooth one of
what stays visible around all heads, and of nothing else: so it can tell nothing that the copy does not show
beside it, and of the hair within the outline neither colour nor length nor shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.deidentify.photos.altered_face import AlteredFace, repaints
from lib.deidentify.photos.pasting import Altered, blend, paste_faces
from lib.deidentify.photos.regions import FACE_ONLY, Paste, Tint, face_mask
from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.faces.grey import to_grey
from lib.faces.loading.align import apply, crop_template, similarity, warp

CROP = crop_template(0.24, 0.51)
"""Where the protection has no template: eye distance 0.24 of the width holds OUTLINE and its soft border."""

SIDES = (32, 512)
"""Pixels of the crop where the protection takes any size: as the face has in the photograph, within these."""

NO_LABELS: Mapping[str, np.ndarray] = {}
"""What a protection is told of faces besides their points, where it asks for nothing."""


def protect_faces(
    photo: np.ndarray,
    points: np.ndarray,
    protection: Protection,
    paste: Paste = FACE_ONLY,
    labels: Mapping[str, np.ndarray] = NO_LABELS,
) -> Altered:
    """Protect every face of `photo`.

    Parameters
    ----------
    photo : uint8 (H, W, 3) RGB; is not changed.
    points : (k, 5, 2) the five points of each face, all known.
    protection : may need no label but `points` and those of `labels`.
    paste : how the altered faces are put back.
    labels : further labels by name, a row a face, as `subject`.

    Raises
    ------
    ProtectionError : the protection broke its word or left a face as it was, or no face lies in the picture.
    ValueError : points that are unknown, or all in one place.
    """
    done = paste_faces(photo, alter_faces(photo, points, protection, paste.tint, labels), paste)
    if not done.faces.any():
        raise ProtectionError(f"{protection.name} altered nothing: no face lies in the photograph")
    return done


def alter_faces(
    photo: np.ndarray,
    points: np.ndarray,
    protection: Protection,
    tint: Tint = "face",
    labels: Mapping[str, np.ndarray] = NO_LABELS,
) -> list[AlteredFace]:
    """Let a protection alter every face of `photo`.

    One face after another, each cut from what the ones before left: where crops overlap, nothing that was
    altered comes back.

    Parameters
    ----------
    photo, points, protection, labels : as for `protect_faces`.
    tint : with which the faces before are seen.

    Raises
    ------
    ProtectionError, ValueError : as `protect_faces`.
    """
    image, mask, faces = photo, np.zeros(photo.shape[:2], bool), list[AlteredFace]()
    for row, five in enumerate(points):
        if len(faces) == 1:
            image = photo.copy()
        if faces:
            blend(image, mask, faces[-1].pixels(tint), faces[-1].soft, faces[-1].matrix)
        own = {name: values[row : row + 1] for name, values in labels.items()}
        faces += _altered(protection, [_cut(image, five, protection)], own)
    return faces


def alter_each(
    photos: Sequence[np.ndarray], points: np.ndarray, protection: Protection, batch: int = 64
) -> list[AlteredFace]:
    """Let a protection alter the one face of each of many photographs, as `alter_faces` does, but in batches.

    Parameters
    ----------
    photos : N, each uint8 (H, W, 3) RGB; none is changed.
    points : (N, 5, 2) the five points of each face, all known.
    batch : faces that the protection is handed at once. A network may round otherwise than for one face.

    Raises
    ------
    ProtectionError, ValueError : as `protect_faces`.
    """
    places: dict[tuple[int, ...], list[int]] = {}
    cuts = [_cut(photo, five, protection) for photo, five in zip(photos, points, strict=True)]
    for row, cut in enumerate(cuts):
        places.setdefault(cut.crop.shape, []).append(row)
    found: dict[int, AlteredFace] = {}
    for rows in places.values():
        for start in range(0, len(rows), batch):
            some = rows[start : start + batch]
            found |= zip(some, _altered(protection, [cuts[row] for row in some]), strict=True)
    return [found[row] for row in range(len(cuts))]


@dataclass(frozen=True)
class _Cut:
    """A face as a protection is handed it, (h, w, 3); the matrix from photograph to it; the five points."""

    crop: np.ndarray
    matrix: np.ndarray
    points: np.ndarray


def _cut(photo: np.ndarray, points: np.ndarray, protection: Protection) -> _Cut:
    matrix, size = crop_placement(protection, points)
    return _Cut(warp(photo, matrix, size), matrix, np.asarray(points))


def _altered(
    protection: Protection, cuts: Sequence[_Cut], labels: Mapping[str, np.ndarray] = NO_LABELS
) -> list[AlteredFace]:
    """Faces cut to one size, altered in one call."""
    crops, grey = np.stack([cut.crop for cut in cuts]), protection.colour == "grey"
    within = np.stack([apply(cut.matrix, cut.points) for cut in cuts])
    faces = []
    told = protect(protection, crops, **labels, points=within)
    for cut, five, altered in zip(cuts, within, told, strict=True):
        given = np.repeat(to_grey(cut.crop)[..., None], 3, -1) if grey else cut.crop
        if np.array_equal(altered, given):
            raise ProtectionError(f"{protection.name} left a face as it was")
        soft = face_mask((cut.crop.shape[0], cut.crop.shape[1]), five)
        faces.append(AlteredFace(cut.crop, altered, soft, cut.matrix, cut.points, grey, repaints(protection)))
    return faces


def crop_placement(protection: Protection, points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The (2, 3) matrix from photograph to crop, and the crop's height and width."""
    template = protection.template or CROP
    size = protection.size
    if size is None:
        scale = float(np.hypot(*similarity(template.points, points)[:, 0]))
        side = int(np.clip(round(scale * template.size[1]), *SIDES))
        size = (round(side * template.size[0] / template.size[1]), side)
    return similarity(points, template.at(size)), size
