"""Shot: all that differs between two images of one subject (expression, pose, light, camera, clothes)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.faceset import EXPRESSIONS
from lib.faces.rendered.accessories.accessory_choice import (
    Accessories,
    Clothes,
    sample_accessories,
    sample_clothes,
)
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.scene.light_kinds import Light, sample_light
from lib.faces.rendered.subject.expressions import sample_actions
from lib.faces.rendered.subject.subject import Subject

_EXPRESSION_SHARES = [0.07, 0.06, 0.06, 0.34, 0.08, 0.08, 0.31]


@dataclass(frozen=True)
class Camera:
    """Position and settings of the camera.

    Attributes
    ----------
    distance : in millimetres.
    frame : width in millimetres that the picture shows at the head's distance, before `zoom`.
    shift : of the head in the frame, millimetres to the right and down.
    blur : SD in pixels of a 160-pixel picture; noise: SD of the grey level, 0 to 1.
    jpeg : quality, 0 to 100, 96 and more leave the pixels alone.
    exposure : log factor; contrast, saturation: factors; white_balance: red against blue.
    grey : whether the picture is black and white.
    sharpening : strength of the camera's unsharp mask.
    """

    distance: float
    zoom: float
    shift: tuple[float, float]
    blur: float
    noise: float
    jpeg: int
    exposure: float
    contrast: float
    saturation: float
    white_balance: float
    grey: bool
    sharpening: float
    frame: float = 285.0


@dataclass(frozen=True)
class Shot:
    """Settings of one image of a subject.

    Attributes
    ----------
    number : of the shot, 0 or more.
    expression : one of EXPRESSIONS; actions: strengths of the action units.
    yaw, pitch, roll : of the head in degrees; positive yaw turns it to the picture's right, positive pitch
        raises the chin, positive roll tilts the crown to the picture's left.
    gaze : of the eyes against the head, radians to the right and up.
    blink : whether the eyes are shut.
    """

    number: int
    expression: str
    actions: dict[str, float]
    yaw: float
    pitch: float
    roll: float
    gaze: tuple[float, float]
    blink: bool
    light: Light
    camera: Camera
    accessories: Accessories
    clothes: Clothes


def sample_shot(subject: Subject, shot_number: int, expression: str | None = None) -> Shot:
    """Draw a shot of `subject`: expression, pose, light, camera, accessories, clothes.

    Parameters
    ----------
    shot_number : 0 or more; the same number gives the same picture.
    expression : one of EXPRESSIONS; drawn (mostly happy and neutral) if None.

    Raises
    ------
    ValueError : `expression` is none of EXPRESSIONS.
    """
    if expression is not None and expression not in EXPRESSIONS:
        raise ValueError(f"no expression {expression!r}; there are {', '.join(EXPRESSIONS)}")
    r = generator("shot", subject.world, subject.number, shot_number)
    if expression is None:
        expression = str(r.choice(EXPRESSIONS, p=_EXPRESSION_SHARES))
    actions, blink = sample_actions(r, expression, subject.measures["habits"])
    yaw, pitch, roll = _sample_pose(r)
    gaze = _sample_gaze(r, yaw, pitch)
    light, camera = sample_light(r), _sample_camera(r)
    wardrobe = generator("accessories", subject.world, subject.number, shot_number)
    accessories = sample_accessories(wardrobe, subject)
    clothes = sample_clothes(wardrobe, subject)
    return Shot(
        shot_number, expression, actions, yaw, pitch, roll, gaze, blink, light, camera, accessories, clothes
    )


def _sample_pose(r: np.random.Generator) -> tuple[float, float, float]:
    """Draw yaw, pitch and roll in degrees; in one shot of seven the subject looks elsewhere."""
    wide = 2.1 if r.random() < 1 / 7 else 1.0
    yaw = float(np.clip(r.normal(0, 10.5 * wide), -45, 45))
    pitch = float(np.clip(r.normal(-1, 5.5), -20, 20))
    return yaw, pitch, float(np.clip(r.normal(0, 4.5), -18, 18))


def _sample_gaze(r: np.random.Generator, yaw: float, pitch: float) -> tuple[float, float]:
    """Draw the gaze in radians, partly compensating the head's turn."""
    across = float(np.radians(np.clip(-yaw * 0.55 + r.normal(0, 5), -22, 22)))
    return across, float(np.radians(np.clip(-pitch * 0.5 + r.normal(0, 3), -11, 11)))


def _sample_camera(r: np.random.Generator) -> Camera:
    return Camera(
        distance=float(np.exp(r.normal(np.log(1100), 0.3))),
        zoom=float(np.exp(r.normal(0, 0.05))),
        shift=(float(r.normal(0, 5)), float(r.normal(0, 5))),
        blur=float(np.clip(r.gamma(2.0, 0.18), 0.12, 1.3)),
        noise=float(np.clip(r.gamma(2, 0.0036), 0.002, 0.026)),
        jpeg=int(r.integers(58, 97)),
        exposure=float(r.normal(0, 0.16)),
        contrast=float(r.normal(1.14, 0.08)),
        saturation=float(r.normal(1, 0.12)),
        white_balance=float(r.normal(0, 0.045)),
        grey=bool(r.random() < 0.02),
        sharpening=float(np.clip(r.normal(0.25, 0.25), 0, 0.9)),
    )
