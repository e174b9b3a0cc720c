"""Ground truth of a rendered image: points, landmarks, box, pose, attributes, map of parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.rendered.head.eyes import lid_openings, lid_points
from lib.faces.rendered.head.landmarks import EYES
from lib.faces.rendered.head.mesh import Mesh
from lib.faces.rendered.output.attributes import Seen, attributes
from lib.faces.rendered.scene.picture_buffers import HAIR, JEWELLERY, Picture
from lib.faces.rendered.scene.pose import Lens, Pose
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.subject.prepared_subject import Prepared

_NOSE_TIP_AND_MOUTH_CORNERS = [30, 48, 54]
_INNER_LIPS = np.array([[61, 62, 63], [67, 66, 65]])
_MOUTH = 9
_EARRING, _NECKLACE, _LIPS_OPEN, _HAIR_BELOW_HAT = 10, 40, 10, 400
"""Square millimetres that must show."""
_TIE_SHOWS = 1
"""Millimetres above the shoulders' height down to which a tie must be in the picture."""


@dataclass(frozen=True)
class Truth:
    """Ground truth of one image; pixels are x to the right, y down.

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
    occluded : whether a hand or an object covers part of the face.
    parts : (size, size) uint8, numbers of `picture_buffers.PARTS`.
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
    occluded: bool
    parts: np.ndarray


def truth_of(prepared: Prepared, shot: Shot, head: Mesh, pose: Pose, lens: Lens, picture: Picture) -> Truth:
    """Compute the ground truth of one image.

    Parameters
    ----------
    head : the moved head.
    lens : projects to the pixels of the finished picture; `picture` has its own, twice as fine.
    """
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
        attributes(subject, shot, _seen(prepared, head, pose, picture)),
        spectacles is not None and spectacles.sunglasses,
        shot.accessories.occluder is not None,
        _halved(picture.parts),
    )


def _halved(parts: np.ndarray) -> np.ndarray:
    return parts[1::2, 1::2].copy()


def _seen(prepared: Prepared, head: Mesh, pose: Pose, picture: Picture) -> Seen:
    """Determine which lips, hair, jewellery and tie are visible in the supersampled image."""
    lens, parts, shoulder = picture.lens, picture.parts, prepared.subject.measures["shoulder_y"]
    between = lens.project(pose.torso(np.array([0, shoulder + 40, -80.0])))[1]
    row = int(np.clip(between, 0, len(parts)))

    def shows(part: int, least: float, rows: slice = slice(None)) -> bool:
        return bool((parts[rows] == part).sum() > least * lens.pixels_per_mm**2)

    knot = lens.project(pose.torso(np.array([0, shoulder + _TIE_SHOWS, -10.0])))
    return Seen(
        prepared.bangs,
        shows(HAIR, _HAIR_BELOW_HAT),
        _mouth_gap(prepared, head) if shows(_MOUTH, _LIPS_OPEN) else 0.0,
        shows(JEWELLERY, _EARRING, slice(None, row)),
        shows(JEWELLERY, _NECKLACE, slice(row, None)),
        bool((knot[:2] >= 0).all() and (knot[:2] < len(parts)).all()),
    )


def _mouth_gap(prepared: Prepared, head: Mesh) -> float:
    """Opening of the lips in the middle in millimetres, relative to the neutral face."""
    upper, lower = prepared.landmarks[_INNER_LIPS]
    gap = head.moved[upper, 1] - head.moved[lower, 1] - head.neutral[upper, 1] + head.neutral[lower, 1]
    return float(gap.mean())


def _landmarks(prepared: Prepared, shot: Shot, head: Mesh, pose: Pose, lens: Lens) -> np.ndarray:
    points = head.moved[prepared.landmarks]
    points[EYES] = lid_points(prepared.subject.measures, *lid_openings(prepared.subject.measures, shot))
    return lens.project(pose.head(points))[:, :2]


def _face_box(prepared: Prepared, head: Mesh, lens: Lens) -> tuple[float, float, float, float]:
    height = head.neutral[:, 1]
    face = (prepared.head.front > 0.05) & (height > prepared.subject.measures["chin_y"] - 3) & (height < 72)
    x, y, _ = np.ascontiguousarray(lens.project(head.vertices[face]).T)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
