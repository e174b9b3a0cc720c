"""Seven expressions as combinations of facial action units, with individual strengths."""

from __future__ import annotations

import numpy as np

from lib.faces.rendered.head.action_units import MOTIONS

ACTIONS = (*MOTIONS, "upper_lid", "lower_lid")
"""MOTIONS and the two lids, which move the eye's opening."""
_RECIPES: dict[str, dict[str, float]] = {
    'neutral': {'au2': .15, 'au12': .2},
    'happy': {'au6': .8, 'au12': 1.15, 'lips_part': 1.2, 'jaw': .12, 'lower_lid': .2},
    'sad': {'au1': 1.3, 'au4': .5, 'au15': .9, 'au17': .7, 'upper_lid': -.3},
    'surprise': {'au1': 1.0, 'au2': 1.25, 'jaw': .85, 'lips_part': .7, 'upper_lid': .45, 'pucker': .2},
    'angry': {'au4': 1.9, 'au9': .5, 'au17': .4, 'au24': .8, 'upper_lid': .3, 'lower_lid': .5},
    'fear': {
        'au1': 1.5, 'au2': .2, 'au4': .5, 'au20': 1.2, 'jaw': .2, 'lips_part': 1.3, 'upper_lid': .8,
    },
    'disgust': {
        'au4': .55, 'au6': 1.0, 'au9': 1.7, 'au10': 1.7, 'au15': .3, 'au17': .3, 'lips_part': .9,
        'upper_lid': -.35, 'lower_lid': .8,
    },
}  # fmt: skip
"""Action units of each emotion after Ekman and Friesen's (1978) prototypes; 1 is a marked contraction."""


def sample_actions(
    r: np.random.Generator, expression: str, habits: dict[str, float]
) -> tuple[dict[str, float], bool]:
    """Draw the strengths of the ACTIONS (about 0 to 2) for one image, and whether the eyes blink.

    habits: the subject's own factor for each of ACTIONS.
    """
    strength = float(r.uniform(0.8, 1.08))
    e = dict.fromkeys(ACTIONS, 0.0)
    for name, amount in _RECIPES[expression].items():
        e[name] = amount * strength * habits[name] * float(np.clip(r.normal(1, 0.10), 0.6, 1.4))
    _variant(r, expression, strength, e)
    e["asymmetry"] = 0.5 * (habits["asymmetry"] - 1) + float(np.clip(r.normal(0, 0.04), -0.12, 0.12))
    e["au12"] = min(1.5, e["au12"] + max(0.0, float(r.normal(0.03, 0.05))))
    blink = expression in ("neutral", "happy") and r.random() < 0.012
    e["upper_lid"] += float(r.normal(0, 0.05)) - (1.9 if blink else 0)
    return e, bool(blink)


def _variant(r: np.random.Generator, expression: str, strength: float, e: dict[str, float]) -> None:
    """Vary an expression: closed smile or laugh, bared teeth in anger or disgust."""
    chance = r.random()
    if expression == "happy" and chance < 0.25:
        e["lips_part"] = e["jaw"] = 0.0
    elif expression == "happy" and chance < 0.45:
        e["jaw"] = float(r.uniform(0.3, 0.55))
    if expression == "angry" and chance < 0.4:
        e.update(au24=0.0, au17=0.0, au10=0.8 * strength, lips_part=1.4, jaw=0.26 * strength, au20=0.5)
    if expression == "disgust" and chance < 0.4:
        e.update(au17=0.0, lips_part=1.3, jaw=0.18 * strength)
