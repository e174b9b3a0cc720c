"""Objects that cover part of the face: hand, telephone, microphone, cup, scarf."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head.mesh import HAND, OBJECT, Mesh, grid_faces, grid_normals, plain_mesh
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.smooth_functions import unit

_RINGS, _AROUND = 13, 14


def occluder_meshes(occluder: str, side: int, g: dict[str, Any], head: Head, pose: Pose) -> list[Mesh]:
    """Meshes of an occluder; `side` is -1 or 1, left or right in the image."""
    make = {"hand": _hand, "telephone": _telephone, "microphone": _microphone, "cup": _cup, "scarf": _scarf}
    return [
        _posed(points, shape, material, pose) for points, shape, material in make[occluder](side, g, head)
    ]


Piece = tuple[np.ndarray, tuple[int, int], int]


def _posed(points: np.ndarray, shape: tuple[int, int], material: int, pose: Pose) -> Mesh:
    normals = grid_normals(points, *shape, True)
    if (normals * (points - points.mean(0))).sum() < 0:
        normals = -normals
    return plain_mesh(pose.head(points), normals @ pose.turn.T, points, grid_faces(*shape, True), material)


def _capsule(start: Any, end: Any, first: float, last: float, material: int, flat: float = 1.0) -> Piece:
    """Rod with round ends from `start` to `end`, radii `first` and `last`, flattened sideways by `flat`."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = unit(end - start)
    across = unit(np.cross(axis, [0.3, 0.1, 1.0]))
    other = np.cross(axis, across) * flat
    t = np.linspace(0, 1, _RINGS)
    cap = np.sqrt(np.clip(1 - np.clip(np.abs(2 * t - 1) * 1.25 - 0.25, 0, 1) ** 4, 0.0004, 1))
    radius = (first + (last - first) * t) * cap
    reach = np.linalg.norm(end - start) + 0.5 * (first + last)
    middle = start - 0.5 * first * axis + t[:, None] * reach * axis
    a = np.linspace(0, 2 * np.pi, _AROUND, endpoint=False)[None, :, None]
    ring = across * np.cos(a) + other * np.sin(a)
    return (middle[:, None] + radius[:, None, None] * ring).reshape(-1, 3), (_RINGS, _AROUND), material


def _skin_depth(head: Head, x: float, y: float) -> float:
    """Depth z of the face at (x, y) as seen from the front."""
    away = (head.vertices[:, 0] - x) ** 2 + (head.vertices[:, 1] - y) ** 2
    return float(head.vertices[np.argmin(np.where(head.vertices[:, 2] > -75, away, 1e9)), 2])


def _fingers(side: int, x: float, y: float, step: Any, length: Any, z: float) -> list[Piece]:
    """Four fingers: the first at (x, y), the others offset by `step`."""
    pieces = []
    for k in range(4):
        start = np.array([side * x, y, z]) + k * np.asarray(step) * np.array([side, 1, 1])
        end = start + np.asarray(length) * np.array([side, 1, 1]) * (1 - 0.12 * abs(k - 1.3))
        pieces.append(_capsule(start, end, 8.5, 6.5, HAND))
    return pieces


def _hand(side: int, g: dict[str, Any], head: Head) -> list[Piece]:
    """Hand below the chin or beside the cheek."""
    low = g["chin_y"] - 4
    pieces = []
    for k in range(4):
        x, top = 17.0 + 12.5 * k, low + 44 - 5 * abs(k - 1.2)
        z = _skin_depth(head, side * (x + 3), top) + 5
        knuckle = [side * (x - 2), low - 14, max(z + 6, -24.0)]
        pieces.append(_capsule(knuckle, [side * (x + 3), top, z], 8.5, 6.8, HAND))
    z = _skin_depth(head, side * 26, low + 4)
    pieces.append(_capsule([side * 36, low - 22, z - 4], [side * 46, low - 62, z - 22], 31, 26, HAND, 0.6))
    return [*pieces, _capsule([side * 48, low - 70, z - 26], [side * 74, low - 170, z - 40], 24, 30, HAND)]


def _telephone(side: int, g: dict[str, Any], head: Head) -> list[Piece]:
    x = g["ear_x"] + 15
    phone = _capsule([side * x, 12, -88], [side * (x - 8), -104, -52], 5, 5, OBJECT, 6.5)
    fingers = _fingers(side, x + 8, -28.0, [-1.5, -18.0, 3], [-1, -4, 58], -112)
    return [
        phone,
        *fingers,
        _capsule([side * (x + 6), -78, -112], [side * (x + 12), -190, -116], 30, 27, HAND),
    ]


def _microphone(side: int, g: dict[str, Any], head: Head) -> list[Piece]:
    y, z = g["mouth_y"] - 36, _skin_depth(head, 0, g["mouth_y"]) + 34
    ball = _capsule([side * 9, y, z], [side * 11, y - 9, z], 21, 20, OBJECT)
    stick = _capsule([side * 13, y - 28, z], [side * 34, y - 150, z + 14], 10.5, 9, OBJECT)
    fist = _fingers(side, 2, y - 76, [4.0, -17.0, 0], [44, -6, 2], z + 18)
    return [
        ball,
        stick,
        *fist,
        _capsule([side * 40, y - 92, z - 4], [side * 62, y - 190, z - 20], 27, 28, HAND),
    ]


def _cup(side: int, g: dict[str, Any], head: Head) -> list[Piece]:
    y, z = g["mouth_y"] - 6, _skin_depth(head, 0, g["mouth_y"]) + 42
    cup = _capsule([0, y - 18, z], [0, y - 84, z + 6], 38, 31, OBJECT)
    return [cup, *_fingers(side, 44, y - 34, [-1.0, -16.0, 0], [-42, -3, 14], z + 27)]


def _scarf(side: int, g: dict[str, Any], head: Head) -> list[Piece]:
    """Scarf: two turns of cloth around the neck, the upper one over the chin."""
    turns = []
    for height, wide, thick in ((-36.0, 84.0, 24.0), (-4.0, 75.0, 20.0)):
        a = np.linspace(0, 2 * np.pi, 40)[:, None]
        b = np.linspace(0, 2 * np.pi, 18, endpoint=False)[None]
        bulge = thick * (1 + 0.12 * np.sin(3 * a + 2 * b + side) + 0.08 * np.sin(7 * a - b))
        out = 1 + bulge * np.cos(b) / wide
        x, z = wide * np.sin(a) * out, -72 + (wide + 6) * np.cos(a) * out
        y = g["chin_y"] + height + 10 * np.sin(a) * side + bulge * 1.15 * np.sin(b) - 8 * np.cos(a)
        turns.append((np.stack([x, y, z], -1).reshape(-1, 3), (40, 18), OBJECT))
    return turns
