"""What of a photograph is replaced around a face: outlines from its five points, and soft masks of them.

Two regions. `face` is what a face fills from ear to ear and from below the chin to the hair. `head` is a
fixed, generous outline around hair, ears and neck; it depends on the five points alone, so that where it runs
says nothing of the hair within.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from lib.faces.loading.align import MEAN_SHAPE, apply, crop_template, similarity

Region = Literal["face", "head"]
REGIONS: tuple[Region, ...] = get_args(Region)
Tint = Literal["face", "none"]
TINTS: tuple[Tint, ...] = get_args(Tint)


@dataclass(frozen=True)
class Paste:
    """How an altered face is put back into its photograph.

    Attributes
    ----------
    region : `face`: the altered face within its outline, all else stays; `head`: besides, the rest of the
        head's outline is filled from what lies around it.
    tint : of a grey protection's face: `face`, the mean colour of the face that it replaces, or `none`.
    """

    region: Region = "face"
    tint: Tint = "face"


FACE_ONLY = Paste()
"""The altered face within its outline, tinted."""
CAREFUL = {"private": Paste("head", "none")}
"""By the protection's name where it is not FACE_ONLY. What `private` promises is about perceived gender, and
hair, neck and colour tell that as the face does. The others promise nothing about what lies around the
face: blur, pixels and cover hide a face, and `san` alters as little of a photograph as it can."""


def careful_paste(name: str, region: Region | None = None, tint: Tint | None = None) -> Paste:
    """The paste that suits a protection, by its name in the registry, but for what is chosen otherwise."""
    paste = CAREFUL.get(name, FACE_ONLY)
    return Paste(region or paste.region, tint or paste.tint)


RAMP = 0.08
"""Part of the crop's side over which the altered face fades into the photograph."""

_ANGLES = np.linspace(0, 2 * np.pi, 48, endpoint=False)
OUTLINE = np.stack([1.55 * np.sin(_ANGLES), np.where(np.cos(_ANGLES) > 0, 1.65, 1.7) * np.cos(_ANGLES)], 1)
"""A face from ear to ear and from below the chin to the hair, (48, 2), relative to the mean of its five
points in eye distances, as `MEAN_SHAPE`. Wide enough for heads that are turned to the side."""

HEAD_UP, HEAD_DOWN, HEAD_ASIDE = 3.4, 4.0, 2.6
"""Eye distances from the mean of the five points to the head's outline. A mean head reaches 2.4 up, 1.3 down
and 1.2 aside (crown, chin and ear, ANSUR 1988); the rest is for hair, neck and collar."""


def _squarish(angles: np.ndarray) -> np.ndarray:
    """The head's outline, (K, 2): an ellipse with fuller corners, where hair falls on the shoulders."""
    x, y = np.sin(angles), np.cos(angles)
    reach = (np.abs(x) ** 2.8 + np.abs(y) ** 2.8) ** (-1 / 2.8)
    return np.stack([HEAD_ASIDE * x * reach, np.where(y > 0, HEAD_DOWN, HEAD_UP) * y * reach], 1)


HEAD_OUTLINE = _squarish(_ANGLES)
"""A head with its hair and neck, (48, 2), as OUTLINE."""

HEAD_CROP = crop_template(0.1, 0.48, (192, 192))
"""The crop in which heads are filled: HEAD_OUTLINE, its soft border, and some of what lies around."""

HEAD_RAMP = 0.05
"""Part of that crop's side over which the filling fades into the photograph: half an eye distance."""


OVAL_RAMP = 0.3
"""Part of the half crop over which the altered face fades into a filled head."""


def feather_mask(size: tuple[int, int], ramp: float = RAMP) -> np.ndarray:
    """1 inside the crop of `size` (height, width), falling smoothly to 0 at its edges, float32."""
    high, wide = (
        np.clip((0.5 + np.minimum(np.arange(n), np.arange(n)[::-1])) / max(ramp * n, 0.5), 0, 1) for n in size
    )
    linear = np.minimum(high[:, None], wide[None, :])
    return (linear * linear * (3 - 2 * linear)).astype(np.float32)


def face_mask(
    size: tuple[int, int], points: np.ndarray, ramp: float = RAMP, outline: np.ndarray = OUTLINE
) -> np.ndarray:
    """1 within an outline around five points, falling smoothly to 0 outside it and at the edges of the crop.

    The outline is the hull of the five points and of `outline`, brought onto them.

    Parameters
    ----------
    size : height and width of the crop in pixels.
    points : (5, 2) the five points in pixels of the crop.
    ramp : part of the crop's side over which the mask falls.
    outline : (K, 2) relative to the mean of the points in eye distances; by default a face's.

    Returns
    -------
    float32 (height, width) in [0, 1].
    """
    around = apply(similarity(MEAN_SHAPE, points), outline)
    hull = cv2.convexHull(np.concatenate([around, points]).astype(np.float32))
    outside = np.ones(size, np.uint8)
    cv2.fillConvexPoly(outside, np.rint(hull).astype(np.int32), 0)
    if not outside.any():
        return feather_mask(size, ramp)
    distance = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    linear = np.clip(1 - (distance - 1) / max(ramp * max(size), 0.5), 0, 1)  # a pixel on: corners are rounded
    return np.minimum(feather_mask(size, ramp), (linear * linear * (3 - 2 * linear)).astype(np.float32))


def oval_mask(size: tuple[int, int]) -> np.ndarray:
    """1 in the middle of a crop of `size` (height, width), falling smoothly to 0 at the oval that fills it.

    In a filled head nothing need be covered that lies at the crop's corners, and an oval shows no seam.

    Returns
    -------
    float32 (height, width) in [0, 1].
    """
    down, along = (np.linspace(-1, 1, n) for n in size)
    linear = np.clip((1 - np.hypot(down[:, None], along[None, :])) / OVAL_RAMP, 0, 1)
    return (linear * linear * (3 - 2 * linear)).astype(np.float32)


def head_mask(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The soft mask of a head, and where it lies.

    Parameters
    ----------
    points : (5, 2) the five points in pixels of the photograph.

    Returns
    -------
    float32 (height, width) of HEAD_CROP in [0, 1], and the (2, 3) matrix from photograph to that crop. The
    mask is the same for all heads: it follows the crop, and the crop the points.
    """
    matrix = similarity(points, HEAD_CROP.points)
    return face_mask(HEAD_CROP.size, HEAD_CROP.points, HEAD_RAMP, HEAD_OUTLINE), matrix
