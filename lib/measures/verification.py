"""Verification (1:1): AUC, EER and TMR at fixed FMR of a matcher, with intervals over subjects.

FMR and FNMR are errors of comparisons for which both templates exist; failures to acquire are counted apart.
Rule at a fixed FMR: accept if score > threshold, strictly. Terms are those of ISO/IEC 19795-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.bootstrap_intervals import bootstrap_proportion, never_certain
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.pairs import Metric, within
from lib.measures.resampling import REPLICATES, BootstrapOptions, Replicates, Statistic, bootstrap_replicates
from lib.measures.roc import RULE_OF_30
from lib.measures.scored_pairs import ScoredPairs, score_pairs
from lib.measures.thresholds import SortedScores
from lib.measures.ties import allowed_impostors
from lib.measures.validation import as_bools

FMRS = (0.001, 0.01)
RULE = "accept if score > threshold"


def failure_to_acquire(
    acquired: ArrayLike, subjects: ArrayLike, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    """Failure to acquire: share of images (N,) without a detected face or a template."""
    return bootstrap_proportion(~as_bools(acquired, "acquired"), subjects, **draws)


def system_errors(fta: float, fmr: float, fnmr: float) -> tuple[float, float]:
    """False accept and false reject rate (FAR, FRR) of one attempt, from FTA, FMR and FNMR."""
    return (1 - fta) * fmr, fta + (1 - fta) * fnmr


@dataclass(frozen=True)
class Verification:
    """Verification rates of a matcher on one set of pairs; rule: accept if score > threshold.

    Attributes
    ----------
    auc, eer : figures over the comparisons.
    tmr, fmr : per wanted FMR, the TMR and the FMR reached on the test subjects.
    thresholds : per wanted FMR.
    threshold_from : whose impostors set the thresholds, and whether each draw sets them anew.
    genuines, impostors, failed : numbers of comparisons.
    how : how the impostors were formed.
    fta : failure to acquire of the probes, where it was given.
    """

    auc: Estimate
    eer: Estimate
    tmr: dict[float, Estimate]
    fmr: dict[float, Estimate]
    thresholds: dict[float, float]
    threshold_from: str
    genuines: int
    impostors: int
    failed: int
    how: str
    fta: Estimate | None = None


def check_calibration(test: ScoredPairs, calibration: ScoredPairs | None) -> None:
    """Raise ValueError if a calibration subject, who sets the threshold, is also a test subject."""
    shared = test.subjects() & calibration.subjects() if calibration else set()
    if shared:
        raise ValueError(f"{len(shared)} subjects both set and judge the threshold, such as {min(shared)}")


def verification_statistic(
    test: ScoredPairs, fmrs: Sequence[float], calibration: ScoredPairs | None, redraw: bool
) -> Statistic:
    """Statistic for the bootstrap: AUC, EER, then TMR and FMR per wanted FMR."""
    ranked = SortedScores.split(test.scores, test.mated)
    setters = ranked if calibration is None else SortedScores.split(calibration.scores, calibration.mated)
    fixed = [setters.plain().threshold_at_fmr(rate)[0] for rate in fmrs]

    def statistic(weights: np.ndarray, calibration_weights: np.ndarray | None = None) -> np.ndarray:
        """Columns (R, 2 + 2 K) from weights (R, P) of the pairs of the test, (R, Q) of the calibration."""
        scored = ranked.weighted(weights, weights)
        if redraw:
            drawn = calibration_weights
            set_by = scored if drawn is None else setters.weighted(drawn, drawn)
            thresholds = [set_by.threshold_at_fmr(rate) for rate in fmrs]
        else:
            thresholds = [np.full(len(weights), threshold) for threshold in fixed]
        tmr = [scored.tmr_above(threshold) for threshold in thresholds]
        fmr = [scored.fmr_above(threshold) for threshold in thresholds]
        return np.stack([scored.auc(), scored.eer(), *tmr, *fmr], axis=1)

    return statistic


def mark_few_impostors(figure: Estimate, fmr: float, impostors: int) -> Estimate:
    """The estimate with a note if few impostors set its threshold; undefined if fewer than one."""
    expected = int(allowed_impostors(fmr, impostors))
    if expected < 1:
        return undefined_estimate(
            f"n/a: {fmr:g} of {impostors} impostor comparisons is below one", figure.n, figure.items
        )
    few = (
        f"{expected} false matches set the threshold, fewer than {RULE_OF_30}"
        if expected < RULE_OF_30
        else ""
    )
    why = "; ".join(note for note in (figure.why, few) if note)
    return Estimate(figure.estimate, figure.low, figure.high, figure.n, why, figure.items)


def resample(
    statistic: Statistic,
    test: ScoredPairs,
    calibration: ScoredPairs | None,
    **draws: Unpack[BootstrapOptions],
) -> Replicates:
    """Bootstrap replicates; test and calibration subjects are drawn independently of each other."""
    units = (test.units,) if calibration is None else (test.units, calibration.units)
    return bootstrap_replicates(statistic, *units, **draws)


@dataclass(frozen=True)
class DrawnVerification:
    """Bootstrap draws of one system on one set of pairs: figures come from them, and paired differences.

    Attributes
    ----------
    test, calibration : the pairs; thresholds come from the impostors of `calibration`, without it of `test`.
    fmrs : wanted false match rates.
    replicates : of AUC, EER, then TMR and FMR per wanted FMR.
    redrawn : whether each draw sets the thresholds anew.
    """

    test: ScoredPairs
    calibration: ScoredPairs | None
    fmrs: tuple[float, ...]
    replicates: Replicates
    redrawn: bool

    @property
    def setters(self) -> np.ndarray:
        """Impostor scores that set the thresholds."""
        return (self.test if self.calibration is None else self.calibration).impostor_scores

    @property
    def thresholds(self) -> dict[float, float]:
        """Threshold per wanted FMR."""
        plain = SortedScores.of(self.setters, []).plain()
        return {rate: float(plain.threshold_at_fmr(rate)[0]) for rate in self.fmrs}

    def accepted(self, fmr: float) -> tuple[np.ndarray, np.ndarray]:
        """Whether each mated pair is accepted at a wanted FMR, and its subject, (G,) each."""
        mated = self.test.mated
        return self.test.scores[mated] > self.thresholds[fmr], self.test.first_subject[mated]

    def figures(self, fta: Estimate | None = None) -> Verification:
        """The rates with their intervals; `fta` is passed on."""
        auc, eer, *drawn = self.replicates.figures("no mated or no non-mated comparisons")
        rates, few = [never_certain(rate) for rate in drawn], len(self.setters)
        who = "the test subjects themselves" if self.calibration is None else "calibration subjects"
        return Verification(
            auc=auc,
            eer=eer,
            tmr={rate: mark_few_impostors(rates[at], rate, few) for at, rate in enumerate(self.fmrs)},
            fmr=dict(zip(self.fmrs, rates[len(self.fmrs) :], strict=True)),
            thresholds=self.thresholds,
            threshold_from=f"{who}, {'set anew in each draw' if self.redrawn else 'held fixed'}",
            genuines=len(self.test.genuine_scores),
            impostors=len(self.test.impostor_scores),
            failed=self.test.failed,
            how=self.test.how,
            fta=fta,
        )


def draw_verification(
    test: ScoredPairs,
    *,
    fmrs: Sequence[float] = FMRS,
    calibration: ScoredPairs | None = None,
    redraw_threshold: bool = True,
    **draws: Unpack[BootstrapOptions],
) -> DrawnVerification:
    """Draw subjects of scored pairs; parameters and errors as of `verify`."""
    check_calibration(test, calibration)
    statistic = verification_statistic(test, fmrs, calibration, redraw_threshold)
    drawn = resample(statistic, test, calibration, **draws)
    return DrawnVerification(test, calibration, tuple(fmrs), drawn, redraw_threshold)


def verify(
    test: ScoredPairs,
    *,
    fmrs: Sequence[float] = FMRS,
    calibration: ScoredPairs | None = None,
    redraw_threshold: bool = True,
    fta: Estimate | None = None,
    **draws: Unpack[BootstrapOptions],
) -> Verification:
    """AUC, EER and TMR at fixed FMR of scored pairs, with bootstrap intervals over subjects.

    Parameters
    ----------
    fmrs : wanted false match rates. Where fewer than one false match is expected the TMR is undefined.
    calibration : comparisons of other subjects, whose impostors set the thresholds. Without it the test
        impostors do, which flatters the matcher.
    redraw_threshold : set the thresholds anew in each draw (of the calibration subjects, if given), or hold
        them fixed.
    fta : failure to acquire of the probes, to be printed beside.

    Raises
    ------
    ValueError : a subject of `calibration` is also in `test`.
    """
    drawn = draw_verification(
        test, fmrs=fmrs, calibration=calibration, redraw_threshold=redraw_threshold, **draws
    )
    return drawn.figures(fta)


def verification(
    scores: ArrayLike,
    first_subject: ArrayLike,
    second_subject: ArrayLike,
    *,
    fmrs: Sequence[float] = FMRS,
    calibration: ScoredPairs | None = None,
    redraw_threshold: bool = True,
    fta: Estimate | None = None,
    how: str = "",
    **draws: Unpack[BootstrapOptions],
) -> Verification:
    """`verify` for `scores` (P,) of pairs of images of `first_subject` and `second_subject` (P,)."""
    return verify(
        ScoredPairs(np.asarray(scores), np.asarray(first_subject), np.asarray(second_subject), how),
        fmrs=fmrs,
        calibration=calibration,
        redraw_threshold=redraw_threshold,
        fta=fta,
        **draws,
    )


def verify_embeddings(
    embeddings: ArrayLike,
    subjects: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    metric: Metric = "cosine",
    impostors: int | None = 100_000,
    mated_per_subject: int | None = None,
    fmrs: Sequence[float] = FMRS,
    calibration: ScoredPairs | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Verification:
    """Form and score the pairs of one set of `embeddings` (N, D) and verify; FTA counts missing ones."""
    people = np.asarray(subjects)
    pairs = within(people, groups=groups, impostors=impostors, mated_per_subject=mated_per_subject, seed=seed)
    rows = np.asarray(embeddings, dtype=np.float64)
    length = np.linalg.norm(rows, axis=1)
    fta = failure_to_acquire(np.isfinite(length) & (length > 0), people, replicates=replicates, seed=seed)
    test = score_pairs(pairs, rows, people, metric=metric)
    return verify(test, fmrs=fmrs, calibration=calibration, fta=fta, replicates=replicates, seed=seed)
