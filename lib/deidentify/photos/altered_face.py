"""A face that a protection altered, and its colour: that of the face which it replaces, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.deidentify.photos.regions import Tint
from lib.deidentify.protections.base import Protection
from lib.faces.grey import WEIGHTS


@dataclass(frozen=True)
class AlteredFace:
    """One face that a protection altered, and where it belongs.

    Attributes
    ----------
    original, altered : uint8 (h, w, 3) RGB, the crop before and after.
    soft : float32 (h, w) in [0, 1], its share in the photograph.
    matrix : (2, 3) from photograph to crop.
    points : (5, 2) in pixels of the photograph.
    grey : whether the protection knows only grey.
    repainted : whether it is a network's own painting in colour.
    """

    original: np.ndarray
    altered: np.ndarray
    soft: np.ndarray
    matrix: np.ndarray
    points: np.ndarray
    grey: bool
    repainted: bool = False

    def pixels(self, tint: Tint) -> np.ndarray:
        """What is pasted, uint8 (h, w, 3) RGB."""
        if tint == "face" and self.grey:
            return coloured(self.altered, self.original, self.soft)
        if tint == "face" and self.repainted:
            return matched_mean(self.altered, self.original, self.soft)
        return self.altered


def has_tint(protection: Protection) -> bool:
    """Whether the tint of a paste changes what this protection's copies show."""
    return protection.colour == "grey" or repaints(protection)


def repaints(protection: Protection) -> bool:
    """Whether a protection paints faces anew in colours of its own, as it says itself."""
    return bool(getattr(protection, "repaints", False))


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


def matched_mean(face: np.ndarray, original: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A colour face shifted to the mean red, green and blue of another one, but for values that saturate.

    Parameters
    ----------
    face, original : uint8 (H, W, 3) RGB; of `original` only the three means are used.
    mask : float (H, W), weight of each pixel in the means.

    Returns
    -------
    uint8 (H, W, 3) RGB.
    """
    if not mask.any():
        return face
    weights = mask.reshape(-1).astype(np.float64)
    wanted, found = (np.average(one.reshape(-1, 3), axis=0, weights=weights) for one in (original, face))
    return np.clip(np.rint(face + (wanted - found)), 0, 255).astype(np.uint8)
