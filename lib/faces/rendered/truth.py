"""What is known about a rendered picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.attributes import attributes
from lib.faces.rendered.eyes import lid_openings, lid_points
from lib.faces.rendered.landmarks import EYES
from lib.faces.rendered.mesh import Mesh
from lib.faces.rendered.pose import Lens, Pose
from lib.faces.rendered.prepared import Prepared
from lib.faces.rendered.shots import Shot

_NOSE_TIP_AND_MOUTH_CORNERS = [30, 48, 54]


@dataclass(frozen=True)
class Truth:
    """Labels of one picture; pixels are x to the right, y down.

    Attributes
    ----------
    subject, shot : numbers.
    sex : place on the perceived-gender axis, negative male, positive female.
    age : years.
    expression : one of EXPRESSIONS.
    yaw, pitch, roll : degrees, see `Shot`.
    points : the five points of FaceSet, (5, 2) float64 pixels.
    landmarks : the usual 68 points, (68, 2) float64 pixels.
    box : left, top, right, bottom of the face in pixels, from below the chin to the forehead; may leave the
        picture.
    attributes : value of each of RENDERED_ATTRIBUTES.
    sunglasses : whether the spectacles are dark.
    parts : (size, size) uint8, numbers of `canvas.PARTS`.
    """

    subject: int
    shot: int
    sex: float
    age: float
    expression: str
    yaw: float
    pitch: float
    roll: float
    points: np.ndarray
    landmarks: np.ndarray
    box: tuple[float, float, float, float]
    attributes: dict[str, bool]
    sunglasses: bool
    parts: np.ndarray


def truth_of(prepared: Prepared, shot: Shot, head: Mesh, pose: Pose, lens: Lens, parts: np.ndarray) -> Truth:
    """Labels of a picture; `lens` projects to its own pixels, `head` is the moved head."""
    subject, spectacles = prepared.subject, shot.accessories.spectacles
    landmarks = _landmarks(prepared, shot, head, pose, lens)
    half = subject.measures["pupil_distance"] / 2
    pupils = lens.project(pose.head(np.array([[-half, 0, -1.0], [half, 0, -1.0]])))[:, :2]
    return Truth(
        subject.number,
        shot.number,
        subject.sex,
        subject.age,
        shot.expression,
        shot.yaw,
        shot.pitch,
        shot.roll,
        np.concatenate([pupils, landmarks[_NOSE_TIP_AND_MOUTH_CORNERS]]),
        landmarks,
        _face_box(prepared, head, lens),
        attributes(subject, shot, prepared.bangs),
        spectacles is not None and spectacles.sunglasses,
        parts,
    )


def _landmarks(prepared: Prepared, shot: Shot, head: Mesh, pose: Pose, lens: Lens) -> np.ndarray:
    points = head.moved[prepared.landmarks]
    points[EYES] = lid_points(prepared.subject.measures, *lid_openings(prepared.subject.measures, shot))
    return lens.project(pose.head(points))[:, :2]


def _face_box(prepared: Prepared, head: Mesh, lens: Lens) -> tuple[float, float, float, float]:
    height = head.neutral[:, 1]
    face = (prepared.head.front > 0.05) & (height > prepared.subject.measures["chin_y"] - 3) & (height < 72)
    x, y, _ = np.ascontiguousarray(lens.project(head.vertices[face]).T)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
