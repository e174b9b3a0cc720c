"""What attackers reach under every condition, who is strongest, and the angle at which they reach least."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from lib.evaluation.rotation.attackers import ATTACKERS, PER_IMAGE, attacks, both
from lib.evaluation.rotation.comparisons import Reached, plain_auc, plain_tmr, reached
from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST
from lib.evaluation.rotation.views import UNTOUCHED, Views
from lib.measures.estimate import Estimate, strongest
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

    Where strangers are too few for any TMR to be defined, the AUC alone decides.

    Raises
    ------
    ValueError : there is none, or only some are defined: another could be the highest.
    """
    known = {attack: one for attack, one in by.items() if attack[0] in only}
    if known and not any(one.tmr.defined for one in known.values()):
        return max(known, key=lambda attack: known[attack].auc.estimate)
    top = known[strongest({attack: one.tmr for attack, one in known.items()})].tmr.estimate
    equal = [attack for attack, one in known.items() if one.tmr.estimate >= top]
    return max(equal, key=lambda attack: known[attack].auc.estimate)


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


Found = Mapping[str, Mapping[Attack, Reached]]
"""Condition -> attack -> what it reaches."""


def best_of(by: Mapping[Attack, Reached], attacker: str) -> Attack:
    """The attack of an attacker by the reader that serves them best."""
    known = [attack for attack in by if attack[0] == attacker]
    return max(known, key=lambda attack: (by[attack].tmr.estimate, by[attack].auc.estimate))


def told_together(found: Mapping[str, Found]) -> dict[str, Mapping[Attack, Reached]]:
    """What a page tells: angles of the first network, what is drawn anew, and rivals, of the last one.

    The first network follows the source's recipe; its angles are what the source proposes.

    Parameters
    ----------
    found : network -> of `judge_all`.
    """
    first, *_, last = [*found.values(), *found.values()]
    turned = {name: by for name, by in first.items() if name.isdigit() or name == UNTOUCHED}
    return turned | {name: by for name, by in last.items() if name not in turned and not name.isdigit()}


def beyond(figure: Estimate, reference: Estimate) -> Estimate:
    """How far a figure lies above the upper end of the interval of another; the goal is 0 or less."""
    top = reference.high
    return Estimate(figure.estimate - top, figure.low - top, figure.high - top, figure.n, figure.why)


def judged_results(found: Found) -> dict[str, dict[str, Any]]:
    """What results keep: reader -> `tmr_at_fmr_1`, `auc` and others -> attacker -> condition."""
    out: dict[str, dict[str, Any]] = {}
    for condition, by in found.items():
        for (attacker, reader), one in by.items():
            parts: dict[str, Any] = {"tmr_at_fmr_1": one.tmr, "reached_fmr_1": one.fmr, "auc": one.auc}
            parts["rank_one"] = {str(count): rank for count, rank in one.rank_one.items()}
            for part, value in parts.items():
                out.setdefault(reader, {}).setdefault(part, {}).setdefault(attacker, {})[condition] = value
    return out


def strongest_results(found: Found) -> dict[str, dict[str, Any]]:
    """Condition -> who is the strongest of PER_IMAGE, by which reader, and what they reach."""
    out = {}
    for condition, by in found.items():
        attack = strongest_attack(by)
        one = by[attack]
        out[condition] = {"attacker": attack[0], "matcher": attack[1], "tmr_at_fmr_1": one.tmr}
        ranks = {str(count): rank for count, rank in one.rank_one.items()}
        out[condition] |= {"reached_fmr_1": one.fmr, "auc": one.auc, "rank_one": ranks}
    return out


def judged_records(found: Found) -> list[dict[str, Any]]:
    """A record of each figure for `figures_table`: `condition`, `attacker`, `reader`, `measure`, `figure`."""
    rows = []
    for condition, by in found.items():
        for (attacker, reader), one in by.items():
            head = {"condition": condition, "attacker": attacker, "reader": reader}
            figures = {"TMR at FMR 1 %": one.tmr, "FMR reached": one.fmr, "AUC, direction-free": one.auc}
            figures |= {f"rank 1, {count} in the gallery": each for count, each in one.rank_one.items()}
            rows += [head | {"measure": name, "figure": figure} for name, figure in figures.items()]
    return rows
