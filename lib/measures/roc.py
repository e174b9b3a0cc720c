"""ROC, AUC, equal error rate, TMR at a fixed FMR and DET, from the scores of two classes.

The two classes are two arrays, so that nobody swaps them: `impostor_scores` (negatives, non-mated
comparisons) and `genuine_scores` (positives, mated comparisons). A higher score speaks for genuine; a
distance becomes a score by its negative. Terms are those of ISO/IEC 19795-1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from lib.measures.estimate import NAN
from lib.measures.thresholds import SortedScores, WeightedScores
from lib.measures.ties import COUNT_TOLERANCE, allowed_impostors
from lib.measures.validation import as_bools, as_floats, check_lengths, check_weights

RULE_OF_30 = 30
"""False matches that should be expected before a TMR at a fixed FMR is called stable (rule of 30)."""


def two_classes(scores: ArrayLike, positive: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Split `scores` (N,) by `positive` (N,) bool into (impostor_scores, genuine_scores)."""
    values, positives = as_floats(scores, "scores"), as_bools(positive, "positive")
    check_lengths(len(values), positive=positives)
    return values[~positives], values[positives]


def _weighted(
    impostor_scores: ArrayLike,
    genuine_scores: ArrayLike,
    impostor_weights: ArrayLike | None,
    genuine_weights: ArrayLike | None,
) -> WeightedScores:
    ranked = SortedScores.of(impostor_scores, genuine_scores)
    return ranked.weighted(
        check_weights(impostor_weights, len(ranked.impostor), "impostor_weights"),
        check_weights(genuine_weights, len(ranked.genuine), "genuine_weights"),
    )


def auc(
    impostor_scores: ArrayLike,
    genuine_scores: ArrayLike,
    *,
    impostor_weights: ArrayLike | None = None,
    genuine_weights: ArrayLike | None = None,
) -> float:
    """Area under the ROC curve in Mann-Whitney form; ties count one half.

    Parameters
    ----------
    impostor_scores, genuine_scores : (I,), (G,) scores; infinities allowed, NaN an error.
    impostor_weights, genuine_weights : weights, not negative; ones by default.

    Returns
    -------
    AUC in [0, 1]; NaN if a class is empty. An AUC below 0.5 carries information, with reversed scores.
    """
    return float(_weighted(impostor_scores, genuine_scores, impostor_weights, genuine_weights).auc()[0])


@dataclass(frozen=True)
class RocCurve:
    """All vertices of a ROC curve, one per distinct score; rule: accept if score >= threshold.

    Attributes
    ----------
    thresholds : (V,) falling, the first is +inf (nobody accepted).
    fmr, fnmr : (V,) error rates at the thresholds, in [0, 1].
    impostors, genuines : number of scores of each class.
    """

    thresholds: np.ndarray
    fmr: np.ndarray
    fnmr: np.ndarray
    impostors: int
    genuines: int

    @property
    def tmr(self) -> np.ndarray:
        """True match rate, (V,)."""
        return 1 - self.fnmr

    def area(self) -> float:
        """Area under the curve by trapezoids over the vertices; equals `auc`."""
        return float(np.trapezoid(self.tmr, self.fmr))

    def at(self, fmr: ArrayLike) -> np.ndarray:
        """TMR at the last vertex with FMR <= `fmr`: steps, no interpolation between vertices."""
        return self.tmr[
            np.searchsorted(self.fmr, np.asarray(fmr) + COUNT_TOLERANCE / self.impostors, "right") - 1
        ]


def curve(
    impostor_scores: ArrayLike,
    genuine_scores: ArrayLike,
    *,
    impostor_weights: ArrayLike | None = None,
    genuine_weights: ArrayLike | None = None,
) -> RocCurve:
    """ROC curve with one vertex per distinct score, from (0, 0) to (1, 1).

    Raises
    ------
    ValueError : a class is empty.
    """
    scores = _weighted(impostor_scores, genuine_scores, impostor_weights, genuine_weights)
    if scores.empty[0]:
        raise ValueError("a ROC curve needs impostor and genuine scores")
    fmr, fnmr = scores.curve()
    ranked = scores.ranked
    return RocCurve(ranked.vertices[0], fmr[0], fnmr[0], len(ranked.impostor), len(ranked.genuine))


@dataclass(frozen=True)
class OperatingPoint:
    """Error rates of a matcher at one threshold; rule: accept if score > threshold, strictly.

    Attributes
    ----------
    wanted : the FMR asked for.
    threshold : tau; -inf accepts all.
    fmr, tmr : rates reached; `fmr` never exceeds `wanted` on the scores that set the threshold.
    allowed : impostors that may pass, floor(wanted x impostors).
    impostors, genuines : comparisons behind the rates.
    supported : whether at least one false match is expected; if not, print "n/a".
    """

    wanted: float
    threshold: float
    fmr: float
    tmr: float
    allowed: int
    impostors: int
    genuines: int
    supported: bool

    @property
    def stable(self) -> bool:
        """Whether at least 30 false matches are expected (rule of 30)."""
        return self.allowed >= RULE_OF_30

    @property
    def accept_from(self) -> float:
        """The threshold for programs that accept if score >= threshold: the next float64 above."""
        return float(np.nextafter(self.threshold, np.inf))


def threshold_at_fmr(impostor_scores: ArrayLike, fmr: float) -> float:
    """Threshold such that accepting scores strictly above it accepts at most a share `fmr` of the impostors.

    With k = floor(fmr I) it is the (k + 1)-th highest impostor score, whatever the ties; -inf for k = I.
    """
    if not 0 <= fmr <= 1:
        raise ValueError(f"fmr must lie in [0, 1], got {fmr}")
    return float(SortedScores.of(impostor_scores, []).plain().threshold_at_fmr(fmr)[0])


def tmr_at_fmr(
    impostor_scores: ArrayLike,
    genuine_scores: ArrayLike,
    fmr: float,
    *,
    calibration_impostor_scores: ArrayLike | None = None,
) -> OperatingPoint:
    """True match rate at a fixed false match rate, without interpolation.

    Parameters
    ----------
    impostor_scores, genuine_scores : scores of the test subjects.
    fmr : wanted false match rate in [0, 1].
    calibration_impostor_scores : impostors of other subjects, who then set the threshold. Without them the
        test impostors set it themselves, which flatters the matcher.
    """
    if calibration_impostor_scores is None:
        calibration_impostor_scores = impostor_scores
    setting = as_floats(calibration_impostor_scores, "calibration_impostor_scores")
    threshold = np.array([threshold_at_fmr(setting, fmr)])
    scores = SortedScores.of(impostor_scores, genuine_scores).plain()
    return OperatingPoint(
        wanted=fmr,
        threshold=float(threshold[0]),
        fmr=float(scores.fmr_above(threshold)[0]),
        tmr=float(scores.tmr_above(threshold)[0]),
        allowed=int(allowed_impostors(fmr, len(setting))),
        impostors=len(scores.ranked.impostor),
        genuines=len(scores.ranked.genuine),
        supported=bool(allowed_impostors(fmr, len(setting)) >= 1),
    )


@dataclass(frozen=True)
class EqualErrorRate:
    """Equal error rate, linearly interpolated between the two ROC vertices around FMR = FNMR.

    Other conventions (nearest vertex, convex hull) differ by up to half a step. `threshold` (accept if
    score >= threshold) is that of the first vertex with FMR >= FNMR: a summary, not an operating point.
    """

    rate: float
    threshold: float


def eer(
    impostor_scores: ArrayLike,
    genuine_scores: ArrayLike,
    *,
    impostor_weights: ArrayLike | None = None,
    genuine_weights: ArrayLike | None = None,
) -> EqualErrorRate:
    """Equal error rate: 0 under perfect separation, above 0.5 if reversed; NaN if a class is empty."""
    scores = _weighted(impostor_scores, genuine_scores, impostor_weights, genuine_weights)
    if scores.empty[0]:
        return EqualErrorRate(NAN, NAN)
    threshold = scores.ranked.vertices[0][scores.crossing()[0]]
    return EqualErrorRate(float(scores.eer()[0]), float(threshold))


@dataclass(frozen=True)
class DetCurve:
    """Detection error trade-off curve in normal deviates.

    Attributes
    ----------
    fmr, fnmr : (V,) the rates themselves, zeros kept.
    fmr_deviate, fnmr_deviate : (V,) inverse normal of the rates as drawn.
    moved : (V,) bool, a rate of 0 or 1 that is drawn at 1 / (2 n) or 1 - 1 / (2 n); mark it in the picture.
    """

    fmr: np.ndarray
    fnmr: np.ndarray
    fmr_deviate: np.ndarray
    fnmr_deviate: np.ndarray
    moved: np.ndarray


def det(impostor_scores: ArrayLike, genuine_scores: ArrayLike) -> DetCurve:
    """DET curve over all vertices of the ROC curve; ValueError if a class is empty."""
    vertices = curve(impostor_scores, genuine_scores)
    drawn = [
        np.clip(rates, 0.5 / n, 1 - 0.5 / n)
        for rates, n in ((vertices.fmr, vertices.impostors), (vertices.fnmr, vertices.genuines))
    ]
    moved = (drawn[0] != vertices.fmr) | (drawn[1] != vertices.fnmr)
    return DetCurve(vertices.fmr, vertices.fnmr, ndtri(drawn[0]), ndtri(drawn[1]), moved)
