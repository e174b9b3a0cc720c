"""The neutral head of one subject as a grid of vertices.

The grid's rows run down, its columns from the picture's left to its right; the face is dense. One row is
doubled along the mouth line, so that the lips can part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.head.displacement import Surface, asymmetry, identity_relief, relief
from lib.faces.rendered.head.implicit_surface import CENTRE, mouth_line, primitives, solve_grid
from lib.faces.rendered.head.mesh import grid_faces, grid_normals
from lib.faces.rendered.smooth_functions import bump, smoothstep

COLUMNS, _ROWS = 181, 190


@dataclass(frozen=True)
class Head:
    """Neutral head of one subject as a grid mesh.

    Attributes
    ----------
    vertices : (rows * columns, 3) millimetres.
    normals : (rows * columns, 3) unit vectors.
    side : 1 above the mouth line, -1 below, per vertex.
    front : 1 on the face, 0 at the back, per vertex.
    occlusion : 0 to 1 per vertex.
    mouth_row : the upper of the two equal rows.
    faces : (T, 3) int32.
    """

    vertices: np.ndarray
    normals: np.ndarray
    rows: int
    columns: int
    mouth_row: int
    side: np.ndarray
    front: np.ndarray
    occlusion: np.ndarray
    faces: np.ndarray

    def grid(self, values: np.ndarray) -> np.ndarray:
        """Reshape values per vertex to (rows, columns, ...)."""
        return values.reshape(self.rows, self.columns, *values.shape[1:])


def build_head(g: dict[str, Any]) -> Head:
    """Build the neutral head with measures `g`."""
    base, row = _smooth_head(g)
    rows, columns = base.shape[:2]
    side = np.ones((rows, columns))
    side[row + 1 :] = -1
    surface = Surface.of(base, side)
    n = grid_normals(base.reshape(-1, 3), rows, columns, False).reshape(base.shape)
    vertices = base + (n * 0.6 + np.array([0, 0, 0.4])) * relief(surface, g)[..., None]
    asymmetry(vertices, surface.front, g["asymmetry"])
    identity_relief(vertices, n, surface.front, g)
    flat = np.ascontiguousarray(vertices.reshape(-1, 3))
    normals = grid_normals(flat, rows, columns, False)
    occlusion = _occlusion(vertices, normals.reshape(base.shape), surface, g)
    return Head(
        flat,
        normals,
        rows,
        columns,
        row,
        side.ravel(),
        surface.front.ravel(),
        occlusion.ravel(),
        grid_faces(rows, columns, False),
    )


def _grid_axes() -> tuple[np.ndarray, np.ndarray]:
    """Azimuth of each column and elevation of each row, in radians."""
    half = np.interp(np.linspace(0, 1, (COLUMNS + 1) // 2), [0, 0.68, 0.84, 1], [0, 50, 85, 180])
    az = np.concatenate([-half[:0:-1], half])
    el = np.interp(np.linspace(0, 1, _ROWS), [0, 0.10, 0.22, 0.88, 0.96, 1.0], [88, 52, 35, -53, -68, -86])
    return np.radians(az), np.radians(el)


def _smooth_head(g: dict[str, Any]) -> tuple[np.ndarray, int]:
    """Vertices (rows, columns, 3) without relief, and the row of the mouth line."""
    shapes = primitives(g)
    az, el = _grid_axes()
    line = mouth_line(shapes, CENTRE, az, g["mouth_width"] / 2, g["mouth_y"], g["mouth_sag"])
    e0 = line[COLUMNS // 2]
    row = int(np.argmin(np.abs(el - e0)))
    el = el + (e0 - el[row]) * np.exp(-(((el - e0) / np.radians(14)) ** 2))
    el = np.concatenate([el[: row + 1], el[row:]])
    bend = np.where(np.isnan(line), 0, line - e0) * smoothstep(0.75, 0.5, np.abs(az))
    elevations = el[:, None] + bend[None] * np.exp(-(((el[:, None] - e0) / np.radians(9)) ** 2))
    return solve_grid(shapes, CENTRE, az, elevations), row


def _occlusion(vertices: np.ndarray, normals: np.ndarray, s: Surface, g: dict[str, Any]) -> np.ndarray:
    """Ambient occlusion from the mesh's concavity at three scales."""
    hidden = np.zeros(s.front.shape)
    for sigma, weight in ((2.0, 0.26), (5.0, 0.11), (12.0, 0.035)):
        blurred = cv2.GaussianBlur(vertices.astype(np.float32), (0, 0), sigma)
        hollow = ((blurred - vertices) * normals).sum(-1)
        hidden += weight * np.maximum(hollow - 0.05, -0.6)
    open_ = np.exp(-np.maximum(hidden * _beside_nose(s), -0.15)) * _sheltered(s, vertices[..., 2], g)
    return np.where(s.front > 0.2, open_, 1.0 * (1 - s.front * 5) + open_ * s.front * 5)


def _beside_nose(s: Surface) -> np.ndarray:
    """Factor that reduces occlusion between nose and eye, which receive reflected light."""
    return 1 - 0.5 * bump(s.ax, s.y, 12, -12, 8, 18)


def _sheltered(s: Surface, z: np.ndarray, g: dict[str, Any]) -> np.ndarray:
    """Correction of occlusion that small concavities miss: orbit under the brow, sides under hair."""
    eye = g["pupil_distance"] / 2
    deep = float(np.clip(0.12 + 0.02 * g["brow_ridge"], 0.05, 0.3))
    orbit = deep * bump(s.ax, s.y, eye + 1, 4, 17, 9.5)
    sides = 0.25 * smoothstep(14, 74, -z)
    return (1 - orbit) * (1 - sides)
