"""What a protection may claim: by how much a judge's AUC on it lies below the AUC on an untargeted control.

Two things can be claimed and neither stands for the other. `fooled`: the plain AUC is lower, which a judge
that turns its answer round undoes. `hidden`: the direction-free AUC is lower, which protects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import Estimate
from lib.measures.privacy import flip_direction
from lib.measures.resampling import (
    REPLICATES,
    BootstrapOptions,
    Replicates,
    ResamplingUnits,
    bootstrap_replicates,
)
from lib.measures.significance import holm
from lib.measures.statistics import auc_of
from lib.measures.ties import TIE
from lib.measures.validation import check_lengths

BASELINES = ("control", "reconstruction")
"""Untargeted alterations; a claim is the difference from the one that hides more."""
MIN_EFFECT = 0.10
"""AUC by which a protection must lie below its baseline to be called anything."""
ALPHA = 0.05
"""Of the p values after Holm."""

Measure = Literal["auc", "auc_free"]
Kind = Literal["fooled", "hidden", ""]
_KINDS: dict[Measure, Kind] = {"auc": "fooled", "auc_free": "hidden"}


@dataclass(frozen=True)
class Claim:
    """Comparison of one protection with its baseline, for one judge and one measure, with its p value.

    Attributes
    ----------
    judge, treatment, baseline : whom, what, and against which untargeted alteration.
    measure : `auc`, or `auc_free` with the direction of the calibration subjects.
    auc, auc_free : of the treatment.
    difference : treatment minus baseline in that measure, paired: both meet the same draws of subjects.
    p : two-sided, from the same draws; `p_holm` after Holm over the family of `m` comparisons.
    kind : `fooled` (auc) or `hidden` (auc_free) where the difference is -MIN_EFFECT or lower and `p_holm`
        below ALPHA, else empty.
    """

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
    kind: Kind = ""


def claims(
    scores: Mapping[str, Mapping[str, ArrayLike]],
    calibration: Mapping[str, Mapping[str, float]],
    male: ArrayLike,
    subjects: ArrayLike,
    *,
    claimed: Sequence[str] = ("op",),
    baselines: Sequence[str] | Mapping[str, Sequence[str]] = BASELINES,
    **draws: Unpack[BootstrapOptions],
) -> list[Claim]:
    """Test every protection against its baseline for every judge; p values are Holm-adjusted as one family.

    The baseline of a judge is the one with the lower direction-free AUC, chosen once on the data as they are.
    That favours no claim: the lower of two is lower than either on average.

    Parameters
    ----------
    scores : per judge and treatment, (N,) scores of the same test images, higher is more male. A retrained
        attacker is a judge too; its scores are those of one attacker for each treatment.
    calibration : per judge and treatment, the AUC on other subjects, which decides the direction.
    male, subjects : (N,) bool and names.
    claimed : treatments that claim something. A judge without one of them makes no claim on it.
    baselines : of all treatments, or by treatment (`private` has a control of its own). A judge may lack some
        of them.
    draws : `replicates`, `seed`. No p value lies below 2 / (replicates + 1), so with fewer than 40 draws for
        each comparison of the family nothing passes Holm; by default there are as many as that takes.

    Returns
    -------
    Two claims (auc, auc_free) for each judge and treatment, in the order given.

    Raises
    ------
    ValueError : no judge has scores of a treatment, a judge has no baseline for it, a direction is unknown,
        or a class is missing.
    """
    against = dict(baselines) if isinstance(baselines, Mapping) else dict.fromkeys(claimed, tuple(baselines))
    _check_shown(scores, claimed)
    pairs = {judge: _baselines(judge, own, claimed, against) for judge, own in scores.items()}
    m = len(_KINDS) * sum(map(len, pairs.values()))
    draws = {"replicates": max(REPLICATES, int(2 * m / ALPHA)), **draws}
    found = []
    for judge, own in scores.items():
        known = {name: _turned(calibration, judge, name) for name in _named(pairs[judge])}
        drawn = {name: _drawn(judge, name, own[name], male, subjects, **draws) for name in known}
        found += _of_judge(judge, drawn, known, pairs[judge])
    return _family(found)


def _check_shown(scores: Mapping[str, Mapping[str, ArrayLike]], claimed: Sequence[str]) -> None:
    for name in claimed:
        if not any(name in own for own in scores.values()):
            raise ValueError(f"no judge has scores of {name}, so nothing can be claimed of it")


def _baselines(
    judge: str,
    own: Mapping[str, ArrayLike],
    claimed: Sequence[str],
    against: Mapping[str, Sequence[str]],
) -> dict[str, list[str]]:
    """Names of the baselines that a judge has scores of, by treatment."""
    found = {name: [one for one in against.get(name, ()) if one in own] for name in claimed if name in own}
    for name, some in found.items():
        if not some:
            wanted = " or ".join(against.get(name, ())) or "a baseline"
            raise ValueError(
                f"{judge}: {name} can be claimed only against {wanted}, of which it has no scores"
            )
    return found


def _named(pairs: Mapping[str, Sequence[str]]) -> list[str]:
    """Names of all treatments and baselines, each once."""
    return list(dict.fromkeys([*pairs, *(one for some in pairs.values() for one in some)]))


def _drawn(
    judge: str,
    name: str,
    values: ArrayLike,
    male: ArrayLike,
    subjects: ArrayLike,
    **draws: Unpack[BootstrapOptions],
) -> Replicates:
    """Bootstrap replicates of the AUC; the draws of subjects are the same for all treatments and judges."""
    statistic = auc_of(values, male)
    check_lengths(len(np.asarray(male)), subjects=np.asarray(subjects))
    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(subjects), **draws)
    if np.isnan(drawn.estimate[0]):
        raise ValueError(f"{judge}, {name}: one class is missing among the test images, so there is no AUC")
    return drawn


def _turned(calibration: Mapping[str, Mapping[str, float]], judge: str, treatment: str) -> bool:
    known = calibration.get(judge, {}).get(treatment, float("nan"))
    if np.isnan(known):
        raise ValueError(f"{judge}, {treatment}: the direction is unknown; give its AUC on other subjects")
    return known < 0.5 - TIE


def _of_judge(
    judge: str,
    drawn: Mapping[str, Replicates],
    turned: Mapping[str, bool],
    pairs: Mapping[str, Sequence[str]],
) -> list[Claim]:
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
            found.append(Claim(judge, name, baseline, measure, *figures, apart.figure(), p))
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
        stands = one.difference.estimate <= TIE - MIN_EFFECT and p < ALPHA
        kind: Kind = _KINDS[one.measure] if stands else ""
        out.append(replace(one, p_holm=float(p), m=len(found), kind=kind))
    return out
