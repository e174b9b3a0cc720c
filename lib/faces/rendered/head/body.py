"""Mesh of neck and shoulders, a grid of rings."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head.mesh import grid_faces
from lib.faces.rendered.smooth_functions import ridge, smoothstep

RINGS, AROUND = 44, 56
_TOP, _BOTTOM = -20.0, -290.0


def body_vertices(g: dict[str, Any]) -> np.ndarray:
    """Vertices (RINGS * AROUND, 3) of neck and shoulders."""
    t = np.linspace(0, 1, RINGS)[:, None]
    a = np.linspace(-np.pi, np.pi, AROUND, endpoint=False)[None]
    y = _TOP + (_BOTTOM - _TOP) * t + 0 * a
    width, depth, centre = _ring_sizes(g, y)
    ca, sa = np.cos(a), np.sin(a)
    power = 2 / 2.4
    x = width * np.sign(sa) * np.abs(sa) ** power
    z = centre + depth * np.sign(ca) * np.abs(ca) ** power
    return np.stack([x, y, z + _muscles(g, x, y, ca)], -1).reshape(-1, 3)


def body_faces() -> np.ndarray:
    """Triangles of `body_vertices`."""
    return grid_faces(RINGS, AROUND, True)


def _ring_sizes(g: dict[str, Any], y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Half width, half depth and centre depth of the rings at heights y, in millimetres."""
    neck = g["neck_width"]
    u = np.clip((g["shoulder_y"] + 38 - y) / 75, 0, 1)  # 0 neck, 1 shoulder
    width = neck + (g["shoulder_width"] - neck) * u**2.2
    width = width + 5 * np.clip((-60 - y) / 80, 0, 1)
    inside_head = 0.55 + 0.45 * smoothstep(-20, -75, y)
    depth = neck * 0.98 + (98 - neck) * smoothstep(0, 1, u)
    return width * inside_head, depth * inside_head, -80 - 18 * np.clip((-60 - y) / 110, 0, 1)


def _muscles(g: dict[str, Any], x: np.ndarray, y: np.ndarray, ca: np.ndarray) -> np.ndarray:
    """Relief of neck muscles (sternocleidomastoid) and collar bones in millimetres."""
    ax = np.abs(x)
    neck = 2.5 * ridge(ax - (12 + (y + 170) * 0.33), 7) * (ca > 0)
    neck = neck * smoothstep(-190, -165, y) * smoothstep(-80, -120, y)
    collar = 3.5 * ridge(y - (g["shoulder_y"] - 22) - 0.10 * ax, 5) * (ca > 0.1) * smoothstep(12, 30, ax)
    return neck + collar
