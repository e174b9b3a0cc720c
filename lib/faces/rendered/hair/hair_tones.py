"""Colours of single strands: natural and grey hairs, lighter and darker locks."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.faces.rendered.hair.locks import Locks

_UNEVEN = 0.09
_MIXED = 0.30


def tones(a: dict[str, Any], locks: Locks, r: np.random.Generator, brightness: float = 1.0) -> np.ndarray:
    """Linear colours (n, 3) of strands; grey hair mixes grey and natural ones."""
    n = len(locks.of)
    grey = a["grey"]
    natural, faded = np.array(a["natural_hair"]), np.array(a["faded_hair"])
    share = np.clip(grey + _UNEVEN * locks.draw(r, 0.3) * (grey > 0.02) * (grey < 0.98), 0, 1)
    turned = np.clip(share + _MIXED * (r.random(n) - 0.5) * np.minimum(1, 4 * grey * (1 - grey) + 0.1), 0, 1)
    colour = natural * (1 - turned[:, None]) + faded * turned[:, None]
    light = np.exp(0.13 * locks.draw(r, 0.2) + 0.09 * r.normal(size=n))
    hue = 1 + 0.06 * locks.draw(r, 0.4)[:, None] * np.array([0.7, 0.0, -0.7])
    return colour * light[:, None] * hue * brightness
