"""Conversion to grey and back, as used everywhere in the book (luma of ITU-R BT.601)."""

from __future__ import annotations

import cv2
import numpy as np

WEIGHTS = (0.299, 0.587, 0.114)
"""Of red, green and blue: luma of ITU-R BT.601, as OpenCV and Pillow have it."""


def to_grey(images: np.ndarray) -> np.ndarray:
    """Convert RGB images to 8-bit luma, 0.299 R + 0.587 G + 0.114 B, rounded.

    Parameters
    ----------
    images : uint8 (..., H, W, 3) RGB; a picture that is grey already, (..., H, W, 1), keeps its values.

    Returns
    -------
    uint8 (..., H, W).

    Raises
    ------
    ValueError : another dtype or number of channels.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim < 3 or images.shape[-1] not in (1, 3):
        raise ValueError(f"images must be uint8 (..., H, W, 3) or 1, got {images.dtype} {images.shape}")
    if images.shape[-1] == 1 or not images.size:
        return images[..., 0].copy()
    flat = np.ascontiguousarray(images).reshape(-1, images.shape[-2], 3)
    return cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).reshape(images.shape[:-1])


def unit_grey(images: np.ndarray) -> np.ndarray:
    """Input of the networks: float32 (N, H, W, 1) in [0, 1] from uint8 (N, H, W, 3 or 1)."""
    return to_grey(images)[..., None].astype(np.float32) / np.float32(255)


def as_rgb(pictures: np.ndarray) -> np.ndarray:
    """RGB images uint8 (N, H, W, 3) with three equal channels from grey ones, uint8 (N, H, W)."""
    return np.repeat(pictures[..., None], 3, axis=-1)
