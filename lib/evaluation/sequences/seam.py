"""The seam where a protected crop is pasted back into its frame: how steep its border is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

import cv2
import numpy as np

from lib.deidentify.photos.altered_face import AlteredFace, matched_mean
from lib.deidentify.photos.pasting import paste_faces
from lib.deidentify.photos.regions import Paste, face_mask
from lib.evaluation.sequences.frames import Frames
from lib.faces.loading.align import apply, invert, warp
from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

WAYS: Mapping[str, str] = {
    "hard": "hard border",
    "feather": "feathered",
    "colour": "feather and colour",
}
"""How a crop is pasted -> in words."""
HALF = 0.5
"""Share of the altered face at which its border runs."""
SMOOTH = 2.0
"""Pixels over which the mask is blurred before the direction across its border is taken."""


def pasted(
    photo: np.ndarray, points: np.ndarray, matrix: np.ndarray, original: np.ndarray, altered: np.ndarray
) -> dict[str, np.ndarray]:
    """One frame with its protected face, pasted in each of WAYS, uint8 (H, W, 3).

    Parameters
    ----------
    photo : uint8 (H, W, 3). points : (5, 2) in it. matrix : (2, 3) from photo to crop.
    original, altered : uint8 (h, w, 3), the crop before and after.
    """
    soft = _soft(matrix, points, original.shape)
    border = 4 * soft * (1 - soft)  # 1 where both faces count alike, 0 inside and outside
    toned = matched_mean(altered, original, border)
    hard = (soft > HALF).astype(np.float32)
    put = {"hard": (altered, hard), "feather": (altered, soft), "colour": (toned, soft)}
    return {
        way: paste_faces(
            photo, [AlteredFace(original, face, share, matrix, points, grey=False)], Paste(tint="none")
        ).image
        for way, (face, share) in put.items()
    }


def _soft(matrix: np.ndarray, points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return face_mask((shape[0], shape[1]), apply(matrix, points))


def border_gradient(image: np.ndarray, share: np.ndarray) -> float:
    """How steep an image is across the border of a mask: mean of the absolute derivative, levels per pixel.

    Parameters
    ----------
    image : uint8 (H, W, 3) RGB.
    share : float32 (H, W) in [0, 1]; its border is where it passes HALF.

    Returns
    -------
    float, or NaN where the mask has no border within the image.
    """
    inside = (share > HALF).astype(np.uint8)
    border = inside.astype(bool) & (cv2.erode(inside, np.ones((3, 3), np.uint8)) == 0)
    border[[0, -1]] = border[:, [0, -1]] = False
    if not border.any():
        return float("nan")
    down, across = np.gradient(cv2.GaussianBlur(share.astype(np.float64), (0, 0), SMOOTH))
    length = np.maximum(np.hypot(down, across), 1e-12)
    by_row, by_column = np.gradient(image.astype(np.float64), axis=(0, 1))
    steep = by_row * (down / length)[..., None] + by_column * (across / length)[..., None]
    return float(np.abs(steep[border]).mean())


def seams(
    frames: Frames, rows: np.ndarray, altered: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> dict[str, Estimate]:
    """Steepness of the border beyond that of the untouched frame at the same place, by way of pasting.

    Parameters
    ----------
    rows : frames that are pasted.
    altered : uint8 (N, size, size, 3), the crops of all frames under one treatment.

    Returns
    -------
    way -> grey levels per pixel, with an interval over subjects; 0: no seam, below it: smoother than before.
    """
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for row in rows:
        photo, points, matrix = frames.photos[row], frames.points[row], frames.matrices[row]
        original = np.asarray(frames.faces.images[row])
        soft = _soft(matrix, points, original.shape)
        share = warp(soft, invert(matrix), photo.shape[:2], "black")
        before = border_gradient(photo, share)
        for way, image in pasted(photo, points, matrix, original, altered[row]).items():
            found[way].append(border_gradient(image, share) - before)
    subjects = frames.faces.subjects[rows]
    there = np.isfinite(found["hard"])
    return {way: bootstrap_mean(np.array(one)[there], subjects[there], **draws) for way, one in found.items()}
