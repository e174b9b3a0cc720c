"""What a protection may claim: by how much a judge's AUC on it lies below the AUC on an untargeted control.

Two losses can be claimed and neither stands for the other: of the plain AUC, which a judge that turns its
answer round undoes, and of the direction-free AUC, which protects. A loss is not yet a word: a judge at .85
on OP and .97 on its control is right most of the time all the same. It is *fooled* where its plain AUC lies,
with the whole interval, below one half; the attribute is *hidden* from it where its direction-free AUC is
near chance. Otherwise it *reads less*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Unpack

import numpy as np

from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.privacy import direction_free, flip_direction
from lib.measures.resampling import (
    REPLICATES,
    BootstrapOptions,
    Replicates,
    ResamplingUnits,
    bootstrap_replicates,
)
from lib.measures.score_table import Directions, ScoreTable
from lib.measures.significance import holm
from lib.measures.statistics import auc_of
from lib.measures.ties import TIE

MIN_EFFECT = 0.10
"""AUC by which a protection must lie below its baseline to be called anything."""
ALPHA = 0.05
"""Of the p values after Holm."""
NEAR_CHANCE = 0.60
"""An AUC is near chance if its interval lies between one minus this and this."""

Measure = Literal["auc", "auc_free"]
MEASURES: tuple[Measure, ...] = ("auc", "auc_free")
Verdict = Literal["fooled", "hidden", "reads less", "none"]
FOOLED: Verdict = "fooled"
HIDDEN: Verdict = "hidden"
LESS: Verdict = "reads less"
NONE: Verdict = "none"


def near_chance(figure: Estimate) -> bool:
    """Whether the whole interval of an AUC is near one half."""
    return bool(figure.low >= 1 - NEAR_CHANCE and figure.high <= NEAR_CHANCE)


@dataclass(frozen=True)
class Claim:
    """Comparison of one protection with its baseline, for one judge and one measure, with its p value.

    Attributes
    ----------
    data : name of the set of test pictures.
    judge, treatment, baseline : whom, what, and against which untargeted alteration.
    measure : `auc`, or `auc_free` with the direction of the calibration subjects.
    auc, auc_free : of the treatment.
    difference : treatment minus baseline in that measure, paired: both meet the same draws of subjects.
    p : two-sided, from the same draws; `p_holm` after Holm over the family: the `m` comparisons in that
        measure, of all judges, treatments and data sets.
    lost : whether a loss can be claimed: the difference is -MIN_EFFECT or lower, and `p_holm` below ALPHA.
    """

    data: str
    judge: str
    treatment: str
    baseline: str
    measure: Measure
    auc: Estimate
    auc_free: Estimate
    difference: Estimate
    p: float
    p_holm: float = float("nan")
    m: int = 0
    lost: bool = False

    @property
    def figure(self) -> Estimate:
        """The treatment's figure in the measure that is compared."""
        return self.auc if self.measure == "auc" else self.auc_free

    @property
    def verdict(self) -> Verdict:
        """FOOLED by the plain AUC, HIDDEN by the direction-free one, LESS, or NONE where nothing is lost."""
        if not self.lost:
            return NONE
        if self.measure == "auc":
            return FOOLED if self.auc.high < 0.5 else LESS
        return HIDDEN if near_chance(self.auc_free) else LESS


def draws_needed(comparisons: int) -> int:
    """Bootstrap draws with which a large effect passes Holm in a family of so many comparisons.

    No p value of R draws lies below 2 / (R + 1), and Holm multiplies the smallest one by the family's size.
    With these draws that product is at most half of ALPHA.
    """
    return max(REPLICATES, math.ceil(4 * comparisons / ALPHA))


def claims(
    tests: Mapping[str, ScoreTable],
    directions: Directions,
    against: Mapping[str, Sequence[str]],
    *,
    seed: int = 0,
) -> list[Claim]:
    """Test every protection against its baseline for every judge and data set; p values are Holm-adjusted.

    One family is one question: "is this judge fooled by this protection?", for all judges, protections and
    data sets, is one; "is something hidden from it?" another. The number of draws follows from its size
    (`draws_needed`). The baseline of a judge is the one with the lower direction-free AUC, chosen once on the
    data as they are. That favours no claim: the lower of two is lower than either on average.

    Parameters
    ----------
    tests : name of a data set -> scores of its test pictures, none missing (`ScoreTable.complete`). A
        retrained attacker is a judge too; its scores are those of one attacker for each treatment.
    directions : of each judge and treatment, from subjects of whom none is in `tests`.
    against : treatment -> its baselines, untargeted alterations, as {"op": ("control", "reconstruction")}. A
        judge without a treatment, or without any of its baselines, is left out of the family.
    seed : of the draws of subjects.

    Returns
    -------
    Two claims (auc, auc_free) for each data set, judge and treatment, in the order given.

    Raises
    ------
    ValueError : no judge has scores of a treatment and a baseline of it, a direction is unknown, or a class
        is missing.
    """
    pairs = _all_pairs(tests, against)
    options: BootstrapOptions = {
        "replicates": draws_needed(sum(map(len, pairs.values()))),
        "seed": seed,
    }
    found = []
    for (data, judge), some in pairs.items():
        names = list(dict.fromkeys([*some, *(one for own in some.values() for one in own)]))
        turned = {name: _turned(directions, judge, name) for name in names}
        drawn = {name: _drawn(tests[data], judge, name, **options) for name in names}
        found += _of_judge(data, judge, drawn, turned, some)
    adjusted = {key: _family([one for one in found if one.measure == key]) for key in MEASURES}
    return [one for both in zip(*adjusted.values(), strict=True) for one in both]


def _all_pairs(
    tests: Mapping[str, ScoreTable], against: Mapping[str, Sequence[str]]
) -> dict[tuple[str, str], dict[str, list[str]]]:
    """`_pairs` of each data set and judge that has any; ValueError for a treatment that nobody has."""
    pairs = {
        (data, judge): some
        for data, test in tests.items()
        for judge, own in test.scores.items()
        if (some := _pairs(own, against))
    }
    for treatment in against:
        if not any(treatment in some for some in pairs.values()):
            raise ValueError(
                f"no judge has scores of {treatment} and of {' or '.join(against[treatment])}, "
                "so nothing can be claimed of it"
            )
    return pairs


def _pairs(own: Mapping[str, np.ndarray], against: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Treatments that a judge has scores of, and those baselines of them that it has scores of, if any."""
    found = {name: [one for one in some if one in own] for name, some in against.items() if name in own}
    return {name: some for name, some in found.items() if some}


def _drawn(test: ScoreTable, judge: str, treatment: str, **draws: Unpack[BootstrapOptions]) -> Replicates:
    """Bootstrap replicates of the AUC; the draws of subjects are the same for all treatments and judges."""
    statistic = auc_of(test.scores[judge][treatment], test.positive)
    return bootstrap_replicates(statistic, ResamplingUnits.of(test.subjects), **draws)


def _turned(directions: Directions, judge: str, treatment: str) -> bool:
    known = directions.get(judge, {}).get(treatment, float("nan"))
    if np.isnan(known):
        raise ValueError(f"{judge}, {treatment}: the direction is unknown; give its AUC on other subjects")
    return direction_free(undefined_estimate("only the direction is asked for"), known).turned


def _of_judge(
    data: str,
    judge: str,
    drawn: Mapping[str, Replicates],
    turned: Mapping[str, bool],
    pairs: Mapping[str, Sequence[str]],
) -> list[Claim]:
    for name, one in drawn.items():
        if np.isnan(one.estimate[0]):
            where = f"{data}, {judge}, {name}"
            raise ValueError(f"{where}: one class is missing among the test images, so there is no AUC")
    free = {name: _turn(one) if turned[name] else one for name, one in drawn.items()}
    measured: dict[Measure, Mapping[str, Replicates]] = {"auc": drawn, "auc_free": free}
    found = []
    for name, some in pairs.items():
        baseline = min(some, key=lambda one: round(float(free[one].estimate[0]), 12))
        plain = drawn[name].figure()
        figures = (plain, flip_direction(plain) if turned[name] else plain)
        for measure, values in measured.items():
            apart = _minus(values[name], values[baseline])
            p = p_value(apart.values[:, 0])
            found.append(Claim(data, judge, name, baseline, measure, *figures, apart.figure(), p))
    return found


def _turn(one: Replicates) -> Replicates:
    return replace(one, estimate=1 - one.estimate, values=1 - one.values)


def _minus(one: Replicates, other: Replicates) -> Replicates:
    return replace(one, estimate=one.estimate - other.estimate, values=one.values - other.values)


def p_value(differences: np.ndarray) -> float:
    """Two-sided p value of "no difference" from bootstrap replicates (R,) of a paired difference.

    Twice the share of replicates on the far side of 0, those at 0 on both sides, the data counted as one more
    replicate: never 0, and 1 where all are 0. Undefined replicates (NaN) are dropped.
    """
    kept = np.asarray(differences, np.float64)
    kept = kept[~np.isnan(kept)]
    beyond = min(int((kept <= TIE).sum()), int((kept >= -TIE).sum()))
    return min(1.0, 2 * (beyond + 1) / (len(kept) + 1))


def _family(found: Sequence[Claim]) -> list[Claim]:
    adjusted = holm([one.p for one in found])
    out = []
    for one, p in zip(found, adjusted, strict=True):
        lost = bool(one.difference.estimate <= TIE - MIN_EFFECT and p < ALPHA)
        out.append(replace(one, p_holm=float(p), m=len(found), lost=lost))
    return out
