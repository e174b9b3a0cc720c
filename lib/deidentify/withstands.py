"""What copies by `cleanir` withstand, in words made from the figures that ship with its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CARDS = "cards.json"
"""Name of the file with the model cards, as `training.store.model_cards` writes it."""
STRANGERS = 0.01
"""Share of strangers that the thresholds of these figures take for the same person."""
_MEASURE = "tmr_at_fmr_1"
_NEW = "ours"
"""What results call the identity that is drawn anew."""


def withstands(angle: float | None, folder: str | Path) -> str:
    """Sentences on which attackers a copy withstands; where nothing was measured they say so.

    Parameters
    ----------
    angle : degrees, or None for a new identity. Between two measured angles the weaker one speaks.
    folder : of the weights, with their cards.
    """
    figures = _figures(Path(folder))
    found = figures.get(_NEW, {}) if angle is None else _at(figures, angle % 360)
    chosen = "a new identity" if angle is None else f"{angle:g} degrees"
    if not found:
        return (
            f"What copies by {chosen} withstand is not among the figures that came with the weights: take "
            "nobody for protected by them before page 08_rotation_tables says so."
        )
    strongest = max(found, key=lambda name: found[name]["estimate"])
    worst = found[strongest]
    held = sorted(name for name, one in found.items() if one["low"] <= STRANGERS)
    lost = sorted(found.keys() - set(held))
    parts = [
        f"Measured for {chosen}, at a threshold that takes {STRANGERS:.0%} of strangers for the same person: "
        f"the strongest attacker ({strongest}) still takes {worst['estimate']:.1%} of copies for the person "
        f"they show ({worst['low']:.1%} to {worst['high']:.1%}).",
        f"Not told from strangers' by: {', '.join(held) or 'nobody'}.",
    ]
    if lost:
        parts.append(f"Recognised more often than strangers by: {', '.join(lost)}.")
    return " ".join(parts)


def _figures(folder: Path) -> dict[str, dict[str, Mapping[str, Any]]]:
    """Of each treatment (`90`, `ours`) the worst figure of each attacker, over data sets and matchers."""
    try:
        cards = json.loads((folder / CARDS).read_text(encoding="utf-8"))
        every = [
            item for card in cards if card["name"].startswith("cleanir") for item in card["figures"].items()
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    worst: dict[str, dict[str, Mapping[str, Any]]] = {}
    for name, figure in every:
        _, marked, rest = name.partition(f".{_MEASURE}.")
        attacker, _, treatment = rest.partition(".")
        if not marked or not treatment or not {"estimate", "low", "high"} <= figure.keys():
            continue
        of_treatment = worst.setdefault(treatment, {})
        if attacker not in of_treatment or figure["estimate"] > of_treatment[attacker]["estimate"]:
            of_treatment[attacker] = figure
    return worst


def _at(figures: Mapping[str, Mapping[str, Mapping[str, Any]]], angle: float) -> dict[str, Mapping[str, Any]]:
    """The attackers' figures at an angle; of the two measured ones around it the worse of each attacker."""
    turned = min(angle, 360 - angle)
    measured = sorted(float(name) for name in figures if name.replace(".", "", 1).isdigit())
    below = [one for one in measured if one <= turned]
    above = [one for one in measured if one >= turned]
    if not below or not above:
        return {}
    worst: dict[str, Mapping[str, Any]] = {}
    for one in (below[-1], above[0]):
        for attacker, figure in figures[f"{one:g}"].items():
            if attacker not in worst or figure["estimate"] > worst[attacker]["estimate"]:
                worst[attacker] = figure
    return worst
