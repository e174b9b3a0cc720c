"""Hair styles: growth parameters of the strands for each style."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.hair.locks import Locks
from lib.faces.rendered.hair.strand_growth import Growth
from lib.faces.rendered.smooth_functions import smoothstep, unit

LONG = ("long", "longbangs", "wavy", "bob", "mid", "wavyshort")
TIED = ("pony", "bun", "braids")
_LONG_LENGTHS = {"long": 265, "longbangs": 250, "wavy": 250, "bob": 158, "mid": 150, "wavyshort": 135}


@dataclass(frozen=True)
class _Cut:
    """A short cut: length and layer thickness in millimetres on top and sides, lift, cling."""

    top: float
    side: float
    top_layer: float
    side_layer: float
    lift: float
    cling: float = 0.5


_CUTS = {
    "short": _Cut(36, 19, 10, 4.0, 0.35),
    "crew": _Cut(15, 7, 9, 2.2, 0.6, 0.3),
    "side": _Cut(62, 22, 15, 4.5, 0.42),
    "back": _Cut(72, 24, 17, 4.5, 0.48),
    "fringe": _Cut(56, 25, 11, 5.5, 0.3),
    "spiky": _Cut(33, 14, 26, 3.5, 0.7, 0.12),
    "pixie": _Cut(68, 40, 12, 6.0, 0.32),
    "horseshoe": _Cut(24, 20, 6, 5.0, 0.3),
    "buzz": _Cut(6.5, 4.0, 5, 2.0, 0.6, 0.2),
}
_LOCKS = {"buzz": 3000, "crew": 700, "afro": 700, "horseshoe": 300}


@dataclass
class Scalp:
    """Roots of the hair with properties that styles use; arrays are (n,) unless said otherwise.

    Attributes
    ----------
    points, normals : (n, 3) millimetres and unit vectors.
    azimuth : degrees, 0 in front; top, front: 0 to 1.
    sign : side of the parting; jitter: (n, 3) random direction, much the same within a lock.
    wave : -1 to 1, changing slowly over the head.
    """

    points: np.ndarray
    normals: np.ndarray
    azimuth: np.ndarray
    top: np.ndarray
    front: np.ndarray
    wave: np.ndarray
    sign: np.ndarray
    jitter: np.ndarray
    locks: Locks

    @classmethod
    def of(cls, points: np.ndarray, normals: np.ndarray, a: dict[str, Any], r: np.random.Generator) -> Scalp:
        """Scalp of roots (n, 3), with random locks, wave and jitter."""
        azimuth = np.degrees(np.arctan2(points[:, 0], points[:, 2] + 85))
        top = smoothstep(40, 85, points[:, 1])
        front = smoothstep(55, 20, np.abs(azimuth)) * smoothstep(40, 62, points[:, 1])
        waves = [np.sin(points @ r.normal(0, 0.085, 3) + q) for q in r.uniform(0, 6, 6)]
        wave = np.stack(waves, 1).mean(1)
        sign = np.where(points[:, 0] + r.normal(0, 1.8, len(points)) > a["parting"], 1.0, -1.0)
        count = 130 if a["hair_style"] in (*LONG, *TIED) else _LOCKS.get(a["hair_style"], 240)
        locks = Locks.around(points, sign, count, r)
        jitter = np.stack([0.15 * locks.draw(r, 0.45) for _ in range(3)], 1)
        return cls(points, normals, azimuth, top, front, wave, sign, jitter, locks)


def steps(style: str) -> int:
    """Number of points per strand of a style."""
    return 18 if style in LONG else (20 if style == "afro" else 12)


def style_growth(
    s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator
) -> tuple[Growth, np.ndarray]:
    """Growth of a subject's hair by its style, and which strands are bangs, (n,) bool.

    Some styles move roots or jitter of `s` in place.
    """
    n, style = len(s.points), a["hair_style"]
    growth = Growth.plain(n, steps(style))
    bangs = np.zeros(n, bool)
    if style in LONG:
        bangs = _long(growth, s, g, a, r)
    elif style in TIED:
        _tied(growth, s, a, r)
    elif style == "afro":
        _afro(growth, s, a, r)
    else:
        _short(growth, s, g, a, r)
    return growth, bangs


def _long(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    p, n, style, volume = s.points, len(s.points), a["hair_style"], a["hair_volume"]
    o.flow_length[:] = 62
    down = (p[:, 1] + 60) / 170
    layers = 1 - 0.34 * np.abs(s.locks.draw(r, 0.25)).clip(0, 1.3) * (0.35 if style == "bob" else 1)
    o.length = _LONG_LENGTHS[style] * a["hair_length"] * (0.72 + 0.36 * down) * layers
    o.flow = np.stack([s.sign * 1.0, -0.25 + 0 * s.sign, -0.28 - 0.3 * (1 - s.front)], 1)
    o.lift[:] = 0.28 + 0.22 * volume * s.top
    o.gravity[:] = 1.3
    o.stiffness[:] = 0.75
    o.cling[:] = 0.25
    p[:, 0] += np.where(np.abs(p[:, 0] - a["parting"]) < 1, 0.5 * s.sign, 0)
    width = (g["cheekbone_width"] / 2) * r.uniform(0.96, 1.10, n) * (0.97 + 0.03 * volume)
    o.curtain = np.where(np.abs(s.azimuth) < 115, width, 0)
    o.offset = 2 + 6 * volume * r.random(n) + 2.5 * volume * np.abs(s.locks.draw(r, 0.2))
    wavy = style in ("wavy", "wavyshort")
    o.curl[:] = 5.0 + 4 * a["curl"] if wavy else 1.2 + 2.5 * a["curl"]
    o.curl_rate[:] = 0.055 if wavy else 0.035
    _tuck(o, s, g, a)
    if style == "longbangs" or (style in ("bob", "mid") and r.random() < 0.45):
        return _bangs(o, s, g, a, r)
    return np.zeros(n, bool)


def _tuck(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any]) -> None:
    """Lead hair of the temples behind the ears."""
    tucked = (s.sign * a["tucked"] > 0) | (a["tucked"] == 2)
    tucked &= np.abs(s.azimuth) < 112
    o.behind[tucked] = g["ear_z"] - 14
    o.curtain[tucked] = 0
    o.flow[tucked, 2] -= 0.75
    o.cling[tucked] = 0.5


def _bangs(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> np.ndarray:
    p = s.points
    b = (np.abs(s.azimuth) < 42) & (p[:, 1] > a["hairline"] - 16) & (r.random(len(p)) < 0.9)
    x, y = p[b, 0], p[b, 1]
    sweep = np.sign(-a["parting"]) * (0.15 + 0.3 * (a["hair_volume"] > 1))
    o.flow[b] = np.stack([0.010 * x + sweep, -0.35 + 0 * x, 1.0 + 0 * x], 1)
    ends = 3 + 4.5 * s.locks.draw(r, 0.5)[b] - 0.012 * x * x * np.sign(sweep * x) * 0.4
    o.length[b] = np.clip((y - g["brow_y"] - ends) * 1.25, 14, 80)
    o.curtain[b] = 0
    o.behind[b] = 1e3
    o.gravity[b] = 0.9
    o.lift[b] = 0.3
    o.cling[b] = 0.45
    o.curl[b] *= 0.25
    o.offset[b] = 2 + 4 * r.random(b.sum())
    return b


def knot(style: str) -> np.ndarray:
    """Point where tied hair meets on the right, (3,) millimetres; mirrored on the left."""
    return np.array(
        {"bun": [0.0, 60.0, -190.0], "braids": [58.0, -34.0, -118.0]}.get(style, [0.0, 25.0, -190.0])
    )


def _tied(o: Growth, s: Scalp, a: dict[str, Any], r: np.random.Generator) -> None:
    height = knot(a["hair_style"])[1]
    o.lift[:] = 0.15
    o.offset = 1.5 + (2 + 4 * a["hair_volume"] * s.top) * r.random(len(s.points))
    o.cling[:] = 0.7
    o.stiffness[:] = 0.6
    o.length[:] = 120 if a["hair_style"] == "braids" else 175
    o.flow = unit(np.array([0, height + 25, -150.0]) - s.points) * 1.6
    s.jitter *= 0.5


def _afro(o: Growth, s: Scalp, a: dict[str, Any], r: np.random.Generator) -> None:
    radius = (24 + 36 * r.random()) * a["hair_length"]
    o.length = radius * (0.82 + 0.2 * r.random(len(s.points))) * (1 + 0.07 * s.locks.draw(r, 0.3))
    o.length = o.length * (0.45 + 0.55 * smoothstep(-40, 40, s.points[:, 1])) * (1 - 0.35 * s.front)
    o.flow = s.normals + np.stack([0 * s.front, 0.35 + 0.3 * s.front, -0.25 - 0.75 * s.front], 1)
    o.lift[:] = 0.97
    o.gravity[:] = -0.02
    o.stiffness[:] = 0.25
    o.curl[:] = 2.2
    o.curl_rate[:] = 0.5
    o.offset[:] = 2
    o.flow_length[:] = 400


def _short(o: Growth, s: Scalp, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> None:
    p, n, cut, volume = (s.points, len(s.points), _CUTS[a["hair_style"]], a["hair_volume"])
    top, low = s.top, smoothstep(45, -5, p[:, 1])
    taper = (1 - 0.45 * low) * (1 - 0.75 * a["fade"] * smoothstep(55, 15, p[:, 1]))
    o.length = (cut.side * (1 - top) * taper + cut.top * top) * a["hair_length"]
    o.length *= np.exp(0.14 * s.locks.draw(r, 0.5))
    layer = cut.side_layer * (1 - top) * taper + cut.top_layer * volume * top * (1 + 0.25 * s.front)
    depth = 0.25 + 0.75 * smoothstep(-1.6, 1.6, s.locks.draw(r, 0.75))
    o.offset = 0.6 + layer * depth
    o.cling[:] = cut.cling
    sides = np.stack([0.1 * np.sign(p[:, 0]), np.full(n, -1.0), np.full(n, -0.5)], 1)
    o.flow = _combing(s, a) * top[:, None] + sides * (1 - top[:, None])
    o.lift = cut.lift * (0.3 + 0.7 * top) * (1 + 0.3 * volume * s.front)
    if a["hair_style"] in ("fringe", "pixie"):
        fringe = (p[:, 1] - g["brow_y"] - 7 - 5 * s.locks.draw(r, 0.5)).clip(12, 60) * 1.2
        o.length = np.where(s.front > 0.5, np.minimum(o.length, fringe), o.length)
    o.gravity = (0.45 if a["hair_style"] == "side" else 0.2) + 0.35 * (1 - top)
    o.stiffness[:] = 0.42
    o.flow_length[:] = 75
    if a["curl"] > 0.25:
        o.curl[:] = 3.4 * a["curl"] * np.clip(o.length / 30, 0.15, 1)
        o.curl_rate[:] = 0.26
        o.cling *= 0.5


def _combing(s: Scalp, a: dict[str, Any]) -> np.ndarray:
    """Combing direction (n, 3) of short hair on top of the head."""
    front, part, zero = s.front, a["parting"], 0 * s.azimuth
    side = np.sign(-part)
    if a["hair_style"] == "side":
        across = np.where(np.abs(part) > 8, np.where(s.sign == side, side, 0.6 * s.sign), s.sign)
        return np.stack([across, 0.15 + zero, 0.12 * front - 0.25], 1)
    if a["hair_style"] == "back":
        return np.stack([0.15 * np.sign(s.points[:, 0]), 0.45 * front, -1.0 + zero], 1)
    if a["hair_style"] in ("fringe", "pixie"):
        return np.stack([0.45 * side + 0.01 * s.points[:, 0], -0.2 + zero, 0.9 * front + 0.2], 1)
    if a["hair_style"] in ("spiky", "crew", "buzz"):
        return np.stack([0.15 * side + zero, 0.9 + zero, 0.35 + zero], 1)
    return np.stack([0.35 * side + zero, 0.1 + zero, 0.5 * front - 0.1], 1)
