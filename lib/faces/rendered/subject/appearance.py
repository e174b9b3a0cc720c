"""Random looks of a subject: colours of skin, hair and eyes, brows, beard, hair style, make-up."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.hair.hair_choice import draw_hair_style
from lib.faces.rendered.smooth_functions import smoothstep
from lib.faces.rendered.subject.correlated_draws import Draws

HAIR = {
    'black': (.012, .010, .009), 'dark': (.035, .020, .012), 'brown': (.085, .045, .022),
    'light': (.20, .115, .055), 'blond': (.44, .30, .145), 'red': (.22, .07, .022),
    'gray': (.28, .27, .255), 'white': (.62, .60, .57),
}  # fmt: skip
"""Linear albedo of hair, red, green, blue."""
_HAIR_NAMES = {"dark": "brown", "light": "brown", "red": "brown"}
IRIS = {
    'blue': (.10, .20, .34), 'green': (.12, .19, .10), 'gray': (.17, .21, .23),
    'hazel': (.16, .11, .04), 'brown': (.075, .034, .014), 'dark': (.026, .014, .009),
}  # fmt: skip
"""Linear albedo of the iris."""
_LIPSTICKS = [
    (0.48, 0.04, 0.05),
    (0.40, 0.06, 0.08),
    (0.50, 0.11, 0.11),
    (0.34, 0.05, 0.10),
    (0.46, 0.13, 0.13),
]
_EYE_SHADOWS = [(0.10, 0.06, 0.05), (0.08, 0.05, 0.09), (0.14, 0.09, 0.06), (0.05, 0.06, 0.08)]


def sample_looks(draws: Draws, measures: dict[str, Any], mel: float) -> dict[str, Any]:
    """Draw the looks of one subject, after its measures, from the same random generator."""
    N = draws.normal
    a: dict[str, Any] = {}
    a["melanin"] = mel
    a["haemoglobin"] = float(np.clip(0.45 + N(0.3), 0, 1.1))
    a["yellowness"] = N(0.9)
    a["lip_tone"] = N(0.16) + draws.between(-0.15, 0.15)
    a["mottling"] = float(np.clip(0.5 + N(0.2) + 0.1 * draws.ageing, 0.15, 1.2))
    a["gloss"] = float(np.clip(draws.between(1.05, 0.85) + N(0.22) - 0.2 * draws.ageing, 0.5, 1.7))
    _eye_colour(draws, a, _hair_colour(draws, a))
    _marks(draws, a)
    _brows(draws, a)
    _facial_hair(draws, a)
    draw_hair_style(draws, a)
    _make_up(draws, a)
    a["ageing"] = draws.ageing
    a["wrinkles"] = measures["wrinkles"]
    a["child"], a["young"] = draws.child, draws.young
    return a


def _natural_hair(draws: Draws, mel: float) -> str:
    r = draws.random
    if mel > 0.5:
        name = r.choice(["black", "dark"], p=[0.8, 0.2])
    elif mel > 0.33:
        name = r.choice(["black", "dark", "brown"], p=[0.45, 0.40, 0.15])
    else:
        name = r.choice(
            ["black", "dark", "brown", "light", "blond", "red"], p=[0.10, 0.22, 0.27, 0.16, 0.18, 0.07]
        )
    if mel < 0.33 and draws.child > 0.2 and r.random() < 0.3:
        name = "blond"
    return str(name)


def _hair_colour(draws: Draws, a: dict[str, Any]) -> str:
    N = draws.normal
    name = _natural_hair(draws, a["melanin"])
    colour = np.array(HAIR[name]) * np.exp(N(0.18)) * (1 + 0.3 * draws.child * (name != "black"))
    gray = float(np.clip(smoothstep(36, 66, draws.age + N(6)), 0, 1))
    if draws.sex > 0:
        gray *= 0.25 if draws.random.random() < 0.5 - 0.35 * smoothstep(62, 80, draws.age) else 1
    a["grey"] = gray
    a["thin_hair"] = float(smoothstep(50, 85, draws.age)) * draws.between(1.0, 0.4)
    white = float(smoothstep(48, 80, draws.age))
    faded = np.array(HAIR["gray"]) * (1 - white) + np.array(HAIR["white"]) * white
    a["natural_hair"], a["faded_hair"] = tuple(colour), tuple(faded)
    a["hair_colour"] = tuple(colour * (1 - gray * 0.93) + faded * gray * 0.93)
    a["hair_name"] = "gray" if gray > 0.5 else _HAIR_NAMES.get(name, name)
    brow = colour * 0.75 + 0.003
    brow = brow * min(1, 0.13 / brow.max())
    brow = brow * (1 + 0.8 * draws.young)
    a["brow_colour"] = tuple(brow * (1 - 0.75 * gray) + np.array(HAIR["gray"]) * gray * 0.6)
    return name


def _eye_colour(draws: Draws, a: dict[str, Any], hair_name: str) -> None:
    r = draws.random
    names = ["blue", "green", "gray", "hazel", "brown"]
    if hair_name in ("blond", "light", "red"):
        name = r.choice(names, p=[0.42, 0.16, 0.14, 0.14, 0.14])
    elif a["melanin"] < 0.33:
        name = r.choice(names, p=[0.16, 0.08, 0.06, 0.2, 0.5])
    else:
        name = r.choice(["brown", "dark"], p=[0.5, 0.5])
    a["iris_colour"] = tuple(np.array(IRIS[str(name)]) * np.exp(draws.normal(0.2)))
    a["iris_name"] = str(name)


def _marks(draws: Draws, a: dict[str, Any]) -> None:
    r = draws.random
    a["freckles"] = (
        float(max(0, draws.normal(0.6) - 0.2)) * (1 - 0.6 * draws.ageing) if a["melanin"] < 0.3 else 0.0
    )
    a["moles"] = [
        (r.uniform(-50, 50), r.uniform(-95, 55), r.uniform(0.7, 1.7)) for _ in range(r.poisson(1.6))
    ]


def _brows(draws: Draws, a: dict[str, Any]) -> None:
    M, N, ck = draws.between, draws.normal, draws.child
    a["brow_thickness"] = float(
        np.clip(
            (M(7.4, 3.8) + N(1.5)) * (1 - M(0.46, 0.30) * draws.young) * (1 - M(0, 0.15) * draws.ageing),
            2.2,
            9.5,
        )
    )
    a["brow_arch"] = M(1.7, 3.5) + N(1.6) - 0.4 * ck
    a["brow_length"] = M(42, 40) + N(2.2)
    a["brow_start"] = float(np.clip(M(10, 12.5) + N(2.3), 5, 17))
    a["brow_slope"] = N(1.4) + M(0.4, -0.1) * (1 - draws.child)
    a["brow_tail"] = M(-0.6, -1.2) + N(0.9) + 0.8 * draws.ageing
    a["brow_density"] = float(
        np.clip(M(1.1, 0.9) + N(0.2) - 0.45 * draws.young - M(0.1, 0.2) * draws.ageing, 0.25, 1.3)
    )


def _facial_hair(draws: Draws, a: dict[str, Any]) -> None:
    r = draws.random
    a["beard"] = a["moustache"] = a["goatee"] = a["stubble"] = a["sideburns"] = 0.0
    if draws.sex >= 0 or draws.age <= 17:
        return
    a["stubble"] = float(np.clip(0.75 + draws.normal(0.3), 0.25, 1.3)) * float(smoothstep(16, 24, draws.age))
    u = r.random()
    if u < 0.25:
        a["beard"] = r.uniform(6, 22)
        a["moustache"] = r.uniform(4, 7.5)
        a["goatee"] = a["beard"]
    elif u < 0.37:
        a["goatee"] = r.uniform(5, 16)
        a["moustache"] = r.uniform(3.5, 7)
    elif u < 0.45:
        a["moustache"] = r.uniform(4, 8)
    a["sideburns"] = float(r.random() < 0.3)


def _make_up(draws: Draws, a: dict[str, Any]) -> None:
    r, M, ck = draws.random, draws.between, draws.child
    a["melanin"] = float(np.clip(a["melanin"] + M(0.03, -0.05) - 0.03 * ck, 0.01, 0.98))
    wears = draws.sex > 0 and draws.age > 16 and r.random() < 0.88
    a["lipstick"] = float(r.uniform(0.35, 1.0)) if wears and r.random() < 0.85 else 0.0
    a["lipstick_colour"] = _LIPSTICKS[int(r.integers(5))]
    a["eye_shadow"] = float(r.uniform(0.25, 0.95)) if wears else 0.0
    a["eye_shadow_colour"] = _EYE_SHADOWS[int(r.integers(4))]
    a["eye_liner"] = float(r.uniform(0.4, 1.0)) if wears else 0.0
    a["blush"] = float(r.uniform(0.2, 0.9)) if wears else (M(0.25, 0.6) * ck + 0.1)
    a["mottling"] *= M(1.15, 0.6) * (1 - 0.8 * draws.young) * float(0.5 + 0.8 * smoothstep(20, 72, draws.age))
    a["lashes"] = (M(0.40, 1.2) + (0.25 if wears else 0) + M(0.0, 0.35) * ck) * (1 - 0.25 * draws.ageing)
