"""Altered faces pasted into their photograph, softly at the border, and heads filled from around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lib.deidentify.photos.altered_face import AlteredFace
from lib.deidentify.photos.regions import HEAD_CROP, Paste, head_mask, oval_mask
from lib.faces.loading.align import apply, invert, warp

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
        blend(image, mask, face.pixels(paste.tint), soft, face.matrix)
    return Altered(image, mask | heads, mask)


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
        blend(image, mask, filling, soft, matrix)


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


def blend(
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
