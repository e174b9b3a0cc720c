"""Views of a photograph that a detector sees: bounded in size, in tiles, enlarged, turned.

A detector sees the picture at a bounded size and tiles of it in full; `View.back` carries what it found back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from lib.faces.detections import Detections

LARGEST_SIDE = 1600
"""Pixels of the longer side that a detector sees at once; bounds its memory whatever the photograph has."""

TILE_OVERLAP = 320
"""Pixels by which tiles overlap, as a detector sees them: a face up to this size lies whole in one."""

TURNS = (0, 1, 2, 3)

ENLARGED = 2.0
"""Second scale of a picture that is small enough for it."""


@dataclass(frozen=True)
class View:
    """A picture that a detector sees, and how its pixels lie in the photograph.

    Attributes
    ----------
    image : uint8 (H, W, 3) RGB.
    turns : by how many quarters, counter-clockwise, it is turned against the photograph.
    scale : pixels of the picture for one of the photograph, before it is turned.
    left, top : first column and row of the photograph that it shows.
    """

    image: np.ndarray
    turns: int
    scale: float
    left: int
    top: int

    def back(self, found: Detections) -> Detections:
        """Detections in this view, in pixels of the photograph."""
        size = self.image.shape[:2]
        boxes = found.boxes.reshape(-1, 2, 2)
        corners = np.stack([boxes[:, 0], boxes[:, 1]], 1)
        corners = _turned_back(corners, self.turns, size, edge=True)
        points = _turned_back(found.points, self.turns, size, edge=False)
        corners = corners / self.scale + [self.left, self.top]
        points = (points + 0.5) / self.scale - 0.5 + [self.left, self.top]
        whole = np.concatenate([corners.min(1), corners.max(1)], 1).reshape(-1, 4)
        return Detections(whole, points.reshape(-1, 5, 2), found.scores)


def _turned_back(places: np.ndarray, turns: int, size: tuple[int, int], *, edge: bool) -> np.ndarray:
    """Places (k, n, 2) in a picture that `np.rot90` turned `turns` times, in the picture before."""
    height, width = size
    one = 0 if edge else 1  # an edge of the picture lies at its width, the last pixel at its width less one
    x, y = places[..., 0], places[..., 1]
    if turns == 1:  # counter-clockwise: the view's width is the height of what was turned
        return np.stack([height - one - y, x], -1)
    if turns == 2:
        return np.stack([width - one - x, height - one - y], -1)
    if turns == 3:
        return np.stack([y, width - one - x], -1)
    return np.stack([x, y], -1)


def views(image: np.ndarray, *, turns: Iterable[int] = TURNS, enlarge: bool = True) -> Iterator[View]:
    """What detectors are shown of `image`, uint8 (H, W, 3).

    The whole at a bounded size, turned; with the upright one, tiles in full where that reduced it; and
    enlarged where it is small.
    """
    turns, longer = tuple(turns), max(image.shape[:2])
    scale = min(1.0, LARGEST_SIDE / longer)
    whole = _scaled(image, scale)
    for turn in turns:
        yield View(np.ascontiguousarray(np.rot90(whole, turn)), turn, scale, 0, 0)
    if scale < 1 and 0 in turns:
        for top, left, tile in _tiles(image):
            yield View(tile, 0, 1.0, left, top)
    elif scale == 1 and enlarge:
        for top, left, tile in _tiles(image, ENLARGED):
            yield View(_scaled(tile, ENLARGED), 0, ENLARGED, left, top)


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return np.ascontiguousarray(image)
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)


def _tiles(image: np.ndarray, scale: float = 1.0) -> Iterator[tuple[int, int, np.ndarray]]:
    """Tiles that, enlarged by `scale`, have at most LARGEST_SIDE pixels and overlap by TILE_OVERLAP.

    As small as their number allows: detectors take time by the pixel.
    """
    side, overlap = int(LARGEST_SIDE / scale), int(TILE_OVERLAP / scale)
    high, tops = _spans(image.shape[0], side, overlap)
    wide, lefts = _spans(image.shape[1], side, overlap)
    for top in tops:
        for left in lefts:
            yield top, left, np.ascontiguousarray(image[top : top + high, left : left + wide])


def _spans(length: int, side: int, overlap: int) -> tuple[int, list[int]]:
    """Pixels of a tile, and the first pixels of the fewest tiles that cover `length` and overlap."""
    if length <= side:
        return length, [0]
    count = -(-(length - overlap) // (side - overlap))
    tile = -(-(length + (count - 1) * overlap) // count)
    return tile, [int(at) for at in np.linspace(0, length - tile, count)]
