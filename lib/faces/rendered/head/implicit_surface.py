"""Smooth head as an implicit surface: blended ellipsoids and capsules, solved as a radial graph.

A row of primitives: kind (0 ellipsoid, 1 ellipsoid taken away, 2 capsule), centre and radii (ellipsoid) or
both ends and both radii (capsule), and the radius of blending, in millimetres. Only the half x >= 0 counts.
"""

# mypy: allow-untyped-defs
from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel, kernel_part

CENTRE = np.array([0.0, -20.0, -75.0])
"""Point inside the head from which every ray meets the surface once."""


def _ellipsoid(
    centre: tuple[float, float, float], radii: tuple[float, float, float], blend: float, away: bool = False
) -> list[float]:
    return [1.0 if away else 0.0, *centre, *radii, 0, 0, blend]


def _capsule(
    first: tuple[float, float, float],
    second: tuple[float, float, float],
    radius: float,
    second_radius: float,
    blend: float,
) -> list[float]:
    return [2.0, *first, *second, radius, second_radius, blend]


def primitives(g: dict[str, Any]) -> np.ndarray:
    """Primitives (P, 10) of a head with measures `g`."""
    return np.array([*_skull(g), *_sockets(g), *_nose(g)], float)


def _skull(g: dict[str, Any]) -> list[list[float]]:
    hw, zw, gw = g["head_width"] / 2, g["cheekbone_width"] / 2, g["jaw_width"] / 2
    yst, ygn, fat = g["mouth_y"], g["chin_y"], g["fullness"]
    my = 0.5 * (yst + ygn) + 12
    cheek = (17.5 + 1.5 * fat, 23, 21 + 2 * fat)
    return [
        _ellipsoid((0, 30, -88), (hw, 86 * g["vault"], 98 + g["forehead"]), 1),
        _ellipsoid((0, -33, -55), (zw - 10, 66, 64), 26),  # mid face
        _ellipsoid((zw - 26, -25 + g["cheek_y"], -37), (24, 20, 28 + g["cheekbone"]), 22),  # cheek bone
        _ellipsoid((zw - 23, 4, -40), (19, 30, 25), 22),  # side of the orbit, temple
        _ellipsoid((31, -50, -22 + 1.5 * fat), cheek, 22),
        _ellipsoid((0, my, -50), (gw * 0.87 - 4 + fat, abs(ygn - my) - 3, 53), 26),  # mandible
        _ellipsoid((gw - 11 + 1.5 * fat, my + 18, -70), (12, 25, 26), 26),  # jaw angle
        _ellipsoid(
            (g["chin_width"] * 0.26, ygn + 14, -11 + g["chin_protrusion"]),
            (g["chin_width"] * 0.78, 12.5, 16),
            24,
        ),
        _ellipsoid((0, yst + 3, -8 + g["muzzle"]), (26, 21, 17), 16),
        _ellipsoid((19, g["brow_y"] - 3, -3), (22, 8, 9.5 + g["brow_ridge"]), 12),
    ]


def _sockets(g: dict[str, Any]) -> list[list[float]]:
    ex = g["pupil_distance"] / 2
    return [
        _ellipsoid((ex - 2, 1, 9), (17, 10, 9.5 + g["eye_depth"]), 12, away=True),
        _ellipsoid((ex, 0, -15.2), (15.3, 14.6, 16.2), 7),  # lids
    ]


def _nose(g: dict[str, Any]) -> list[list[float]]:
    nw, p, rt, ysn, width = (
        g["nose_width"] / 2,
        g["nose_protrusion"],
        g["nose_tip_radius"],
        g["nose_base_y"],
        g["nose_bridge_width"],
    )
    yt = ysn + 7 + g["nose_tip_rise"]
    middle = (0, 0.5 * (6 + yt) + 2, 8.4 + 0.33 * p + g["nose_hump"])
    nostril = (nw - 8.8, ysn - 0.4 + 0.3 * g["nose_tip_rise"], 12 + 0.25 * p)
    return [
        _capsule((0, 7, 1.2 + g["nose_root"]), middle, width - 0.6, width + 0.4, 13),
        _capsule(middle, (0, yt, 10.5 + p - rt), width + 0.4, rt - 1, 9),
        _ellipsoid((1.8, yt, 10.5 + p - rt), (rt, rt * 0.9, rt), 6.5),
        _ellipsoid((nw - 5.6, ysn + 4.8 + g["nose_wing_y"], 9.5 + 0.12 * p), (6.2, 6.8, 9.6), 6.5),  # wing
        _ellipsoid((0, ysn + 2, 9 + 0.25 * p), (4.2, 4, 8), 5),  # columella
        _ellipsoid(nostril, (3.1, 2.6, 4.6), 2.5, away=True),
    ]


@kernel_part
def ellipsoid_distance(P, i, x, y, z):
    """First-order distance to ellipsoid i."""
    a = (x - P[i, 1]) / P[i, 4]
    b = (y - P[i, 2]) / P[i, 5]
    c = (z - P[i, 3]) / P[i, 6]
    k0 = np.sqrt(a * a + b * b + c * c)
    a /= P[i, 4]
    b /= P[i, 5]
    c /= P[i, 6]
    k1 = np.sqrt(a * a + b * b + c * c) + 1e-9
    return k0 * (k0 - 1.0) / k1


@kernel_part
def capsule_distance(P, i, x, y, z):
    """Distance to capsule i with linearly changing radius."""
    ax = P[i, 1]
    ay = P[i, 2]
    az = P[i, 3]
    bx = P[i, 4] - ax
    by = P[i, 5] - ay
    bz = P[i, 6] - az
    h = ((x - ax) * bx + (y - ay) * by + (z - az) * bz) / (bx * bx + by * by + bz * bz)
    h = min(1.0, max(0.0, h))
    dx = x - ax - h * bx
    dy = y - ay - h * by
    dz = z - az - h * bz
    return np.sqrt(dx * dx + dy * dy + dz * dz) - (P[i, 7] + (P[i, 8] - P[i, 7]) * h)


@kernel
def signed_distance(P, x, y, z):
    """Signed distance to the blended union, negative inside."""
    x = abs(x)
    d = 1e9
    for i in range(P.shape[0]):
        kind = P[i, 0]
        k = P[i, 9]
        e = capsule_distance(P, i, x, y, z) if kind == 2.0 else ellipsoid_distance(P, i, x, y, z)
        if kind == 1.0:
            e = -e
            h = max(k - abs(d - e), 0.0) / k
            d = max(d, e) + h * h * k * 0.25
        else:
            h = max(k - abs(d - e), 0.0) / k
            d = min(d, e) - h * h * k * 0.25
    return d


@kernel_part
def radius_along(P, c, sa, ca, se, ce, r):
    """Radius of the surface along one ray from c, starting from a guess r."""
    dx = ce * sa
    dy = se
    dz = ce * ca
    for _ in range(16):
        d = signed_distance(P, c[0] + dx * r, c[1] + dy * r, c[2] + dz * r)
        r -= d * 0.9
        if r < 5.0:
            r = 5.0
        if abs(d) < 0.05:
            break
    return r


@kernel
def solve_grid(P, c, az, EL):
    """Surface points (rows, columns, 3) for azimuths az (columns,) and elevations EL (rows, columns)."""
    nr, nc = EL.shape
    V = np.zeros((nr, nc, 3))
    mid = nc // 2
    for i in range(nr):
        r = 100.0
        for j in range(mid, nc):
            se = np.sin(EL[i, j])
            ce = np.cos(EL[i, j])
            sa = np.sin(az[j])
            ca = np.cos(az[j])
            r = radius_along(P, c, sa, ca, se, ce, r + 3.0)
            V[i, j, 0] = c[0] + r * ce * sa
            V[i, j, 1] = c[1] + r * se
            V[i, j, 2] = c[2] + r * ce * ca
            jm = 2 * mid - j
            V[i, jm, 0] = -V[i, j, 0]
            V[i, jm, 1] = V[i, j, 1]
            V[i, jm, 2] = V[i, j, 2]
    return V


@kernel
def mouth_line(P, c, az, hw, y0, sag):
    """Elevation of the closed mouth line per column, by bisection; NaN outside the mouth."""
    out = np.full(az.shape[0], np.nan)
    for j in range(az.shape[0]):
        lo = -1.2
        hi = 0.2
        sa = np.sin(az[j])
        ca = np.cos(az[j])
        if abs(az[j]) > 0.75:
            continue
        for _ in range(22):
            m = 0.5 * (lo + hi)
            se = np.sin(m)
            ce = np.cos(m)
            r = radius_along(P, c, sa, ca, se, ce, 90.0)
            x = r * ce * sa
            y = c[1] + r * se
            t = min(1.3, abs(x) / hw)
            yt = y0 + sag * t * t
            if y > yt:
                hi = m
            else:
                lo = m
        out[j] = 0.5 * (lo + hi)
    return out
