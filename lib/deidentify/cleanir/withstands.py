"""What copies by `cleanir` withstand, in words made from the figures on photographs of chapter 08."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lib.measures.estimate import Estimate, estimates_in

CHAPTER = "08_rotation_tables"
FIGURES = Path(__file__).resolve().parents[3] / "results" / "real" / f"{CHAPTER}.json"
"""Of the profile whose networks ship; keys `<dataset>.<matcher>.tmr_at_fmr_1.<attacker>.<treatment>`."""
STRANGERS = 0.01
"""Share of strangers that the thresholds of these figures take for the same person."""
NEW, CLEANED = "new", "ours"
"""What results call the identity that is drawn anew, without and with cleaned attributes."""
ATTACKERS: Mapping[str, str] = {
    "naive": "who compares a copy with photographs of the person",
    "two_sided": "who does so and takes faces that are unusually unlike for a sign, too",
    "inverter": "who turns the new identity back by half a turn, then compares",
    "regression": "who learned from other people to compute the old identity from the new one",
    "attributes": "who compares what the network calls pose, light and expression",
    "parrot": "who alters the person's photographs in the same way with a key of their own, then compares",
    "restorer": "who trained a network on other people to restore photographs from copies",
    "linker": "who joins copies of one person that share a draw",
    "key_known": "who knows the secret key",
}
"""Attackers of the figures in plain words."""
LINKER, KEY_KNOWN = "linker", "key_known"
_MEASURE = "tmr_at_fmr_1"
_BY = dict[str, Estimate]


def withstands(
    angle: float | None, per: str = "image", *, cleaned: bool = False, figures: Path | None = FIGURES
) -> tuple[str, ...]:
    """Sentences on which attackers a copy withstands; where nothing was measured they say so.

    Parameters
    ----------
    angle : degrees, or None for a new identity. Between two measured angles the weaker one speaks.
    per : what shares a draw; `image` gives nobody copies to join.
    cleaned : whether the attributes of a new identity are cleaned of the old one.
    figures : JSON file of results; None: nothing was measured with these weights.
    """
    every = _figures(figures)
    new = CLEANED if cleaned else NEW
    found = dict(every.get(new, {}) if angle is None else _at(every, angle % 360))
    how = "a new identity" if angle is None else f"{angle:g} degrees"
    known = found.pop(KEY_KNOWN, None)
    if per == "image":
        found.pop(LINKER, None)
    if not found:
        where = "these weights" if figures is None else f"results/{figures.parent.name}/{figures.name}"
        return (
            f"Nobody measured what copies by {how} withstand: there are no figures for it in {where}. Take "
            f"nobody for protected by such copies before the page {CHAPTER} says so.",
        )
    strongest = max(found, key=lambda name: found[name].estimate)
    worst = found[strongest]
    lines = [
        f"Measured on photographs for {how}, with only {STRANGERS:.0%} of strangers taken for the same "
        f"person: the strongest attacker, {_who(strongest)}, recognises {worst.estimate:.1%} of copies "
        f"({worst.low:.1%} to {worst.high:.1%}, {worst.n} subjects)."
    ]
    for name in sorted(found, key=lambda one: (found[one].low <= STRANGERS, -found[one].estimate, one)):
        held = "Withstood, no better than strangers" if found[name].low <= STRANGERS else "Not withstood"
        lines.append(f"{held} ({found[name].estimate:.1%}): {_who(name)}.")
    if known is not None:
        lines.append(f"Whoever learns the secret key recognises {known.estimate:.1%}: keep it.")
    return (
        *lines,
        "Hair, clothes and place around a face are not in this, nor are attackers nobody tried.",
    )


def _who(attacker: str) -> str:
    return f"{attacker} ({ATTACKERS[attacker]})" if attacker in ATTACKERS else attacker


def _figures(path: Path | None) -> dict[str, _BY]:
    """Of each treatment (`90`, `ours`) each attacker's highest figure, over data sets and matchers."""
    try:
        every = estimates_in(json.loads(path.read_text(encoding="utf-8"))["values"]) if path else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    worst: dict[str, _BY] = {}
    for name, figure in every.items():
        parts = name.split(".")
        if len(parts) == 5 and parts[2] == _MEASURE and figure.defined:  # longer ones are of other networks
            _take(worst.setdefault(parts[4], {}), parts[3], figure)
    return worst


def _take(by: _BY, attacker: str, figure: Estimate) -> None:
    if attacker not in by or figure.estimate > by[attacker].estimate:
        by[attacker] = figure


def _at(figures: Mapping[str, _BY], angle: float) -> _BY:
    """The attackers' figures at an angle; of the two measured ones around it the worse of each attacker."""
    turned = min(angle, 360 - angle)
    measured = sorted(float(name) for name in figures if name.replace(".", "", 1).isdigit())
    below = [one for one in measured if one <= turned]
    above = [one for one in measured if one >= turned]
    worst: _BY = {}
    if below and above:
        for one in (below[-1], above[0]):
            for attacker, figure in figures[f"{one:g}"].items():
                _take(worst, attacker, figure)
    return worst
