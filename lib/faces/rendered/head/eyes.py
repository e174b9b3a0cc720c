"""Eyes: lid curves, and ray-traced eyeballs between them (no mesh of their own)."""

# mypy: allow-untyped-defs
from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel_part
from lib.faces.rendered.scene.shot import Shot
from lib.faces.rendered.smooth_functions import normalised, ss
from lib.faces.rendered.subject.subject import Subject

_VERGENCE = 0.03


def lid_openings(g: dict[str, Any], shot: Shot) -> tuple[float, float]:
    """Height of upper and lower lid from the eye's axis in millimetres, after expression and gaze."""
    e = shot.actions
    upper = g["upper_lid"] * (1 + 1.0 * e["upper_lid"]) - 0.4 * max(0, np.degrees(-shot.gaze[1])) * 0.1
    return max(upper, -g["lower_lid"] * 0.55), g["lower_lid"] * (1 - 0.55 * e["lower_lid"] - 0.30 * e["au6"])


def eye_vector(subject: Subject, shot: Shot) -> np.ndarray:
    """Parameters of the eyes for the shading kernels, float64 (18,).

    0 half the distance of the pupils, 1 half width, 2 upper and 3 lower lid, 4 tilt, 5 and 6 gaze, 7 radius
    of iris and 8 pupil, 9 lashes, 10 hooded, 11 to 13 iris colour, 14 liner, 15 vergence,
    16 brightness and 17 yellowness of the white.
    """
    g, a = subject.measures, subject.looks
    pupil = float(np.interp(shot.light.ambient + shot.light.key, [1, 2.4], [2.5, 1.6]))
    return np.array([
        g['pupil_distance'] / 2, g['eye_half_width'], *lid_openings(g, shot), g['eye_tilt'],
        *shot.gaze, 5.95 + 0.25 * a['child'], pupil + 0.3 * a['child'], a['lashes'],
        float(g['hooded']), *a['iris_colour'], a['eye_liner'], _VERGENCE,
        1 + 0.2 * a['child'] - 0.18 * a['ageing'], a['ageing'] - 0.5 * a['child'],
    ])  # fmt: skip


def lid_curves(u: Any, upper: Any, lower: Any) -> tuple[Any, Any]:
    """Heights of both lids at u, from -1 (inner corner) to 1 (outer corner)."""
    k = np.maximum(0, 1 - u * u)
    return upper * k**0.62 * (1 - 0.12 * u), -lower * k**0.78 * (1 + 0.12 * u)


def lid_points(g: dict[str, Any], upper: float, lower: float) -> np.ndarray:
    """The six points of each eye in the order of the 68 landmarks, (12, 3) millimetres."""
    out = []
    for sign, us in ((-1, (1, 0.35, -0.35, -1, -0.35, 0.35)), (1, (-1, -0.35, 0.35, 1, 0.35, -0.35))):
        for k, u in enumerate(us):
            top, bottom = lid_curves(np.array(float(u)), upper, lower)
            v = float(top if k in (1, 2) else (bottom if k in (4, 5) else 0))
            ca, sa = np.cos(g["eye_tilt"]), np.sin(g["eye_tilt"])
            x, y = g["eye_half_width"] * u * ca - v * sa, g["eye_half_width"] * u * sa + v * ca
            bulge = np.sqrt(max(0.0, 15.3**2 - x * x - y * y))
            out.append((sign * (g["pupil_distance"] / 2 + x), y, -15.2 + max(bulge, 6.0)))
    return np.array(out)


@kernel_part
def eye_region(qx, qy, eye):
    """Eye coordinates of a point: u along, v across the lids, and both lids' heights there."""
    ex = abs(qx) - eye[0]
    ca = np.cos(eye[4])
    sa = np.sin(eye[4])
    uu = (ex * ca + qy * sa) / eye[1]
    vv = -ex * sa + qy * ca
    k = max(0.0, 1 - uu * uu)
    vU = eye[2] * k**0.62 * (1 - 0.12 * uu)
    vL = -eye[3] * k**0.78 * (1 + 0.12 * uu)
    if eye[10] > 0.5:
        vU -= 0.9 * ss(0.3, 1.0, -uu)
    return uu, vv, vU, vL


@kernel_part
def eyeball(o, d, sg, uu, vv, vU, vL, eye, skin):
    """Colour, gloss and normal where the ray o + t d meets the eyeball, in the head's frame."""
    rr = 14.5
    hx, hy, hz = on_sphere(o[0] - sg * eye[0], o[1], o[2] + 15.4, d, rr)
    look = eye[5] + sg * eye[15]
    ddx = hx - np.sin(look) * np.cos(eye[6])
    ddy = hy - np.sin(eye[6])
    ddz = hz - np.cos(look) * np.cos(eye[6])
    rho = np.sqrt(ddx * ddx + ddy * ddy + ddz * ddz) * rr
    if rho < eye[7]:
        ar, ag, ab = iris(rho, ddx, ddy, sg, eye)
        hx, hy, hz = hx + ddx * 1.3, hy + ddy * 1.3, hz + ddz * 1.3  # cornea
        gloss = 1.0
    else:
        ar, ag, ab = white(rho, uu, eye)
        less = 0.72 + 0.28 * min(1.0, skin[1] / 0.3)  # dark lids throw less light on the eye
        ar, ag, ab = ar * less, ag * less, ab * less
        gloss = 0.3
    du = vU - vv
    dl = vv - vL
    if dl < 0.85:  # wet margin of the lower lid
        q = ss(0.85, 0.25, dl) * 0.75
        ar += (skin[0] * 0.95 - ar) * q
        ag += (skin[1] * 0.62 - ag) * q
        ab += (skin[2] * 0.60 - ab) * q
    lid = (0.20 + 0.80 * ss(-0.3, 5.0, du)) * (0.72 + 0.28 * ss(0.0, 1.6, dl))
    lid *= 0.5 + 0.5 * ss(1.0, 0.6, abs(uu))
    dark = lid
    if du < 1.0 * eye[9] + 0.25:  # lashes of the upper lid
        dark *= 1 - ss(1.0 * eye[9] + 0.25, 0.1, du) * 0.92
    return (ar * dark, ag * dark, ab * dark), gloss * lid, normalised(hx, hy, hz)


@kernel_part
def on_sphere(cx, cy, cz, d, radius):
    """Point (over the radius) where the ray c + t d meets a sphere at 0, or its nearest point."""
    bq = cx * d[0] + cy * d[1] + cz * d[2]
    cq = cx * cx + cy * cy + cz * cz - radius * radius
    t = -bq - np.sqrt(max(bq * bq - cq, 0.0))
    return (cx + d[0] * t) / radius, (cy + d[1] * t) / radius, (cz + d[2] * t) / radius


@kernel_part
def iris(rho, ddx, ddy, sg, eye):
    """Colour of the iris: radial fibres, dark rim, pupil."""
    th = np.arctan2(ddy, ddx)
    st = 0.5 + 0.5 * np.sin(th * 17 + 2 * np.sin(th * 5 + sg))
    rad = rho / eye[7]
    k = (0.55 + 0.55 * st * (1 - rad) + 0.75 * (1 - rad) * (1 - rad)) * (1 - 0.72 * ss(0.78, 1.0, rad))
    k *= 1.1 + 0.6 * ss(0.3, -0.8, ddy / eye[7])
    pu = ss(eye[8] + 0.5, eye[8] - 0.3, rho)
    return (
        eye[11] * k * (1 - pu) + 0.006 * pu,
        eye[12] * k * (1 - pu) + 0.006 * pu,
        eye[13] * k * (1 - pu) + 0.007 * pu,
    )


@kernel_part
def white(rho, uu, eye):
    """Colour of the sclera, red at the corners."""
    e = ss(eye[7], eye[7] + 0.9, rho)
    red = ss(0.55, 0.98, abs(uu))
    ar = (0.42 - 0.04 * red) * e * eye[16] + 0.12 * (1 - e)
    ag = (0.37 - 0.12 * red - 0.02 * eye[17]) * e * eye[16] + 0.10 * (1 - e)
    ab = (0.35 - 0.13 * red - 0.07 * eye[17]) * e * eye[16] + 0.10 * (1 - e)
    if uu < -0.80:
        q = ss(-0.80, -0.92, uu)
        ar += (0.52 - ar) * q
        ag += (0.23 - ag) * q
        ab += (0.19 - ab) * q
    return ar, ag, ab


@kernel_part
def lashes(uu, vv, vU, vL, eye):
    """Coverage by lashes and liner, 0 to 1, and redness of the lower lid's edge."""
    lash = 0.0
    red = 0.0
    du = vv - vU
    if (abs(uu) < 1.12 and du >= 0) or (abs(uu) >= 1 and abs(uu) < 1.16):
        if abs(uu) >= 1:
            du = abs(vv - vU)
        wl = (1.05 + 0.95 * eye[9] * ss(-0.9, 0.7, uu) + 0.55 * eye[14]) * ss(1.16, 0.97, abs(uu))
        wl = max(wl, 0.01)
        lash = max(lash, ss(wl, wl * 0.25, abs(du)) * min(1.0, 0.55 + 0.35 * eye[9] + 0.2 * eye[14]))
    dl = vL - vv
    if abs(uu) < 1.02 and dl >= 0:
        lash = max(lash, ss(1.25, 0.1, dl) * (0.25 + 0.28 * eye[9] + 0.3 * eye[14]) * ss(-1.1, 0.2, uu))
        if dl < 1.0:
            red = 0.3 * ss(1.0, 0.2, dl) * 0.4
    return lash, red
