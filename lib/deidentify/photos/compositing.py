"""Protect the faces of one photograph: cut each out, alter it, warp it back, blend it in.

What is blended in replaces the face's pixels, within the outline of the face and softly at its border, so
that the copy is a photograph and not a picture with pasted squares. Adding the change to the original instead
would keep fine detail that the protection never saw.

A grey protection's face gets the mean colour of the face that it replaces: a ratio of three numbers, the only
part of the face's colour that enters the copy.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.faces.grey import WEIGHTS, to_grey
from lib.faces.loading.align import MEAN_SHAPE, apply, crop_template, invert, similarity, warp

CROP = crop_template(0.24, 0.51)
"""Where the protection has no template: eye distance 0.24 of the width holds OUTLINE and its soft border."""

RAMP = 0.08
"""Part of the crop's side over which the altered face fades into the photograph."""

_ANGLES = np.linspace(0, 2 * np.pi, 48, endpoint=False)
OUTLINE = np.stack([1.55 * np.sin(_ANGLES), np.where(np.cos(_ANGLES) > 0, 1.65, 1.7) * np.cos(_ANGLES)], 1)
"""A face from ear to ear and from below the chin to the hair, (48, 2), relative to the mean of its five
points in eye distances, as `MEAN_SHAPE`. Wide enough for heads that are turned to the side."""

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


def face_mask(size: tuple[int, int], points: np.ndarray, ramp: float = RAMP) -> np.ndarray:
    """1 within the outline of a face, falling smoothly to 0 outside it and at the edges of the crop.

    The outline is the hull of the five points and of OUTLINE, brought onto them.

    Parameters
    ----------
    size : height and width of the crop in pixels.
    points : (5, 2) the five points in pixels of the crop.
    ramp : part of the crop's side over which the mask falls.

    Returns
    -------
    float32 (height, width) in [0, 1].
    """
    outline = apply(similarity(MEAN_SHAPE, points), OUTLINE)
    hull = cv2.convexHull(np.concatenate([outline, points]).astype(np.float32))
    outside = np.ones(size, np.uint8)
    cv2.fillConvexPoly(outside, np.rint(hull).astype(np.int32), 0)
    if not outside.any():
        return feather_mask(size, ramp)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    linear = np.clip(1 - (distance - 1) / max(ramp * max(size), 0.5), 0, 1)  # a pixel on: corners are rounded
    return np.minimum(feather_mask(size, ramp), (linear * linear * (3 - 2 * linear)).astype(np.float32))


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
        crop, within = warp(image, matrix, size), apply(matrix, five)
        altered, soft = protect(protection, crop[None], points=within[None])[0], face_mask(size, within)
        grey = protection.colour == "grey"
        if np.array_equal(altered, np.repeat(to_grey(crop)[..., None], 3, -1) if grey else crop):
            raise ProtectionError(f"{protection.name} left a face as it was")
        _blend(image, mask, coloured(altered, crop, soft) if grey else altered, soft, matrix)
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


def _blend(
    image: np.ndarray, mask: np.ndarray, face: np.ndarray, soft: np.ndarray, matrix: np.ndarray
) -> None:
    """Write the face into the photograph, a few rows at a time: a face may fill 24 megapixels."""
    height, width = face.shape[:2]
    back = invert(matrix)
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
