"""Clothes painted onto neck and shoulders, and the cloth of hats."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from lib.faces.rendered.kernels import kernel_part
from lib.faces.rendered.subject import Subject
from lib.faces.rendered.wardrobe import CLOTHES, Clothes

_STRIPED = ("crew", "shirt", "vneck")


def body_vector(subject: Subject, clothes: Clothes, hat_colour: np.ndarray) -> np.ndarray:
    """What the kernels read.

    0 height of the shoulders, 1 number in CLOTHES, 2 to 4 and 5 to 7 colours, 8 width and 9 phase of the
    stripes, 10 whether there is a tie, 11 height of the chin, 12 to 14 colour of the hat.
    """
    g = subject.measures
    stripe = clothes.stripe if clothes.kind in _STRIPED else 0
    return np.array([
        g['shoulder_y'], CLOTHES.index(clothes.kind), *clothes.colour, *clothes.second_colour, stripe,
        clothes.phase, float(clothes.phase > 1.5), g['chin_y'], *hat_colour,
    ], float)  # fmt: skip


@kernel_part
def is_clothed(qx, qy, front, body):
    """Whether a point of neck and shoulders lies below the collar."""
    ys = body[0]
    k = body[1]
    ax = abs(qx)
    if k == 0.0:
        return qy < ys + 4 - 16 * front + 0.0016 * ax * ax
    if k == 1.0:
        return qy < ys + 8 - 70 * front + 1.15 * ax * front
    if k == 2.0 or k == 3.0:
        return qy < ys + 16 - 26 * front + 0.25 * ax * front
    if k == 4.0:
        return qy < ys + 34
    return qy < ys - 34 * front - 6 + 0.0022 * ax * ax


@kernel_part
def cloth_colour(qx, qy, front, body):
    """Colour of the clothes at a point of the shoulders."""
    k = body[1]
    ar = body[2]
    ag = body[3]
    ab = body[4]
    if k == 2.0:
        ar, ag, ab = suit_colour(qx, qy, front, body)
    elif k == 3.0:
        s = shirt_shade(qx, qy, front, body)
        ar *= s
        ag *= s
        ab *= s
    elif k == 4.0:
        s = 0.86 + 0.14 * np.sin(qx * 0.9)
        ar *= s
        ag *= s
        ab *= s
    if body[8] > 0:
        s = np.sin((qy if body[9] > 3 else qx) * 6.283 / body[8] + body[9])
        if s > 0.35:
            ar = body[5]
            ag = body[6]
            ab = body[7]
    weave = 0.90 + 0.10 * np.sin(qx * 0.055 + 3 * np.sin(qy * 0.03)) * np.sin(
        qy * 0.06 + 2 * np.sin(qx * 0.04 + 1)
    )
    return ar * weave, ag * weave, ab * weave


@kernel_part
def suit_colour(qx, qy, front, body):
    """Jacket, shirt, tie, lapels."""
    ys = body[0]
    ax = abs(qx)
    ar = body[2]
    ag = body[3]
    ab = body[4]
    vee = ys - 5 - 1.9 * ax
    if front > 0.3 and qy > vee - 95 and ax < 46 and qy > ys - 140 + 2.2 * ax - 20:
        ar = 0.62
        ag = 0.63
        ab = 0.66
        if ax < 8 + 0.05 * (ys - qy) and body[10] > 0:
            ar = body[5]
            ag = body[6]
            ab = body[7]
    if front > 0.3 and abs(qy - (ys - 160 + 2.2 * ax)) < 4:
        ar *= 0.5
        ag *= 0.5
        ab *= 0.5
    return ar, ag, ab


@kernel_part
def shirt_shade(qx, qy, front, body):
    """Lighter collar and dark button band."""
    ax = abs(qx)
    s = 1.0
    if front > 0.3 and qy > body[0] + 16 - 26 - 22 + 0.8 * ax - 12 and ax < 60:
        s *= 1.12
    if front > 0.3 and ax < 1.6:
        s *= 0.72
    return s


@kernel_part
def hat_colour(qx, qz, knitted, body):
    """Colour of a hat; a knitted one has ribs."""
    s = 0.82 + 0.18 * np.sin(np.arctan2(qx, qz + 85) * 70) if knitted else 1.0
    return body[12] * s, body[13] * s, body[14] * s
