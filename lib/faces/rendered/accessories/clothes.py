"""Shading kernels: colour of clothes on neck and shoulders, and of hats."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from lib.faces.rendered.accessories.accessory_choice import CLOTHES
from lib.faces.rendered.compiled_kernels import kernel_part
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.smooth_functions import ss
from lib.faces.rendered.subject.subject import Subject

_STRIPED = ("crew", "shirt", "vneck")


def body_vector(
    subject: Subject, shot: Shot, hat_colour: np.ndarray, object_colour: np.ndarray
) -> np.ndarray:
    """Parameters of clothes and hat for the shading kernels, float64 (18,).

    0 height of the shoulders, 1 number in CLOTHES, 2 to 4 and 5 to 7 colours, 8 width and 9 phase of the
    stripes, 10 whether there is a tie, 11 height of the chin, 12 to 14 colour of the hat, 15 to 17 of an
    object held. A headscarf also covers neck and shoulders.
    """
    g, clothes = subject.measures, shot.clothes
    kind, colour = clothes.kind, clothes.colour
    if shot.accessories.hat == "headscarf":
        kind, colour = "turtle", tuple(hat_colour)
    stripe = clothes.stripe if kind in _STRIPED else 0
    return np.array([
        g['shoulder_y'], CLOTHES.index(kind), *colour, *clothes.second_colour, stripe,
        clothes.phase, float(clothes.phase > 1.5), g['chin_y'], *hat_colour, *object_colour,
    ], float)  # fmt: skip


@kernel_part
def below_collar(qx, qy, front, body):
    """Distance in millimetres of a point below the collar; negative on the skin."""
    ys = body[0]
    k = body[1]
    ax = abs(qx)
    if k == 0.0:
        return ys + 4 - 16 * front + 0.0016 * ax * ax - qy
    if k == 1.0:
        return ys + 8 - 70 * front + 1.15 * ax * front - qy
    if k == 2.0:  # a buttoned collar stands up to the throat
        return ys + 24 - 12 * front + 0.25 * ax * front - qy
    if k == 3.0:
        opening = max(0.0, 38 - 3.0 * ax) * front if body[9] < 3 else 0.0
        return ys + 16 - 26 * front + 0.25 * ax * front - opening - qy
    if k == 4.0:
        return ys + 34 - qy
    return ys - 34 * front - 6 + 0.0022 * ax * ax - qy


@kernel_part
def cloth_colour(qx, qy, front, body):
    """Colour of the clothes at a point of the shoulders."""
    k = body[1]
    gap = below_collar(qx, qy, front, body)
    ar, ag, ab = body[2], body[3], body[4]
    s = folds(qx, qy, gap, body[9])
    if k == 2.0:
        ar, ag, ab = suit_colour(qx, qy, gap, front, body)
        s = 0.5 + 0.5 * s
    else:
        if body[8] > 0:
            share = pattern(qx, qy, body)
            ar, ag, ab = (
                ar + share * (body[5] - ar),
                ag + share * (body[6] - ag),
                ab + share * (body[7] - ab),
            )
        if k == 3.0:
            s *= shirt_shade(qx, gap, front)
        elif k == 4.0:
            s *= 0.80 + 0.20 * abs(np.sin(qx * 0.62)) * (0.7 + 0.3 * np.sin(qy * 1.5 + np.sin(qx * 0.62)))
        else:
            s *= hem(gap, qx)
    return ar * s, ag * s, ab * s


@kernel_part
def folds(qx, qy, gap, phase):
    """Shading factor of creases in soft cloth, weak along the collar."""
    a = 0.5 + 0.5 * np.sin(0.062 * qx + 0.045 * qy + phase + 1.3 * np.sin(0.025 * qx - 0.02 * qy))
    b = 0.5 + 0.5 * np.sin(0.085 * qx - 0.06 * qy + 2 * phase + 1.1 * np.sin(0.03 * qy + phase))
    weave = 1 + 0.04 * np.sin(qx * 1.9) * np.sin(qy * 1.9)
    return weave * (1.06 - ss(4.0, 30.0, gap) * (0.30 * a * a * a + 0.26 * b * b * b))


@kernel_part
def hem(gap, qx):
    """Shading factor of a ribbed neckline with a seam below it."""
    if gap < 8.0:
        return (1.02 + 0.08 * np.sin(qx * 2.2)) * (0.75 + 0.25 * ss(0.0, 2.0, gap))
    return 0.72 + 0.28 * ss(8.0, 10.5, gap)


@kernel_part
def pattern(qx, qy, body):
    """Share of the second colour in the pattern: stripes across, stripes along, or checks."""
    across = ss(0.15, 0.45, np.sin(qx * 6.283 / body[8] + body[9]))
    along = ss(0.15, 0.45, np.sin(qy * 6.283 / body[8] + body[9]))
    if body[9] > 4.0:
        return 0.5 * (across + along)
    return along if body[9] > 2.0 else across


@kernel_part
def suit_colour(qx, qy, gap, front, body):
    """Colour of a suit: jacket, lapels, shirt with collar, tie."""
    ys = body[0]
    ax = abs(qx)
    ar, ag, ab = body[2], body[3], body[4]
    if front <= 0.3:
        return ar, ag, ab
    edge = qy - (ys - 160 + 2.2 * ax)  # above it lies the shirt
    if edge > 0 and ax < 58:
        s = 0.60 * (0.62 + 0.38 * ss(0.0, 16.0, edge)) * (0.55 + 0.45 * ss(0.0, 5.0, gap))
        leaf = gap - (26 - 0.45 * ax)
        if leaf > 0:
            s *= 0.68 + 0.32 * ss(0.0, 7.0, leaf)
        ar, ag, ab = s, s * 1.01, s * 1.05
        knot = 9.5 - 0.10 * gap if gap < 30 else 6.5 + 0.07 * (gap - 30)
        if body[10] > 0 and ax < knot and gap > 3:
            s = (1 - 0.45 * (ax / knot) ** 3) * (0.7 + 0.3 * ss(0.0, 3.0, abs(gap - 30)))
            s *= 1 + 0.5 * ss(0.2, 0.5, np.sin((qx + qy) * 0.55)) * (body[9] - 1.5) / 4.5
            ar, ag, ab = body[5] * s, body[6] * s, body[7] * s
    elif edge > -26 - 0.25 * gap:
        s = 1.18 - 0.5 * ss(-3.0, 0.0, edge)
        ar, ag, ab = ar * s, ag * s, ab * s
    else:
        s = 0.62 + 0.38 * ss(0.0, 9.0, -26 - 0.25 * gap - edge)
        ar, ag, ab = ar * s, ag * s, ab * s
    return ar, ag, ab


@kernel_part
def shirt_shade(qx, gap, front):
    """Shading factor of a shirt: collar, its shadow, button band."""
    ax = abs(qx)
    if front <= 0.3:
        return 1.08 if gap < 22 else 0.75 + 0.25 * ss(22.0, 28.0, gap)
    leaf = 30 - 0.75 * abs(ax - 24)
    if gap < leaf and ax > 3:
        return 1.12 * (0.72 + 0.28 * ss(0.0, 2.5, leaf - gap))
    s = 0.66 + 0.34 * ss(0.0, 9.0, gap - leaf)
    if 7.0 < ax < 8.6:
        s *= 0.8
    return s


@kernel_part
def hat_colour(q, kind, body):
    """Colour of a hat or of an object held; knitted hats have ribs, caps have seams."""
    qx, qy, qz = q
    if kind == 5:
        return body[15], body[16], body[17]
    around = np.arctan2(qx, qz + 85)
    if kind == 4:
        rows = 0.92 + 0.08 * np.sin(qy * 1.3)
        s = (0.74 + 0.26 * abs(np.sin(around * 36))) * rows
    else:
        seam = abs(np.sin(around * 3)) * np.sqrt(qx * qx + (qz + 85) ** 2)
        s = 0.72 + 0.28 * ss(0.5, 4.0, seam) if qy > 62 else 0.97 + 0.03 * np.sin(qx * 1.7) * np.sin(qy * 1.7)
    return body[12] * s, body[13] * s, body[14] * s
