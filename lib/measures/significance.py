"""Significance: paired tests of two systems, differences of estimates, and corrections for many tests (Holm).

Overlap of two separate intervals is not a test: report the paired difference with its interval. McNemar's
test needs independent items; where a subject has several images, take `sign_flip`, or the bootstrap over
subjects of the difference (`bootstrap_intervals.bootstrap_auc_difference`, `verification_difference`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, chi2

from lib.measures.bootstrap_intervals import never_certain_difference
from lib.measures.estimate import NAN, Estimate
from lib.measures.resampling import BootstrapOptions, Replicates
from lib.measures.scored_pairs import ScoredPairs
from lib.measures.validation import as_floats, check_lengths, encode_labels
from lib.measures.verification import FMRS, DrawnVerification, draw_verification, mark_few_impostors


@dataclass(frozen=True)
class McNemar:
    """Result of McNemar's test of two classifiers on the same independent items.

    Attributes
    ----------
    only_first, only_second : items that only one of them has right (b, c).
    p : exact two-sided; mid_p : its mid-p version.
    chi2, chi2_p : with continuity correction, for large b + c (NaN where b + c = 0).
    """

    only_first: int
    only_second: int
    p: float
    mid_p: float
    chi2: float
    chi2_p: float


def mcnemar(only_first: int, only_second: int) -> McNemar:
    """McNemar's test from the numbers of items that only the first, or only the second, gets right."""
    n, less = only_first + only_second, min(only_first, only_second)
    if n == 0:
        return McNemar(0, 0, 1.0, 1.0, NAN, NAN)
    p = min(1.0, 2 * float(binom.cdf(less, n, 0.5)))
    mid_p = min(1.0, 2 * float(binom.cdf(less, n, 0.5)) - float(binom.pmf(less, n, 0.5)))
    statistic = max(abs(only_first - only_second) - 1, 0) ** 2 / n
    return McNemar(only_first, only_second, p, mid_p, statistic, float(chi2.sf(statistic, 1)))


@dataclass(frozen=True)
class SignFlip:
    """Result of a permutation test that flips the signs of per-subject differences.

    Attributes
    ----------
    mean : mean over subjects of each subject's mean difference.
    p : two-sided; exact (all sign patterns) or from `flips` random ones with add-one correction.
    n : number of subjects.
    """

    mean: float
    p: float
    n: int
    flips: int
    exact: bool


def sign_flip(differences: ArrayLike, subjects: ArrayLike, *, flips: int = 10_000, seed: int = 0) -> SignFlip:
    """Permutation test of two systems over subjects: flip the sign of each subject's mean difference.

    Parameters
    ----------
    differences : (N,) first minus second system per image (for right and wrong: -1, 0, 1).
    subjects : (N,).
    flips : random patterns; all patterns are tried where there are no more than that.
    """
    values = as_floats(differences, "differences")
    (people,), number = encode_labels(subjects)
    check_lengths(len(values), subjects=people)
    means = np.bincount(people, weights=values) / np.bincount(people)
    exact = number < 63 and 2**number <= flips
    if exact:
        signs = 1 - 2 * ((np.arange(2**number)[:, None] >> np.arange(number)) & 1)
    else:
        signs = 1 - 2 * np.random.default_rng(seed).integers(0, 2, size=(flips, number))
    # A small tolerance, so that sign patterns that tie with the data count despite rounding.
    reached = int((np.abs(signs @ means) >= abs(means.sum()) * (1 - 1e-12)).sum())
    p = reached / len(signs) if exact else (1 + reached) / (1 + flips)
    return SignFlip(float(means.mean()), p, number, len(signs), exact)


def independent_difference(first: Estimate, second: Estimate) -> Estimate:
    """Difference of two estimates of different subjects, with an interval from both intervals.

    Zou and Donner, Statistics in Medicine 2008: the distances of both estimates to the limits that matter are
    squared and added. For figures of the same subjects take the paired difference instead.
    """
    estimate, n = first.estimate - second.estimate, first.n + second.n
    below = np.hypot(first.estimate - first.low, second.high - second.estimate)
    above = np.hypot(first.high - first.estimate, second.estimate - second.low)
    why = "; ".join(dict.fromkeys(one.why for one in (first, second) if one.why))
    return Estimate(estimate, float(estimate - below), float(estimate + above), n, why)


def _p_values(p: ArrayLike) -> np.ndarray:
    values = as_floats(p, "p")
    if ((values < 0) | (values > 1)).any():
        raise ValueError("p values must lie in [0, 1]")
    return values


def holm(p: ArrayLike) -> np.ndarray:
    """Holm-adjusted p values (m,) in [0, 1], for claims; print m beside them."""
    values = _p_values(p)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty(len(values))
    factors = len(values) - np.arange(len(values))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * values[order]))
    return adjusted


@dataclass(frozen=True)
class VerificationDifference:
    """Differences of two systems in AUC, EER and TMR on the same pairs and the same draws.

    Attributes
    ----------
    auc, eer : differences.
    tmr : difference per wanted FMR, each system at its own threshold.
    reached : FMR that the second system reaches per wanted FMR.
    """

    auc: Estimate
    eer: Estimate
    tmr: dict[float, Estimate]
    reached: dict[float, Estimate]


def verification_difference(
    first: ScoredPairs,
    second: ScoredPairs,
    *,
    fmrs: Sequence[float] = FMRS,
    calibrations: tuple[ScoredPairs, ScoredPairs] | None = None,
    redraw_threshold: bool = True,
    **draws: Unpack[BootstrapOptions],
) -> VerificationDifference:
    """Paired difference of two matchers, or of one matcher before and after a protection.

    Parameters
    ----------
    first, second : comparisons of the same pairs in the same order.
    calibrations : of both systems, the same pairs of other subjects.

    Raises
    ------
    ValueError : the pairs differ (drop what either system could not acquire from both).
    """
    own = (None, None) if calibrations is None else calibrations
    _check_same(first, second)
    one, other = (
        draw_verification(
            test, fmrs=fmrs, calibration=calibration, redraw_threshold=redraw_threshold, **draws
        )
        for test, calibration in zip((first, second), own, strict=True)
    )
    return drawn_difference(one, other)


def drawn_difference(first: DrawnVerification, second: DrawnVerification) -> VerificationDifference:
    """Paired difference of two systems whose subjects were drawn alike: with one seed and as often.

    Raises
    ------
    ValueError : the pairs, the rates or the numbers of draws differ.
    """
    _check_same(first.test, second.test)
    if first.calibration is not None and second.calibration is not None:
        _check_same(first.calibration, second.calibration)
    one, other = first.replicates, second.replicates
    if first.fmrs != second.fmrs or one.values.shape != other.values.shape:
        raise ValueError("a paired difference needs the same rates and the same draws in both systems")
    drawn = Replicates(one.estimate - other.estimate, one.values - other.values, one.n, one.items)
    auc, eer, *rates = drawn.figures("no mated or no non-mated comparisons")
    people = len(np.unique(first.test.first_subject[first.test.mated]))
    few = min(len(first.setters), len(second.setters))
    tmr = {
        rate: mark_few_impostors(never_certain_difference(rates[at], people), rate, few)
        for at, rate in enumerate(first.fmrs)
    }
    return VerificationDifference(auc, eer, tmr, second.figures().fmr)


def tmr_sign_flip(
    first: DrawnVerification, second: DrawnVerification, fmr: float, *, flips: int = 10_000, seed: int = 0
) -> SignFlip:
    """`sign_flip` of whether each subject's mated pairs are accepted, first minus second system.

    Parameters
    ----------
    first, second : of the same pairs; each decides at its own threshold, which is held fixed.
    fmr : wanted false match rate of both.

    Raises
    ------
    ValueError : the pairs differ.
    """
    _check_same(first.test, second.test)
    (one, subjects), (other, _) = first.accepted(fmr), second.accepted(fmr)
    return sign_flip(one.astype(float) - other, subjects, flips=flips, seed=seed)


def _check_same(first: ScoredPairs, second: ScoredPairs) -> None:
    same = all(
        np.array_equal(getattr(first, name), getattr(second, name))
        for name in ("first_subject", "second_subject")
    )
    if not same:
        raise ValueError("a paired difference needs the same pairs in the same order in both systems")
