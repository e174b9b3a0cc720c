"""Mesh of the ears, grids of rings around the ear canal."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head.mesh import grid_faces, grid_normals
from lib.faces.rendered.smooth_functions import ridge, smoothstep

_RINGS, _AROUND = 15, 36


def ear_mesh(g: dict[str, Any], sign: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vertices, outward normals (V, 3), faces and occlusion (V,) of one ear; sign -1: left in the image."""
    height = _ear_height(*_ear_angles())
    vertices = _ear_vertices(g, sign, height)
    faces = grid_faces(_RINGS, _AROUND, True)
    if sign > 0:
        faces = faces[:, ::-1]
    normals = grid_normals(vertices, _RINGS, _AROUND, True)
    if (normals[:, 0] * sign).mean() < 0:
        normals = -normals
    open_ = np.clip(0.62 + 0.12 * height, 0.22, 1.0).ravel()  # hollows are dark, helix and antihelix light
    return vertices, normals, faces, open_


def _ear_angles() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Polar coordinates of the vertices: distance from the canal, 0 to 1, and how far up and back."""
    r = np.linspace(0, 1, _RINGS)[:, None]
    a = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)[None]
    up, back = np.sin(a), np.cos(a)
    back = np.sign(back) * np.abs(back) ** 0.72
    return r, np.sign(up) * np.abs(up) ** 0.9, back


def _ear_vertices(g: dict[str, Any], sign: int, h: np.ndarray) -> np.ndarray:
    r, up, back = _ear_angles()
    width = 17.0 * (1 + 0.16 * up - 0.10 * np.maximum(-up, 0)) * np.where(back > 0, 1.10, 0.62)
    p = r * width * back
    q = r * g["ear_length"] / 2 * up
    tilt = 0.22
    pp = p * np.cos(tilt) + q * np.sin(tilt) * 0.6
    qq = q * np.cos(tilt) - p * np.sin(tilt) * 0.6
    c, s = np.cos(g["ear_protrusion"]), np.sin(g["ear_protrusion"])
    x = g["ear_x"] + pp * s * np.where(pp > 0, 1, 0.3) + h * c
    return np.stack([sign * x, g["ear_y"] + qq, g["ear_z"] - pp * c + h * s], -1).reshape(-1, 3)


def _ear_height(r: np.ndarray, up: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Relief of the ear: helix, antihelix, concha, rim and lobe, in millimetres."""
    helix = 3.6 * ridge(r - 0.90, 0.075) * (0.35 + 0.65 * smoothstep(-0.75, -0.2, up))
    h = helix * np.where(back > -0.3, 1, 0.6)
    h = h + 2.6 * ridge(r - 0.6, 0.12) * smoothstep(-0.8, 0.0, back + 0.25)
    h = h - 4.5 * ridge(r, 0.42)
    h = h - 2.2 * smoothstep(0.93, 1.0, r)
    return h + 1.2 * smoothstep(0.3, 0.9, -up) * r
