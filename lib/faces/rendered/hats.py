"""Hats: an offset of the head's crown, and a visor."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head import Head
from lib.faces.rendered.mesh import HAT, KNITTED_HAT, Mesh, grid_faces, grid_normals, plain_mesh
from lib.faces.rendered.pose import Pose
from lib.faces.rendered.smooth import smoothstep

_ROWS = 60
_VISOR = 8, 25


def hat_meshes(hat: str, g: dict[str, Any], head: Head, pose: Pose) -> list[Mesh]:
    """Meshes of a `beanie` or a `cap`."""
    crown = _crown(hat, head, pose)
    return [crown] if hat == "beanie" else [crown, *_visor(g, pose)]


def hide_under_hat(points: np.ndarray, hat: str | None) -> np.ndarray:
    """Strands (S, K, 3) with what the hat covers drawn into the head."""
    if hat is None:
        return points
    return np.where(points[..., 1:2] > (46 if hat == "beanie" else 34), np.array([0.0, 20.0, -90.0]), points)


def _crown(hat: str, head: Head, pose: Pose) -> Mesh:
    knitted = hat == "beanie"
    points, normals = head.grid(head.vertices)[:_ROWS], head.grid(head.normals)[:_ROWS]
    front = smoothstep(-120, -20, points[..., 2])
    edge = (44 if knitted else 45) * front + (5 if knitted else 22) * (1 - front)
    thickness = (9 if knitted else 7) + 7 * smoothstep(60, 110, points[..., 1])
    points = points + normals * thickness[..., None]
    low = points[..., 1] < edge
    faces = grid_faces(_ROWS, head.columns, False)
    faces = faces[~low.ravel()[faces].all(1)]
    points = points.reshape(-1, 3)
    turned = grid_normals(points, _ROWS, head.columns, False) @ pose.turn.T
    return plain_mesh(pose.head(points), turned, points, faces, KNITTED_HAT if knitted else HAT)


def _visor(g: dict[str, Any], pose: Pose) -> list[Mesh]:
    """Upper and lower side."""
    points, faces = _visor_points(g), grid_faces(*_VISOR, False)
    normals = grid_normals(points, *_VISOR, False)
    normals = np.where(normals[:, 1:2] > 0, normals, -normals)
    under = pose.head(points - np.array([0, 1.5, 0]))
    dark = np.full(len(points), 0.45)
    return [
        plain_mesh(pose.head(points), normals @ pose.turn.T, points, faces, HAT),
        plain_mesh(under, -normals @ pose.turn.T, points, faces[:, ::-1], HAT, dark),
    ]


def _visor_points(g: dict[str, Any]) -> np.ndarray:
    t, q = np.linspace(-1, 1, _VISOR[1])[None], np.linspace(0, 1, _VISOR[0])[:, None]
    x = 66 * np.sin(t * 1.25) * (1 + 0.02 * q)
    z = g["forehead"] + 12 - 60 + 64 * np.cos(t * 1.25) + q * 62 * (1 - t**2 * 0.55)
    return np.stack([x, 51 - 16 * q - 16 * t**2, z], -1).reshape(-1, 3)
