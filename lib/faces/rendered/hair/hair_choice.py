"""Random choice of a subject's hair style, by perceived gender, age and curliness."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.smooth_functions import smoothstep
from lib.faces.rendered.subject.correlated_draws import Draws

Shares = dict[str, float]
_MEN: Shares = {
    "buzz": 0.12, "crew": 0.17, "short": 0.22, "side": 0.21, "back": 0.11, "fringe": 0.08, "spiky": 0.04,
    "long": 0.015, "mid": 0.015, "bun": 0.01, "wavyshort": 0.01,
}  # fmt: skip
_MEN_CURLY: Shares = {"buzz": 0.38, "crew": 0.17, "afro": 0.15, "short": 0.27, "braids": 0.03}
_WOMEN: Shares = {
    "long": 0.29, "longbangs": 0.12, "wavy": 0.22, "bob": 0.12, "mid": 0.06, "pony": 0.06, "bun": 0.03,
    "braids": 0.015, "pixie": 0.03, "short": 0.015,
}  # fmt: skip
_WOMEN_CURLY: Shares = {"afro": 0.24, "wavy": 0.30, "long": 0.22, "bun": 0.10, "pony": 0.07, "braids": 0.07}
_OLD_WOMEN: Shares = {"bob": 0.30, "pixie": 0.22, "wavyshort": 0.38, "short": 0.06, "bun": 0.04}
_BOYS: Shares = {
    "crew": 0.20, "buzz": 0.10, "short": 0.34, "side": 0.05, "fringe": 0.27, "mid": 0.01, "spiky": 0.03
}  # fmt: skip
_GIRLS: Shares = {
    "long": 0.24, "longbangs": 0.31, "wavy": 0.14, "bob": 0.12, "pony": 0.11, "braids": 0.09, "pixie": 0.03
}  # fmt: skip


def draw_hair_style(draws: Draws, a: dict[str, Any]) -> None:
    """Draw hair style, length and form, and add them to the looks `a`."""
    r, M, N, mel = draws.random, draws.between, draws.normal, a["melanin"]
    if mel > 0.5:
        a["curl"] = float(np.clip((mel - 0.55) * 3 + N(0.25), 0, 1))
    else:
        a["curl"] = float(np.clip(N(0.35) - 0.1, 0, 0.9))
    a["receding"] = 0.0
    a["hair_style"] = _mens_style(draws, a) if draws.sex < 0 else _womens_style(draws, a)
    a["parting"] = float(r.choice([-1, 1]) * r.uniform(14, 32)) if r.random() < 0.7 else N(4)
    a["hairline"] = 68 + N(4.5) + M(0, -1)
    a["hair_length"] = float(np.clip(1 + N(0.18), 0.6, 1.5))
    a["hair_volume"] = float(np.clip(1 + N(0.25) + M(-0.15, 0.3) * draws.ageing, 0.5, 1.6))
    a["fade"] = float(np.clip(r.uniform(-0.5, 1.0), 0, 1)) if draws.sex < 0 else 0.0
    a["tucked"] = int(r.choice([0, -1, 1, 2], p=[0.66, 0.12, 0.12, 0.10]))
    a["loose_locks"] = float(r.choice([0.0, 0.12, 0.3], p=[0.25, 0.40, 0.35]))


def _one_of(r: np.random.Generator, shares: Shares) -> str:
    weights = np.array(list(shares.values()))
    return str(r.choice(list(shares), p=weights / weights.sum()))


def _mens_style(draws: Draws, a: dict[str, Any]) -> str:
    r, age = draws.random, draws.age
    if draws.child > 0.2:
        return _one_of(r, _MEN_CURLY if a["curl"] > 0.55 else _BOYS)
    balding = age > 28 and r.random() < 0.10 + 0.45 * smoothstep(35, 75, age)
    a["receding"] = float(r.uniform(0.25, 1.0)) * (1 if balding else 0.3) * float(smoothstep(22, 50, age))
    if balding and a["receding"] > 0.55:
        return _one_of(r, {"bald": 0.4, "horseshoe": 0.6})
    return _one_of(r, _MEN_CURLY if a["curl"] > 0.55 else _MEN)


def _womens_style(draws: Draws, a: dict[str, Any]) -> str:
    r = draws.random
    if draws.age > 58 and r.random() < 0.6:
        return _one_of(r, _OLD_WOMEN)
    if a["curl"] > 0.55:
        return _one_of(r, _WOMEN_CURLY)
    return _one_of(r, _GIRLS if draws.child > 0.2 else _WOMEN)
