"""Meshes of one image in the camera's frame: head with expression, ears, body, hat."""

from __future__ import annotations

import cv2
import numpy as np

from lib.faces.rendered.accessories.hats import hat_meshes
from lib.faces.rendered.head.action_units import expression_measures, moved
from lib.faces.rendered.head.body import AROUND, RINGS, body_faces
from lib.faces.rendered.head.mesh import BODY, EAR, MOUTH, SKIN, Mesh, grid_normals, plain_mesh
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.smooth_functions import smoothstep
from lib.faces.rendered.subject.prepared_subject import Prepared

_SCATTER = 2.6
"""SD in grid steps by which light inside the skin smooths the normals."""


def head_part(prepared: Prepared, shot: Shot, pose: Pose) -> Mesh:
    """Mesh of the head with the shot's expression."""
    head = prepared.head
    measures = expression_measures(prepared.subject.measures)
    points = moved(head.vertices, head.side, head.front, shot.actions, measures)
    normals = _normals(head, points)
    occlusion = head.occlusion * _creased(head, points, normals)
    grid = head.grid(normals).astype(np.float32)
    soft = cv2.GaussianBlur(grid, (0, 0), _SCATTER).astype(np.float64).reshape(-1, 3)
    rows, columns = np.meshgrid(np.arange(head.rows), np.arange(head.columns), indexing="ij")
    texels = np.stack([columns.ravel(), rows.ravel()], 1).astype(float)
    row_of_face = np.arange(len(head.faces)) // 2 // (head.columns - 1)
    materials = np.where(row_of_face == head.mouth_row, MOUTH, SKIN).astype(np.int32)
    return Mesh(
        pose.head(points),
        normals @ pose.turn.T,
        soft @ pose.turn.T,
        occlusion,
        texels,
        head.vertices,
        points,
        head.faces,
        materials,
    )


def _creased(head: Head, points: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Light factor (V,), about 0.5 to 1.1, in folds made by the expression."""
    motion = head.grid(points - head.vertices).astype(np.float32)
    motion[head.mouth_row - 1 : head.mouth_row + 3] = 0  # parted lips are no fold
    outward = head.grid(normals)
    hollow = np.zeros(motion.shape[:2])
    for sigma, weight in ((1.6, 0.55), (4.0, 0.22)):
        hollow += weight * ((cv2.GaussianBlur(motion, (0, 0), sigma) - motion) * outward).sum(-1)
    away = np.abs(np.arange(head.rows) - head.mouth_row - 0.5)[:, None]
    hollow *= 1 - np.exp(-((away / 7.0) ** 2))
    return np.exp(-np.clip(hollow, -0.12, 0.7)).ravel()


def _normals(head: Head, points: np.ndarray) -> np.ndarray:
    """Normals of the moved head, computed separately on both sides of the mouth gap."""
    normals = grid_normals(points, head.rows, head.columns, False)
    rows, row = head.grid(points), head.mouth_row
    for edge, first, at in ((row, row - 2, 2), (row + 1, row + 1, 0)):
        strip = np.ascontiguousarray(rows[first : first + 3]).reshape(-1, 3)
        own = grid_normals(strip, 3, head.columns, False).reshape(3, head.columns, 3)
        head.grid(normals)[edge] = own[at]
    return normals


def ear_parts(prepared: Prepared, pose: Pose) -> list[Mesh]:
    """Meshes of both ears."""
    return [
        plain_mesh(pose.head(points), normals @ pose.turn.T, points, faces, EAR, occlusion)
        for points, normals, faces, occlusion in prepared.ears
    ]


def body_part(prepared: Prepared, pose: Pose) -> Mesh:
    """Mesh of neck and shoulders; the neck follows the head at its top, the torso below."""
    points = prepared.body
    share = smoothstep(-60, prepared.subject.measures["shoulder_y"] + 20, points[:, 1])[:, None]
    posed = pose.neck(points, share)
    normals = -grid_normals(posed, RINGS, AROUND, True)
    if (normals * (posed - posed.mean(0))).sum() < 0:
        normals = -normals
    return plain_mesh(posed, normals, points, body_faces(), BODY)


def hat_parts(prepared: Prepared, shot: Shot, pose: Pose) -> list[Mesh]:
    """Meshes of the hat; an empty list without a hat."""
    hat = shot.accessories.hat
    return [] if hat is None else hat_meshes(hat, prepared.subject.measures, prepared.head, pose)
