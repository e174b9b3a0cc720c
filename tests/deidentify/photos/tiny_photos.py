"""Photographs made of rendered faces, and a detector that knows where it put them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image

from lib.faces.detections import Detections

Spot = tuple[int, int, int]


def backdrop(height: int, width: int, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(90, 200, (6, 8, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)).copy()


def photograph(size: tuple[int, int], faces: list, spots: list[Spot], seed: int = 0) -> tuple:
    """A backdrop of `size` with renderings at (left, top, times enlarged); the picture and the points."""
    picture, points = backdrop(*size, seed), []
    for one, (left, top, times) in zip(faces, spots, strict=True):
        large = cv2.resize(one.image, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
        picture[top : top + len(large), left : left + len(large)] = large
        points.append((one.truth.points + 0.5) * times - 0.5 + [left, top])
    return picture, np.reshape(points, (-1, 5, 2))


@dataclass
class Knows:
    """Finds the faces by the picture's height and width; elsewhere none."""

    where: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)
    name: str = "knows"

    def __call__(self, image: np.ndarray) -> Detections:
        points = self.where.get(image.shape[:2], np.zeros((0, 5, 2)))
        if not len(points):
            return Detections.none()
        boxes = np.concatenate([points.min(1) - 10, points.max(1) + 10], 1)
        return Detections(boxes, points, np.ones(len(points)))


@dataclass
class Slow(Knows):
    """Takes its time over a picture."""

    def __call__(self, image: np.ndarray) -> Detections:
        time.sleep(0.2)
        return super().__call__(image)
