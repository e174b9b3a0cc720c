"""Eyebrows, drawn as single strokes into the skin texture."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from scipy.spatial import cKDTree

from lib.faces.rendered.head.neutral_head import Head


def brow_line(g: dict[str, Any], a: dict[str, Any], q: Any) -> Any:
    """Height of a brow's middle in millimetres at q, from 0 (inner end) to 1 (outer end)."""
    rise = a["brow_arch"] * np.sin(np.clip(q / 0.68, 0, 1) * np.pi / 2) ** 1.4
    fall = (a["brow_arch"] + a["brow_tail"]) * np.clip((q - 0.62) / 0.38, 0, 1) ** 1.5
    return g["brow_y"] - 1.5 + rise - fall


class _Grid:
    """Look-up of the texel at a point of the forehead."""

    def __init__(self, head: Head, texels: int) -> None:
        v = self.vertices = head.grid(head.vertices)
        region = (v[..., 1] > 2) & (v[..., 1] < 48) & (np.abs(v[..., 0]) < 72) & (v[..., 2] > -50)
        self.cells = np.argwhere(region)
        self.tree = cKDTree(v[self.cells[:, 0], self.cells[:, 1], :2])
        self.texels = texels

    def texel(self, points: np.ndarray) -> np.ndarray:
        """Texel coordinates (n, 2) of points x, y (n, 2) in millimetres."""
        v = self.vertices
        i, j = self.cells[self.tree.query(points)[1]].T
        d = points - v[i, j, :2]
        sx = v[i, np.minimum(j + 1, v.shape[1] - 1), 0] - v[i, j, 0]
        sy = v[np.maximum(i - 1, 0), j, 1] - v[i, j, 1]
        column, row = j + d[:, 0] / np.maximum(sx, 0.3), i - d[:, 1] / np.maximum(sy, 0.3)
        return np.stack([column * self.texels, row * self.texels], 1)


def brow_layer(
    r: np.random.Generator,
    g: dict[str, Any],
    a: dict[str, Any],
    head: Head,
    shape: tuple[int, int],
    texels: int,
) -> np.ndarray:
    """Coverage of the skin by brow hairs, float32 of `shape`, 0 to 1."""
    grid = _Grid(head, texels)
    layer = np.zeros(shape, np.float32)
    for sign in (-1, 1):
        start, end = _strokes(r, g, a)
        mirror = np.array([sign, 1])
        drawn = np.zeros(shape, np.uint8)
        for p, q in zip(grid.texel(start * mirror), grid.texel(end * mirror), strict=True):
            first, last = (int(p[0] * 16), int(p[1] * 16)), (int(q[0] * 16), int(q[1] * 16))
            cv2.line(drawn, first, last, int(130 + 110 * r.random()), 1, cv2.LINE_AA, 4)
        layer = np.maximum(layer, drawn.astype(np.float32) / 255)
    return layer


def _strokes(r: np.random.Generator, g: dict[str, Any], a: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Start and end points, (n, 2) each, of one brow's strokes in millimetres."""
    n = int(150 * a["brow_thickness"] / 4)
    q = r.random(n)
    x = a["brow_start"] + q * a["brow_length"]
    line = brow_line(g, a, q) + a["brow_slope"] * (q - 0.3)
    thick = (
        a["brow_thickness"]
        * (np.where(q < 0.12, 0.75 + q * 2, 1.0))
        * (1 - 0.68 * np.clip((q - 0.6) / 0.4, 0, 1))
    )
    y = line + (r.random(n) - 0.5) * thick
    lean = 30 * (y - line) / np.maximum(thick, 1) * (q > 0.15)
    angle = np.radians(62 - 62 * np.clip(q * 1.9, 0, 1) - 22 * q - lean) + r.normal(0, 0.14, n)
    length = (4.5 + 2.4 * r.random(n)) * (0.75 + 0.25 * (q < 0.8))
    half = np.stack([length * np.cos(angle), length * np.sin(angle)], 1) / 2
    middle = np.stack([x, y], 1)
    return middle - half, middle + half
