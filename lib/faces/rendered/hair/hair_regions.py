"""Regions where hair grows: hair line, beard, moustache, goatee, by coordinates in millimetres."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.head.displacement import lip_curves
from lib.faces.rendered.smooth_functions import bump, smoothstep

_AZIMUTHS = [0, 14, 27, 40, 54, 68, 78, 86, 97, 112, 132, 180]


def hairline(a: dict[str, Any], azimuth: Any) -> Any:
    """Height of the hair line in millimetres at an azimuth in degrees (0 in front)."""
    rc, top = a["receding"], a["hairline"]
    heights = [
        top + 6 * rc, top + 1 + 16 * rc, top - 4 + 30 * rc, top - 16 + 30 * rc, 38 + 14 * rc, 16,
        -2 - 14 * a['sideburns'], 2, 14, -6, -40, -58,
    ]  # fmt: skip
    if a["hair_style"] == "horseshoe":
        heights = [140, 140, 140, 110, 70, 40, 2, 2, 14, -6, -40, -58]
    return np.interp(np.abs(azimuth), _AZIMUTHS, heights)


def above_hairline(a: dict[str, Any], points: np.ndarray) -> Any:
    """Height of points (..., 3) above the hair line in millimetres, negative below."""
    azimuth = np.degrees(np.arctan2(points[..., 0], points[..., 2] + 85))
    return points[..., 1] - hairline(a, azimuth)


def beard_mask(g: dict[str, Any], x: Any, y: Any, z: Any) -> Any:
    """Density 0 to 1 of a full beard at a point, from the sideburn to the mouth corner."""
    ax, hw, ysto = np.abs(x), g["mouth_width"] / 2, g["mouth_y"]
    limit = np.interp(ax, [0, hw + 2, hw + 14, 58, 68, 80], [ysto - 14, ysto + 2, ysto + 8, -38, -6, 4])
    m = smoothstep(4, -5, y - limit) * smoothstep(-100, -84, z)
    m = np.maximum(m, moustache_mask(g, x, y, z))
    soul = (
        smoothstep(7, 2, ax) * smoothstep(2, -2, y - (ysto - g["lower_lip"] - 2)) * smoothstep(0, 5, z + 30)
    )
    return np.maximum(m, soul)


def moustache_mask(g: dict[str, Any], x: Any, y: Any, z: Any) -> Any:
    """Density 0 to 1 of a moustache at a point."""
    ax, hw = np.abs(x), g["mouth_width"] / 2
    _, yu, _, _ = lip_curves(g, x)
    m = smoothstep(-0.5, 2.2, y - yu) * smoothstep(0, -3.5, y - (g["nose_base_y"] - 1.5 - 0.10 * ax))
    m = m * smoothstep(hw + 7, hw, ax) * (z > -25)
    side = bump(ax, y, hw + 4.5, g["mouth_y"] - 4, 4.5, 9) * (z > -30)
    return np.clip(np.maximum(m, side * 0.9), 0, 1)


def goatee_mask(g: dict[str, Any], x: Any, y: Any, z: Any) -> Any:
    """Density 0 to 1 of a goatee at a point."""
    ax, yc = np.abs(x), g["chin_y"] + 14
    m = smoothstep(1.25, 0.85, np.sqrt((ax / 21) ** 2 + ((y - yc + 2) / 17) ** 2)) * (z > -45)
    m = m * smoothstep(1, -3, y - (g["mouth_y"] - g["lower_lip"] - 2.5))
    return np.maximum(m, moustache_mask(g, x, y, z))
