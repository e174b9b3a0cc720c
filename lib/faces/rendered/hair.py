"""Hair of one subject, grown once: the head's hair, tied hair, beard."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from lib.faces.rendered.facial_hair import above_hairline, beard_mask, goatee_mask, moustache_mask
from lib.faces.rendered.growth import Growth, Strands, roots_on
from lib.faces.rendered.hairstyles import TIED, Scalp, knot, steps, style_growth
from lib.faces.rendered.head import Head
from lib.faces.rendered.seeds import generator
from lib.faces.rendered.smooth import smoothstep, unit
from lib.faces.rendered.subject import Subject

_COUNTS = {"buzz": 3600, "afro": 7000}
_NO_OBSTACLES = np.zeros((0, 6))


def grow_hair(subject: Subject, head: Head) -> tuple[list[Strands], bool]:
    """All strands of `subject`, and whether some are bangs."""
    g, a = subject.measures, subject.looks
    r = generator("hair", subject.world, subject.number)
    strands, bangs = [], False
    if a["hair_style"] != "bald":
        own, bangs = _head_hair(g, a, head, r)
        strands.append(own)
        if a["hair_style"] in TIED:
            strands.append(_tail(a, r))
    return strands + _beard(g, a, head, r), bangs


def _obstacles(g: dict[str, Any]) -> np.ndarray:
    """Skull, mid face, jaw, neck and shoulders as ellipsoids (5, 6), centre and radii."""
    return np.array([
        [0, 30, -88, g['head_width'] / 2, 86 * g['vault'], 98 + g['forehead']],
        [0, -33, -55, g['cheekbone_width'] / 2 - 4, 68, 62],
        [0, -80, -50, g['jaw_width'] / 2 + 3, 36, 52],
        [0, -130, -86, g['neck_width'] + 3, 130, g['neck_width'] + 5],
        [0, g['shoulder_y'] - 62, -88, g['shoulder_width'], 72, 84],
    ], float)  # fmt: skip


def _head_hair(
    g: dict[str, Any], a: dict[str, Any], head: Head, r: np.random.Generator
) -> tuple[Strands, bool]:
    style = a["hair_style"]
    height = head.vertices[:, 1]
    weight = smoothstep(-1, 8, above_hairline(a, head.vertices)) * (height > g["chin_y"])
    n = _COUNTS.get(style, 5200)
    roots = roots_on(head, weight, n, r)
    points = head.vertices[roots] + r.normal(0, 0.8, (n, 3))
    scalp = Scalp.of(points, unit(head.normals[roots]), a["parting"], r)
    growth, bangs = style_growth(scalp, g, a, r)
    P = _grown(scalp, growth, g, a, r)
    layer = r.random(n)
    if style not in ("fringe", "pixie"):
        _clear_face(P, g, a, bangs)
    shade = np.exp(0.30 * r.normal(size=n) + 0.38 * scalp.clump) * (0.55 + 0.6 * layer)
    streak = 1 + 0.10 * r.normal(size=(n, 3)) * np.array([0.6, 0.3, 0.3])
    radius = np.full(n, 0.62 if style == "buzz" else 0.92) * r.uniform(0.7, 1.25, n)
    colour = np.ascontiguousarray(np.array(a["hair_colour"]) * shade[:, None] * streak)
    return Strands(np.ascontiguousarray(P), radius, colour, np.full(n, -1)), bool(bangs.any())


def _grown(
    s: Scalp, growth: Growth, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator
) -> np.ndarray:
    """Polylines (n, K, 3) of the head's hair."""
    tied, n, obstacles = a["hair_style"] in TIED, len(s.points), _obstacles(g)
    wander = (0.08 if tied else 0.35) * s.clump[:, None] * np.array([0.6, 0.2, 0.5])
    growth.flow = unit(growth.flow + s.jitter * 0.8 + wander)
    start = unit(s.normals * growth.lift[:, None] + growth.flow * (1 - growth.lift[:, None]))
    loose = np.zeros(n, bool)
    if tied:  # some locks frame the face
        away = np.abs(s.azimuth)
        loose = (away > 30) & (away < 78) & (r.random(n) < 0.30) & (s.points[:, 1] > 5)
        growth.gather = np.array([1.0, *knot(a["hair_style"])])
    growth.phase = s.clump * 5 + r.normal(0, 0.5, n)
    P = growth.grow(s.points, start, obstacles)
    if loose.any():
        P[loose] = _loose_locks(s, loose, growth, g, a, r)
    return P


def _loose_locks(
    s: Scalp, loose: np.ndarray, tied: Growth, g: dict[str, Any], a: dict[str, Any], r: np.random.Generator
) -> np.ndarray:
    m, points = int(loose.sum()), s.points[loose]
    o = Growth.plain(m, steps(a["hair_style"]))
    o.flow = unit(
        np.stack([np.sign(points[:, 0]) * 0.9, np.full(m, -0.5), np.full(m, 0.15)], 1) + s.jitter[loose]
    )
    o.stiffness[:] = 0.6
    o.gravity[:] = 1.2
    o.length = a["hair_length"] * r.uniform(60, 125, m)
    o.offset, o.phase = tied.offset[loose], tied.phase[loose]
    o.curtain = np.full(m, g["cheekbone_width"] / 2) * r.uniform(0.94, 1.08, m)
    o.curl[:] = 2.0
    o.curl_rate[:] = 0.06
    o.flow_length[:] = 40.0
    return o.grow(points, unit(s.normals[loose] * 0.3 + o.flow), _obstacles(g))


def _clear_face(P: np.ndarray, g: dict[str, Any], a: dict[str, Any], bangs: np.ndarray) -> None:
    """Give strands that cross the face the shape of the nearest good one, in place."""
    reach = 9 if a["hair_style"] in ("afro", "short", "side", "back", "spiky") else 14
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


def _tail(a: dict[str, Any], r: np.random.Generator) -> Strands:
    """Pony tail or bun behind the head."""
    bun, K = a["hair_style"] == "bun", steps(a["hair_style"])
    m = 700 if bun else 900
    c, u = knot(a["hair_style"]), unit(r.normal(size=(m, 3)))
    if bun:
        t = np.linspace(0, 2.4, K)[None, :, None]
        across = unit(np.cross(u, r.normal(size=(m, 3))))
        turn = u[:, None] * np.cos(t) + across[:, None] * np.sin(t)
        P = c + np.array([0, 22, -2]) + 27 * a["hair_length"] * turn * r.uniform(0.8, 1, (m, 1, 1))
    else:
        t = np.linspace(0, 1, K)[None, :, None]
        side = r.normal(0, 26)
        spread = u[:, None] * np.array([17, 9, 9]) * (0.5 + t)
        fall = t * np.array([side, -210 * a["hair_length"], 18]) + np.array([0, 8, 0]) * np.sin(t * np.pi)
        P = c + spread + fall
    radius = r.uniform(0.7, 1.1, m)
    shade = np.exp(0.3 * r.normal(size=m))[:, None] * (0.6 + 0.5 * r.random((m, 1)))
    return Strands(np.ascontiguousarray(P), radius, np.array(a["hair_colour"]) * shade, np.full(m, -1))


def _beard(g: dict[str, Any], a: dict[str, Any], head: Head, r: np.random.Generator) -> list[Strands]:
    goatee = a["goatee"] if a["beard"] == 0 else 0
    kinds = (
        (beard_mask, a["beard"], 2600),
        (goatee_mask, goatee, 900),
        (moustache_mask, a["moustache"], 800),
    )
    strands = []
    for mask, length, n in kinds:
        if length > 0:
            weight = mask(g, *head.vertices.T)
            roots = roots_on(head, np.where(weight > 0.25, weight, 0), n, r)
            if len(roots):
                strands.append(_bristles(g, a, head, roots, length, mask is moustache_mask, r))
    return strands


def _bristles(
    g: dict[str, Any],
    a: dict[str, Any],
    head: Head,
    roots: np.ndarray,
    longest: float,
    moustache: bool,
    r: np.random.Generator,
) -> Strands:
    n = len(roots)
    p, normals = head.vertices[roots] + r.normal(0, 0.45, (n, 3)), unit(head.normals[roots])
    o = Growth.plain(n, 6)
    flow = np.stack([np.sign(p[:, 0]) * (0.9 if moustache else 0.1), np.full(n, -1.0), np.full(n, 0.25)], 1)
    o.flow = unit(flow + r.normal(0, 0.28, (n, 3)))
    thinning = 1 if moustache else np.interp(p[:, 1], [g["chin_y"], g["mouth_y"], -5], [1.2, 0.9, 0.45])
    o.length = longest * r.uniform(0.6, 1.15, n) * thinning
    o.stiffness[:] = 0.5
    o.gravity[:] = 0.4
    o.curl_rate[:] = 0
    o.flow_length[:] = 60.0
    P = o.grow(p, unit(normals * 0.5 + o.flow * 0.5), _NO_OBSTACLES)
    shade = np.exp(0.35 * r.normal(size=n)) * 0.95
    radius = r.uniform(0.30, 0.5, n)
    return Strands(np.ascontiguousarray(P), radius, np.array(a["hair_colour"]) * shade[:, None], roots)
