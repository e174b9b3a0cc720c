"""The control: an image blurred until it is as far from its original as a protected one is.

A protection that hides no more than a blur of the same distance hides nothing of its own. The width is found
by bisection for each image, all images of a batch at once.

The blur is a product in the cosine domain (DCT-II): an exact Gaussian of any width with mirrored borders.
There each coefficient only shrinks as the width grows, so before rounding the distance never falls
(Parseval).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dctn, idctn

from lib.faces.grey import to_grey
from lib.measures.image_quality import rmse
from lib.measures.validation import as_floats, check_lengths

TOLERANCE = 0.02
_NARROWEST = 0.02
_BATCH = 128
_STEPS = 60


@dataclass(frozen=True)
class BlurredImages:
    """Blurred images.

    Attributes
    ----------
    images : uint8 (N, H, W) grey.
    widths : float64 (N,), standard deviation of the Gaussian in pixels.
    distances : float64 (N,), RMSE of `images` to the grey originals, both 8 bit.
    reached : bool (N,), whether the distance is within the tolerance of what was asked for. Where it is not,
        the image is the closest one met: of one tone if even that is too near, as far as a blur can go.
    """

    images: np.ndarray
    widths: np.ndarray
    distances: np.ndarray
    reached: np.ndarray


def control(before: np.ndarray, protected: np.ndarray) -> np.ndarray:
    """The control of a protection: images blurred until they are as far from `before` as `protected` is.

    Parameters
    ----------
    before, protected : uint8 (N, H, W) grey, of the same images.

    Returns
    -------
    uint8 (N, H, W).
    """
    return blur_to_distance(before, rmse(protected, before)).images


def blur_to_distance(
    images: np.ndarray, distances: ArrayLike, *, tolerance: float = TOLERANCE
) -> BlurredImages:
    """Blur each image until its RMSE to the original is the one asked for.

    Parameters
    ----------
    images : uint8 (N, H, W) grey or (N, H, W, 3) RGB, which becomes grey first; may be a memory map.
    distances : (N,) RMSE to be met, in grey levels; 0 asks for the image itself.
    tolerance : of the distance, as a part of it.

    Returns
    -------
    BlurredImages; `reached` says for which images it was possible.

    Raises
    ------
    ValueError : a distance that is negative or infinite, or not one for each image.
    """
    targets = as_floats(distances, "distances")
    check_lengths(len(images), distances=targets)
    if (targets < 0).any() or np.isinf(targets).any():
        raise ValueError("distances: must be finite and not negative")
    starts = range(0, max(len(images), 1), _BATCH)
    parts = [_search(_grey(images[i : i + _BATCH]), targets[i : i + _BATCH], tolerance) for i in starts]
    blurred, widths, found = (np.concatenate(values) for values in zip(*parts, strict=True))
    return BlurredImages(blurred, widths, found, np.abs(found - targets) <= tolerance * targets)


def _grey(images: np.ndarray) -> np.ndarray:
    return np.asarray(images) if images.ndim == 3 else to_grey(images)


def _cosines(images: np.ndarray) -> np.ndarray:
    return dctn(images.astype(np.float32), axes=(1, 2), norm="ortho")


def _blurred(cosines: np.ndarray, widths: np.ndarray) -> np.ndarray:
    high, wide = (
        np.exp(-0.5 * np.square(widths[:, None] * (np.pi / length) * np.arange(length, dtype=np.float32)))
        for length in cosines.shape[1:]
    )
    return idctn(cosines * high[:, :, None] * wide[:, None, :], axes=(1, 2), norm="ortho", overwrite_x=True)


def _search(
    originals: np.ndarray, targets: np.ndarray, tolerance: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, widths and distances: bisection of the width's logarithm, by distances of 8-bit images."""
    best, widths, found = originals.copy(), np.zeros(len(targets)), np.zeros(len(targets))
    if not originals.size:
        return best, widths, found
    cosines = _cosines(originals)
    low = np.full(len(targets), _NARROWEST)
    high = np.full(len(targets), 4.0 * max(originals.shape[1:]))  # nothing but the mean is left
    trial = high.copy()
    for _ in range(_STEPS):
        rows = np.flatnonzero((np.abs(found - targets) > tolerance * targets) & (high > low * (1 + 1e-7)))
        if not len(rows):
            break
        images = np.clip(np.rint(_blurred(cosines[rows], trial[rows].astype(np.float32))), 0, 255)
        images = images.astype(np.uint8)
        distances = rmse(images, originals[rows])
        closer = np.abs(distances - targets[rows]) < np.abs(found[rows] - targets[rows])
        take = rows[closer]
        best[take], widths[take], found[take] = images[closer], trial[take], distances[closer]
        far = distances >= targets[rows]
        high[rows[far]], low[rows[~far]] = trial[rows[far]], trial[rows[~far]]
        trial = np.sqrt(low * high)
    return best, widths, found
