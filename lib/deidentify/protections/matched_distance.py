"""Pictures brought to a distance from their originals: the second control, and a rival's change scaled.

A blur is one way to lose detail. Fewer pixels are another: where a protection beats one control only, it may
owe that to the kind of control. And a rival that changes the picture less, or more, is compared at the same
distance.
"""

from __future__ import annotations

import cv2
import numpy as np

from lib.measures.image_quality import rmse
from lib.measures.validation import check_lengths

_STEPS = 30


def resampling_control(before: np.ndarray, protected: np.ndarray) -> np.ndarray:
    """Images with fewer pixels, enlarged again, as far from `before` as `protected` is.

    The largest number of pixels is taken that loses at least that distance; the picture is then mixed with
    its original until the distance is met. Where even two pixels a side are too near, they are returned.

    Parameters
    ----------
    before, protected : uint8 (N, H, W) grey, of the same images.

    Returns
    -------
    uint8 (N, H, W).
    """
    check_lengths(len(before), protected=protected)
    targets = rmse(protected, before)
    coarse = np.stack([_coarsened(one, target) for one, target in zip(before, targets, strict=True)])
    return at_distance(before, coarse, targets, enlarge=False)


def at_distance(
    before: np.ndarray, changed: np.ndarray, distances: np.ndarray, *, enlarge: bool = True
) -> np.ndarray:
    """`changed` with its difference from `before` scaled until it is as far away as asked.

    Parameters
    ----------
    before, changed : uint8 (N, H, W) grey, of the same images.
    distances : (N,) RMSE in grey levels.
    enlarge : whether a difference may be made larger than it is.

    Returns
    -------
    uint8 (N, H, W); clipped at black and white, so a distance out of reach is approached.
    """
    check_lengths(len(before), changed=changed, distances=distances)
    difference = changed.astype(np.float32) - before
    low, high = np.zeros(len(before)), np.full(len(before), 8.0 if enlarge else 1.0)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        far = rmse(_scaled(before, difference, middle), before) >= distances
        high, low = np.where(far, middle, high), np.where(far, low, middle)
    return _scaled(before, difference, high)


def _scaled(before: np.ndarray, difference: np.ndarray, factors: np.ndarray) -> np.ndarray:
    moved = before + factors.astype(np.float32)[:, None, None] * difference
    return np.clip(np.rint(moved), 0, 255).astype(np.uint8)


def _coarsened(image: np.ndarray, target: float) -> np.ndarray:
    """The finest picture of fewer pixels that is at least as far from `image` as `target`."""
    low, high = 2, min(image.shape)  # `low` far enough, or the farthest there is
    while high - low > 1:
        middle = (low + high) // 2
        if rmse(_of_side(image, middle)[None], image[None])[0] >= target:
            low = middle
        else:
            high = middle
    return _of_side(image, low)


def _of_side(image: np.ndarray, side: int) -> np.ndarray:
    height, width = image.shape
    small = (
        max(2, round(side * width / min(height, width))),
        max(2, round(side * height / min(height, width))),
    )
    few = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(few, (width, height), interpolation=cv2.INTER_LINEAR)
