"""Protect the faces of one photograph: cut each out, alter it, warp it back, blend it in.

What is pasted replaces the face's pixels. Adding the change to the original instead would keep fine detail
that the protection never saw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.faces.loading.align import apply, crop_template, invert, similarity, warp

CROP = crop_template(0.26, 0.54)
"""Where the protection has no template: eye distance 0.26 of the width holds chin, cheeks and brow."""

RAMP = 0.08
"""Part of the crop's side over which the altered face fades into the photograph."""

SIDES = (32, 512)
"""Pixels of the crop where the protection takes any size: as the face has in the photograph, within these."""

_ROWS = 256


@dataclass(frozen=True)
class Altered:
    """A photograph with altered faces.

    Attributes
    ----------
    image : uint8 (H, W, 3) RGB.
    mask : bool (H, W), where pixels were blended; elsewhere they are the photograph's.
    """

    image: np.ndarray
    mask: np.ndarray


def feather_mask(size: tuple[int, int], ramp: float = RAMP) -> np.ndarray:
    """1 inside the crop of `size` (height, width), falling smoothly to 0 at its edges, float32."""
    high, wide = (
        np.clip((0.5 + np.minimum(np.arange(n), np.arange(n)[::-1])) / max(ramp * n, 0.5), 0, 1) for n in size
    )
    linear = np.minimum(high[:, None], wide[None, :])
    return (linear * linear * (3 - 2 * linear)).astype(np.float32)


def protect_faces(photo: np.ndarray, points: np.ndarray, protection: Protection) -> Altered:
    """Protect every face of `photo`.

    One face after another, each cut from what the ones before left: where crops overlap, nothing that was
    altered comes back.

    Parameters
    ----------
    photo : uint8 (H, W, 3) RGB; is not changed.
    points : (k, 5, 2) the five points of each face, all known.
    protection : may need no label but `points`.

    Raises
    ------
    ProtectionError : the protection broke its word or left a face as it was, or no face lies in the picture.
    ValueError : points that are unknown, or all in one place.
    """
    image, mask = photo.copy(), np.zeros(photo.shape[:2], bool)
    for five in points:
        matrix, size = crop_placement(protection, five)
        crop = warp(image, matrix, size)
        altered = protect(protection, crop[None], points=apply(matrix, five)[None])[0]
        if np.array_equal(altered, crop):
            raise ProtectionError(f"{protection.name} left a face as it was")
        _blend(image, mask, altered, matrix)
    if not mask.any():
        raise ProtectionError(f"{protection.name} altered nothing: no face lies in the photograph")
    return Altered(image, mask)


def crop_placement(protection: Protection, points: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """The (2, 3) matrix from photograph to crop, and the crop's height and width."""
    template = protection.template or CROP
    size = protection.size
    if size is None:
        scale = float(np.hypot(*similarity(template.points, points)[:, 0]))
        side = int(np.clip(round(scale * template.size[1]), *SIDES))
        size = (round(side * template.size[0] / template.size[1]), side)
    return similarity(points, template.at(size)), size


def _blend(image: np.ndarray, mask: np.ndarray, face: np.ndarray, matrix: np.ndarray) -> None:
    """Write the face into the photograph, a few rows at a time: a face may fill 24 megapixels."""
    height, width = face.shape[:2]
    back, soft = invert(matrix), feather_mask((height, width))
    corners = apply(back, np.array([[-1, -1], [width, -1], [-1, height], [width, height]]))
    limits = np.array([image.shape[1], image.shape[0]])
    left, top = np.clip(np.floor(corners.min(0)), 0, limits).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)) + 1, 0, limits).astype(int)
    for first in range(top, bottom, _ROWS):
        size = (min(_ROWS, bottom - first), right - left)
        if min(size) < 1:
            continue
        to_part = back - np.array([[0, 0, left], [0, 0, first]])
        share = warp(soft, to_part, size, "black")[..., None]
        pixels = warp(face, to_part, size).astype(np.float32)
        part = image[first : first + size[0], left:right]
        mixed = part + share * (pixels - part)
        touched = share > 0
        part[...] = np.where(touched, np.clip(np.rint(mixed), 0, 255), part).astype(np.uint8)
        mask[first : first + size[0], left:right] |= touched[..., 0]
