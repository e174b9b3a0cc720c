"""Clips of rendered faces that move over a plain ground, each with a mark by which a detector knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lib.faces.detections import Detections
from lib.faces.rendered import picture
from lib.judges.base import Judgement

SIZE = (128, 192)
SIDE = 64
RED, BLUE = (230, 20, 20), (20, 20, 230)
GROUND = 150
Spot = tuple[tuple[int, int, int], int, int]
"""Colour of the mark, and column and row of the face's centre."""


@lru_cache
def face(subject: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A rendered face, and its five points relative to its middle."""
    one = picture(subject, 0, SIDE)
    return one.image, one.truth.points - SIDE / 2


def frame(*spots: Spot, marked: bool = True, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A picture with faces; without marks nobody finds them."""
    image = np.full((size[0] + 2 * SIDE, size[1] + 2 * SIDE, 3), GROUND, np.uint8)
    for colour, x, y in spots:
        part = image[y + SIDE // 2 : y + 3 * SIDE // 2, x + SIDE // 2 : x + 3 * SIDE // 2]
        part[...] = face(int(colour == BLUE))[0]
        if marked:
            part[SIDE // 2 - 6 : SIDE // 2 + 6, SIDE // 2 - 6 : SIDE // 2 + 6] = colour
    return np.ascontiguousarray(image[SIDE:-SIDE, SIDE:-SIDE])


def moving(count: int = 20, *, y: int = 64, colour: tuple[int, int, int] = RED) -> list[np.ndarray]:
    """A face that moves to the right, two pixels a frame."""
    return [frame((colour, 50 + 2 * number, y)) for number in range(count)]


def write(path: Path, pictures: Sequence[np.ndarray], codec: str = "MJPG", rate: float = 25.0) -> Path:
    """The clip of some pictures."""
    size = pictures[0].shape[1::-1]
    out = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), rate, size)
    assert out.isOpened()
    for one in pictures:
        out.write(np.ascontiguousarray(one[..., ::-1]))
    out.release()
    return path


def read(path: Path) -> list[np.ndarray]:
    """All pictures of a clip."""
    source, out = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG), []
    while (got := source.read())[0]:
        out.append(got[1][..., ::-1])
    return out


def marks(image: np.ndarray) -> list[tuple[tuple[int, int, int], float, float]]:
    """Colour and centre of each mark."""
    found = []
    red, _, blue = (image[..., channel].astype(int) for channel in range(3))
    for colour, mask in ((RED, red - blue > 110), (BLUE, blue - red > 110)):
        _, _, stats, centres = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        for row in range(1, len(stats)):
            if stats[row, cv2.CC_STAT_AREA] > 40:
                found.append((colour, float(centres[row, 0]), float(centres[row, 1])))
    return found


@dataclass(frozen=True)
class Marks:
    """Finds faces by their marks; of some colours only."""

    colours: tuple[tuple[int, int, int], ...] = (RED, BLUE)
    name: str = "marks"

    def __call__(self, image: np.ndarray) -> Detections:
        spots = [(colour, x, y) for colour, x, y in marks(image) if colour in self.colours]
        if not spots:
            return Detections.none()
        points = np.array([face(int(colour == BLUE))[1] + [x, y] for colour, x, y in spots])
        boxes = np.array([[x - 26, y - 26, x + 26, y + 26] for _, x, y in spots])
        return Detections(boxes, points, np.ones(len(spots)))


def by_mark(images: np.ndarray, points: np.ndarray) -> Judgement:
    """A recogniser: the colour in the middle of a crop decides; the same person is 0 apart, others 1.4."""
    middle = images[:, 100:156, 100:156].reshape(len(images), -1, 3).astype(float)
    red = (middle[..., 0] - middle[..., 2] > 110).mean(1) > 0.01
    blue = (middle[..., 2] - middle[..., 0] > 110).mean(1) > 0.01
    values = np.stack([red, blue, ~(red | blue)], 1).astype(float)
    return Judgement(values, np.ones(len(images), bool))
