"""Strands of tied hair behind the head: pony tail, bun, braids."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.hair.hair_styles import knot, steps
from lib.faces.rendered.smooth_functions import unit


def tail(g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    """Polylines (m, K, 3) of the tied part of the hair."""
    if a["hair_style"] == "bun":
        return _bun(a, r)
    if a["hair_style"] == "braids":
        return np.concatenate([_braid(sign, g, a, r) for sign in (-1, 1)])
    return _pony_tail(a, r)


def _bun(a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    m = 700
    u = unit(r.normal(size=(m, 3)))
    t = np.linspace(0, 2.4, steps("bun"))[None, :, None]
    across = unit(np.cross(u, r.normal(size=(m, 3))))
    turn = u[:, None] * np.cos(t) + across[:, None] * np.sin(t)
    return knot("bun") + np.array([0, 24, -2]) + 27 * a["hair_length"] * turn * r.uniform(0.8, 1, (m, 1, 1))


def _pony_tail(a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    m = 900
    t = np.linspace(0, 1, steps("pony"))[None, :, None]
    spread = unit(r.normal(size=(m, 3)))[:, None] * np.array([17, 9, 9]) * (0.5 + t - 0.7 * t**3)
    fall = t * np.array([r.normal(0, 40), -210 * a["hair_length"], 18])
    return knot("pony") + spread + fall + np.array([0, 8, 0]) * np.sin(t * np.pi)


def _braid(sign: int, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    """Strands of one braid, from behind the ear to the front of the shoulder."""
    m = 420
    t = np.linspace(0, 1, 40)[None]
    turns = 2 * np.pi * (6.5 * t + r.integers(0, 3, (m, 1)) / 3)
    wide = (9.5 - 3 * t) * np.where(t > 0.93, 1 - 8 * (t - 0.93), 1)
    own = unit(r.normal(size=(m, 3)))[:, None] * 5.0 * r.uniform(0.3, 1, (m, 1, 1))
    x = sign * (58 + (g["neck_width"] - 40) * t + 12 * t) + wide * np.sin(turns)
    y = -32 - 175 * a["hair_length"] * t
    z = -114 + 100 * np.minimum(1, t * 1.5) + 0.5 * wide * np.sin(2 * turns)
    return np.stack([x, y + 0 * x, z], -1) + own
