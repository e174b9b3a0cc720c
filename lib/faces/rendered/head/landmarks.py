"""The 68 facial landmarks as vertices of the head's mesh."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from lib.faces.rendered.head.displacement import lip_curves
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.skin.eyebrows import brow_line
from lib.faces.rendered.subject.subject import Subject

EYES = slice(36, 48)
_Point = tuple[float, float, int]


def landmark_vertices(subject: Subject, head: Head) -> np.ndarray:
    """Vertex of each of the 68 landmarks: jaw 17, brows 10, nose 9, eyes 12, lips 20.

    The eyes' points are moved per image.
    """
    g, a = subject.measures, subject.looks
    points = np.array([*_jaw(g), *_brows(g, a), *_nose(g), *[(0.0, 0.0, 0)] * 12, *_lips(g)])
    vertices = head.vertices
    front, upper = vertices[:, 2] > -78, head.side > 0
    index = np.zeros(len(points), int)
    for side, mask in ((0, front), (1, front & upper), (-1, front & ~upper)):
        rows, candidates = points[:, 2] == side, np.flatnonzero(mask)
        # a small weight on depth prefers the outermost surface
        tree = cKDTree(np.c_[vertices[candidates, :2], -0.02 * vertices[candidates, 2]])
        _, nearest = tree.query(np.c_[points[rows, :2], np.full(rows.sum(), -0.02 * 20)])
        index[rows] = candidates[nearest]
    return index


def _jaw(g: dict[str, Any]) -> list[_Point]:
    chin, cheek, angle = g["chin_y"], g["cheekbone_width"] / 2, g["jaw_width"] / 2
    heights = [chin, chin + 3, chin + 11, chin + 23, chin + 37, chin + 53, -42, -24, -4]
    t = np.linspace(-1, 1, 17)
    y = np.interp(np.abs(t), np.linspace(0, 1, 9), heights)
    x = np.interp(np.abs(t), [0, 0.25, 0.5, 0.75, 1], [0, 27, angle - 4, cheek - 4, cheek + 1])
    return [(float(u), float(v), 0) for u, v in zip(np.sign(t) * x, y, strict=True)]


def _brows(g: dict[str, Any], a: dict[str, Any]) -> list[_Point]:
    q = np.linspace(0, 1, 5)
    half = list(zip(a["brow_start"] + q * a["brow_length"], brow_line(g, a, q), strict=True))
    return [(-x, y, 0) for x, y in half[::-1]] + [(x, y, 0) for x, y in half]


def _nose(g: dict[str, Any]) -> list[_Point]:
    ridge = [(0.0, float(y), 0) for y in np.linspace(3, g["nose_base_y"] + 8, 4)]
    nw = g["nose_width"] / 2
    below = (-nw + 2, -nw / 2, 0.0, nw / 2, nw - 2)
    return ridge + [(x, g["nose_base_y"] + (3 if abs(x) > 5 else 0), 0) for x in below]


def _lips(g: dict[str, Any]) -> list[_Point]:
    """Points of the outer, then the inner lip contour; side 1 above, -1 below the mouth line."""
    hw = g["mouth_width"] / 2

    def point(x: float, curve: int, side: int) -> _Point:
        return x * hw, float(lip_curves(g, np.array([x * hw]))[curve][0]), side

    outer = [point(x, 1, 1) for x in (-1, -0.6, -0.25, 0, 0.25, 0.6, 1)]
    outer += [point(x, 3, -1) for x in (0.6, 0.25, 0, -0.25, -0.6)]
    inner = [point(x, 2, 1) for x in (-0.85, -0.3, 0, 0.3, 0.85)]
    return outer + inner + [point(x, 2, -1) for x in (0.3, 0, -0.3)]
