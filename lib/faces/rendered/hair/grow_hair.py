"""Grow all hair of one subject once: head hair, tied hair, beard."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from lib.faces.rendered.hair.beards import grow_beard
from lib.faces.rendered.hair.hair_regions import above_hairline
from lib.faces.rendered.hair.hair_styles import LONG, TIED, Scalp, knot, steps, style_growth
from lib.faces.rendered.hair.hair_tones import tones
from lib.faces.rendered.hair.locks import Locks
from lib.faces.rendered.hair.strand_growth import Growth, Strands, radial_surface, roots_on
from lib.faces.rendered.hair.tied_hair import tail
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.random_streams import generator
from lib.faces.rendered.smooth_functions import smoothstep, unit
from lib.faces.rendered.subject.subject import Subject

_COUNTS = {"buzz": 5200, "crew": 6200, "afro": 6500}
_RADII = {"buzz": 0.55, "crew": 0.7, "afro": 1.05}
_TOGETHER = {"afro": (0.35, 0.6), "buzz": (0.0, 1.0), "crew": (0.25, 0.7), "spiky": (0.75, 0.15)}
"""How strongly locks keep together, and their width at the tip."""


def grow_hair(subject: Subject, head: Head) -> tuple[list[Strands], bool]:
    """Grow all strands of `subject`; also returns whether there are bangs."""
    g, a = subject.measures, subject.looks
    r = generator("hair", subject.world, subject.number)
    strands, bangs = [], False
    if a["hair_style"] != "bald":
        own, bangs = _head_hair(g, a, head, r)
        strands.append(own)
        if a["hair_style"] in TIED:
            strands.append(_tail(g, a, r))
    return strands + grow_beard(g, a, head, r), bangs


def _obstacles(g: dict[str, Any], a: dict[str, Any]) -> np.ndarray:
    """Ellipsoids (E, 6), centre and radii, that hair must avoid: neck, shoulders, ears under long hair."""
    body = [
        [0, -130, -86, g["neck_width"] + 3, 130, g["neck_width"] + 5],
        [0, g["shoulder_y"] - 62, -88, g["shoulder_width"], 72, 84],
    ]
    if a["hair_style"] not in LONG:
        return np.array(body, float)
    covered = [sign for sign in (-1, 1) if a["tucked"] not in (sign, 2)]
    ears = [[sign * (g["ear_x"] + 2), g["ear_y"], g["ear_z"] + 2, 11, 33, 20] for sign in covered]
    return np.array(body + ears, float)


def _head_hair(
    g: dict[str, Any], a: dict[str, Any], head: Head, r: np.random.Generator
) -> tuple[Strands, bool]:
    style = a["hair_style"]
    height = head.vertices[:, 1]
    weight = smoothstep(-2, 8, above_hairline(a, head.vertices)) * (height > g["chin_y"])
    n = int(_COUNTS.get(style, 5800) * (1 - 0.35 * a["thin_hair"]))
    roots = roots_on(head, weight, n, r)
    points = head.vertices[roots] + r.normal(0, 0.8, (n, 3))
    scalp = Scalp.of(points, unit(head.normals[roots]), a, r)
    growth, bangs = style_growth(scalp, g, a, r)
    P = _grown(scalp, growth, g, a, radial_surface(head), r)
    if style not in ("fringe", "pixie", "buzz", "crew"):
        _clear_face(P, g, a, bangs)
    layer = np.clip(growth.offset / (np.percentile(growth.offset, 95) + 1e-6), 0, 1)
    if style == "afro":
        layer = r.random(n)
    radius = np.full(n, _RADII.get(style, 0.9)) * r.uniform(0.75, 1.2, n)
    colour = np.ascontiguousarray(tones(a, scalp.locks, r) * (0.68 + 0.42 * layer[:, None]))
    return Strands(np.ascontiguousarray(P), radius, colour, np.full(n, -1)), bool(bangs.any())


def _grown(
    s: Scalp,
    growth: Growth,
    g: dict[str, Any],
    a: dict[str, Any],
    surface: np.ndarray,
    r: np.random.Generator,
) -> np.ndarray:
    """Strands of the head hair, polylines (n, K, 3)."""
    tied, n, obstacles = a["hair_style"] in TIED, len(s.points), _obstacles(g, a)
    wander = (0.05 if tied else 0.25) * s.wave[:, None] * np.array([0.6, 0.2, 0.5])
    growth.flow = unit(growth.flow + s.jitter + wander)
    start = unit(s.normals * growth.lift[:, None] + growth.flow * (1 - growth.lift[:, None]))
    loose = np.zeros(n, bool)
    if tied:  # some locks frame the face
        away = np.abs(s.azimuth)
        chosen = r.random(len(s.locks.guide))[s.locks.of] < a["loose_locks"]
        loose = (away > 30) & (away < 78) & chosen & (s.points[:, 1] > 5)
        growth.gather = np.array([1.0, *knot(a["hair_style"])])
    growth.phase = s.wave * 5 + 0.9 * s.locks.draw(r, 0.3)
    P = growth.grow(s.points, start, surface, obstacles)
    if loose.any():
        P[loose] = _loose_locks(s, loose, growth, g, a, surface, r)
    strength, width = _TOGETHER.get(a["hair_style"], (0.55, 0.3))
    return s.locks.drawn_together(P, strength * (0.4 if tied else 1), width)


def _loose_locks(
    s: Scalp,
    loose: np.ndarray,
    tied: Growth,
    g: dict[str, Any],
    a: dict[str, Any],
    surface: np.ndarray,
    r: np.random.Generator,
) -> np.ndarray:
    m, points = int(loose.sum()), s.points[loose]
    o = Growth.plain(m, steps(a["hair_style"]))
    o.flow = unit(
        np.stack([np.sign(points[:, 0]) * 0.9, np.full(m, -0.5), np.full(m, 0.15)], 1) + s.jitter[loose]
    )
    o.stiffness[:] = 0.6
    o.gravity[:] = 1.2
    o.length = a["hair_length"] * 90 * np.exp(0.25 * s.locks.draw(r, 0.3)[loose])
    o.offset, o.phase = tied.offset[loose], tied.phase[loose]
    o.curtain = np.full(m, g["cheekbone_width"] / 2) * r.uniform(0.94, 1.08, m)
    o.curl[:] = 2.0
    o.curl_rate[:] = 0.06
    o.flow_length[:] = 40.0
    return o.grow(points, unit(s.normals[loose] * 0.3 + o.flow), surface, _obstacles(g, a))


def _clear_face(P: np.ndarray, g: dict[str, Any], a: dict[str, Any], bangs: np.ndarray) -> None:
    """Replace strands that cross the face by the shape of the nearest valid one, in place."""
    reach = 14 if a["hair_style"] in (*LONG, *TIED) else 9
    inside = (
        (np.abs(P[..., 0]) < 0.40 * g["cheekbone_width"])
        & (P[..., 2] > -38)
        & (P[..., 1] < a["hairline"] - reach)
    )
    bad = inside.any(1) & ~bangs
    if bad.any() and (~bad).sum() > 50:
        good = np.flatnonzero(~bad)
        _, nearest = cKDTree(P[good, 0] - [0, 6, 0]).query(P[bad, 0])
        model = P[good[nearest]]
        P[bad] = model + 0.6 * (P[bad][:, :1] - model[:, :1])


def _tail(g: dict[str, Any], a: dict[str, Any], r: np.random.Generator) -> Strands:
    P = np.ascontiguousarray(tail(g, a, r))
    m = len(P)
    locks = Locks.around(P[:, 0], np.zeros(m), 60, r)
    colour = tones(a, locks, r) * (0.6 + 0.5 * r.random((m, 1)))
    return Strands(P, r.uniform(0.75, 1.1, m), np.ascontiguousarray(colour), np.full(m, -1))
