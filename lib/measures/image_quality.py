"""Image distance between originals and altered images, per image: RMSE, PSNR and SSIM."""

from __future__ import annotations

from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from skimage.metrics import structural_similarity

from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.validation import as_floats, check_lengths, encode_labels

PEAK = 255.0

_ROWS = 256


def rmse(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Root mean square error of each pair of images, (N,), in grey levels.

    Parameters
    ----------
    images, others : (N, H, W) or (N, H, W, channels) of one shape, any number type; may be memory maps, as a
        few images at a time are read.

    Returns
    -------
    float64 (N,), 0 where both are equal.

    Raises
    ------
    ValueError : the shapes differ, or there is no pixel.
    """
    if images.shape != others.shape or images.ndim < 2 or 0 in images.shape[1:]:
        raise ValueError(f"images must have one shape and pixels, got {images.shape} and {others.shape}")
    means = [
        _mean_squares(images[i : i + _ROWS], others[i : i + _ROWS]) for i in range(0, len(images), _ROWS)
    ]
    return np.sqrt(np.concatenate([np.zeros(0), *means]))


def _mean_squares(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    small = images.dtype == np.uint8 and others.dtype == np.uint8
    kind = np.int32 if small else np.float64
    difference = np.subtract(images, others, dtype=kind).reshape(len(images), -1)
    sums = np.einsum("ij,ij->i", difference, difference, dtype=np.int64 if small else np.float64)
    return sums / difference.shape[1]


def psnr(distances: ArrayLike, *, peak: float = PEAK) -> np.ndarray:
    """Peak signal-to-noise ratio in dB of each image from its RMSE: 20 log10(peak / rmse).

    Parameters
    ----------
    distances : (N,) RMSE of each image, not negative. peak : largest value that a pixel can have.

    Returns
    -------
    float64 (N,), infinite where the distance is 0.
    """
    values = as_floats(distances, "distances")
    if (values < 0).any():
        raise ValueError("distances: none may be negative")
    with np.errstate(divide="ignore"):
        return 20 * np.log10(peak / values)


def mean_psnr(
    distances: ArrayLike, subjects: ArrayLike, *, peak: float = PEAK, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    """Mean PSNR of images in dB (not the PSNR of a mean error), with its interval over subjects.

    An image equal to its original has an infinite PSNR, and so has every mean with it. To leave such images
    out would hide that they are unaltered; so the figure is then undefined, and `why` counts them.

    Parameters
    ----------
    distances : (N,) RMSE of each image. subjects : (N,).
    """
    values = psnr(distances, peak=peak)
    check_lengths(len(values), subjects=np.asarray(subjects))
    equal = int(np.isinf(values).sum())
    if equal:
        why = f"{equal} of {len(values)} images are unaltered, their PSNR is infinite"
        return undefined_estimate(why, n=encode_labels(subjects)[1], items=len(values))
    return bootstrap_mean(values, subjects, **draws)


def ssim(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Structural similarity of each pair of images, (N,), with the Gaussian window of Wang et al. (2004).

    Parameters
    ----------
    images, others : uint8 (N, H, W) grey, of one shape, no side below 11 px.

    Returns
    -------
    float64 (N,), at most 1; 1 where both are equal.
    """
    if images.shape != others.shape or images.ndim != 3:
        raise ValueError(f"images must be grey (N, H, W) and alike, got {images.shape} and {others.shape}")
    pairs = zip(images, others, strict=True)
    return np.array([_one(image, other) for image, other in pairs], np.float64)


def _one(image: np.ndarray, other: np.ndarray) -> float:
    value = structural_similarity(
        image, other, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return float(value)
