"""What attackers still learn from protected images: re-identification, attribute suppression, distances.

A claim is only as good as its attacker: the privacy figure of a method is that of its strongest attacker
(`estimate.strongest`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import NAN, Estimate
from lib.measures.resampling import BootstrapOptions, ResamplingUnits, bootstrap_replicates
from lib.measures.scored_pairs import ScoredPairs
from lib.measures.statistics import auc_and_eer_of, auc_of
from lib.measures.ties import TIE
from lib.measures.validation import as_floats, check_lengths
from lib.measures.verification import FMRS, Verification, verify


@dataclass(frozen=True)
class Reidentification:
    """Re-identification rates of protected images at thresholds set on original impostors.

    Attributes
    ----------
    rate : per FMR, the share of altered images matched to another original photo of the subject.
    originals : per FMR, the same share before the protection.
    floor : per FMR, the share of non-mated altered pairs that match.
    altered, original : the full verifications.
    """

    rate: dict[float, Estimate]
    originals: dict[float, Estimate]
    floor: dict[float, Estimate]
    altered: Verification
    original: Verification


def reidentification(
    altered: ScoredPairs,
    original: ScoredPairs,
    calibration: ScoredPairs,
    *,
    fmrs: Sequence[float] = FMRS,
    redraw_threshold: bool = True,
    **draws: Unpack[BootstrapOptions],
) -> Reidentification:
    """TMR of altered probes against *other* original photos, at thresholds of original impostors.

    Parameters
    ----------
    altered : altered probes with originals of the test subjects (see `pairs.across` with image names).
    original : original probes with originals of the test subjects.
    calibration : originals of other subjects, whose impostors set the thresholds.
    """
    before, after = (
        verify(comparisons, fmrs=fmrs, calibration=calibration, redraw_threshold=redraw_threshold, **draws)
        for comparisons in (original, altered)
    )
    return Reidentification(after.tmr, before.tmr, after.fmr, after, before)


@dataclass(frozen=True)
class DirectionFree:
    """Direction-free AUC: the attacker's AUC, its sign learned on other subjects; 0.5 is no information.

    Attributes
    ----------
    auc : A*, the AUC on test subjects, or one minus it where the calibration AUC lies below 0.5.
    calibration_auc : which decided the direction.
    turned : whether the direction was reversed.
    """

    auc: Estimate
    calibration_auc: float
    turned: bool


def flip_direction(figure: Estimate) -> Estimate:
    """One minus the estimate, with its interval: the AUC of an attacker who reverses the scores."""
    return Estimate(1 - figure.estimate, 1 - figure.high, 1 - figure.low, figure.n, figure.why, figure.items)


def direction_free(test: Estimate, calibration_auc: float) -> DirectionFree:
    """Direction-free AUC (A*) from the AUCs on the test and on the calibration subjects.

    A method can push mated pairs further apart than strangers, which identifies them as surely.

    Raises
    ------
    ValueError : the calibration AUC is NaN.
    """
    if np.isnan(calibration_auc):
        raise ValueError("the direction is undefined: one class is missing among the calibration subjects")
    turned = bool(calibration_auc < 0.5 - TIE)
    return DirectionFree(flip_direction(test) if turned else test, calibration_auc, turned)


@dataclass(frozen=True)
class OverSeparation:
    """Whether altered mated pairs lie as far apart as strangers; AUC 0.5 is the goal, either side leaks.

    Attributes
    ----------
    mated_median, stranger_median : medians of the distances.
    auc : share of (altered mated, original non-mated) couples in which the mated distance is larger.
    """

    mated_median: float
    stranger_median: float
    auc: Estimate


def over_separation(
    altered_mated: ArrayLike,
    mated_subjects: ArrayLike,
    original_nonmated: ArrayLike,
    first_subjects: ArrayLike,
    second_subjects: ArrayLike,
    **draws: Unpack[BootstrapOptions],
) -> OverSeparation:
    """Compare distances of altered mated pairs (P,) with those of original non-mated pairs (Q,)."""
    mated, strangers = (
        as_floats(altered_mated, "altered_mated"),
        as_floats(original_nonmated, "original_nonmated"),
    )
    who = np.asarray(mated_subjects)
    check_lengths(len(mated), mated_subjects=who)
    positive = np.repeat([True, False], [len(mated), len(strangers)])
    first = np.concatenate([who, np.asarray(first_subjects)])
    second = np.concatenate([who, np.asarray(second_subjects)])
    statistic = auc_of(np.concatenate([mated, strangers]), positive)
    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(first, second), **draws)
    near, far = (float(np.median(values)) if len(values) else NAN for values in (mated, strangers))
    return OverSeparation(near, far, drawn.figure(why="one kind of pair is missing"))


@dataclass(frozen=True)
class Suppression:
    """AUC and EER of an attribute classifier on originals, protected images and a control.

    Attributes
    ----------
    auc, eer : per condition (`original`, `fixed`, `retrained`, `control`).
    """

    auc: dict[str, Estimate]
    eer: dict[str, Estimate]


CONDITIONS = ("original", "fixed", "retrained", "control")


def suppression(
    scores: Mapping[str, ArrayLike],
    positive: ArrayLike,
    subjects: ArrayLike,
    **draws: Unpack[BootstrapOptions],
) -> Suppression:
    """Measure attribute suppression under all four conditions, with the same draws of subjects.

    Parameters
    ----------
    scores : per condition, (N,) scores of the same images: on originals; on altered images with the fixed
        classifier; with one retrained on altered images; and on originals degraded untargetedly (grey, blur,
        recompression) to the same image distance.
    positive, subjects : (N,).

    Raises
    ------
    ValueError : a condition is missing: without the control nothing can be claimed.
    """
    missing = set(CONDITIONS) - set(scores)
    if missing:
        raise ValueError(f"suppression needs all of {CONDITIONS}; missing: {sorted(missing)}")
    figures = {
        name: bootstrap_replicates(
            auc_and_eer_of(values, positive), ResamplingUnits.of(subjects), **draws
        ).figures("one class is missing")
        for name, values in scores.items()
    }
    return Suppression(
        {name: pair[0] for name, pair in figures.items()}, {n: p[1] for n, p in figures.items()}
    )
