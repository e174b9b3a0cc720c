"""Random head measures in millimetres, after published anthropometry of adults of both sexes.

Origin between the pupils on the front of the eyes; x to the picture's right, y up, z to the viewer.
Spread is wider than the published standard deviations, so that subjects differ as people do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.smooth_functions import smoothstep
from lib.faces.rendered.subject.correlated_draws import Draws
from lib.faces.rendered.subject.expressions import ACTIONS

_SPREAD = 1.65
_CHILDREN = {
    "head_width": 0.92,
    "cheekbone_width": 0.82,
    "jaw_width": 0.76,
    "nose_width": 0.77,
    "nose_protrusion": 0.52,
    "pupil_distance": 0.84,
    "mouth_width": 0.76,
    "upper_lip": 0.86,
    "lower_lip": 0.86,
}
"""What a small child has of an adult's measures."""


def sample_measures(draws: Draws) -> tuple[dict[str, Any], float]:
    """Draw the measures of one subject, and its melanin (0 to 1)."""
    g: dict[str, Any] = {}
    nose, upper, face = _widths_and_heights(draws, g)
    mel = float(np.clip(draws.random.beta(1.0, 1.8), 0.02, 0.98))
    _with_melanin(g, mel)
    g["hooded"] = bool(draws.random.random() < 0.25 and 0.1 < mel < 0.6)
    _with_age(draws, g, nose, upper, face)
    _head_and_nose(draws, g)
    _mouth(draws, g)
    _eyes(draws, g)
    _folds(draws, g)
    _identity(draws, g)
    _ears_and_neck(draws, g)
    g["habits"] = {name: float(np.exp(np.clip(draws.random.normal(), -2, 2) * 0.14)) for name in ACTIONS}
    return g, mel


def _widths_and_heights(draws: Draws, g: dict[str, Any]) -> tuple[float, float, float]:
    M, N, S = draws.between, draws.normal, _SPREAD
    g["head_width"] = M(152, 145) + N(5 * S)
    g["cheekbone_width"] = M(138, 130) + N(4.6 * S)
    g["jaw_width"] = M(106, 91.5) + N(5.6 * S)
    nose = M(53, 48) + N(3.2 * S)
    upper = max(M(22.3, 19.6) + N(2.1 * S), 15)
    face = M(123, 110) + N(5.4 * S)
    g["nose_width"] = M(37, 31.5) + N(2.8 * S)
    g["nose_protrusion"] = M(18.6, 16.6) + N(2.0 * S)
    g["pupil_distance"] = M(64, 62) + N(3.3 * S)
    g["mouth_width"] = M(54, 51) + N(3.4 * S)
    g["upper_lip"] = M(6.7, 8.1) + N(1.5 * S)
    g["lower_lip"] = M(8.6, 9.7) + N(1.5 * S)
    return nose, upper, face


def _with_melanin(g: dict[str, Any], mel: float) -> None:
    if mel > 0.62:
        k = (mel - 0.62) / 0.38
        g["nose_width"] += 4.5 * k
        g["upper_lip"] += 2.6 * k
        g["lower_lip"] += 2.4 * k
        g["nose_protrusion"] -= 2 * k


def _with_age(draws: Draws, g: dict[str, Any], nose: float, upper: float, face: float) -> None:
    M, ck, old = draws.between, draws.child, draws.ageing
    if ck > 0:
        for q, a in _CHILDREN.items():
            g[q] *= 1 - (1 - a) * ck
        nose *= 1 - 0.29 * ck
        upper *= 1 - 0.18 * ck
        face *= 1 - 0.25 * ck
    g["upper_lip"] = max(3.2, g["upper_lip"] * (1 - M(0.50, 0.38) * old))
    g["lower_lip"] = max(4.4, g["lower_lip"] * (1 - M(0.45, 0.33) * old))
    nose += 3.0 * old
    g["nose_width"] += 2.0 * old
    upper += 3.0 * old
    nasion = 8.0
    g["nose_base_y"] = nasion - nose
    g["mouth_y"] = g["nose_base_y"] - upper
    usual = M(48, 43) * (1 - 0.26 * ck)
    chin = usual + 8 * np.tanh((g["mouth_y"] - nasion + face - usual) / 8)  # no chin is longer than people's
    g["chin_y"] = float(g["mouth_y"] - max(chin, 34 - 8 * ck))


def _head_and_nose(draws: Draws, g: dict[str, Any]) -> None:
    M, N, ck, old = draws.between, draws.normal, draws.child, draws.ageing
    g["vault"] = 1 + N(0.03) + 0.06 * ck
    g["forehead"] = N(3.0) + M(-1.0, 1.5) + 5 * ck
    g["cheek_y"] = N(2.5)
    g["cheekbone"] = N(2.5) + M(-1, 1.5) + 0.8 * old
    g["fullness"] = float(np.clip(N(0.85) + M(-0.2, 0.25) + 0.6 * ck - 0.6 * old, -1.6, 2.2))
    g["chin_width"] = M(27, 18) + N(3)
    g["chin_protrusion"] = N(3.2) + M(1.5, -1.5) - 2 * ck
    g["muzzle"] = N(2.2)
    g["brow_y"] = M(15.8, 19.6) + N(1.9) + 1.2 * ck - 1.0 * old
    g["brow_ridge"] = max(-3.5, M(2.6, -2.6) + N(1.2) - 2.2 * draws.young)
    g["eye_depth"] = N(1.7) + M(1.5, -0.5) - 1.6 * ck + 1.4 * old
    g["nose_tip_radius"] = float(np.clip(M(9.4, 8.2) + N(1.0) - 1.6 * ck + 0.8 * old, 6.0, 11.5))
    g["nose_tip_rise"] = N(1.9) + M(-0.5, 1.2) + 1.9 * ck - 2.4 * old
    g["nose_root"] = N(1.5) + M(0.6, -1.0) - 3.4 * ck
    g["nose_hump"] = N(1.2) + M(0.5, -1.0) - 1.6 * ck
    g["nose_bridge_width"] = float(np.clip(M(7.4, 6.6) + N(0.8), 5, 9.5))
    g["nose_wing_y"] = N(0.8)


def _mouth(draws: Draws, g: dict[str, Any]) -> None:
    M, N = draws.between, draws.normal
    g["mouth_sag"] = N(0.6) - 1.3 * draws.ageing + 0.8 - 0.5 * draws.child
    g["cupid_bow"] = float(np.clip(0.26 + N(0.10), 0.05, 0.5))
    g["upper_lip_protrusion"] = max(1.2, 3.0 + N(0.6) + M(-0.4, 0.5) + 0.12 * (g["upper_lip"] - 7))
    g["lower_lip_protrusion"] = max(1.5, 3.8 + N(0.7) + M(-0.4, 0.5) - 1.2 * draws.ageing)
    g["chin_groove"] = 2.0 + N(0.7)
    g["chin_cleft"] = max(0.0, N(0.6) - 0.5) * (1.4 if draws.sex < 0 else 0.5) * (1 - draws.child)


def _eyes(draws: Draws, g: dict[str, Any]) -> None:
    M, N, ck, old = draws.between, draws.normal, draws.child, draws.ageing
    hooded = g["hooded"]
    g["eye_half_width"] = 15.6 + N(1.0) - 0.2 * ck - 0.9 * old
    g["upper_lid"] = M(4.6, 5.5) + N(0.75) + 2.5 * ck - 1.5 * old
    g["lower_lid"] = M(4.75, 4.95) + N(0.45) + 0.9 * ck
    g["eye_tilt"] = float(np.radians(4.0 + N(3.2) + M(-1, 1.2) - 2.5 * old))
    g["lid_crease"] = 3.0 + N(0.9) + (1.5 if not hooded else -1.4)
    g["lid_crease_depth"] = 0.55 if hooded else 1.2
    g["lid_hood"] = max(0.0, 0.8 + N(0.5) + 3.2 * old - 0.3 * ck + (1.2 if hooded else 0))


def _folds(draws: Draws, g: dict[str, Any]) -> None:
    M, N, ck, old, age = draws.between, draws.normal, draws.child, draws.ageing, draws.age
    g["eye_bags"] = float(np.clip(0.2 + N(0.25) + M(2.8, 2.2) * old - 0.4 * ck, 0, 3.6))
    g["nasolabial_fold"] = float(np.clip(0.2 + N(0.2) + M(3.6, 2.8) * old - 0.3 * ck, 0, 4.2))
    g["jowls"] = float(np.clip(M(4.6, 4.0) * smoothstep(36, 76, age) + N(0.5), 0, 5.5))
    g["wrinkles"] = float(np.clip(M(2.9, 2.3) * smoothstep(M(23, 27), 74, age) * (1 + N(0.25)), 0, 3.2))
    g["sunken"] = old
    g["wrinkle_phase"] = draws.random.uniform(0, 6)
    own = draws.random.spawn(1)[0]  # a stream of its own: the draws that follow stay as they are
    g["forehead_lines"] = float(own.uniform(0.05, 1.0))
    g["frown_lines"] = float(own.uniform(0.0, 0.8))
    g["forehead_heights"] = [
        float(h + own.normal(0, 1.8)) for h in (33, 43, 53, 61)[: int(own.integers(2, 5))]
    ]


def _identity(draws: Draws, g: dict[str, Any]) -> None:
    """Draw sixteen individual bumps (x, y, radius, height, lift) and six asymmetry parameters."""
    r, N, ck, old = draws.random, draws.normal, draws.child, draws.ageing
    scale = draws.between(0.95, 1.2) + 0.2 * old - 0.2 * ck
    g["relief"] = [
        (abs(r.normal(0, 36)), r.uniform(-112, 62), r.uniform(10, 19), N(1.85) * scale, N(1.1))
        for _ in range(16)
    ]
    g["fold_strength"] = float(0.22 + 0.78 * smoothstep(8, 42, draws.age))
    g["tear_trough"] = 0.5 * (1 - 0.8 * ck)
    g["smile_rise"] = float(np.clip(1 + N(0.16), 0.7, 1.35))
    g["asymmetry"] = [N(0.5), N(0.4), N(0.25), N(0.2), N(0.2), N(0.4)]


def _ears_and_neck(draws: Draws, g: dict[str, Any]) -> None:
    M, N, ck = draws.between, draws.normal, draws.child
    g["ear_length"] = M(63, 59) + N(4) + 8 * draws.ageing - 6 * ck
    g["ear_protrusion"] = float(np.clip(0.50 + N(0.17), 0.2, 1.0))
    g["ear_x"] = g["head_width"] / 2 - 3.5
    g["ear_z"] = -92.0
    g["ear_y"] = -16 + N(2)
    g["neck_width"] = (M(55, 45) + N(3) + 2.5 * max(g["fullness"], 0)) * (1 - 0.30 * ck)
    g["shoulder_y"] = g["chin_y"] - (M(40, 46) + N(5)) * (1 - 0.3 * ck)
    g["shoulder_width"] = (M(215, 180) + N(9)) * (1 - 0.33 * ck)
