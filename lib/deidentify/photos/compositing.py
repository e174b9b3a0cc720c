"""Protect the faces of one photograph: cut each out, alter it, warp it back, blend it in.

What is blended in replaces the face's pixels, within the outline of the face and softly at its border, so
that the copy is a photograph and not a picture with pasted squares. Adding the change to the original instead
would keep fine detail that the protection never saw.

A grey protection's face gets the mean colour of the face that it replaces, unless it shall have none: a ratio
of three numbers, the only part of the face's colour that enters the copy.

In the region `head` the rest of the head is filled before the face is pasted. The filling is a smooth one of
what stays visible around all heads, and of nothing else: so it can tell nothing that the copy does not show
beside it, and of the hair within the outline neither colour nor length nor shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lib.deidentify.photos.regions import FACE_ONLY, HEAD_CROP, Paste, Tint, face_mask, head_mask, oval_mask
from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.faces.grey import WEIGHTS, to_grey
from lib.faces.loading.align import apply, crop_template, invert, similarity, warp

CROP = crop_template(0.24, 0.51)
"""Where the protection has no template: eye distance 0.24 of the width holds OUTLINE and its soft border."""

SIDES = (32, 512)
"""Pixels of the crop where the protection takes any size: as the face has in the photograph, within these."""

SMOOTHING = (0.6, 1.2, 2.4, 4.8)
"""Standard deviations of the filling's blurs in eye distances. Their sum falls with the square of the
distance, so that no side wins abruptly in the middle."""

COARSE = 4
"""Pixels of HEAD_CROP for one of the filling before it is enlarged; it is smooth, so a few are enough."""

EVEN = 128
"""Tone of a filling around which nothing of the photograph stays visible."""

_ROWS = 256


@dataclass(frozen=True)
class Altered:
    """A photograph with altered faces.

    Attributes
    ----------
    image : uint8 (H, W, 3) RGB.
    mask : bool (H, W), where pixels were blended; elsewhere they are the photograph's.
    faces : bool (H, W), where an altered face was pasted; with the region `face` the same as `mask`.
    """

    image: np.ndarray
    mask: np.ndarray
    faces: np.ndarray


@dataclass(frozen=True)
class AlteredFace:
    """One face that a protection altered, and where it belongs.

    Attributes
    ----------
    original, altered : uint8 (h, w, 3) RGB, the crop before and after.
    soft : float32 (h, w) in [0, 1], its share in the photograph.
    matrix : (2, 3) from photograph to crop.
    points : (5, 2) in pixels of the photograph.
    grey : whether the protection knows only grey.
    """

    original: np.ndarray
    altered: np.ndarray
    soft: np.ndarray
    matrix: np.ndarray
    points: np.ndarray
    grey: bool

    def pixels(self, tint: Tint) -> np.ndarray:
        """What is pasted, uint8 (h, w, 3) RGB."""
        tinted = self.grey and tint == "face"
        return coloured(self.altered, self.original, self.soft) if tinted else self.altered


def coloured(face: np.ndarray, original: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A grey face in the mean colour of another one; its grey values stay, but for colours that saturate.

    Parameters
    ----------
    face : uint8 (H, W, 3), three equal channels.
    original : uint8 (H, W, 3) RGB; only the ratio of its mean red, green and blue is used.
    mask : float (H, W), weight of each pixel in that mean.

    Returns
    -------
    uint8 (H, W, 3) RGB.
    """
    if not mask.any():
        return face
    mean = np.average(original.reshape(-1, 3), axis=0, weights=mask.reshape(-1).astype(np.float64))
    grey = float(mean @ np.asarray(WEIGHTS))
    ratio = mean / grey if grey > 0 else np.ones(3)
    return np.clip(np.rint(face * ratio), 0, 255).astype(np.uint8)


def protect_faces(
    photo: np.ndarray, points: np.ndarray, protection: Protection, paste: Paste = FACE_ONLY
) -> Altered:
    """Protect every face of `photo`.

    Parameters
    ----------
    photo : uint8 (H, W, 3) RGB; is not changed.
    points : (k, 5, 2) the five points of each face, all known.
    protection : may need no label but `points`.
    paste : how the altered faces are put back.

    Raises
    ------
    ProtectionError : the protection broke its word or left a face as it was, or no face lies in the picture.
    ValueError : points that are unknown, or all in one place.
    """
    done = paste_faces(photo, alter_faces(photo, points, protection, paste.tint), paste)
    if not done.faces.any():
        raise ProtectionError(f"{protection.name} altered nothing: no face lies in the photograph")
    return done


def alter_faces(
    photo: np.ndarray, points: np.ndarray, protection: Protection, tint: Tint = "face"
) -> list[AlteredFace]:
    """Let a protection alter every face of `photo`.

    One face after another, each cut from what the ones before left: where crops overlap, nothing that was
    altered comes back.

    Parameters
    ----------
    photo, points, protection : as for `protect_faces`.
    tint : with which the faces before are seen.

    Raises
    ------
    ProtectionError, ValueError : as `protect_faces`.
    """
    image, mask, faces = photo, np.zeros(photo.shape[:2], bool), list[AlteredFace]()
    for five in points:
        if len(faces) == 1:
            image = photo.copy()
        if faces:
            _blend(image, mask, faces[-1].pixels(tint), faces[-1].soft, faces[-1].matrix)
        faces += _altered(protection, [_cut(image, five, protection)])
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


def _altered(protection: Protection, cuts: Sequence[_Cut]) -> list[AlteredFace]:
    """Faces cut to one size, altered in one call."""
    crops, grey = np.stack([cut.crop for cut in cuts]), protection.colour == "grey"
    within = np.stack([apply(cut.matrix, cut.points) for cut in cuts])
    faces = []
    for cut, five, altered in zip(cuts, within, protect(protection, crops, points=within), strict=True):
        given = np.repeat(to_grey(cut.crop)[..., None], 3, -1) if grey else cut.crop
        if np.array_equal(altered, given):
            raise ProtectionError(f"{protection.name} left a face as it was")
        soft = face_mask((cut.crop.shape[0], cut.crop.shape[1]), five)
        faces.append(AlteredFace(cut.crop, altered, soft, cut.matrix, cut.points, grey))
    return faces


def paste_faces(photo: np.ndarray, faces: Sequence[AlteredFace], paste: Paste) -> Altered:
    """Paste altered faces into their photograph; first all heads are filled, where these are replaced too.

    Parameters
    ----------
    photo : uint8 (H, W, 3) RGB; is not changed.
    faces : of `alter_faces`.
    """
    image, mask, heads = photo.copy(), np.zeros(photo.shape[:2], bool), np.zeros(photo.shape[:2], bool)
    whole = paste.region == "head"
    if whole:
        _fill_heads(photo, image, heads, [head_mask(face.points) for face in faces])
    for face in faces:
        soft = np.minimum(face.soft, oval_mask(face.soft.shape)) if whole else face.soft
        _blend(image, mask, face.pixels(paste.tint), soft, face.matrix)
    return Altered(image, mask | heads, mask)


def crop_placement(protection: Protection, points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The (2, 3) matrix from photograph to crop, and the crop's height and width."""
    template = protection.template or CROP
    size = protection.size
    if size is None:
        scale = float(np.hypot(*similarity(template.points, points)[:, 0]))
        side = int(np.clip(round(scale * template.size[1]), *SIDES))
        size = (round(side * template.size[0] / template.size[1]), side)
    return similarity(points, template.at(size)), size


def _fill_heads(
    photo: np.ndarray, image: np.ndarray, mask: np.ndarray, heads: Sequence[tuple[np.ndarray, np.ndarray]]
) -> None:
    """Fill all heads, each a soft mask and its matrix, in `image`, a copy of `photo`, and mark them."""
    for soft, matrix in heads:
        for rows, columns, to_part in _parts(mask.shape, soft.shape, matrix):
            part = mask[rows, columns]
            part |= warp(soft, to_part, part.shape, "black") > 0
    image[mask] = 0  # what none of the fillings may see
    known = np.where(mask, np.uint8(0), np.uint8(255))
    fillings = [_filling(image, known, matrix) for _, matrix in heads]
    np.copyto(image, photo)
    for (soft, matrix), filling in zip(heads, fillings, strict=True):
        _blend(image, mask, filling, soft, matrix)


def _filling(visible: np.ndarray, known: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A smooth surface through what is visible around a head, uint8 (h, w, 3) of HEAD_CROP.

    Parameters
    ----------
    visible : uint8 (H, W, 3), black where it is not known.
    known : uint8 (H, W), 255 where the photograph stays visible, else 0.
    matrix : (2, 3) from photograph to the head's crop.
    """
    height, width = HEAD_CROP.size
    size = (height // COARSE, width // COARSE)
    coarse = matrix / COARSE + np.array([[0, 0, 0.5 / COARSE - 0.5]])
    weights = warp(known, coarse, size, "black").astype(np.float32)[..., None] / 255
    colours = warp(visible, coarse, size, "black").astype(np.float32)
    if not weights.any():
        return np.full((height, width, 3), EVEN, np.uint8)
    eyes = float(np.ptp(HEAD_CROP.points[:2, 0])) / COARSE
    near, far = (
        sum(
            cv2.GaussianBlur(one, (0, 0), sigma * eyes, borderType=cv2.BORDER_CONSTANT).reshape(*size, -1)
            for sigma in SMOOTHING
        )
        for one in (weights, colours)
    )
    smooth = np.asarray(far / near, np.float32)
    filling = cv2.resize(smooth, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.rint(filling), 0, 255).astype(np.uint8)


def _parts(
    shape: tuple[int, ...], crop: tuple[int, ...], matrix: np.ndarray
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Rows, columns and matrix from crop to them of the parts of a photograph that a crop may touch.

    A few rows at a time: a face may fill 24 megapixels.

    Parameters
    ----------
    shape, crop : height and width of both.
    matrix : (2, 3) from photograph to crop.
    """
    height, width = crop
    back = invert(matrix)
    corners = apply(back, np.array([[-1, -1], [width, -1], [-1, height], [width, height]]))
    limits = np.array([shape[1], shape[0]])
    left, top = np.clip(np.floor(corners.min(0)), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)) + 1, 0, limits).astype(int)
    for first in range(top, bottom, _ROWS):
        last = min(first + _ROWS, bottom)
        if right > left:
            yield slice(first, last), slice(left, right), back - np.array([[0, 0, left], [0, 0, first]])


def _blend(
    image: np.ndarray, mask: np.ndarray, face: np.ndarray, soft: np.ndarray, matrix: np.ndarray
) -> None:
    """Write the face into the photograph, and mark where."""
    for rows, columns, to_part in _parts(image.shape, soft.shape, matrix):
        part = image[rows, columns]
        share = warp(soft, to_part, part.shape[:2], "black")[..., None]
        pixels = warp(face, to_part, part.shape[:2]).astype(np.float32)
        mixed = part + share * (pixels - part)
        touched = share > 0
        part[...] = np.where(touched, np.clip(np.rint(mixed), 0, 255), part).astype(np.uint8)
        mask[rows, columns] |= touched[..., 0]
