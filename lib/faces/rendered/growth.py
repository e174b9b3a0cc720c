"""Strands: how single hairs grow, get pushed out of the head, and curl."""

# mypy: allow-untyped-defs
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.head import Head
from lib.faces.rendered.kernels import kernel, kernel_part
from lib.faces.rendered.smooth import normalised


@dataclass(frozen=True)
class Strands:
    """Hairs of one kind.

    Attributes
    ----------
    points : polylines in the head's frame, (S, K, 3) millimetres, root first.
    radius : (S,) millimetres.
    colour : (S, 3) linear.
    roots : vertex of the head that each strand is bound to and moves with, (S,); -1 for hair of the head.
    """

    points: np.ndarray
    radius: np.ndarray
    colour: np.ndarray
    roots: np.ndarray

    @property
    def facial(self) -> bool:
        """Whether these are hairs of a beard."""
        return bool(self.roots[0] >= 0)


@dataclass
class Growth:
    """How n strands grow; arrays are (n,) unless said otherwise.

    Attributes
    ----------
    points : steps per strand.
    length : millimetres.
    flow : direction that the strand is combed to, (n, 3); it fades within `flow_length` millimetres.
    lift : 0 lies flat, 1 stands off the skin; gravity: pull down; stiffness: 0 straight on to 1.
    offset : distance that the strand keeps from the head, millimetres.
    curtain : half width of the face that the strand must not enter, 0 for none.
    curl, curl_rate : amplitude in millimetres and radians per millimetre.
    phase : of the curl.
    gather : 1 and the point where tied hair meets, or zeros, (4,).
    """

    points: int
    length: Any
    flow: Any
    lift: Any
    gravity: Any
    stiffness: Any
    offset: Any
    curtain: Any
    curl: Any
    curl_rate: Any
    phase: Any
    gather: Any
    flow_length: Any

    @classmethod
    def plain(cls, n: int, points: int) -> Growth:
        """Short straight strands without obstacles, to be changed by a style."""
        return cls(
            points,
            np.full(n, 60.0),
            np.zeros((n, 3)),
            np.full(n, 0.35),
            np.full(n, 0.35),
            np.full(n, 0.35),
            np.zeros(n),
            np.zeros(n),
            np.zeros(n),
            np.full(n, 0.05),
            np.zeros(n),
            np.zeros(4),
            np.full(n, 90.0),
        )

    def grow(self, roots: np.ndarray, start: np.ndarray, obstacles: np.ndarray) -> np.ndarray:
        """Polylines (n, points, 3) from roots (n, 3) with first directions `start` (n, 3).

        obstacles: ellipsoids (E, 6) as centre and radii that strands stay out of.
        """
        return grow(
            roots,
            start,
            self.flow,
            self.stiffness,
            self.gravity,
            self.length / (self.points - 1),
            self.points,
            obstacles,
            self.offset,
            self.curtain,
            self.curl,
            self.curl_rate,
            self.phase,
            self.gather,
            self.flow_length,
        )


def roots_on(head: Head, weight: np.ndarray, n: int, r: np.random.Generator) -> np.ndarray:
    """Vertices (n,) drawn by weight (V,) times area; none if all weights are zero."""
    grid = head.grid(head.vertices)
    area = np.linalg.norm(np.gradient(grid, axis=0), axis=-1)
    area = area * np.linalg.norm(np.gradient(grid, axis=1), axis=-1)
    p = (weight * area.ravel()).clip(0)
    if p.sum() <= 0:
        return np.zeros(0, int)
    return r.choice(len(p), size=n, p=p / p.sum())


@kernel
def grow(root, d0, flow, stiff, grav, seg, K, col, off, curtain, curla, curlf, ph, gather, flen):
    """Grow all strands. root, d0, flow (S,3); seg: step in mm; col: obstacles; the rest (S,), see Growth."""
    S = root.shape[0]
    P = np.zeros((S, K, 3))
    for s in range(S):
        x, y, z = root[s, 0], root[s, 1], root[s, 2]
        dx, dy, dz = d0[s, 0], d0[s, 1], d0[s, 2]
        P[s, 0, 0], P[s, 0, 1], P[s, 0, 2] = x, y, z
        for k in range(1, K):
            t = k / (K - 1.0)
            w = stiff[s]
            fl = max(0.0, 1.0 - k * seg[s] / flen[s])
            tx = flow[s, 0] * fl
            ty = flow[s, 1] * fl - grav[s] * (1.15 - fl)
            tz = flow[s, 2] * fl
            if gather[0] > 0:
                tx, ty, tz = normalised(gather[1] - x, gather[2] - y, gather[3] - z)
            dx, dy, dz = normalised(dx + tx * w, dy + ty * w, dz + tz * w)
            x += dx * seg[s]
            y += dy * seg[s]
            z += dz * seg[s]
            gap = off[s] * (1.0 - 0.75 * (1 - t) ** 4)
            for c in range(col.shape[0]):
                x, y, z, dx, dy, dz = push_out(x, y, z, dx, dy, dz, col, c, gap)
            if curtain[s] > 0 and z > -62 and y < 45:
                lim = curtain[s] * min(1.0, 0.45 + (45 - y) / 40.0)
                if abs(x) < lim and z > -58:
                    x = x + ((lim if flow[s, 0] > 0 else -lim) - x) * 0.7
            P[s, k, 0], P[s, k, 1], P[s, k, 2] = x, y, z
        if curla[s] > 0:
            curl_strand(P, s, seg[s], curla[s], curlf[s], ph[s])
    return P


@kernel_part
def push_out(x, y, z, dx, dy, dz, col, c, gap):
    """Move a point out of ellipsoid c and turn its direction along the surface."""
    a = (x - col[c, 0]) / col[c, 3]
    b = (y - col[c, 1]) / col[c, 4]
    e = (z - col[c, 2]) / col[c, 5]
    q = np.sqrt(a * a + b * b + e * e)
    m = 1.0 + gap / col[c, 3]
    if q < m and q > 1e-6:
        f = m / q
        x = col[c, 0] + a * f * col[c, 3]
        y = col[c, 1] + b * f * col[c, 4]
        z = col[c, 2] + e * f * col[c, 5]
        nx, ny, nz = normalised(a / col[c, 3], b / col[c, 4], e / col[c, 5])
        dn = dx * nx + dy * ny + dz * nz
        if dn < 0:
            dx -= dn * nx
            dy -= dn * ny
            dz -= dn * nz
    return x, y, z, dx, dy, dz


@kernel_part
def curl_strand(P, s, seg, amplitude, rate, phase):
    """Wind strand s, weaker near its root and before the face."""
    K = P.shape[1]
    for k in range(1, K):
        A = amplitude * min(1.0, k / (K - 1.0) * 2.0)
        if P[s, k, 2] > -55 and P[s, k, 1] < 60:
            A *= 0.35
        c = phase + rate * k * seg
        P[s, k, 0] += A * np.cos(c)
        P[s, k, 2] += A * np.sin(c)
        P[s, k, 1] += 0.4 * A * np.sin(c * 1.3)
