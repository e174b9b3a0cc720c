"""Detections: the faces that a detector found in one photograph, with boxes, five points and scores.

Coordinates: pixels, x to the right, y down. A point (0, 0) is the centre of the first pixel. A box counts
pixel edges and is half-open: the box of a whole picture of width W and height H is 0, 0, W, H.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Detections:
    """The k faces found in one photograph, in the detector's order.

    Attributes
    ----------
    boxes : float32 (k, 4): left, top, right, bottom, half-open. May reach beyond the picture.
    points : float32 (k, 5, 2), x and y of left eye, right eye, nose, left mouth corner, right mouth corner,
        left and right as seen in the picture. NaN where the detector gives none.
    scores : float32 (k,), higher is surer; the scale is the detector's own.
    """

    boxes: np.ndarray
    points: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.scores)
        for name, shape in (("boxes", (count, 4)), ("points", (count, 5, 2)), ("scores", (count,))):
            values = np.asarray(getattr(self, name), np.float32)
            if values.shape != shape:
                raise ValueError(f"{name} must have the shape {shape}, got {values.shape}")
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def none(cls) -> Detections:
        """Detections without any face."""
        return cls(np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0))

    @property
    def areas(self) -> np.ndarray:
        """Area of each box in square pixels, (k,) float32; 0 for inverted boxes."""
        sides = np.maximum(self.boxes[:, 2:] - self.boxes[:, :2], 0)
        return sides.prod(1)

    def take(self, rows: np.ndarray | list[int]) -> Detections:
        """The faces at `rows` (indices or a (k,) mask), in that order."""
        return Detections(self.boxes[rows], self.points[rows], self.scores[rows])

    def largest(self) -> Detections:
        """Detections with only the largest box (the first among equals); empty if empty."""
        return self.take([int(self.areas.argmax())]) if len(self) else self

    def best(self) -> Detections:
        """Detections with only the highest score (the first among equals); empty if empty."""
        return self.take([int(self.scores.argmax())]) if len(self) else self


FaceFinder = Callable[[np.ndarray], Detections]
"""A detector as it is handed to the adapters: uint8 (H, W, 3) RGB in, Detections out."""
