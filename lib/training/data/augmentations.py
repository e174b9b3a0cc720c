"""Random augmentations of a batch: flip, affine, brightness and contrast, downscaling, grey."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lib.faces.grey import to_grey
from lib.training.data.feed import Batch

_MIRRORED_POINTS = [1, 0, 2, 4, 3]  # left means left in the image, so eyes and mouth corners are swapped


@dataclass(frozen=True)
class RandomFlip:
    """Augmentation: mirror images left to right, with the points, boxes and angles that belong to them.

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
        """Flip a random part of the batch."""
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
class ToGrey:
    """Convert RGB images of a batch to grey, (B, H, W, 3) to (B, H, W, 1), by `faces.grey`.

    Attributes
    ----------
    pictures : names of those; prototypes and other companions keep their colours.
    """

    pictures: tuple[str, ...] = ("image",)

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Convert the batch; `random` is not used."""
        grey = {name: to_grey(batch.pictures[name])[..., None] for name in self.pictures}
        return Batch({**batch.pictures, **grey}, batch.values, batch.rows)


def mirror_some(pictures: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Images (B, H, W, C), with those of the mask `some` (B,) bool mirrored left to right."""
    return _replaced(pictures, some, pictures[some][:, :, ::-1])


def mirror_points(points: np.ndarray, width: int) -> np.ndarray:
    """Five points (B, 5, 2) mirrored in an image of `width` pixels; left and right names are exchanged."""
    out = points[:, _MIRRORED_POINTS].copy()
    out[..., 0] = width - 1 - out[..., 0]
    return out


def mirror_boxes(boxes: np.ndarray, width: int) -> np.ndarray:
    """Half-open boxes (B, 4) mirrored in an image of `width` pixels."""
    left, top, right, bottom = boxes.T
    return np.stack([width - right, top, width - left, bottom], axis=1)


def _replaced(array: np.ndarray, some: np.ndarray, new: np.ndarray) -> np.ndarray:
    out = array.copy()
    out[some] = new
    return out


@dataclass(frozen=True)
class RandomAffine:
    """Augmentation: rotate, scale and shift each image about its centre, with its points.

    Boxes have no exact counterpart in a turned picture and are refused.

    Attributes
    ----------
    turn : largest angle, degrees. scale : largest relative change of size. shift : largest shift, as a part
        of the side.
    points : values (B, 5, 2), x and y of pixel centres.

    Pixels at the edge are repeated. Boxes raise ValueError.
    """

    turn: float = 8.0
    scale: float = 0.1
    shift: float = 0.05
    points: tuple[str, ...] = ("points",)

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Transform every image of the batch by its own random matrix; ValueError if there are boxes."""
        if "boxes" in batch.values:
            raise ValueError(
                "RandomAffine cannot be used with `boxes`: a rotated box is no upright box; leave the "
                "augmentation out, or take `boxes` out of the feed"
            )
        size = next(iter(batch.pictures.values())).shape[1:3]
        matrices = self.matrices(len(batch.rows), size, random)
        pictures = {name: affine_images(array, matrices) for name, array in batch.pictures.items()}
        values = dict(batch.values)
        for name in set(self.points) & set(values):
            values[name] = affine_points(values[name], matrices)
        return Batch(pictures, values, batch.rows)

    def matrices(self, number: int, size: tuple[int, int], random: np.random.Generator) -> np.ndarray:
        """Random matrices (B, 2, 3) from the image to the transformed image."""
        angle = np.deg2rad(random.uniform(-self.turn, self.turn, number))
        scale = 1 + random.uniform(-self.scale, self.scale, number)
        shift = random.uniform(-self.shift, self.shift, (number, 2)) * (size[1], size[0])
        cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
        turn = np.stack([cosine, -sine, sine, cosine], axis=1).reshape(-1, 2, 2)
        centre = (np.array([size[1], size[0]]) - 1) / 2
        return np.concatenate([turn, (centre + shift - turn @ centre)[..., None]], axis=2)


@dataclass(frozen=True)
class RandomBrightnessContrast:
    """Augmentation: change the contrast about mid grey, and the brightness.

    Attributes
    ----------
    contrast : largest relative change. brightness : largest shift, as a part of the range.
    """

    contrast: float = 0.3
    brightness: float = 0.12

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Change every uint8 image of the batch by random values of its own."""
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
class RandomDownscale:
    """Augmentation: reduce the resolution of some images by scaling down and up again.

    Attributes
    ----------
    probability : for each picture. least : smallest scale.
    """

    probability: float = 0.5
    least: float = 0.4

    def __call__(self, batch: Batch, random: np.random.Generator) -> Batch:
        """Reduce the resolution of a random part of the batch."""
        some = random.random(len(batch.rows)) < self.probability
        scale = random.uniform(self.least, 1.0, len(batch.rows))
        pictures = {}
        for name, array in batch.pictures.items():
            out = array.copy()
            for row in np.flatnonzero(some):
                out[row] = downscale_images(array[row], scale[row])
            pictures[name] = out
        return Batch(pictures, batch.values, batch.rows)


def affine_images(pictures: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Images (B, H, W, C) warped by matrices (B, 2, 3); pixels at the edge are repeated."""
    size = pictures.shape[2], pictures.shape[1]
    warped = [
        cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for picture, matrix in zip(pictures, matrices, strict=True)
    ]
    return np.reshape(warped, pictures.shape).astype(pictures.dtype)


def affine_points(points: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Points (B, 5, 2) transformed by matrices (B, 2, 3)."""
    return points @ matrices[:, :, :2].transpose(0, 2, 1) + matrices[:, None, :, 2]


def downscale_images(picture: np.ndarray, scale: float) -> np.ndarray:
    """An image (H, W, C) scaled down by `scale` (area average) and up again to its size."""
    height, width = picture.shape[:2]
    small = (max(4, round(width * scale)), max(4, round(height * scale)))
    down = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(down, (width, height), interpolation=cv2.INTER_LINEAR).reshape(picture.shape)
