"""Hair styles: what each does to the growth of the strands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.growth import Growth
from lib.faces.rendered.smooth import smoothstep, unit

LONG = ("long", "longbangs", "wavy", "bob", "mid", "wavyshort")
TIED = ("pony", "bun")
_LONG_LENGTHS = {"long": 270, "longbangs": 260, "wavy": 250, "bob": 165, "mid": 150, "wavyshort": 135}
_SHORT_LENGTHS = {
    'short': 34, 'side': 56, 'back': 68, 'fringe': 52, 'spiky': 34, 'pixie': 62, 'horseshoe': 16
}  # fmt: skip


@dataclass
class Scalp:
    """Roots of the hair with what styles ask about them; arrays are (n,) unless said otherwise.

    Attributes
    ----------
    points, normals : (n, 3) millimetres and unit vectors.
    azimuth : degrees, 0 in front; top, front: 0 to 1.
    sign : side of the parting; jitter: (n, 3) random direction; clump: common to neighbours, -1 to 1.
    """

    points: np.ndarray
    normals: np.ndarray
    azimuth: np.ndarray
    top: np.ndarray
    front: np.ndarray
    clump: np.ndarray
    sign: np.ndarray
    jitter: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray, normals: np.ndarray, part: float, r: np.random.Generator) -> Scalp:
        """Draw what is random about roots (n, 3)."""
        n = len(points)
        azimuth = np.degrees(np.arctan2(points[:, 0], points[:, 2] + 85))
        top = smoothstep(40, 85, points[:, 1])
        front = smoothstep(55, 20, np.abs(azimuth)) * smoothstep(40, 62, points[:, 1])
        waves = [np.sin(points @ r.normal(0, 0.085, 3) + q) for q in r.uniform(0, 6, 6)]
        clump = np.stack(waves, 1).mean(1)
        sign = np.where(points[:, 0] + r.normal(0, 2.2, n) > part, 1.0, -1.0)
        return cls(points, normals, azimuth, top, front, clump, sign, r.normal(0, 0.16, (n, 3)))


def steps(style: str) -> int:
    """Points per strand."""
    return 18 if style in LONG else (22 if style == "afro" else 12)


def style_growth(
    s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator
) -> tuple[Growth, np.ndarray]:
    """Growth of one subject's hair, and which strands are bangs, (n,) bool.

    Some styles move roots or jitter of `s` in place.
    """
    n, style = len(s.points), a["hair_style"]
    growth = Growth.plain(n, steps(style))
    growth.offset = 3 + 7 * a["hair_volume"] * r.random(n)
    bangs = np.zeros(n, bool)
    if style in LONG:
        bangs = _long(growth, s, g, a, r)
    elif style in TIED:
        _tied(growth, s, a, r)
    elif style == "afro":
        _afro(growth, s, a, r)
    elif style == "buzz":
        growth.length[:] = 7 * a["hair_length"]
        growth.flow = s.normals * 0.6 + np.array([0, -0.3, 0.3])
        growth.lift[:] = 0.6
        growth.gravity[:] = 0.1
        growth.offset[:] = 0.5
    else:
        _short(growth, s, g, a, r)
    return growth, bangs


def _long(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    p, n, style, volume = s.points, len(s.points), a["hair_style"], a["hair_volume"]
    o.flow_length[:] = 62
    down = (p[:, 1] + 60) / 170
    o.length = _LONG_LENGTHS[style] * a["hair_length"] * (0.72 + 0.36 * down) * r.uniform(0.9, 1.05, n)
    o.flow = np.stack([s.sign * 1.0, -0.25 + 0 * s.sign, -0.28 - 0.3 * (1 - s.front)], 1)
    o.lift[:] = 0.28 + 0.22 * volume * s.top
    o.gravity[:] = 1.3
    o.stiffness[:] = 0.75
    p[:, 0] += np.where(np.abs(p[:, 0]) < 1, 0.5 * s.sign, 0)
    width = (g["cheekbone_width"] / 2) * r.uniform(0.96, 1.16, n) * (0.97 + 0.03 * volume)
    o.curtain = np.where(np.abs(s.azimuth) < 115, width, 0)
    o.offset = 2.5 + 7.5 * volume * r.random(n)
    if style in ("wavy", "wavyshort"):
        o.curl[:] = 5.5 + 3 * a["curl"]
        o.curl_rate[:] = 0.055
    if style == "longbangs" or (style in ("bob", "mid") and r.random() < 0.45):
        return _bangs(o, s, g, a, r)
    return np.zeros(n, bool)


def _bangs(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    p = s.points
    b = (np.abs(s.azimuth) < 42) & (p[:, 1] > a["hairline"] - 16) & (r.random(len(p)) < 0.85)
    x, y = p[b, 0], p[b, 1]
    o.flow[b] = np.stack([0.012 * x + 0.25 * np.sign(-a["parting"]), -0.35 + 0 * x, 1.0 + 0 * x], 1)
    o.length[b] = np.clip((y - g["brow_y"] - r.uniform(-2, 7)) * 1.28, 14, 80)
    o.curtain[b] = 0
    o.gravity[b] = 0.9
    o.lift[b] = 0.3
    o.curl[b] *= 0.3
    o.offset[b] = 3 + 5 * r.random(b.sum())
    return b


def knot(style: str) -> np.ndarray:
    """Where tied hair meets, (3,) millimetres."""
    return np.array([0.0, 45.0 if style == "bun" else 20.0, -196.0])


def _tied(o: Growth, s: Scalp, a: dict[str, Any], r: np.random.Generator) -> None:
    height = knot(a["hair_style"])[1]
    o.length[:] = 165
    o.lift[:] = 0.22
    o.offset = 4 + 6 * a["hair_volume"] * r.random(len(s.points))
    o.stiffness[:] = 0.6
    o.flow = unit(np.array([0, height + 25, -150.0]) - s.points) * 1.6
    s.jitter *= 0.3


def _afro(o: Growth, s: Scalp, a: dict[str, Any], r: np.random.Generator) -> None:
    radius = (34 + 34 * r.random()) * a["hair_length"]
    o.length = radius * (0.75 + 0.3 * r.random(len(s.points)))
    o.length = o.length * (0.45 + 0.55 * smoothstep(-40, 40, s.points[:, 1])) * (1 - 0.35 * s.front)
    o.flow = s.normals + np.stack([0 * s.front, 0.35 + 0.3 * s.front, -0.25 - 0.75 * s.front], 1)
    o.lift[:] = 0.97
    o.gravity[:] = -0.02
    o.stiffness[:] = 0.25
    o.curl[:] = 2.8
    o.curl_rate[:] = 0.42
    o.offset[:] = 2
    o.flow_length[:] = 400


def _short(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> None:
    p, n, style, volume = s.points, len(s.points), a["hair_style"], a["hair_volume"]
    longest = _SHORT_LENGTHS.get(style, 45) * a["hair_length"]
    o.length = longest * (0.36 + 0.64 * s.top) * r.uniform(0.8, 1.15, n)
    sides = np.stack([0.25 * np.sign(p[:, 0]), np.full(n, -1.0), np.full(n, -0.45)], 1)
    if style in ("fringe", "pixie"):
        fringe = (p[:, 1] - g["brow_y"] - r.uniform(0, 14, n)).clip(12, 60) * 1.25
        o.length = np.where(s.front > 0.5, np.minimum(o.length, fringe), o.length)
    o.flow = _combing(o, s, a) * s.top[:, None] + sides * (1 - s.top[:, None])
    o.lift = o.lift * (0.35 + 0.65 * s.top)
    o.gravity = (0.6 if style == "side" else 0.22) + 0.35 * (1 - s.top)
    o.stiffness[:] = 0.42
    o.offset = 1.5 + (6.5 * volume * s.top + 1.0) * r.random(n)
    if a["curl"] > 0.25:
        o.curl[:] = 3.2 * a["curl"]
        o.curl_rate[:] = 0.28
        o.lift += 0.2 * a["curl"]
    if style == "side":
        o.flow_length[:] = 48


def _combing(o: Growth, s: Scalp, a: dict[str, Any]) -> np.ndarray:
    """Direction (n, 3) of short hair on the top of the head; sets its lift."""
    front, part, volume, zero = s.front, a["parting"], a["hair_volume"], 0 * s.azimuth
    side = np.sign(-part)
    if a["hair_style"] == "side":
        o.lift[:] = 0.4 + 0.25 * volume * front
        across = np.where(np.abs(part) > 8, side, s.sign)
        return np.stack([across * (1.0 + zero), 0.15 + zero, 0.18 * front - 0.1], 1)
    if a["hair_style"] == "back":
        o.lift[:] = 0.45 + 0.3 * volume * front
        return np.stack([0.15 * np.sign(s.points[:, 0]), 0.55 * front, -1.0 + zero], 1)
    if a["hair_style"] in ("fringe", "pixie"):
        o.lift[:] = 0.35
        return np.stack([0.45 * side + 0.01 * s.points[:, 0], -0.25 + zero, 0.9 * front + 0.2], 1)
    if a["hair_style"] == "spiky":
        o.lift[:] = 0.8
        return np.stack([zero, 0.9 + zero, 0.35 + zero], 1)
    o.lift[:] = 0.45
    return np.stack([0.3 * side + zero, 0.1 + zero, 0.55 * front - 0.1], 1)
