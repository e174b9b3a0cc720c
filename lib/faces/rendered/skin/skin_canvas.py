"""Canvas for painting skin: texture grid with coordinates and noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.smooth_functions import smoothstep

TEXELS = 3
"""Texels per step of the head's grid."""


def noise(r: np.random.Generator, height: int, width: int, scales: Sequence[tuple[float, float]]) -> Any:
    """Smooth noise (height, width) float32; `scales` are pairs of wavelength in pixels and amplitude."""
    out = np.zeros((height, width), np.float32)
    for scale, amplitude in scales:
        shape = max(2, int(height / scale) + 2), max(2, int(width / scale) + 2)
        cells = r.normal(size=shape).astype(np.float32)
        out += amplitude * cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC)
    return out


@dataclass
class Canvas:
    """Skin texture while it is painted; all arrays are (rows, columns, ...).

    Attributes
    ----------
    points : millimetres of each texel on the neutral head; x, y, z its coordinates, ax is |x|.
    front : 1 on the face, 0 at the back.
    rows : row in the head's grid.
    upper : whether the texel lies above the mouth line.
    coarse, middle, fine : noise.
    colour : linear red, green, blue; gloss: of the surface.
    """

    points: np.ndarray
    ax: np.ndarray
    front: np.ndarray
    upper: np.ndarray
    coarse: np.ndarray
    middle: np.ndarray
    fine: np.ndarray
    colour: Any
    gloss: Any = 0.0

    @property
    def x(self) -> np.ndarray:
        """Coordinate to the right in the image, in millimetres."""
        return self.points[..., 0]

    @property
    def y(self) -> np.ndarray:
        """Coordinate upwards, in millimetres."""
        return self.points[..., 1]

    @property
    def z(self) -> np.ndarray:
        """Coordinate towards the viewer, in millimetres."""
        return self.points[..., 2]

    @classmethod
    def of(cls, head: Head, base: np.ndarray, r: np.random.Generator) -> Canvas:
        """Canvas of one colour `base` (3,) for `head`."""
        height, width = (head.rows - 1) * TEXELS + 1, (head.columns - 1) * TEXELS + 1
        rows, columns = np.meshgrid(
            np.arange(height, dtype=np.float32) / TEXELS,
            np.arange(width, dtype=np.float32) / TEXELS,
            indexing="ij",
        )
        points = cv2.remap(head.grid(head.vertices).astype(np.float32), columns, rows, cv2.INTER_LINEAR)
        front = smoothstep(-50, -20, points[..., 2])
        coarse = noise(r, height, width, ((60, 0.5), (26, 0.35), (11, 0.3), (5, 0.22)))
        middle = noise(r, height, width, ((40, 0.5), (14, 0.4), (6, 0.3)))
        fine = cv2.GaussianBlur(r.normal(size=(height, width)).astype(np.float32), (0, 0), 0.8) * 1.6
        fine *= (0.25 + 0.75 * front * smoothstep(88, 60, points[..., 1])).astype(np.float32)
        colour = np.ones((height, width, 3), np.float32) * base.astype(np.float32)
        upper = rows <= head.mouth_row + 0.5
        return cls(points, np.abs(points[..., 0]), front, upper, coarse, middle, fine, colour)

    @contextmanager
    def near(self, reach: float, low: float, high: float) -> Iterator[Canvas]:
        """Context manager: the part with |x| below `reach` and y between `low` and `high`, for speed."""
        where = (self.ax < reach) & (self.y > low) & (self.y < high) & (self.front > 0)
        box = _rectangle(where)
        names = ("points", "ax", "front", "upper", "coarse", "middle", "fine", "colour", "gloss")
        part = Canvas(**{name: getattr(self, name)[box] for name in names})
        yield part
        for name in ("colour", "gloss"):
            whole, painted = getattr(self, name), getattr(part, name)
            whole = whole.astype(np.result_type(whole, painted), copy=False)
            whole[box] = painted
            setattr(self, name, whole)

    def blend(self, weight: Any, colour: Any) -> None:
        """Blend in `colour` (3,) or (..., 3) with `weight` (rows, columns), 0 to 1."""
        box = _rectangle(weight > 0)
        w = weight[box][..., None]
        painted = self.colour[box] * (1 - w) + w * (colour[box] if colour.ndim > 1 else colour)
        self.colour = self.colour.astype(painted.dtype, copy=False)
        self.colour[box] = painted

    def stain(self, weight: Any, absorption: Sequence[float]) -> None:
        """Darken each channel by exp(-weight * absorption)."""
        box = _rectangle(weight > 1e-17)  # less does not change a number
        self.colour[box] *= np.exp(-weight[box][..., None] * np.array(absorption, np.float32))


def _rectangle(where: np.ndarray) -> tuple[slice, slice]:
    """Bounding slices of the true values in (rows, columns)."""
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    if not len(rows):
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
