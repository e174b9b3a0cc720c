"""Marks on the skin texture: lines, spots, stubble, lips, nostrils, make-up."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from lib.faces.rendered.hair.hair_regions import beard_mask, goatee_mask, moustache_mask
from lib.faces.rendered.head.displacement import crease_line, fold_line, forehead_lines, lip_curves
from lib.faces.rendered.skin.skin_canvas import Canvas
from lib.faces.rendered.smooth_functions import bump, ridge, smoothstep


def fold_shade(c: Canvas, g: dict[str, Any]) -> Any:
    """Darkness of the nasolabial fold, (rows, columns)."""
    u, xf = fold_line(g, c.y)
    along = smoothstep(0, 0.15, u) * smoothstep(1.25, 0.8, u)
    return 0.11 * min(g["nasolabial_fold"], 3.0) * ridge(c.ax - xf, 2.8) * along * c.front


def fine_lines(c: Canvas, g: dict[str, Any]) -> Any:
    """Darkness of fine wrinkles, which relief alone does not show in small images."""
    x, y, ax, exx, hw = c.x, c.y, c.ax, g["pupil_distance"] / 2, g["mouth_width"] / 2
    lines = np.zeros_like(x)
    for at, along in forehead_lines(g, x):
        lines += 0.34 * ridge(y - at, 1.9) * along
    feet = bump(ax, y, exx + 24, 0, 8, 13)
    for q in range(5):
        lines += 0.55 * ridge(y + 1 - (q - 2) * 0.42 * (ax - exx - 15), 1.1) * feet
    under = bump(ax, y, exx, -18, 15, 12)
    for q in range(4):
        lines += 0.5 * ridge(y + 11 + q * 4 + 0.3 * (ax - exx) + 0.02 * (ax - exx) ** 2, 1.2) * under
    lip = bump(ax, y, 0, g["mouth_y"] + 11, 24, 6)
    for q in range(7):
        lines += 0.25 * ridge(ax - q * 3.3 - 1.5, 0.7) * lip
    below = y - g["mouth_y"]
    marionette = ridge(ax - hw - 5 - 0.15 * (g["mouth_y"] - y), 2.0)
    lines += 0.6 * marionette * smoothstep(2, -6, below) * smoothstep(-34, -20, below)
    mesh = np.abs(np.sin(x * 0.9 + 3 * c.middle) * np.sin(y * 0.8 + 3 * c.coarse))
    u, xf = fold_line(g, y)
    along = smoothstep(0.1, 0.5, u) * smoothstep(1.3, 0.9, u)
    deep = smoothstep(1.0, 2.2, g["wrinkles"])
    lines += 0.45 * deep * along * (ridge(ax - xf - 11, 1.7) + 0.8 * ridge(ax - xf - 18, 1.7))
    crepe = np.abs(np.sin(x * 0.55 + 2 * c.middle + 0.2 * y) * np.sin(y * 0.45 + 3 * c.coarse))
    mesh = mesh + deep * crepe
    cheeks = bump(ax, y, 46, -38, 26, 36) + 0.6 * bump(ax, y, 0, g["chin_y"] + 14, 22, 12)
    return lines + 0.32 * mesh * cheeks


def freckles_and_spots(c: Canvas, a: dict[str, Any], r: np.random.Generator) -> None:
    """Paint freckles, age spots and moles."""
    shape = c.x.shape
    if a["freckles"] > 0.05:
        f = cv2.GaussianBlur((r.random(shape) < 0.02).astype(np.float32), (0, 0), 1.1) * 7
        f *= (bump(c.ax, c.y, 30, -20, 28, 20) + 0.6 * bump(c.ax, c.y, 0, -20, 14, 20) + 0.3) * c.front
        c.stain(np.minimum(f * a["freckles"], 1), [0.35, 0.6, 0.75])
    if a["ageing"] > 0.3:
        for _ in range(r.poisson(15 * a["ageing"] ** 2)):
            x, y, radius = r.choice([-1, 1]) * r.uniform(15, 66), r.uniform(-55, 62), r.uniform(1.2, 4.6)
            away = ((c.x - x) / r.uniform(0.8, 1.4)) ** 2 + (c.y - y) ** 2
            spot = smoothstep(1.3, 0.7, np.sqrt(away) / radius + 0.25 * c.coarse) * c.front
            c.stain(spot * r.uniform(0.3, 1.0), [0.22, 0.38, 0.48])
    for x, y, radius in a["moles"]:
        spot = np.exp(-((((c.x - x) ** 2 + (c.y - y) ** 2) / radius**2) ** 2)) * c.front
        c.stain(spot, [1.0, 1.5, 1.7])


def beard_shadow(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> None:
    """Paint stubble, and the skin under a beard."""
    x, y, z = c.x, c.y, c.z
    hair = np.array(a["hair_colour"], np.float32) * 0.45
    if a["stubble"] > 0.02 or a["beard"] > 0 or a["goatee"] > 0:
        beard = beard_mask(g, x, y, z)
        speckle = np.clip(0.55 + 0.8 * c.fine + 0.25 * c.coarse, 0, 1.6)
        bristle = np.array(a["brow_colour"], np.float32) * 0.5 + np.array([0.02, 0.022, 0.028], np.float32)
        bristle = np.minimum(bristle, 0.4 * c.colour)  # however fair, stubble darkens the skin
        c.blend(beard * (a["stubble"] * 0.75) * speckle * 0.75, bristle)
        full = np.zeros_like(beard)
        if a["beard"] > 0:
            full = np.maximum(full, beard)
        if a["goatee"] > 0:
            full = np.maximum(full, goatee_mask(g, x, y, z))
        if a["moustache"] > 0:
            full = np.maximum(full, moustache_mask(g, x, y, z))
        c.blend(np.clip(full * 0.85 * (1 + 0.3 * c.fine), 0, 1), hair)
    elif a["moustache"] > 0:
        c.blend(np.clip(moustache_mask(g, x, y, z) * 0.85, 0, 1), hair)


def lips(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> None:
    """Paint the lips, with lipstick if worn."""
    t, yu, ys, yl = lip_curves(g, c.x)
    y, stick = c.y, a["lipstick"]
    inside = np.where(c.upper, yu - y, y - yl)
    edge = 1.0 + 0.5 * (1 - stick)
    m = smoothstep(-edge, edge, inside + 0.3) * smoothstep(1.05, 0.93, t) * c.front
    m = m * (np.where(c.upper, y - ys, ys - y) > -3)
    dark = smoothstep(0.4, 0.7, a["melanin"])
    tint = np.array([0.80, 0.47, 0.47]) * (1 - dark) + np.array([0.84, 0.62, 0.66]) * dark
    tint = tint + (1 - tint) * (0.45 * a["ageing"] + 0.15 * a["child"])  # pale in age, soft in childhood
    colour = c.colour * (tint ** (1 + a["lip_tone"])).astype(np.float32)
    creases = 1 - 0.06 * np.sin(c.x * 2.4 + 2 * c.middle)[..., None]
    colour = colour * creases * np.where(c.upper, 0.82, 0.98)[..., None]
    pigment = np.array(a["lipstick_colour"], np.float32) * (0.8 - 0.52 * a["melanin"])
    c.blend(m, colour * (1 - stick * 0.75) + stick * 0.75 * pigment)
    _lip_border(c, g, np.where(c.upper, y - yu, yl - y), t)
    middle = np.where(c.upper, 0.5, 1.0) * bump(c.ax, y - (0.45 * yl + 0.55 * ys), 0, 0, 14, 2.4)
    c.gloss = c.gloss * (1 - m) + m * (0.8 + 0.6 * stick + 0.9 * middle * (1 - 0.6 * a["ageing"]))


def _lip_border(c: Canvas, g: dict[str, Any], outside: Any, t: Any) -> None:
    """Paint the pale border above the lips and the shade below; `outside`: distance in mm."""
    near = smoothstep(1.1, 0.7, t) * c.front
    roll = np.where(c.upper, 0.07, 0.02) * ridge(outside - 1.4, 1.0) * near
    shade = np.where(c.upper, 0, 0.16) * ridge(outside - 3.0, 2.4) * smoothstep(0.95, 0.2, t) * c.front
    c.colour *= np.exp(roll - shade)[..., None]


def openings(c: Canvas, g: dict[str, Any]) -> None:
    """Paint the mouth line, mouth corners, nostrils and the crease of the nose's wing."""
    ax, y, nw, hw = c.ax, c.y, g["nose_width"] / 2, g["mouth_width"] / 2
    t, _, ys, _ = lip_curves(g, c.x)
    seam = ridge(y - ys, 0.8) * smoothstep(1.08, 0.95, t) * c.front
    c.colour *= (1 - 0.70 * seam)[..., None]
    corner = bump(ax, y, hw - 0.5, g["mouth_y"] + g["mouth_sag"], 2.0, 1.6)
    c.colour *= (1 - 0.35 * corner * c.front)[..., None]
    nostril = np.exp(-((((ax - (nw - 9.2)) / 3.9) ** 2 + ((y - (g["nose_base_y"] + 0.6)) / 1.9) ** 2) ** 1.5))
    c.colour *= np.exp(-2.6 * (nostril * smoothstep(8, 13, c.z))[..., None] * np.array([0.8, 1.1, 1.15]))
    ring = np.hypot((ax - nw + 5.5) / 1.05, y - g["nose_base_y"] - 6) - 6.6
    c.colour *= (1 - 0.16 * ridge(ring, 1.3) * (ax > nw - 3) * c.front)[..., None]


def lid_crease(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> None:
    """Paint the crease of the upper lid and the shade below it."""
    along, crease = crease_line(g, c.ax)
    win = smoothstep(1.25, 0.75, np.abs(along)) * c.front
    above = c.y - crease
    line = (0.42 - 0.12 * a["child"]) * ridge(above, 0.95) * min(1.0, g["lid_crease_depth"])
    shade = 0.10 * smoothstep(1.0, -0.5, above) * smoothstep(-7.0, -3.0, above)
    c.stain(win * (line + shade), [0.75, 1.0, 1.05])


def eye_shadow(c: Canvas, g: dict[str, Any], a: dict[str, Any]) -> None:
    """Paint make-up on the upper lids."""
    if a["eye_shadow"] <= 0.02:
        return
    xe = (c.ax - g["pupil_distance"] / 2) / g["eye_half_width"]
    lid = g["upper_lid"] * np.clip(1 - xe**2, 0, 1) ** 0.7 + g["eye_tilt"] * g["eye_half_width"] * xe
    above = c.y - lid
    m = a["eye_shadow"] * 0.8 * smoothstep(8.5, 1.5, above) * smoothstep(-4, 0, above)
    m = m * smoothstep(1.35, 0.9, np.abs(xe)) * c.front
    c.blend(m, np.array(a["eye_shadow_colour"], np.float32) * 0.8 + 0.25 * c.colour)
