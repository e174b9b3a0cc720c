"""Skin texture of one subject (linear colour and gloss), painted once per subject.

Everything is a function of the neutral head's millimetres.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.hair.hair_regions import above_hairline
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.skin import skin_marks
from lib.faces.rendered.skin.eyebrows import brow_layer
from lib.faces.rendered.skin.skin_canvas import TEXELS, Canvas
from lib.faces.rendered.smooth_functions import bump, smoothstep
from lib.faces.rendered.subject.subject import Subject

_TONES = np.array([
    [.0, .66, .42, .32], [.25, .56, .335, .235], [.5, .385, .205, .125], [.75, .20, .097, .055],
    [1., .085, .040, .024],
])  # fmt: skip


@dataclass(frozen=True)
class Skin:
    """Skin texture of a subject.

    Attributes
    ----------
    texture : (rows, columns, 4) float32, linear red, green, blue and gloss.
    base : the subject's mean colour, (3,) linear.
    """

    texture: np.ndarray
    base: np.ndarray


def skin_colour(melanin: float) -> np.ndarray:
    """Linear albedo (3,) of skin with a melanin of 0 to 1."""
    return np.array([np.interp(melanin, _TONES[:, 0], _TONES[:, i]) for i in (1, 2, 3)])


def paint_skin(subject: Subject, head: Head) -> Skin:
    """Paint the skin texture of `subject` on its head."""
    g, a = subject.measures, subject.looks
    r = generator("skin", subject.world, subject.number)
    base = skin_colour(a["melanin"]) * np.array(
        [1, 1 - 0.05 * a["yellowness"] * 0.5, 1 - 0.10 * a["yellowness"]]
    )
    c = Canvas.of(head, base, r)
    _blood_and_shade(c, g, a)
    skin_marks.freckles_and_spots(c, a, r)
    c.gloss = _gloss(c, g, a)
    skin_marks.beard_shadow(c, g, a)
    with c.near(g["mouth_width"] / 2 + 30, g["mouth_y"] - 42, g["nose_base_y"] + 32) as mouth:
        skin_marks.lips(mouth, g, a)
        skin_marks.openings(mouth, g)
    with c.near(g["pupil_distance"] / 2 + 40, -30, 40) as eyes:
        skin_marks.eye_shadow(eyes, g, a)
        skin_marks.lid_crease(eyes, g, a)
    _brows(c, g, a, head, r)
    _scalp(c, a)
    gloss = np.clip(c.gloss, 0, 2.2)[..., None]
    texture = np.concatenate([np.clip(c.colour, 0.003, 0.95), gloss], -1).astype(np.float32)
    return Skin(np.ascontiguousarray(texture), base)


def _blood(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> Any:
    """Amount of haemoglobin: cheeks, nose, chin, blush."""
    ax, y, fr, nw = c.ax, c.y, c.front, g["nose_width"] / 2
    h = 0.30 * a["haemoglobin"] + 0.42 * bump(ax, y, 38, -30, 17, 15) * fr * (0.5 + a["haemoglobin"] * 0.8)
    h = h + 0.45 * bump(ax, y, 0, g["nose_base_y"] + 8, nw, 11) * fr * (0.35 + a["haemoglobin"])
    h = h + 0.25 * bump(ax, y, 0, g["chin_y"] + 12, 16, 10) * fr
    h = h + 0.45 * a["blush"] * bump(ax, y + (ax - 40) * -0.35, 43, -26, 15, 10) * fr
    return h + 0.14 * a["mottling"] * c.coarse + 0.05 * c.fine


def _blood_and_shade(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> None:
    ax, y, fr, exx, mot = c.ax, c.y, c.front, g["pupil_distance"] / 2, a["mottling"]
    h = _blood(c, g, a)
    dark = 0.07 * mot * c.middle + 0.035 * mot * c.fine
    rings = bump(ax, y + (ax - exx) * 0.2, exx - 3, -12.5, 14, 5.5) * fr
    dark = (
        dark + (0.12 * (1 - 0.8 * a["young"]) + 0.20 * a["ageing"] + 0.06 * min(g["eye_bags"], 1.5)) * rings
    )
    dark = dark + 0.13 * bump(ax, y, exx, 7.5, 15, 5) * fr + 0.12 * bump(ax, y, exx - 15, 1, 5, 6) * fr
    dark = dark + 0.08 * smoothstep(20, 90, -c.z)
    dark = dark + skin_marks.fold_shade(c, g)
    if a["wrinkles"] > 0.03:
        dark = dark + 0.24 * a["wrinkles"] * skin_marks.fine_lines(c, g) * fr
    blood = np.stack([0.04 * h, 0.34 * h, 0.28 * h], -1)
    c.colour *= np.exp(-blood * (1.1 - 0.5 * a["melanin"])) * np.exp(-dark)[..., None]
    field = cv2.GaussianBlur(cv2.flip(c.coarse, 1) + c.coarse, (0, 0), 7)
    c.colour *= np.exp((0.08 + 0.04 * a["ageing"]) * field * (1 - a["young"] * 0.7))[..., None]


def _gloss(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> Any:
    ax, y = c.ax, c.y
    shine = 0.55 + 0.35 * bump(ax, y, 0, 45, 35, 22) + 0.25 * bump(ax, y, 0, g["nose_base_y"] + 12, 10, 22)
    return (shine + 0.3 * bump(ax, y, 38, -18, 13, 10)) * (a["gloss"] + 0.08 * c.middle)


def _brows(c: Canvas, g: dict[str, Any], a: dict[str, Any], head: Head, r: np.random.Generator) -> None:
    layer = brow_layer(r, g, a, head, c.x.shape, TEXELS)
    soft = cv2.GaussianBlur(layer, (0, 0), 1.6)
    b = np.clip((layer * 0.55 + soft * 1.0) * a["brow_density"], 0, 0.96)
    c.blend(b, np.array(a["brow_colour"], np.float32))
    c.gloss *= 1 - 0.8 * b


def _scalp(c: Canvas, a: dict[str, Any]) -> None:
    """Darken the scalp where hair grows."""
    if a["hair_style"] == "bald":
        return
    k = smoothstep(-1.5, 7, above_hairline(a, c.points) + 2.2 * c.coarse)
    stubble = a["hair_style"] == "buzz"
    k = k * 0.82 * np.clip(0.9 + 0.3 * c.fine, 0, 1) if stubble else k * 0.97
    k = k * (1 - 0.6 * a["thin_hair"])
    c.blend(k, np.array(a["hair_colour"], np.float32) * (0.38 if stubble else 0.36 + 0.2 * a["grey"]))
    c.gloss *= 1 - 0.8 * k
