"""Growth of single strands: direction, gravity, collisions with head and body, curl."""

# mypy: allow-untyped-defs
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel, kernel_part
from lib.faces.rendered.head.implicit_surface import CENTRE
from lib.faces.rendered.head.neutral_head import Head
from lib.faces.rendered.smooth_functions import normalised

_CX, _CY, _CZ = (float(value) for value in CENTRE)
_STEP = np.radians(3.0)


@dataclass(frozen=True)
class Strands:
    """Strands of one kind.

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
        """Whether these are strands of a beard."""
        return bool(self.roots[0] >= 0)


@dataclass
class Growth:
    """Growth parameters of n strands; arrays are (n,) unless said otherwise.

    Attributes
    ----------
    points : steps per strand.
    length : millimetres.
    flow : direction that the strand is combed to, (n, 3); it fades within `flow_length` millimetres.
    lift : 0 lies flat, 1 stands off the skin; gravity: pull down; stiffness: 0 straight on to 1.
    offset : distance that the strand keeps from the head, millimetres.
    cling : share of the way back to that distance that each step takes, 0 (hangs free) to 1 (lies on).
    behind : millimetres; below the ear's top the strand stays behind this depth (large: anywhere).
    curtain : half width of the face that the strand must not enter, 0 for none.
    curl, curl_rate : amplitude in millimetres and radians per millimetre.
    phase : of the curl.
    gather : 1 and the point where tied hair meets (its mirror image on the other side), or zeros, (4,).
    """

    points: int
    length: Any
    flow: Any
    lift: Any
    gravity: Any
    stiffness: Any
    offset: Any
    cling: Any
    behind: Any
    curtain: Any
    curl: Any
    curl_rate: Any
    phase: Any
    gather: Any
    flow_length: Any

    @classmethod
    def plain(cls, n: int, points: int) -> Growth:
        """Default growth: short straight strands without obstacles, to be changed by a style."""
        return cls(
            points,
            np.full(n, 60.0),
            np.zeros((n, 3)),
            np.full(n, 0.35),
            np.full(n, 0.35),
            np.full(n, 0.35),
            np.zeros(n),
            np.zeros(n),
            np.full(n, 1e3),
            np.zeros(n),
            np.zeros(n),
            np.full(n, 0.05),
            np.zeros(n),
            np.zeros(4),
            np.full(n, 90.0),
        )

    def grow(
        self, roots: np.ndarray, start: np.ndarray, surface: np.ndarray, obstacles: np.ndarray
    ) -> np.ndarray:
        """Grow strands: polylines (n, points, 3) from roots (n, 3) with initial directions `start` (n, 3).

        surface: `radial_surface` of the head. obstacles: ellipsoids (E, 6) as centre and radii.
        """
        along = (self.flow, self.stiffness, self.gravity, self.length / (self.points - 1), self.flow_length)
        limits = (self.offset, self.cling, self.behind, self.curtain)
        curl = (self.curl, self.curl_rate, self.phase)
        return grow(roots, start, self.points, along, limits, curl, self.gather, surface, obstacles)


def roots_on(head: Head, weight: np.ndarray, n: int, r: np.random.Generator) -> np.ndarray:
    """Vertices (n,) drawn with probability `weight` (V,) times area; none if all weights are zero."""
    grid = head.grid(head.vertices)
    area = np.linalg.norm(np.gradient(grid, axis=0), axis=-1)
    area = area * np.linalg.norm(np.gradient(grid, axis=1), axis=-1)
    p = (weight * area.ravel()).clip(0)
    if p.sum() <= 0:
        return np.zeros(0, int)
    return r.choice(len(p), size=n, p=p / p.sum())


def radial_surface(head: Head) -> np.ndarray:
    """Radius of the skin from the head's centre, (61, 121), by elevation and azimuth in 3 degree steps."""
    away = head.grid(head.vertices - CENTRE)
    distance = np.linalg.norm(away, axis=-1)
    elevation = np.arcsin(away[..., 1] / distance)[::-1]
    azimuth = np.arctan2(away[head.rows // 3, :, 0], away[head.rows // 3, :, 2])
    azimuth[0], azimuth[-1] = -np.pi, np.pi
    heights, around = (np.linspace(-np.pi / 2, np.pi / 2, 61), np.linspace(-np.pi, np.pi, 121))
    columns = [np.interp(heights, elevation[:, j], distance[::-1, j]) for j in range(head.columns)]
    return np.stack([np.interp(around, azimuth, row) for row in np.array(columns).T])


@kernel
def grow(root, d0, K, along, limits, curls, gather, surface, col):
    """Kernel: grow all strands. root, d0 (S,3); the tuples hold fields of Growth, (S,) or (S,3)."""
    flow, stiff, grav, seg, flen = along
    off, cling, behind, curtain = limits
    S = root.shape[0]
    P = np.zeros((S, K, 3))
    for s in range(S):
        x, y, z = root[s, 0], root[s, 1], root[s, 2]
        d = (d0[s, 0], d0[s, 1], d0[s, 2])
        P[s, 0, 0], P[s, 0, 1], P[s, 0, 2] = x, y, z
        for k in range(1, K):
            w = stiff[s]
            fl = max(0.0, 1.0 - k * seg[s] / flen[s])
            t = (flow[s, 0] * fl, flow[s, 1] * fl - grav[s] * (1.15 - fl), flow[s, 2] * fl)
            if gather[0] > 0:
                t = normalised(
                    (gather[1] if root[s, 0] > 0 else -gather[1]) - x, gather[2] - y, gather[3] - z
                )
            d = normalised(d[0] + t[0] * w, d[1] + t[1] * w, d[2] + t[2] * w)
            x, y, z = x + d[0] * seg[s], y + d[1] * seg[s], z + d[2] * seg[s]
            gap = off[s] * (1.0 - 0.75 * (1 - k / (K - 1.0)) ** 4)
            near = min(1.0, max(0.0, (y + 25) / 40))
            x, y, z, d = keep_to_head(x, y, z, d, surface, gap, cling[s] * near)
            for c in range(col.shape[0]):
                x, y, z, d = push_out(x, y, z, d, col, c, gap)
            x, z = keep_off_face(x, y, z, flow[s, 0] > 0, curtain[s], behind[s])
            P[s, k, 0], P[s, k, 1], P[s, k, 2] = x, y, z
        if curls[0][s] > 0:
            curl_strand(P, s, seg[s], curls[0][s], curls[1][s], curls[2][s])
    return P


@kernel_part
def keep_off_face(x, y, z, right, curtain, behind):
    """Move a point sideways off the face, and behind the ear."""
    if curtain > 0 and z > -62 and y < 45:
        lim = curtain * min(1.0, 0.45 + (45 - y) / 40.0)
        if abs(x) < lim and z > -58:
            x += ((lim if right else -lim) - x) * 0.7
    if y < 16 and z > behind:
        z += (behind - z) * 0.6
    return x, z


@kernel_part
def keep_to_head(x, y, z, d, surface, gap, cling):
    """Move a point out of the head to distance `gap`, or back towards it by the share `cling`."""
    ax, ay, az = x - _CX, y - _CY, z - _CZ
    far = np.sqrt(ax * ax + ay * ay + az * az) + 1e-9
    if far > 190.0:
        return x, y, z, d
    i = (np.arcsin(ay / far) + 0.5 * np.pi) / _STEP
    j = (np.arctan2(ax, az) + np.pi) / _STEP
    i0, j0 = min(int(i), 59), min(int(j), 119)
    u, v = i - i0, j - j0
    upper = (1 - v) * surface[i0, j0] + v * surface[i0, j0 + 1]
    wanted = (1 - u) * upper + u * ((1 - v) * surface[i0 + 1, j0] + v * surface[i0 + 1, j0 + 1]) + gap
    share = 1.0 if far < wanted else cling
    if share <= 0:
        return x, y, z, d
    f = share * (wanted / far - 1)
    dn = (d[0] * ax + d[1] * ay + d[2] * az) / far
    if (far < wanted and dn < 0) or (far > wanted and dn > 0):
        k = share * dn / far
        d = (d[0] - k * ax, d[1] - k * ay, d[2] - k * az)
    return x + f * ax, y + f * ay, z + f * az, d


@kernel_part
def push_out(x, y, z, d, col, c, gap):
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
        dn = d[0] * nx + d[1] * ny + d[2] * nz
        if dn < 0:
            d = (d[0] - dn * nx, d[1] - dn * ny, d[2] - dn * nz)
    return x, y, z, d


@kernel_part
def curl_strand(P, s, seg, amplitude, rate, phase):
    """Add a helix to strand s, weaker near its root and in front of the face."""
    K = P.shape[1]
    for k in range(1, K):
        A = amplitude * min(1.0, k / (K - 1.0) * 2.0)
        if P[s, k, 2] > -55 and P[s, k, 1] < 60:
            A *= 0.35
        c = phase + rate * k * seg
        P[s, k, 0] += A * np.cos(c)
        P[s, k, 2] += A * np.sin(c)
        P[s, k, 1] += 0.4 * A * np.sin(c * 1.3)
