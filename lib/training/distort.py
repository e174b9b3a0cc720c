"""Augmentations that make a classifier look past framing, light and sharpness of few training pictures."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lib.training.feed import Batch


@dataclass(frozen=True)
class Move:
    """Turn, scale and shift each picture about its centre, and points with it; edges are repeated.

    Boxes have no exact counterpart in a turned picture and are refused.

    Attributes
    ----------
    turn : largest angle, degrees. scale : largest relative change of size. shift : largest shift, as a part
        of the side.
    points : values (B, 5, 2), x and y of pixel centres.
    """

    turn: float = 8.0
    scale: float = 0.1
    shift: float = 0.05
    points: tuple[str, ...] = ("points",)

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Move every picture of the batch by chances of its own."""
        if "boxes" in batch.values:
            raise ValueError("Move turns pictures: boxes do not stay boxes; leave it out or drop the boxes")
        size = next(iter(batch.pictures.values())).shape[1:3]
        matrices = self.matrices(len(batch.rows), size, random)
        pictures = {name: moved(array, matrices) for name, array in batch.pictures.items()}
        values = dict(batch.values)
        for name in set(self.points) & set(values):
            values[name] = moved_points(values[name], matrices)
        return Batch(pictures, values, batch.rows)

    def matrices(self, number: int, size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
        """From picture to moved picture, (B, 2, 3)."""
        angle = np.deg2rad(random.uniform(-self.turn, self.turn, number))
        scale = 1 + random.uniform(-self.scale, self.scale, number)
        shift = random.uniform(-self.shift, self.shift, (number, 2)) * (size[1], size[0])
        cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
        turn = np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)
        centre = (np.array([size[1], size[0]]) - 1) / 2
        return np.concatenate([turn, (centre + shift - turn @ centre)[..., None]], axis=2)


@dataclass(frozen=True)
class Tone:
    """Change contrast about mid grey, and brightness.

    Attributes
    ----------
    contrast : largest relative change. brightness : largest shift, as a part of the range.
    """

    contrast: float = 0.3
    brightness: float = 0.12

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Change every picture of the batch by chances of its own."""
        gain = 1 + random.uniform(-self.contrast, self.contrast, len(batch.rows))
        shift = 255 * random.uniform(-self.brightness, self.brightness, len(batch.rows))
        tables = np.arange(256)[None] - 127.5
        tables = np.clip(np.rint(gain[:, None] * tables + 127.5 + shift[:, None]), 0, 255).astype(np.uint8)
        pictures = {
            name: np.stack([table[picture] for table, picture in zip(tables, array, strict=True)])
            for name, array in batch.pictures.items()
        }
        return Batch(pictures, batch.values, batch.rows)


@dataclass(frozen=True)
class Coarsen:
    """Scale some pictures down and up again, as if they had been taken from further away.

    Attributes
    ----------
    probability : for each picture. least : smallest scale.
    """

    probability: float = 0.5
    least: float = 0.4

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Coarsen some of the batch."""
        some = random.random(len(batch.rows)) < self.probability
        scale = random.uniform(self.least, 1.0, len(batch.rows))
        pictures = {}
        for name, array in batch.pictures.items():
            out = array.copy()
            for row in np.flatnonzero(some):
                out[row] = coarse(array[row], scale[row])
            pictures[name] = out
        return Batch(pictures, batch.values, batch.rows)


def moved(pictures: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Pictures (B, H, W, C) warped by (B, 2, 3) matrices, edges repeated."""
    size = pictures.shape[2], pictures.shape[1]
    warped = [
        cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture, matrix in zip(pictures, matrices, strict=True)
    ]
    return np.reshape(warped, pictures.shape).astype(pictures.dtype)


def moved_points(points: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Points (B, 5, 2) in the moved pictures."""
    return points @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]


def coarse(picture: np.ndarray, scale: float) -> np.ndarray:
    """A picture (H, W, C) scaled down by area and up again."""
    height, width = picture.shape[:2]
    small = (max(4, round(width * scale)), max(4, round(height * scale)))
    down = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(down, (width, height), interpolation=cv2.INTER_LINEAR).reshape(picture.shape)
