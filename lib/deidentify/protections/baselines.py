"""Baseline protections that need no weights: none at all, blur, pixelation and a solid fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lib.deidentify.protections.base import ProtectionError

STRENGTH = 0.1


@dataclass(frozen=True)
class _Plain:
    """What the protections below share: any size, RGB, any crop, no labels."""

    size = None
    colour: Any = "rgb"
    template = None
    needs = ()


@dataclass(frozen=True)
class Unaltered(_Plain):
    """No protection: what all others are held against."""

    @property
    def name(self) -> str:
        """Always the same."""
        return f"unaltered {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """A copy of `faces`."""
        return faces.copy()


@dataclass(frozen=True)
class Blur(_Plain):
    """Gaussian blur.

    Attributes
    ----------
    strength : standard deviation as a part of the crop's width.
    """

    strength: float = STRENGTH

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    @property
    def name(self) -> str:
        """With the strength."""
        return f"blur {self.strength:g} {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Blur each of `faces`, uint8 (N, H, W, channels)."""
        width = self.strength * faces.shape[2]
        blurred = [cv2.GaussianBlur(face, (0, 0), width, borderType=cv2.BORDER_REFLECT) for face in faces]
        return np.reshape(blurred, faces.shape).astype(np.uint8)


@dataclass(frozen=True)
class Pixelate(_Plain):
    """Means over square cells.

    Attributes
    ----------
    strength : side of a cell as a part of the crop's width.
    """

    strength: float = STRENGTH

    def __post_init__(self) -> None:
        _check_strength(self.strength)

    @property
    def name(self) -> str:
        """With the strength."""
        return f"pixelate {self.strength:g} {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Pixelate each of `faces`, uint8 (N, H, W, channels)."""
        height, width = faces.shape[1:3]
        side = self.strength * width
        cells = (max(1, round(width / side)), max(1, round(height / side)))
        small = [cv2.resize(face, cells, interpolation=cv2.INTER_AREA) for face in faces]
        large = [cv2.resize(face, (width, height), interpolation=cv2.INTER_NEAREST) for face in small]
        return np.reshape(large, faces.shape).astype(np.uint8)


@dataclass(frozen=True)
class SolidFill(_Plain):
    """One tone, mid grey, over the whole crop: nothing of the face stays. The yardstick for what hides."""

    @property
    def name(self) -> str:
        """Always the same."""
        return f"cover {self.colour}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Mid grey in the shape of `faces`."""
        return np.full_like(faces, 128)


def _check_strength(strength: float) -> None:
    if not 0 < strength <= 1:
        raise ProtectionError(
            f"the strength is a part of the crop's width, above 0 and at most 1: {strength}"
        )
