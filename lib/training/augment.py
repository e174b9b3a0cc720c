"""Augmentations of a batch. What moves a picture moves its companions, points and boxes alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.grey import to_grey
from lib.training.feed import Batch

_MIRRORED_POINTS = [1, 0, 2, 4, 3]  # left is left in the picture: eyes and mouth corners change places


@dataclass(frozen=True)
class Flip:
    """Mirror an image left to right, and with it all that shares its geometry.

    Attributes
    ----------
    probability : of a flip, for each image on its own.
    points : values (B, 5, 2), x and y of pixel centres, the first pixel at 0; left and right are exchanged.
    boxes : values (B, 4) left, top, right, bottom, half-open.
    signed : values (B, ...) that change their sign: angles to the side.
    """

    probability: float = 0.5
    points: tuple[str, ...] = ("points",)
    boxes: tuple[str, ...] = ("boxes",)
    signed: tuple[str, ...] = ("yaw", "roll")

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Flip some of the batch."""
        some = random.random(len(batch.rows)) < self.probability
        pictures = {name: mirror_some(array, some) for name, array in batch.pictures.items()}
        width = next(iter(batch.pictures.values())).shape[2]
        values = dict(batch.values)
        for name in set(self.points) & set(values):
            values[name] = _replaced(values[name], some, mirror_points(values[name][some], width))
        for name in set(self.boxes) & set(values):
            values[name] = _replaced(values[name], some, mirror_boxes(values[name][some], width))
        for name in set(self.signed) & set(values):
            values[name] = _replaced(values[name], some, -values[name][some])
        return Batch(pictures, values, batch.rows)


@dataclass(frozen=True)
class Grey:
    """Pictures in RGB become grey, (B, H, W, 3) to (B, H, W, 1), as the whole book means it.

    Attributes
    ----------
    pictures : names of those; prototypes and other companions keep their colours.
    """

    pictures: tuple[str, ...] = ("image",)

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Nothing here is random."""
        grey = {name: to_grey(batch.pictures[name])[..., None] for name in self.pictures}
        return Batch({**batch.pictures, **grey}, batch.values, batch.rows)


def mirror_some(pictures: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Pictures (B, H, W, C), those of the mask `some` (B,) mirrored left to right."""
    return _replaced(pictures, some, pictures[some][:, :, ::-1])


def mirror_points(points: np.ndarray, width: int) -> np.ndarray:
    """Five points (B, 5, 2) of the mirrored picture, in FaceSet's order."""
    out = points[:, _MIRRORED_POINTS].copy()
    out[..., 0] = width - 1 - out[..., 0]
    return out


def mirror_boxes(boxes: np.ndarray, width: int) -> np.ndarray:
    """Half-open boxes (B, 4) of the mirrored picture."""
    left, top, right, bottom = boxes.T
    return np.stack([width - right, top, width - left, bottom], axis=1)


def _replaced(array: np.ndarray, some: np.ndarray, new: np.ndarray) -> np.ndarray:
    out = array.copy()
    out[some] = new
    return out
