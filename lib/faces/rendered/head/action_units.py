"""Facial action units (FACS): displacement of the neutral head's vertices by expressions.

After the Facial Action Coding System (Ekman and Friesen 1978); a unit of 1 is a marked contraction.
"""

# mypy: allow-untyped-defs
from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.compiled_kernels import kernel, kernel_part

MOTIONS = (
    'au1', 'au2', 'au4', 'au6', 'au9', 'au10', 'au12', 'au15', 'au17', 'au20', 'au24',
    'jaw', 'lips_part', 'pucker', 'asymmetry', 'puff',
)  # fmt: skip
"""What moves the mesh: action units of the Facial Action Coding System, jaw, parted lips, and three more."""


def expression_measures(g: dict[str, Any]) -> np.ndarray:
    """Measures of a head that `express` needs, as a vector."""
    return np.array(
        [
            g["mouth_y"],
            g["mouth_width"] / 2,
            g["brow_y"],
            g["pupil_distance"] / 2,
            g["nose_base_y"],
            g["chin_y"],
            g["nose_width"] / 2,
            g["mouth_sag"],
            g["lower_lip"],
            g["upper_lip"],
            g["fold_strength"],
            g["smile_rise"],
        ]
    )


def moved(
    vertices: np.ndarray, side: np.ndarray, front: np.ndarray, actions: dict[str, float], measures: np.ndarray
) -> np.ndarray:
    """Vertices (V, 3) in millimetres after displacement by the action units."""
    out = np.empty_like(vertices)
    express(vertices, side, front, np.array([actions[name] for name in MOTIONS]), measures, out)
    return out


@kernel
def express(V0, side, front, e, g, out):
    """Kernel: sum of all displacement fields at all vertices. e: MOTIONS, g: expression_measures."""
    for i in range(V0.shape[0]):
        x = V0[i, 0]
        y = V0[i, 1]
        z = V0[i, 2]
        out[i, 0] = x
        out[i, 1] = y
        out[i, 2] = z
        f = front[i]
        if f <= 0.0 and y > -30:
            continue
        dx = 0.0
        dy = 0.0
        dz = 0.0
        if y > -8.0:
            bx, by, bz = brow_motion(x, y, f, e, g)
            dx += bx
            dy += by
            dz += bz
        if y < 12.0:
            bx, by, bz = cheek_motion(x, y, f, e, g)
            dx += bx
            dy += by
            dz += bz
        if y < -25.0:
            dz += fold_motion(x, y, f, e, g)
            bx, by, bz = corner_motion(x, y, f, e, g)
            dx += bx
            dy += by
            dz += bz
            by, bz = lip_motion(x, y, f, side[i], e, g)
            dy += by
            dz += bz
            bx, by, bz = jaw_motion(x, y, z, f, side[i], e, g)
            dx += bx
            dy += by
            dz += bz
        out[i, 0] = x + dx
        out[i, 1] = y + dy
        out[i, 2] = z + dz


@kernel_part
def brow_motion(x, y, f, e, g):
    """Displacement by raised inner (1) and outer (2) brows, lowered brows (4), forehead lines."""
    browy = g[2]
    soft = g[10]
    au1 = e[0]
    au2 = e[1]
    au4 = e[2]
    ax = abs(x)
    sg = 1.0 if x >= 0 else -1.0
    la = 1.0 + e[14] * sg
    wy = np.exp(-(((y - browy) / 11.0) ** 2)) if y < browy else np.exp(-(((y - browy) / 20.0) ** 2))
    wl = 1.0 / (1.0 + np.exp(-(y - 9.5) * 0.9))  # keep the lids still
    win = np.exp(-(((ax - 11) / 13.0) ** 2)) * wy * wl
    wout = np.exp(-(((ax - 42) / 15.0) ** 2)) * wy * wl
    wall = np.exp(-(((ax - 22) / 20.0) ** 2)) * wy * wl
    dy = f * (au1 * 6.0 * win + au2 * 6.0 * wout * la - au4 * 7.0 * win - au4 * 1.0 * wout)
    dx = -sg * f * au4 * 3.2 * wall * min(1.0, ax / 8.0)
    frown = np.exp(-(((ax - 4.5) / 1.6) ** 2)) * np.exp(-(((y - browy - 3) / 8.0) ** 2))
    dz = f * au4 * (1.5 * np.exp(-(((ax - 9) / 5.0) ** 2)) * wy - 1.7 * frown)
    if au1 + au2 > 0.05:
        q = y - browy - 14
        lines = (
            np.exp(-((q / 1.3) ** 2))
            + np.exp(-(((q - 8) / 1.4) ** 2))
            + 0.7 * np.exp(-(((q - 16) / 1.5) ** 2))
        )
        dz -= soft * f * (au1 + au2) * 0.55 * lines * np.exp(-((ax / 40.0) ** 4))
    return dx, dy, dz


@kernel_part
def cheek_motion(x, y, f, e, g):
    """Displacement by raised cheeks (6, 12), wrinkled nose (9), raised upper lip (10)."""
    ex = g[3]
    ysn = g[4]
    nw = g[6]
    soft = g[10]
    au6 = e[3]
    au9 = e[4]
    au10 = e[5]
    au12 = e[6]
    ax = abs(x)
    sg = 1.0 if x >= 0 else -1.0
    la = 1.0 + e[14] * sg
    wc = np.exp(-(((ax - 40) / 18.0) ** 2) - ((y + 28) / 15.0) ** 2) * f
    lidoff = 1.0 / (1.0 + np.exp((y + 8.0) * 0.6))
    dy = (au6 * 4.0 + au12 * 3.2 * la) * wc * lidoff
    dz = (au6 * 2.6 + au12 * 3.6 * la) * wc
    wb = np.exp(-(((ax - ex) / 13.0) ** 2) - ((y + 11.0) / 3.5) ** 2) * f
    dz += au6 * 1.3 * wb
    dz -= soft * au6 * 0.8 * np.exp(-(((ax - ex + 2) / 14.0) ** 2) - ((y + 16.5) / 2.0) ** 2) * f
    wn = np.exp(-(((ax - nw) / 7.0) ** 2) - ((y - ysn - 7) / 9.0) ** 2) * f
    dy += (au9 * 2.4 + au10 * 1.5) * wn
    dx = sg * (au9 * 0.9 + au12 * 1.2) * wn
    if au9 + au10 > 0.05:
        # the triangle beside the nose is pushed up and bulges under the eye
        wt = np.exp(-(((ax - nw - 9) / 9.0) ** 2) - ((y - ysn - 16) / 10.0) ** 2) * f
        dy += (au9 * 2.0 + au10 * 1.8) * wt * lidoff
        dz += (au9 * 1.8 + au10 * 1.5) * wt
        side = np.exp(-(((ax - 8.0) / 6.0) ** 2) - ((y + 3.0) / 10.0) ** 2)
        root = np.exp(-((ax / 8.0) ** 2) - ((y - 10.0) / 5.0) ** 2)
        dz += soft * f * au9 * (0.75 * np.cos((y + 0.5 * ax) * 1.1) * side + 0.45 * np.cos(y * 1.3) * root)
    return dx, dy, dz


@kernel_part
def fold_motion(x, y, f, e, g):
    """Displacement of the nasolabial fold by units 9, 10 and 12."""
    ysto = g[0]
    hw = g[1]
    ysn = g[4]
    nw = g[6]
    soft = g[10]
    ax = abs(x)
    sg = 1.0 if x >= 0 else -1.0
    la = 1.0 + e[14] * sg
    u = (ysn + 8 - y) / (ysn + 16 - ysto)
    if u <= -0.05 or u >= 1.3:
        return 0.0
    xf = nw + 4 + (hw + 9 - nw - 4) * max(u, 0.0) ** 0.9 + e[6] * 3
    wf = min(1.0, max(0.0, (u + 0.05) * 5)) * min(1.0, max(0.0, (1.25 - u) * 2.5))
    am = (e[6] * la * 1.0 + e[4] * 1.0 + e[5] * 1.1) * soft
    furrow = f * wf * am * 1.5 * np.exp(-(((ax - xf) / 2.2) ** 2))
    return f * wf * am * 1.7 * np.exp(-(((ax - xf - 6) / 5.0) ** 2)) - furrow


@kernel_part
def corner_motion(x, y, f, e, g):
    """Displacement of the mouth corners (12, 15, 20, 24, pucker) and by puffed cheeks."""
    ysto = g[0]
    hw = g[1]
    rise = g[11]
    au12 = e[6]
    au20 = e[9]
    ax = abs(x)
    sg = 1.0 if x >= 0 else -1.0
    la = 1.0 + e[14] * sg
    wm = np.exp(-(((ax - hw) / 12.0) ** 2) - ((y - ysto) / 13.0) ** 2) * f
    wk = np.exp(-(((ax - hw) / 17.0) ** 2) - ((y - ysto) / 17.0) ** 2) * f
    dx = sg * wk * (au12 * 6.0 * la / rise + au20 * 6.5 - e[10] * 3.0 - e[13] * 8.0)
    dy = wk * (au12 * 7.0 * la * rise - e[7] * 7.0 - au20 * 1.5)
    dz = -wk * (au12 * 4.5 + au20 * 3.0) - wm * (au12 * 1.5 * la + e[7] * 0.8)
    dz += e[15] * np.exp(-(((ax - 36) / 16.0) ** 2) - ((y - ysto - 6) / 18.0) ** 2) * f * 4
    return dx, dy, dz


@kernel_part
def lip_motion(x, y, f, side, e, g):
    """Displacement of the lips (9, 10, 24, pucker) and the chin boss (17)."""
    ysto = g[0]
    hw = g[1]
    au10 = e[5]
    au12 = e[6]
    au17 = e[8]
    au24 = e[10]
    ax = abs(x)
    low = np.exp(-(((y - ysto - 7) / 9.0) ** 2)) * f
    wlp = np.exp(-((ax / (hw * 0.8)) ** 2) - ((y - ysto) / 10.0) ** 2) * f
    wup = np.exp(-((ax / (hw * 0.8)) ** 4)) * low
    wch = np.exp(-((ax / 15.0) ** 2) - ((y - g[5] - 16) / 10.0) ** 2) * f
    dy = wch * au17 * 4.0
    dz = wlp * (e[13] * 5.0 - au24 * 2.0 - au12 * 1.4) + wch * au17 * 2.0
    if side > 0:
        # levator labii pulls at the outer half of the lip: a square mouth, not a bow
        square = 0.6 * wup + 0.55 * low * np.exp(-(((ax - 0.55 * hw) / (0.26 * hw)) ** 2))
        dy += square * au10 * 3.9 + wup * (e[4] * 1.4 + au12 * 1.2 * min(1.0, e[12]))
        dz += wup * (au10 * 1.6 + e[4] * 0.6)
        dy -= wlp * au24 * 0.45 * max(0.0, min(y - ysto, g[9]))
    else:
        dy += np.exp(-((ax / 16.0) ** 2) - ((y - ysto + 4) / 8.0) ** 2) * f * au17 * 1.8
        dy += wlp * au24 * 0.45 * max(0.0, min(ysto - y, g[8]))
    return dy, dz


@kernel_part
def jaw_motion(x, y, z, f, side, e, g):
    """Displacement by rotation of the jaw, and by parted lips."""
    ysto = g[0]
    hw = g[1]
    sag = g[7]
    jaw = e[11]
    part = e[12]
    ax = abs(x)
    sg = 1.0 if x >= 0 else -1.0
    tx = ax / (hw * 1.0)
    gate = max(0.0, 1.0 - tx * tx) ** 0.9
    dyy = ysto + sag * min(1.0, tx * tx) - y
    reach = np.exp(-((max(0.0, ax - 38.0) / 26.0) ** 2)) * min(1.0, max(0.0, (z + 95.0) / 60.0))
    jc = 1.0 / (1.0 + np.exp(-(dyy + 2.0) / 9.0)) * reach
    dx = 0.0
    dy = 0.0
    if side < 0:
        j = jc + (reach - jc) * gate * np.exp(-max(0.0, -dyy) * 0.2)
        dy -= part * 4.2 * gate * np.exp(-max(0.0, dyy) / 11.0) * f
    else:
        j = jc - jc * gate
        dy += part * 1.6 * gate * np.exp(-max(0.0, -dyy) / 10.0) * f
    ang = jaw * 0.30 * j
    ry = y + 15.0
    rz = z + 85.0
    c = np.cos(ang)
    s = np.sin(ang)
    dy += (ry * c - rz * s) - ry
    dz = (ry * s + rz * c) - rz
    if jaw > 0.02:  # cheeks get hollow when the jaw drops
        dx -= sg * f * jaw * 3.0 * np.exp(-(((ax - hw) / 12.0) ** 2) - ((y - ysto) / 16.0) ** 2)
    return dx, dy, dz
