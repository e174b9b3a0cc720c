"""Hats and headscarves: meshes, hair hidden below them, shade on the face."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head.mesh import HAT, KNITTED_HAT, Mesh, grid_faces, grid_normals, plain_mesh
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.smooth_functions import bump, smoothstep

_ROWS = 62
_INSIDE = np.array([0.0, 20.0, -90.0])
_EDGES = {"beanie": (46.0, 2.0), "cap": (47.0, 20.0), "brimmed": (46.0, 22.0)}
"""Height of the edge in front and at the back, millimetres."""


def hat_meshes(hat: str, g: dict[str, Any], head: Head, pose: Pose) -> list[Mesh]:
    """Meshes of a hat: `beanie`, `cap`, `brimmed` or `headscarf`."""
    if hat == "headscarf":
        return [_headscarf(g, head, pose), _drape(g, pose)]
    crown = _crown(hat, head, pose)
    if hat == "beanie":
        return [crown]
    reach, width = (66.0, 0.5) if hat == "cap" else (58.0, 0.0)
    return [crown, *_brim(hat, reach, width, head, pose)]


def hide_under_hat(points: np.ndarray, hat: str | None) -> np.ndarray:
    """Strands (S, K, 3) with the hidden part moved into the head and the hair below pressed down."""
    if hat is None:
        return points
    if hat == "headscarf":
        return np.broadcast_to(_INSIDE, points.shape)
    above = points[..., 1] - _edge(hat, points[..., 2])
    pressed = 1 - 0.10 * smoothstep(-45, 0, above)[..., None]
    axis = np.array([0.0, 0.0, -85.0])
    low = np.concatenate([pressed, np.ones_like(pressed), pressed], -1) * (points - axis) + axis
    return np.where(above[..., None] > 1, _INSIDE, low)


def shade_under_hat(hat: str | None, points: np.ndarray) -> Any:
    """Factor 0 to 1 of ambient light that a hat leaves to points (V, 3) of the head."""
    if hat is None or hat == "headscarf":
        return 1.0
    below = _edge(hat, points[:, 1] * 0 + points[:, 2]) - points[:, 1]
    depth, reach = (0.45, 14) if hat == "beanie" else (0.55, 34)
    return 1 - depth * smoothstep(reach, -2, below) * (points[:, 2] > -70)


def _edge(hat: str, z: Any) -> Any:
    front, back = _EDGES[hat]
    share = smoothstep(-130, -20, z)
    return front * share + back * (1 - share)


def _crown(hat: str, head: Head, pose: Pose) -> Mesh:
    knitted = hat == "beanie"
    points, normals = head.grid(head.vertices)[:_ROWS], head.grid(head.normals)[:_ROWS]
    above = points[..., 1] - _edge(hat, points[..., 2])
    if knitted:  # folded up at the edge, loose on top
        thickness = 7.5 + 4.5 * smoothstep(-2, 2, above) * smoothstep(36, 31, above)
        rise = np.array([0, 13.0, -9.0]) * smoothstep(70, 118, points[..., 1])[..., None]
    else:
        thickness = 6 + 8 * smoothstep(5, 60, above)
        front = smoothstep(-70, -10, points[..., 2])
        rise = np.array([0, 3.0, 9.0]) * (smoothstep(5, 40, above) * front)[..., None]
        if hat == "brimmed":
            height = np.minimum(30, 0.9 * np.maximum(above, 0))
            rise = np.stack([0 * height, height, 0 * height], -1)
    points = points + normals * thickness[..., None] + rise
    low = above < -9
    points[..., 1] -= np.where(low, 0, np.minimum(above, 0))  # a straight edge
    faces = grid_faces(_ROWS, head.columns, False)
    faces = faces[~low.ravel()[faces].all(1)]
    points = points.reshape(-1, 3)
    turned = grid_normals(points, _ROWS, head.columns, False) @ pose.turn.T
    ends = 0.7 + 0.3 * smoothstep(0, 7, above.ravel())
    return plain_mesh(pose.head(points), turned, points, faces, KNITTED_HAT if knitted else HAT, ends)


def _brim(hat: str, reach: float, narrow: float, head: Head, pose: Pose) -> list[Mesh]:
    """Meshes of both sides of a visor (front only) or a brim (all around)."""
    inner = _edge_line(hat, head)
    azimuth = np.arctan2(inner[:, 0], inner[:, 2] + 85)
    if hat == "cap":
        inner, azimuth = inner[np.abs(azimuth) < 0.95], azimuth[np.abs(azimuth) < 0.95]
    t = azimuth / np.abs(azimuth).max()
    out = np.linspace(0, 1, 9)[:, None]
    if hat == "cap":
        ahead = reach * np.sqrt(np.clip(1 - t**2, 0, 1)) * (1 - 0.12 * t**2)
        x = inner[:, 0] * (1 - 0.04 * out)
        y = inner[:, 1] + 4 - 14 * out**1.3 - 19 * t**2 * np.minimum(1, 1.5 * out)
        z = inner[:, 2] + ahead * out
    else:
        x = inner[:, 0] + np.sin(azimuth) * reach * out
        y = inner[:, 1] + 3 - 9 * out**2 * (1 + 0.7 * np.cos(azimuth)) + 8 * np.sin(azimuth) ** 2 * out**2
        z = inner[:, 2] + np.cos(azimuth) * reach * out
    points = np.stack([x, y + 0 * x, z + 0 * x], -1).reshape(-1, 3)
    shape = 9, len(inner)
    faces, normals = grid_faces(*shape, False), grid_normals(points, *shape, False)
    normals = np.where(normals[:, 1:2] > 0, normals, -normals)
    under = pose.head(points - np.array([0, 1.5, 0]))
    return [
        plain_mesh(pose.head(points), normals @ pose.turn.T, points, faces, HAT, np.full(len(points), 0.7)),
        plain_mesh(under, -normals @ pose.turn.T, points, faces[:, ::-1], HAT, np.full(len(points), 0.4)),
    ]


def _edge_line(hat: str, head: Head) -> np.ndarray:
    """Points (columns, 3) on the edge of the crown."""
    grid, normals = head.grid(head.vertices)[:_ROWS], head.grid(head.normals)[:_ROWS]
    above = grid[..., 1] - _edge(hat, grid[..., 2])
    row = np.argmin(np.abs(above), 0)
    columns = np.arange(head.columns)
    return grid[row, columns] + 6.5 * normals[row, columns]


def _headscarf(g: dict[str, Any], head: Head, pose: Pose) -> Mesh:
    """Mesh of a headscarf around the face."""
    points = head.vertices
    x, y, z = points.T
    middle, half = 0.5 * (62 + g["chin_y"]), 0.5 * (62 - g["chin_y"]) - 1
    oval = (x / (0.47 * g["cheekbone_width"])) ** 2 + ((y - middle) / half) ** 2
    open_ = (oval < 1) & (z > -70)
    ears = 15 * bump(y, z, g["ear_y"], g["ear_z"], 34, 30) * smoothstep(40, 62, np.abs(x))
    creases = 1.3 * np.sin(0.16 * y + 2.2 * np.sin(0.035 * x + 1) + 0.05 * z)
    full = smoothstep(1.0, 1.9, oval)
    thickness = 4 + ears + (5 + creases) * full + 9 * smoothstep(50, 105, y)
    cloth = points + head.normals * thickness[:, None]
    faces = head.faces[~open_[head.faces].any(1)]
    turned = grid_normals(cloth, head.rows, head.columns, False) @ pose.turn.T
    ends = 0.6 + 0.4 * smoothstep(1.0, 1.25, oval)
    return plain_mesh(pose.head(cloth), turned, cloth, faces, HAT, ends)


def _drape(g: dict[str, Any], pose: Pose) -> Mesh:
    """Mesh of the headscarf from the jaw to the shoulders."""
    t, a = np.linspace(0, 1, 14)[:, None], np.linspace(-np.pi, np.pi, 48, endpoint=False)[None]
    fold = 1 + 0.035 * np.sin(9 * a + 5 * t) * t + 0.03 * np.sin(4 * a - 3 * t)
    top, bottom = g["chin_y"] + 34, g["shoulder_y"] + 2
    wide = (g["head_width"] / 2 + 1) * (1 - t) + (g["neck_width"] + 44) * t
    deep = 61 + 6 * t
    x, z = wide * np.sin(a) * fold, -86 + deep * np.cos(a) * fold
    points = np.stack([x, top + (bottom - top) * t + 0 * a, z], -1).reshape(-1, 3)
    posed = pose.neck(points, np.repeat(smoothstep(0.1, 1, t[:, 0]), 48)[:, None])
    normals = grid_normals(posed, 14, 48, True)
    if (normals * (posed - posed.mean(0))).sum() < 0:
        normals = -normals
    return plain_mesh(posed, normals, points, grid_faces(14, 48, True), HAT)
