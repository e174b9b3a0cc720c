"""What attackers reach under every condition, who is strongest, and the angle at which they reach least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from lib.evaluation.rotation.attackers import ATTACKERS, PER_IMAGE, attacks, both
from lib.evaluation.rotation.comparisons import Reached, plain_auc, plain_tmr, reached
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import Views
from lib.measures.estimate import strongest
from lib.measures.resampling import BootstrapOptions

Attack = tuple[str, str]
"""Attacker and reader."""


def possible(views: Views, group: str, condition: str, only: Sequence[str]) -> list[Attack]:
    """Those of the attacks for which something was kept under a condition."""
    found = []
    for attacker, reader in attacks(only):
        try:
            both(views, (group, STRANGERS), attacker, reader, condition)
        except KeyError:
            continue
        found.append((attacker, reader))
    return found


def judge_all(
    views: Views,
    conditions: Iterable[str],
    *,
    photos: Sequence[int] = (1,),
    only: Sequence[str] = tuple(ATTACKERS),
    **draws: Unpack[BootstrapOptions],
) -> dict[str, dict[Attack, Reached]]:
    """Condition -> attack -> what it reaches on the test subjects, at thresholds that strangers set.

    Parameters
    ----------
    photos : numbers of photos of a subject in the gallery for the rank-one rate.
    """
    return {
        condition: {
            attack: reached(*both(views, (TEST, STRANGERS), *attack, condition), photos, **draws)
            for attack in possible(views, TEST, condition, only)
        }
        for condition in conditions
    }


def strongest_attack(by: Mapping[Attack, Reached], only: Sequence[str] = PER_IMAGE) -> Attack:
    """The attack with the highest TMR among some attackers, ties to the higher AUC.

    Raises
    ------
    ValueError : there is none.
    """
    known = {attack: one for attack, one in by.items() if attack[0] in only}
    best = strongest({attack: one.tmr for attack, one in known.items()})
    top = known[best].tmr.estimate
    equal = [attack for attack, one in known.items() if one.tmr.estimate >= top]
    return max(equal, key=lambda attack: known[attack].auc)


@dataclass(frozen=True)
class Choice:
    """The angle at which the strongest attacker reaches least on the choosers.

    Attributes
    ----------
    angle : condition. tmr, auc : angle -> what the strongest reaches there on the choosers.
    """

    angle: str
    tmr: dict[str, float]
    auc: dict[str, float]


def best_angle(views: Views, angles: Sequence[str], only: Sequence[str] = PER_IMAGE) -> Choice:
    """Choose an angle on the choosers: the least TMR of the strongest attacker, ties to the least AUC.

    Both are the strongest attacker's: at each angle, the highest TMR and the highest AUC of all attackers.
    """
    tmr, auc = {}, {}
    for angle in angles:
        pairs = [
            both(views, (CHOOSERS, STRANGERS), *attack, angle)
            for attack in possible(views, CHOOSERS, angle, only)
        ]
        tmr[angle] = max(plain_tmr(*one) for one in pairs)
        auc[angle] = max(plain_auc(*one) for one in pairs)
    best = min(angles, key=lambda angle: (round(tmr[angle], 9), round(auc[angle], 9)))
    return Choice(best, tmr, auc)


def judged_results(found: Mapping[str, Mapping[Attack, Reached]]) -> dict[str, dict[str, Any]]:
    """What results keep: reader -> `tmr_at_fmr_1`, `auc` and others -> attacker -> condition."""
    out: dict[str, dict[str, Any]] = {}
    for condition, by in found.items():
        for (attacker, reader), one in by.items():
            parts: dict[str, Any] = {"tmr_at_fmr_1": one.tmr, "reached_fmr_1": one.fmr, "auc": one.auc}
            parts["rank_one"] = {str(count): rank for count, rank in one.rank_one.items()}
            for part, value in parts.items():
                out.setdefault(reader, {}).setdefault(part, {}).setdefault(attacker, {})[condition] = value
    return out


def strongest_results(found: Mapping[str, Mapping[Attack, Reached]]) -> dict[str, dict[str, Any]]:
    """Condition -> who is the strongest of PER_IMAGE, by which reader, and what they reach."""
    out = {}
    for condition, by in found.items():
        attack = strongest_attack(by)
        one = by[attack]
        out[condition] = {"attacker": attack[0], "matcher": attack[1], "tmr_at_fmr_1": one.tmr}
        out[condition] |= {"reached_fmr_1": one.fmr, "auc": one.auc, "rank_one": one.rank_one.get(1)}
    return out


def judged_records(found: Mapping[str, Mapping[Attack, Reached]]) -> list[dict[str, Any]]:
    """A record of each figure for `figures_table`: `condition`, `attacker`, `reader`, `measure`, `figure`."""
    rows = []
    for condition, by in found.items():
        for (attacker, reader), one in by.items():
            head = {"condition": condition, "attacker": attacker, "reader": reader, "auc": one.auc}
            figures = {"TMR at FMR 1 %": one.tmr, "FMR reached": one.fmr}
            figures |= {f"rank 1, {count} in the gallery": each for count, each in one.rank_one.items()}
            rows += [head | {"measure": name, "figure": figure} for name, figure in figures.items()]
    return rows
