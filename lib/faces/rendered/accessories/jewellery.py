"""Draw earrings and necklace as wires."""

from __future__ import annotations

import numpy as np

from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.scene.picture_buffers import JEWELLERY, Picture
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.subject.subject import Subject

_GOLD, _SILVER, _CHAIN = np.array([0.8, 0.55, 0.2]), np.array([0.7, 0.7, 0.72]), np.array([0.7, 0.52, 0.22])


def draw_jewellery(
    picture: Picture, subject: Subject, shot: Shot, pose: Pose, r: np.random.Generator
) -> None:
    """Draw the shot's earrings and necklace (visible only above a low neckline)."""
    if shot.accessories.earrings:
        for sign in (-1, 1):
            _earring(picture, subject, shot, pose, sign, r)
    if shot.accessories.necklace and shot.clothes.low_neck:
        _necklace(picture, subject, pose, r)


def _earring(
    picture: Picture, subject: Subject, shot: Shot, pose: Pose, sign: int, r: np.random.Generator
) -> None:
    g = subject.measures
    lobe = np.array([sign * (g["ear_x"] + 4), g["ear_y"] - g["ear_length"] / 2 - 3, g["ear_z"] + 8])
    own = generator("jewellery", subject.world, subject.number, shot.number)  # the same for both ears
    hoop = own.random() < 0.5
    if hoop:
        t, radius = np.linspace(0, 2 * np.pi, 16), own.uniform(6, 17)
        wire = np.stack([np.full(16, sign * 2), radius * np.cos(t) - radius, radius * np.sin(t)], 1)
    else:
        wire = np.stack([np.full(6, sign * 2), -np.linspace(0, own.uniform(2, 18), 6), np.zeros(6)], 1)
    metal = _GOLD if subject.number % 2 else _SILVER
    sparkle = 0.35 + 1.1 * r.random((len(wire), 1))
    colour = metal * sparkle * (shot.light.key + shot.light.ambient)
    radius = (1.0 if hoop else 2.2) * picture.lens.pixels_per_mm
    picture.draw_wire(pose.head(lobe + wire), radius, colour, JEWELLERY, 3.0)


def _necklace(picture: Picture, subject: Subject, pose: Pose, r: np.random.Generator) -> None:
    t = np.linspace(-1, 1, 30)
    y = subject.measures["shoulder_y"] + 22 - 34 * np.cos(t * 1.4) ** 2
    wire = np.stack([58 * np.sin(t * 1.4), y, -78 + 66 * np.cos(t * 1.4)], 1)
    colour = _CHAIN * (0.3 + 1.0 * r.random((30, 1)))
    picture.draw_wire(pose.torso(wire), 0.9 * picture.lens.pixels_per_mm, colour, JEWELLERY, 14.0)
