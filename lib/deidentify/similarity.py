"""Structural similarity of altered images to the originals, by scikit-image."""

from __future__ import annotations

import numpy as np
from skimage.metrics import structural_similarity


def ssim(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Structural similarity of each pair, with the Gaussian window of Wang et al. (2004).

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
