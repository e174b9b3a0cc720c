"""Draw spectacles: frame as wires with a shadow, lenses with tint and reflection."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.accessories.accessory_choice import Spectacles
from lib.faces.rendered.scene.light_kinds import Light
from lib.faces.rendered.scene.lights import Lighting
from lib.faces.rendered.scene.picture_buffers import EAR_AND_SKIN, SPECTACLES, Picture
from lib.faces.rendered.scene.pose import Pose
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.subject.subject import Subject

_FRAMES = [
    (0.012, 0.012, 0.013), (0.10, 0.045, 0.02), (0.35, 0.33, 0.30), (0.55, 0.38, 0.16), (0.05, 0.06, 0.12),
    (0.22, 0.03, 0.035),
]  # fmt: skip
_EAR_TOP = 9.0


def draw_spectacles(picture: Picture, subject: Subject, shot: Shot, pose: Pose) -> None:
    """Draw the shot's spectacles, if any."""
    worn = shot.accessories.spectacles
    if worn is None:
        return
    lenses, wires = _frame(worn, subject.measures)
    light, glint = shot.light, subject.number + shot.number
    _draw_shadow(picture, [pose.head(wire) for wire in wires], worn, light)
    for rim in lenses:
        _draw_lens(picture, picture.lens.project(pose.head(rim)), worn, light, glint)
    paint = np.array(_FRAMES[worn.colour]) * (0.45 * light.ambient + 0.5 * light.key)
    radius = worn.thickness * 0.5 * picture.lens.pixels_per_mm + 0.1
    for wire in wires:
        spark = 0.75 + 0.7 * np.clip(np.sin(np.arange(len(wire)) * 1.3 + glint % 5), 0, 1) ** 4
        picture.draw_wire(pose.head(wire), radius, paint * spark[:, None] + 0.015, SPECTACLES, 2.5, 0.95)


def _rim(shape: str, n: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Outline x, y of one lens around its centre in millimetres."""
    t = np.linspace(0, 2 * np.pi, n)
    c, s = np.cos(t), np.sin(t)
    if shape == "round":
        return 23 * c, 21 * s - 2
    if shape == "oval":
        return 25 * c, 17 * s - 2
    if shape == "aviator":
        return (27 - 2 * s) * c * (1 + 0.08 * s), 21 * s - 4 - 3 * np.maximum(-s, 0)
    power = 2 / 3.2
    x, y = (26.5 * np.sign(c) * np.abs(c) ** power, 17.5 * np.sign(s) * np.abs(s) ** power - 2)
    if shape == "cat":
        y = y + 5 * np.maximum(c, 0) * (s > 0)
    return x, y


def _frame(worn: Spectacles, g: dict[str, Any]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Outlines of both lenses, and all wires of the frame, (K, 3) each in the head's frame."""
    rx, ry = _rim("rect" if worn.shape in ("half", "rimless") else worn.shape)
    scale = g["cheekbone_width"] / 134
    middle = g["pupil_distance"] / 2 * 0.55 + 32 * 0.45 + 1
    outer = middle + rx.max() * scale

    def depth(x: Any) -> Any:
        return 13.5 + g["nose_root"] * 0.5 - (np.abs(x) / 30) ** 2 * 3.2

    lenses, wires = [], []
    for sign in (-1, 1):
        x = sign * (middle + rx * scale)
        lenses.append(np.stack([x, ry * scale + 1.0, depth(x)], 1))
        if worn.shape == "half":
            wires.append(lenses[-1][:15])
        elif worn.shape != "rimless":
            wires.append(lenses[-1])
        wires.append(_temple(sign, outer, depth(outer), g))
    t = np.linspace(-1, 1, 7)
    x = (middle - rx.max() * scale + 1) * t
    return lenses, [*wires, np.stack([x, 3.5 + 2.5 * (1 - t**2), depth(x) + 1], 1)]


def _temple(sign: int, outer: float, depth: float, g: dict[str, Any]) -> np.ndarray:
    """Wire of one temple, from the hinge over the ear and down behind it, (K, 3)."""
    ear_x, ear_z = g["ear_x"] + 3, g["ear_z"] + 2
    x = [outer, outer + 2, 0.5 * (outer + ear_x) + 1, ear_x, ear_x, ear_x - 1]
    z = [depth, depth - 6, 0.5 * (depth + ear_z), ear_z + 8, ear_z - 8, ear_z - 16]
    y = [6, 6, 7, _EAR_TOP, _EAR_TOP - 4, _EAR_TOP - 22]
    return np.stack([sign * np.array(x), np.array(y, float), np.array(z)], 1)


def _draw_shadow(picture: Picture, wires: list[np.ndarray], worn: Spectacles, light: Light) -> None:
    """Darken the skin behind the frame, on the side away from the key light."""
    n, scale = len(picture.image), picture.lens.pixels_per_mm
    key = Lighting.of(light).key
    mask = np.zeros((n, n), np.uint8)
    width = max(1, round((worn.thickness + 1.2) * scale))
    for wire in wires:
        thrown = picture.lens.project(wire - 9.0 * (key / max(0.35, key[2])) * np.array([1, 1, 0]))
        cv2.polylines(
            mask, [np.round(thrown[:, :2] * 16).astype(np.int32)], False, 255, width, cv2.LINE_AA, 4
        )
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, 1.3 * scale)) / 255.0
    shade = (0.22 + 0.38 * light.hardness) * soft * np.isin(picture.parts, EAR_AND_SKIN)
    picture.image = picture.image * (1 - shade[..., None] * np.array([0.85, 1.0, 1.0]))


def _draw_lens(picture: Picture, outline: np.ndarray, worn: Spectacles, light: Light, glint: int) -> None:
    """Draw tint and reflection inside an outline (K, 3) in pixels and depth."""
    n = len(picture.image)
    mask = np.zeros((n, n), np.uint8)
    cv2.fillPoly(mask, [np.round(outline[:, :2] * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    cover = (mask / 255.0) * (picture.depth > outline[:, 2].mean() - 4)
    left, top = outline[:, :2].min(0)
    right, bottom = outline[:, :2].max(0)
    x, y = ((np.arange(n) - left) / (right - left + 1), (np.arange(n) - top) / (bottom - top + 1))
    across = y[:, None] + 0.55 * x[None] - 0.3 - 0.13 * (glint % 7)
    window = np.exp(-((across / 0.16) ** 2)) + 0.5 * np.exp(-(((across - 0.33) / 0.06) ** 2))
    sky = np.clip(1 - y, 0, 1)[:, None]
    shine = (0.006 + 0.02 * sky + (0.035 if glint % 3 else 0.012) * window) * (
        light.ambient + 0.3 * light.key
    )
    tint = worn.tint * (0.85 + 0.15 * sky) if worn.tint else 0.05
    cover = cover[..., None]
    picture.image = picture.image * (1 - cover * np.broadcast_to(tint, cover[..., 0].shape)[..., None])
    picture.image = picture.image + cover * shine[..., None] * np.array([0.95, 1.0, 1.06])
    if worn.tint:
        picture.parts[cover[..., 0] > 0.5] = SPECTACLES
