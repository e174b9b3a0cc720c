"""Inside of the mouth: a ray-traced curved plane of teeth."""

# mypy: allow-untyped-defs
from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel_part
from lib.faces.rendered.smooth_functions import ss
from lib.faces.rendered.subject.subject import Subject

_TEETH = np.array([0.76, 0.70, 0.60])


def mouth_vector(subject: Subject, actions: dict[str, float], lip_depth: float) -> np.ndarray:
    """Parameters of the mouth for the shading kernel: depth, edges of the teeth, colour.

    lip_depth: z of the middle of the mouth line.

    In order: 0 depth of the teeth, 1 and 2 edges of upper and lower teeth, 3 to 5 colour.
    """
    g: dict[str, Any] = subject.measures
    lower = g["mouth_y"] - 3.0 - actions["jaw"] * 24 - 1.5 * actions["lips_part"]
    colour = _TEETH * (1 - 0.25 * subject.looks["ageing"])
    return np.array([lip_depth - 6.5, g["mouth_y"] - 3.8, lower, *colour])


@kernel_part
def hit_teeth(ox, oy, oz, dx, dy, dz, depth):
    """Point x, y (head's frame) where the ray o + t d meets the curved plane of the teeth."""
    tx = ox
    ty = oy
    for _ in range(2):
        zt = depth - tx * tx / 46.0
        tt = max((zt - oz) / min(dz, -0.3), 0.0)
        tx = ox + dx * tt
        ty = oy + dy * tt
    return tx, ty


@kernel_part
def mouth_inside(tx, ty, mouth):
    """Colour, occlusion and gloss at a point of the teeth's plane: teeth, gums or dark."""
    yu = mouth[1]
    yl = mouth[2]
    atx = abs(tx)
    inc = yu + 0.02 * atx * atx * 0.25 + (0.5 if atx > 8.0 and atx < 14 else 0.0)
    edge = 0.0
    for e in (8.3, 14.8, 22.2, 29.0, 35.5, 0.0):
        edge = max(edge, ss(0.75, 0.15, abs(atx - e)))
    corner = ss(29.0, 12.0, atx)
    if ty > inc:
        gum = ss(8.6 + inc, 10.0 + inc, ty)
        k = (0.16 + 0.84 * corner) * (1 - 0.22 * edge) * (0.8 + 0.2 * ss(0, 3, ty - inc))
        gk = gum * k
        tk = k * (1 - gum)
        return mouth[3] * tk + 0.42 * gk, mouth[4] * tk + 0.16 * gk, mouth[5] * tk + 0.15 * gk, 0.72, 0.5
    if ty < yl:
        k = (0.14 + 0.5 * corner) * (1 - 0.25 * edge)
        low = ss(7.0, 9.0, yl - ty)
        gk = low * k
        tk = k * (1 - low)
        return (
            mouth[3] * tk * 0.8 + 0.30 * gk,
            mouth[4] * tk * 0.8 + 0.10 * gk,
            mouth[5] * tk * 0.78 + 0.10 * gk,
            0.6,
            0.3,
        )
    k = 0.25 + 0.75 * ss(yu - 2, yl, ty)
    return 0.10 * k + 0.02, 0.026 * k + 0.006, 0.024 * k + 0.005, 0.7, 0.15
