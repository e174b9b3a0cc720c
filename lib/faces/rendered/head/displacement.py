"""Relief (height fields) on the smooth head: lips, lids, folds, wrinkles, individual shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.faces.rendered.smooth_functions import bump, ridge, smoothstep

Curves = tuple[Any, Any, Any, Any]


@dataclass(frozen=True)
class Surface:
    """Coordinates (rows, columns) on the smooth head; ax is |x|, front 1 on the face, side as in Head."""

    x: np.ndarray
    y: np.ndarray
    ax: np.ndarray
    front: np.ndarray
    side: np.ndarray

    @classmethod
    def of(cls, vertices: np.ndarray, side: np.ndarray) -> Surface:
        """Surface of vertices (rows, columns, 3)."""
        x, y, z = np.moveaxis(vertices, -1, 0)
        return cls(x, y, np.abs(x), smoothstep(-45, -15, z), side)


def lip_curves(g: dict[str, Any], x: Any) -> Curves:
    """|x| over half the mouth's width; heights of upper lip, mouth line and lower lip at x."""
    hw = g["mouth_width"] / 2
    ax = np.abs(x)
    t = ax / hw
    tc = np.clip(t, 0, 1)
    ys = g["mouth_y"] + g["mouth_sag"] * tc**2 - 0.9 * ridge(x, 4.5) + 0.6 * ridge(ax - 9, 6)
    bow = 1 + g["cupid_bow"] * (ridge(ax - 5.2, 3.2) - 0.9 * ridge(x, 2.6))
    yu = ys + g["upper_lip"] * np.maximum(1 - tc**1.8, 0) ** 0.9 * bow
    yl = ys - g["lower_lip"] * np.maximum(1 - tc**2.3, 0) ** 0.85
    return t, yu, ys, yl


def philtrum_height(g: dict[str, Any]) -> float:
    """Height of the middle of the philtrum in millimetres."""
    return 0.5 * (g["nose_base_y"] + g["mouth_y"] + g["upper_lip"])


def fold_line(g: dict[str, Any], y: Any) -> tuple[Any, Any]:
    """Course of the nasolabial fold at heights y: parameter 0 to 1.3, and |x| in millimetres."""
    nw, hw = g["nose_width"] / 2, g["mouth_width"] / 2
    u = np.clip((g["nose_base_y"] + 8 - y) / (g["nose_base_y"] + 16 - g["mouth_y"]), 0, 1.3)
    return u, nw + 4 + (hw + 9 - nw - 4) * u**0.9


def crease_line(g: dict[str, Any], ax: Any) -> tuple[Any, Any]:
    """Position along the eye (-1 to 1 between its corners) and height of the upper lid's crease."""
    xe = (ax - g["pupil_distance"] / 2) / 16.0
    open_ = g["upper_lid"] * (1 - np.clip(xe, -1, 1) ** 2 * 0.75)
    return xe, open_ + g["lid_crease"] + g["eye_tilt"] * 8 * xe


def relief(s: Surface, g: dict[str, Any]) -> np.ndarray:
    """Height in millimetres above the smooth head, (rows, columns)."""
    return _lips(s, g) + s.front * (_around_mouth(s, g) + _around_eyes(s, g) + _folds(s, g) + _wrinkles(s, g))


def _lips(s: Surface, g: dict[str, Any]) -> np.ndarray:
    t, yu, ys, yl = lip_curves(g, s.x)
    inside = s.front * (t < 1.25)
    tu = (s.y - ys) / np.maximum(yu - ys, 0.6)
    tl = (ys - s.y) / np.maximum(ys - yl, 0.6)
    ends = np.sqrt(np.clip(1 - (t / 1.02) ** 2, 0, 1))
    pu = np.sin(np.clip(tu, 0, 1) * np.pi * 0.8 + 0.35) * (tu > -0.2) * np.exp(-np.maximum(tu - 1, 0) * 2.2)
    pl = np.sin(np.clip(tl, 0, 1) * np.pi * 0.82 + 0.35) * (tl > -0.2) * np.exp(-np.maximum(tl - 1, 0) * 2.6)
    upper, lower = np.where(s.side > 0, pu, 0), np.where(s.side < 0, pl, 0)
    dz = inside * ends * (g["upper_lip_protrusion"] * upper + g["lower_lip_protrusion"] * lower)
    return dz - inside * smoothstep(1.15, 0.8, t) * 1.6 * ridge(s.y - ys, 1.4)


def _around_mouth(s: Surface, g: dict[str, Any]) -> np.ndarray:
    """Relief around the mouth: dimples, philtrum, grooves of lip and chin, crease of the nose's wing."""
    ax, y, hw, nw = s.ax, s.y, g["mouth_width"] / 2, g["nose_width"] / 2
    dz = -1.4 * bump(ax, y, hw + 1.5, g["mouth_y"] + g["mouth_sag"], 3.2, 3.2)
    columns = ridge(ax - 4.6, 2) - 1.1 * ridge(ax, 2.4)
    dz = dz + 0.9 * columns * ridge(y - philtrum_height(g), 6.5)
    dz -= g["chin_groove"] * bump(ax, y, 0, g["mouth_y"] - g["lower_lip"] - 6.5, 17, 4.2)
    dz -= g["chin_cleft"] * bump(ax, y, 0, g["chin_y"] + 13, 1.8, 8)
    return dz - 1.0 * bump(ax, y, nw + 0.6, g["nose_base_y"] + 7.5, 1.6, 5)


def _around_eyes(s: Surface, g: dict[str, Any]) -> np.ndarray:
    """Relief around the eyes: crease and hood of the upper lid, bags, tear trough."""
    ax, y, exx = s.ax, s.y, g["pupil_distance"] / 2
    xe, crease = crease_line(g, ax)
    yc = y - crease
    win = smoothstep(1.25, 0.8, np.abs(xe))
    dz = -win * g["lid_crease_depth"] * ridge(yc, 1.1)
    dz = dz + win * g["lid_hood"] * ridge(yc - 3.2, 2.6) * (1 + 0.6 * xe)
    dz += g["eye_bags"] * bump(ax, y, exx, -11.5, 11, 3.2)
    trough = bump(ax, y + (ax - exx) * 0.25, exx - 4, -16.5, 13, 2.6)
    return dz - (g["tear_trough"] + g["eye_bags"] * 0.9) * trough


def _folds(s: Surface, g: dict[str, Any]) -> np.ndarray:
    """Relief of nasolabial folds and jowls."""
    ax, y, hw = s.ax, s.y, g["mouth_width"] / 2
    u, xf = fold_line(g, y)
    wf = smoothstep(-0.05, 0.15, u) * smoothstep(1.25, 0.8, u)
    dz = -wf * g["nasolabial_fold"] * ridge(ax - xf, 3.0)
    dz = dz + wf * g["nasolabial_fold"] * 0.8 * ridge(ax - xf - 6, 5.5)
    dz += g["jowls"] * bump(ax, y, hw + 11, g["chin_y"] + 15, 9, 9)
    marionette = smoothstep(2, -6, y - g["mouth_y"]) * smoothstep(-34, -18, y - g["mouth_y"])
    dz -= 0.35 * g["nasolabial_fold"] * marionette * ridge(ax - hw - 4 - 0.15 * (g["mouth_y"] - y), 2.0)
    creased = 0.35 * max(0.0, g["wrinkles"] - 1.0) * smoothstep(0.1, 0.5, u) * smoothstep(1.3, 0.9, u)
    dz -= creased * (ridge(ax - xf - 11, 1.8) + 0.8 * ridge(ax - xf - 18, 1.8))
    beside = g["chin_width"] * 0.9 + 7  # flesh between chin and jaw
    dz += 4.0 * bump(ax, y, beside, g["chin_y"] + 15, 9, 12)
    # temples and cheeks lose their fat
    dz -= g["sunken"] * (4.2 * bump(ax, y, 64, 30, 12, 18) + 2.6 * bump(ax, y, 47, -48, 15, 18))
    return dz - g["jowls"] * 0.5 * bump(ax, y, hw + 2, g["chin_y"] + 17, 3, 9)


def _wrinkles(s: Surface, g: dict[str, Any]) -> Any:
    """Relief of wrinkles: forehead, frown, crow's feet, under the eyes, over the lip."""
    x, ax, y, exx, w = s.x, s.ax, s.y, g["pupil_distance"] / 2, g["wrinkles"]
    if w <= 0.02:
        return 0.0
    dz = -w * g["frown_lines"] * bump(ax, y, 5.5, g["brow_y"] + 3, 1.5, 7)
    for at, along in forehead_lines(g, x):
        dz -= w * 0.8 * ridge(y - at, 2.0) * along
    feet, under, lip = (
        bump(ax, y, exx + 24, 0, 7, 12),
        bump(ax, y, exx + 4, -20, 14, 14),
        bump(ax, y, 0, philtrum_height(g) - 2, 22, 5),
    )
    for slope in (-0.45, 0, 0.45):
        dz -= w * 0.6 * ridge(y + 1 - slope * (ax - exx - 16), 1.3) * feet
    for q in range(2):
        dz -= w * 0.5 * ridge(y + 17 + q * 6 + 0.35 * (ax - exx), 1.5) * under
    for q in range(5):
        dz -= w * 0.22 * ridge(ax - q * 4.2 - 2, 0.9) * lip
    return dz


def forehead_lines(g: dict[str, Any], x: Any) -> list[tuple[Any, Any]]:
    """Height and strength (0 to 1) over x of each of the subject's forehead lines."""
    lines = []
    for q, height in enumerate(g["forehead_heights"]):
        phase = g["wrinkle_phase"] + q * 1.7
        wave = 2.6 * np.sin(x * 0.06 + phase) + 0.02 * np.abs(x)
        broken = 0.55 + 0.45 * np.sin(x * 0.11 + 2.3 * phase)
        lines.append((height + wave, g["forehead_lines"] * broken * smoothstep(52, 22, np.abs(x))))
    return lines


def asymmetry(vertices: np.ndarray, front: np.ndarray, a: list[float]) -> None:
    """Bend the face (rows, columns, 3) in place by six asymmetry parameters `a`."""
    xn, yn = vertices[..., 0] / 60, vertices[..., 1] / 60
    vertices[..., 0] += front * (a[0] * ridge(yn + 0.8, 0.6) + a[1] * yn)
    vertices[..., 1] += front * (a[2] * xn + a[3] * xn * yn + a[4] * np.sin(2.2 * xn))
    vertices[..., 2] += front * (a[5] * xn)


def identity_relief(vertices: np.ndarray, normals: np.ndarray, front: np.ndarray, g: dict[str, Any]) -> None:
    """Add the subject's individual symmetric bumps in place, away from eyes and mouth."""
    bx, by = np.abs(vertices[..., 0]), vertices[..., 1]
    height, lift = np.zeros_like(bx), np.zeros_like(bx)
    for cx, cy, sd, amount, shift in g["relief"]:
        w = bump(bx, by, cx, cy, sd, sd)
        height += amount * w
        lift += shift * w
    eyes = 1 - 0.97 * bump(bx, by, g["pupil_distance"] / 2, 0, 17, 11)
    keep = front * eyes * (1 - 0.6 * bump(bx, by, 0, g["mouth_y"], 30, 7))
    vertices += normals * (height * keep)[..., None]
    vertices[..., 1] += lift * keep
