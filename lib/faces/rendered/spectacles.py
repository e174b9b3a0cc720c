"""Spectacles: rims, bridge and temples as wires, lenses as tinted, reflecting areas."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.canvas import SPECTACLES, Picture
from lib.faces.rendered.pose import Pose
from lib.faces.rendered.shots import Light, Shot
from lib.faces.rendered.subject import Subject
from lib.faces.rendered.wardrobe import Spectacles

_FRAMES = [(0.012, 0.012, 0.013), (0.10, 0.045, 0.02), (0.35, 0.33, 0.30), (0.55, 0.38, 0.16)]


def draw_spectacles(picture: Picture, subject: Subject, shot: Shot, pose: Pose) -> None:
    """Draw the shot's spectacles, if any."""
    worn = shot.accessories.spectacles
    if worn is None:
        return
    lenses, wires = _frame(worn, subject.measures)
    glint = subject.number + shot.number
    for rim in lenses:
        _draw_lens(picture, picture.lens.project(pose.head(rim)), worn, shot.light, glint)
    paint = np.array(_FRAMES[worn.colour]) * (0.6 * shot.light.ambient + 0.7 * shot.light.key)
    radius = worn.thickness * 0.5 * picture.lens.pixels_per_mm + 0.1
    for wire in wires:
        spark = 0.75 + 0.9 * np.clip(np.sin(np.arange(len(wire)) * 1.3 + glint % 5), 0, 1) ** 4
        picture.draw_wire(pose.head(wire), radius, paint * spark[:, None] + 0.02, SPECTACLES, 2.5, 0.95)


def _rim(shape: str, n: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Outline of one lens about its middle, millimetres."""
    t = np.linspace(0, 2 * np.pi, n)
    c, s = np.cos(t), np.sin(t)
    if shape == "round":
        return 23 * c, 21 * s - 2
    if shape == "oval":
        return 25 * c, 17 * s - 2
    if shape == "aviator":
        return (27 - 2 * s) * c * (1 + 0.08 * s), 21 * s - 4 - 3 * np.maximum(-s, 0)
    power = 2 / 3.2
    x, y = 26.5 * np.sign(c) * np.abs(c) ** power, 17.5 * np.sign(s) * np.abs(s) ** power - 2
    if shape == "cat":
        y = y + 5 * np.maximum(c, 0) * (s > 0)
    return x, y


def _frame(worn: Spectacles, g: dict[str, Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Both lenses' outlines, and all wires, (K, 3) in the head's frame."""
    rx, ry = _rim(worn.shape)
    scale = g["cheekbone_width"] / 134
    middle = g["pupil_distance"] / 2 * 0.55 + 32 * 0.45 + 1
    outer = middle + rx.max() * scale

    def depth(x: Any) -> Any:
        return 13.5 + g["nose_root"] * 0.5 - (np.abs(x) / 30) ** 2 * 3.2

    lenses, wires = [], []
    for sign in (-1, 1):
        x = sign * (middle + rx * scale)
        lenses.append(np.stack([x, ry * scale + 1.0, depth(x)], 1))
        t = np.linspace(0, 1, 8)
        side = sign * (outer + (g["ear_x"] + 3 - outer) * np.minimum(1, t * 3))
        wires += [lenses[-1], np.stack([side, 6 - 2 * t, depth(outer) - 98 * t], 1)]
    t = np.linspace(-1, 1, 7)
    x = (middle - rx.max() * scale + 1) * t
    return lenses, [*wires, np.stack([x, 3.5 + 2.5 * (1 - t**2), depth(x) + 1], 1)]


def _draw_lens(picture: Picture, outline: np.ndarray, worn: Spectacles, light: Light, glint: int) -> None:
    """Tint and reflection within an outline (K, 3) in pixels and depth."""
    n = len(picture.image)
    mask = np.zeros((n, n), np.uint8)
    cv2.fillPoly(mask, [np.round(outline[:, :2] * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cover = (mask / 255.0) * (picture.depth > outline[:, 2].mean() - 4)
    across = np.linspace(-1, 1, n)[:, None] + np.linspace(-0.5, 0.5, n)[None] * 0.6
    window = 0.5 + 0.5 * np.sin(across * 9 + glint % 7)
    shine = (0.02 + 0.05 * window) * (light.ambient + 0.4 * light.key) * (1.0 if worn.tint else 0.55)
    tint = worn.tint or 0.05
    picture.image = picture.image * (1 - cover[..., None] * tint) + (cover * shine)[..., None]
    if worn.tint:
        picture.parts[cover > 0.5] = SPECTACLES
