"""What a protection may claim: how much less a judge reads from it than from a control.

Two things can be claimed and neither stands for the other. `fooled`: the plain AUC is lower, which a judge
that turns its answer round undoes. `hidden`: the direction-free AUC is lower, which protects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.comparison import holm
from lib.measures.figure import Figure
from lib.measures.inputs import equal_lengths
from lib.measures.privacy import turn
from lib.measures.resampling import REPLICATES, Draws, Replicates, Units, replicate
from lib.measures.statistics import auc_of

BASELINES = ("control", "reconstruction")
"""Untargeted alterations; a claim is the difference from the one that hides more."""
LEAST = 0.10
"""AUC by which a protection must lie below its baseline to be called anything."""
ALPHA = 0.05
"""Of the p values after Holm."""

Measure = Literal["auc", "auc_free"]
Kind = Literal["fooled", "hidden", ""]
_KINDS: dict[Measure, Kind] = {"auc": "fooled", "auc_free": "hidden"}


@dataclass(frozen=True)
class Claim:
    """One judge, one treatment, one measure.

    Attributes
    ----------
    judge, treatment, baseline : whom, what, and against which untargeted alteration.
    measure : `auc`, or `auc_free` with the direction of the calibration subjects.
    auc, auc_free : of the treatment.
    difference : treatment minus baseline in that measure, paired: both meet the same draws of subjects.
    p : two-sided, from the same draws; `p_holm` after Holm over the family of `m` comparisons.
    kind : `fooled` (auc) or `hidden` (auc_free) where the difference is -LEAST or lower and `p_holm` below
        ALPHA, else empty.
    """

    judge: str
    treatment: str
    baseline: str
    measure: Measure
    auc: Figure
    auc_free: Figure
    difference: Figure
    p: float
    p_holm: float = float("nan")
    m: int = 0
    kind: Kind = ""


def claims(
    scores: Mapping[str, Mapping[str, ArrayLike]],
    calibration: Mapping[str, Mapping[str, float]],
    male: ArrayLike,
    subjects: ArrayLike,
    *,
    claimed: Sequence[str] = ("op",),
    baselines: Sequence[str] = BASELINES,
    **draws: Unpack[Draws],
) -> list[Claim]:
    """Differences of all judges' AUCs from the baseline, one family under Holm.

    The baseline of a judge is the one with the lower direction-free AUC, chosen once on the data as they are.
    That favours no claim: the lower of two is lower than either on average.

    Parameters
    ----------
    scores : per judge and treatment, (N,) scores of the same test images, higher is more male. A retrained
        attacker is a judge too; its scores are those of one attacker for each treatment.
    calibration : per judge and treatment, the AUC on other subjects, which decides the direction.
    male, subjects : (N,) bool and names.
    claimed : treatments that claim something.
    draws : `replicates`, `seed`. No p value lies below 2 / (replicates + 1), so with fewer than 40 draws for
        each comparison of the family nothing passes Holm; by default there are as many as that takes.

    Returns
    -------
    Two claims (auc, auc_free) for each judge and treatment, in the order given.

    Raises
    ------
    ValueError : no baseline, a treatment or a direction is missing, or a class is.
    """
    judged = _chosen(scores, [*claimed, *baselines])
    m = len(judged) * len(claimed) * len(_KINDS)
    draws = {"replicates": max(REPLICATES, int(2 * m / ALPHA)), **draws}
    found = []
    for judge, own in judged.items():
        drawn = _drawn(own, male, subjects, **draws)
        turned = {name: _turned(calibration, judge, name) for name in own}
        found += _of_judge(judge, drawn, turned, claimed, [name for name in baselines if name in own])
    return _family(found)


def _chosen(
    scores: Mapping[str, Mapping[str, ArrayLike]], wanted: Sequence[str]
) -> dict[str, dict[str, ArrayLike]]:
    """The treatments that count, of each judge."""
    if not scores:
        raise ValueError("no judge, no claim")
    return {judge: {name: own[name] for name in wanted if name in own} for judge, own in scores.items()}


def _drawn(
    own: Mapping[str, ArrayLike], male: ArrayLike, subjects: ArrayLike, **draws: Unpack[Draws]
) -> dict[str, Replicates]:
    """AUC of each treatment under the same draws of subjects."""
    out = {}
    for name, values in own.items():
        statistic = auc_of(values, male)
        equal_lengths(len(np.asarray(male)), subjects=np.asarray(subjects))
        out[name] = replicate(statistic, Units.of(subjects), **draws)
        if np.isnan(out[name].estimate[0]):
            raise ValueError(f"{name}: one class is missing among the test images, so there is no AUC")
    return out


def _turned(calibration: Mapping[str, Mapping[str, float]], judge: str, treatment: str) -> bool:
    known = calibration.get(judge, {}).get(treatment, float("nan"))
    if np.isnan(known):
        raise ValueError(f"{judge}, {treatment}: the direction is unknown; give its AUC on other subjects")
    return known < 0.5


def _of_judge(
    judge: str,
    drawn: Mapping[str, Replicates],
    turned: Mapping[str, bool],
    claimed: Sequence[str],
    baselines: Sequence[str],
) -> list[Claim]:
    missing = [name for name in claimed if name not in drawn]
    if missing or not baselines:
        raise ValueError(f"{judge}: no scores of {', '.join(missing) or 'any baseline'}")
    free = {name: _turn(one) if turned[name] else one for name, one in drawn.items()}
    baseline = min(baselines, key=lambda name: float(free[name].estimate[0]))
    found = []
    for name in claimed:
        plain_figure = drawn[name].figure()
        free_figure = turn(plain_figure) if turned[name] else plain_figure
        for measure, values in (("auc", drawn), ("auc_free", free)):
            apart = _minus(values[name], values[baseline])
            common = (plain_figure, free_figure, apart.figure(), p_value(apart.values[:, 0]))
            found.append(Claim(judge, name, baseline, measure, *common))  # type: ignore[arg-type]
    return found


def _turn(one: Replicates) -> Replicates:
    return replace(one, estimate=1 - one.estimate, values=1 - one.values)


def _minus(one: Replicates, other: Replicates) -> Replicates:
    return replace(one, estimate=one.estimate - other.estimate, values=one.values - other.values)


def p_value(differences: np.ndarray) -> float:
    """Two-sided p value of no difference, from the replicates (R,) of a paired difference.

    Twice the share of replicates on the far side of 0, those at 0 on both sides, the data counted as one more
    replicate: never 0, and 1 where all are 0. Undefined replicates (NaN) are dropped.
    """
    kept = np.asarray(differences, np.float64)
    kept = kept[~np.isnan(kept)]
    beyond = min(int((kept <= 0).sum()), int((kept >= 0).sum()))
    return min(1.0, 2 * (beyond + 1) / (len(kept) + 1))


def _family(found: Sequence[Claim]) -> list[Claim]:
    adjusted = holm([one.p for one in found])
    out = []
    for one, p in zip(found, adjusted, strict=True):
        stands = one.difference.estimate <= -LEAST and p < ALPHA
        kind: Kind = _KINDS[one.measure] if stands else ""
        out.append(replace(one, p_holm=float(p), m=len(found), kind=kind))
    return out
