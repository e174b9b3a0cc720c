"""Crop one face out of a photograph: by a fixed window, or aligned by five points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from lib.faces.faceset import FaceSetError
from lib.faces.loading.align import TEMPLATES, Template, apply, similarity, warp
from lib.faces.loading.source import Window

Crop = str | Template
"""`window` (the publisher's face window), `whole` (the largest centred part with the crop's shape), the name
of one of TEMPLATES, or a Template."""


def aligned(crop: Crop) -> Template | None:
    """Template of a crop that aligns, or None for a window crop.

    Raises
    ------
    FaceSetError : the word is none that is known.
    """
    if isinstance(crop, Template):
        return crop
    if crop in TEMPLATES:
        return TEMPLATES[crop]
    if crop not in ("window", "whole"):
        raise FaceSetError(f"crop {crop!r} is none of window, whole, {', '.join(TEMPLATES)}, nor a Template")
    return None


def centred_window(height: int, width: int, size: tuple[int, int]) -> Window:
    """Largest centred window of an image with the aspect ratio of `size` (height, width)."""
    scale = min(height / size[0], width / size[1])
    high, wide = size[0] * scale, size[1] * scale
    left, top = (width - wide) / 2, (height - high) / 2
    return (left, top, left + wide, top + high)


def picture_window(
    window: Callable[[int, int], Window] | None,
    frame: tuple[int, int],
    picture: tuple[int, int],
    size: tuple[int, int],
) -> Window:
    """Window in pixels of the stored image, which may be a scaled copy of the publisher's frame.

    A window that is whole pixels wide and high starts on a whole pixel, halves rounded down, so that it is
    cut and not interpolated.

    Parameters
    ----------
    window : the publisher's, from the frame's height and width; None for the centred one.
    frame, picture, size : height and width of the frame, of the stored picture, and of the crop.
    """
    box = window(*frame) if window else centred_window(*frame, size)
    down, across = picture[0] / frame[0], picture[1] / frame[1]
    left, top, right, bottom = box[0] * across, box[1] * down, box[2] * across, box[3] * down
    left, right = _on_pixels(left, right)
    top, bottom = _on_pixels(top, bottom)
    return (max(left, 0.0), max(top, 0.0), min(right, float(picture[1])), min(bottom, float(picture[0])))


def _on_pixels(low: float, high: float) -> tuple[float, float]:
    length = round(high - low)
    if abs(high - low - length) > 1e-6:
        return low, high
    start = float(np.floor(low + 1e-6))
    return start, start + length


def crop_face(image: np.ndarray, window: Window, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Window resized to `size`, and the (2, 3) matrix from image to crop pixels.

    Bicubic, over the area that a crop's pixel covers when it shrinks. Whole pixels at that size are kept.
    """
    left, top, right, bottom = window
    across, down = size[1] / (right - left), size[0] / (bottom - top)
    picture = Image.fromarray(image)
    crop = picture.resize((size[1], size[0]), Image.Resampling.BICUBIC, box=window)
    shift = [(0.5 - left) * across - 0.5, (0.5 - top) * down - 0.5]
    return np.asarray(crop), np.array([[across, 0, shift[0]], [0, down, shift[1]]])


def align_with_matrix(
    image: np.ndarray, points: np.ndarray, template: Template, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Aligned crop of a face, and the (2, 3) matrix from image to crop pixels."""
    matrix = similarity(points, template.at(size))
    return warp(image, matrix, size), matrix


def move_box(matrix: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Upright bounding box of a box (4,) after the transform `matrix`."""
    corners = box[[0, 1, 2, 1, 0, 3, 2, 3]].reshape(4, 2) - 0.5
    moved = apply(matrix, corners) + 0.5
    return np.concatenate([moved.min(0), moved.max(0)])
