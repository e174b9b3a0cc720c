"""Grow the strands of beard, goatee and moustache."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.hair.hair_regions import beard_mask, goatee_mask, moustache_mask
from lib.faces.rendered.hair.hair_tones import tones
from lib.faces.rendered.hair.locks import Locks
from lib.faces.rendered.hair.strand_growth import Growth, Strands, radial_surface, roots_on
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.smooth_functions import unit

_NO_OBSTACLES = np.zeros((0, 6))


def grow_beard(g: dict[str, Any], a: dict[str, Any], head: Head, r: np.random.Generator) -> list[Strands]:
    """Grow the facial hair of one subject; an empty list if there is none."""
    goatee = a["goatee"] if a["beard"] == 0 else 0
    kinds = (
        (beard_mask, a["beard"], 3000),
        (goatee_mask, goatee, 1000),
        (moustache_mask, a["moustache"], 900),
    )
    strands = []
    for mask, length, n in kinds:
        if length > 0:
            weight = np.clip(mask(g, *head.vertices.T), 0, 1)
            roots = roots_on(head, np.where(weight > 0.08, weight, 0), n, r)
            if len(roots):
                lengths = length * (0.35 + 0.65 * weight[roots])
                strands.append(_bristles(g, a, head, roots, lengths, mask is moustache_mask, r))
    return strands


def _bristles(
    g: dict[str, Any],
    a: dict[str, Any],
    head: Head,
    roots: np.ndarray,
    lengths: np.ndarray,
    moustache: bool,
    r: np.random.Generator,
) -> Strands:
    n = len(roots)
    p, normals = (head.vertices[roots] + r.normal(0, 0.45, (n, 3)), unit(head.normals[roots]))
    locks = Locks.around(p, np.sign(p[:, 0]), n // 9, r)
    o = Growth.plain(n, 6)
    flow = np.stack([np.sign(p[:, 0]) * (0.9 if moustache else 0.1), np.full(n, -1.0), np.full(n, 0.12)], 1)
    o.flow = unit(flow + np.stack([0.26 * locks.draw(r, 0.6) for _ in range(3)], 1))
    thinning = 1 if moustache else np.interp(p[:, 1], [g["chin_y"], g["mouth_y"], -5], [1.2, 0.85, 0.4])
    o.length = lengths * np.exp(0.2 * locks.draw(r, 0.6)) * thinning
    o.stiffness[:] = 0.5
    o.gravity[:] = 0.35
    o.curl[:] = np.clip(o.length * 0.06, 0, 1.2)
    o.curl_rate[:] = 0.35
    o.phase = 2 * locks.draw(r, 0.3)
    o.flow_length[:] = 60.0
    o.offset = 0.4 + 0.22 * o.length * r.random(n)
    o.cling[:] = 0.3
    P = o.grow(p, unit(normals * 0.4 + o.flow * 0.6), radial_surface(head), _NO_OBSTACLES)
    colour = tones(a, locks, r, 0.9) * (0.8 + 0.35 * r.random((n, 1)))
    return Strands(np.ascontiguousarray(P), r.uniform(0.30, 0.5, n), np.ascontiguousarray(colour), roots)
