"""Sorted scores of two classes with weights: AUC, EER, error rates and thresholds, ties included.

A row of weights is one replicate of a bootstrap; the plain, unweighted measure is the row of ones. So the
bootstrap and the estimate run through the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.ties import COUNT_TOLERANCE, TIE, allowed_impostors
from lib.measures.validation import as_floats


def _look_up(rows: np.ndarray, at: np.ndarray) -> np.ndarray:
    return np.take_along_axis(rows, at[:, None], axis=1)[:, 0]


@dataclass(frozen=True)
class SortedScores:
    """Impostor and genuine scores, each in rising order.

    Attributes
    ----------
    impostor, genuine : (I,), (G,) float64, sorted.
    impostor_order, genuine_order : the rows of the given arrays (of the one array, for `split`) they are.
    """

    impostor: np.ndarray
    genuine: np.ndarray
    impostor_order: np.ndarray
    genuine_order: np.ndarray

    @classmethod
    def of(cls, impostor_scores: ArrayLike, genuine_scores: ArrayLike) -> SortedScores:
        """Sort impostor and genuine scores; NaN is an error, infinities are extreme scores."""
        impostor = as_floats(impostor_scores, "impostor_scores")
        genuine = as_floats(genuine_scores, "genuine_scores")
        impostor_order = np.argsort(impostor, kind="stable")
        genuine_order = np.argsort(genuine, kind="stable")
        return cls(impostor[impostor_order], genuine[genuine_order], impostor_order, genuine_order)

    @classmethod
    def split(cls, scores: ArrayLike, positive: np.ndarray) -> SortedScores:
        """Sort one array of scores (N,) by class; `weighted(w, w)` then takes weights of its rows."""
        values = as_floats(scores, "scores")
        order = np.argsort(values, kind="stable")
        impostor, genuine = order[~positive[order]], order[positive[order]]
        return cls(values[impostor], values[genuine], impostor, genuine)

    @cached_property
    def around(self) -> tuple[np.ndarray, np.ndarray]:
        """Per genuine score, how many impostor scores are below it, and how many are not above it."""
        left = np.searchsorted(self.impostor, self.genuine, "left")
        right = np.searchsorted(self.impostor, self.genuine, "right")
        return left, right

    @cached_property
    def vertices(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vertices of the ROC curve, one per distinct score, thresholds falling from +inf (none accepted).

        Returns
        -------
        thresholds (V,), and per vertex the number of impostor and of genuine scores below the threshold.
        """
        distinct = np.unique(np.concatenate([self.impostor, self.genuine]))[::-1]
        impostor = np.searchsorted(self.impostor, distinct, "left")
        genuine = np.searchsorted(self.genuine, distinct, "left")
        return (
            np.concatenate([[np.inf], distinct]),
            np.concatenate([[len(self.impostor)], impostor]),
            np.concatenate([[len(self.genuine)], genuine]),
        )

    def weighted(self, impostor_weights: np.ndarray, genuine_weights: np.ndarray) -> WeightedScores:
        """Attach weights to the scores, (R, I) and (R, G) or one row each, in the original order."""
        impostor = np.atleast_2d(impostor_weights)[:, self.impostor_order]
        genuine = np.atleast_2d(genuine_weights)[:, self.genuine_order]
        return WeightedScores(self, _cumulate(impostor), _cumulate(genuine), genuine)

    def plain(self) -> WeightedScores:
        """The scores with weight one each."""
        impostor, genuine = (np.ones((1, len(scores))) for scores in (self.impostor, self.genuine))
        return WeightedScores(self, _cumulate(impostor), _cumulate(genuine), genuine)


def _cumulate(weights: np.ndarray) -> np.ndarray:
    out = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=out[:, 1:])
    return out


@dataclass(frozen=True)
class WeightedScores:
    """The same sorted scores under R weightings; each method returns R values, NaN if a class is empty.

    Attributes
    ----------
    ranked : the scores.
    impostor, genuine : (R, I + 1), (R, G + 1) cumulative weights over the rising scores, from 0.
    genuine_weights : (R, G), in rising order of the scores.
    """

    ranked: SortedScores
    impostor: np.ndarray
    genuine: np.ndarray
    genuine_weights: np.ndarray

    @property
    def empty(self) -> np.ndarray:
        """Whether a class has no weight, so that nothing is defined, (R,) bool."""
        return (self.impostor[:, -1] <= 0) | (self.genuine[:, -1] <= 0)

    def _defined(self, values: np.ndarray) -> np.ndarray:
        return np.where(self.empty, np.nan, values)

    def auc(self) -> np.ndarray:
        """Weighted Mann-Whitney statistic, ties count one half, (R,)."""
        left, right = self.ranked.around
        below = self.impostor[:, left]
        if not np.array_equal(left, right):
            below = (below + self.impostor[:, right]) / 2
        won = np.einsum("rg,rg->r", self.genuine_weights, below)
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._defined(won / (self.impostor[:, -1] * self.genuine[:, -1]))

    def threshold_at_fmr(self, fmr: float) -> np.ndarray:
        """Threshold strictly above which at most a share `fmr` of the impostor weight lies, (R,).

        Weights are repetitions: with total weight W, floor(fmr W) impostors may be accepted; -inf accepts
        all (but a score of -inf itself, which says that the match is impossible). A replicate without
        impostors has no threshold (NaN).
        """
        total = self.impostor[:, -1]
        allowed = allowed_impostors(fmr, total)
        rejected = zip(self.impostor, total - allowed, strict=True)
        at = np.array([np.searchsorted(row, weight - COUNT_TOLERANCE) for row, weight in rejected], dtype=int)
        scores = np.concatenate([[-np.inf], self.ranked.impostor])
        return np.where(total > 0, scores[at], np.nan)

    def fmr_above(self, thresholds: np.ndarray) -> np.ndarray:
        """Share of impostor scores strictly above `thresholds` (R,), (R,)."""
        return _share_above(self.impostor, self.ranked.impostor, thresholds)

    def tmr_above(self, thresholds: np.ndarray) -> np.ndarray:
        """Share of genuine scores strictly above `thresholds` (R,), (R,)."""
        return _share_above(self.genuine, self.ranked.genuine, thresholds)

    def tmr_along_curve(self, fmr: float) -> np.ndarray:
        """Height of the ROC curve at an FMR, (R,); equal scores of both classes are a diagonal.

        The area below it is `auc`, which counts ties one half. No threshold reaches a point within such a
        diagonal: for the TMR of a matcher in service see `tmr_above`.
        """
        at = self.threshold_at_fmr(fmr)
        low_fmr, low_tmr = self.fmr_above(at), self.tmr_above(at)
        high_fmr = _share_above(self.impostor, self.ranked.impostor, at, tied=True)
        high_tmr = _share_above(self.genuine, self.ranked.genuine, at, tied=True)
        tied = high_fmr > low_fmr
        share = np.divide(fmr - low_fmr, high_fmr - low_fmr, out=np.zeros_like(low_fmr), where=tied)
        return low_tmr + np.clip(share, 0, 1) * (high_tmr - low_tmr)

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """FMR and FNMR at every vertex of `SortedScores.vertices`, (R, V) each."""
        _, impostor, genuine = self.ranked.vertices
        with np.errstate(invalid="ignore", divide="ignore"):
            fmr = (self.impostor[:, -1:] - self.impostor[:, impostor]) / self.impostor[:, -1:]
            fnmr = self.genuine[:, genuine] / self.genuine[:, -1:]
        return fmr, fnmr

    def _rates(self, vertex: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, impostor, genuine = self.ranked.vertices
        total = self.impostor[:, -1]
        with np.errstate(invalid="ignore", divide="ignore"):
            fmr = (total - _look_up(self.impostor, impostor[vertex])) / total
            fnmr = _look_up(self.genuine, genuine[vertex]) / self.genuine[:, -1]
        return fmr, fnmr

    def crossing(self) -> np.ndarray:
        """Index of the first vertex with FMR >= FNMR, (R,) int, by bisection."""

        def crossed(vertex: np.ndarray) -> np.ndarray:
            fmr, fnmr = self._rates(vertex)
            return fmr >= fnmr - TIE

        return first_true(crossed, len(self.ranked.vertices[0]), len(self.impostor))

    def eer(self) -> np.ndarray:
        """Equal error rate, interpolated between the two vertices around FMR = FNMR, (R,)."""
        after = np.maximum(self.crossing(), 1)
        fmr, fnmr = self._rates(after - 1)
        next_fmr, next_fnmr = self._rates(after)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = (fnmr - fmr) / ((next_fmr - next_fnmr) - (fmr - fnmr))
        return self._defined(fmr + share * (next_fmr - fmr))


def _share_above(
    cumulative: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, *, tied: bool = False
) -> np.ndarray:
    """Share of the weight strictly above each threshold, or from it upwards where `tied`, (R,)."""
    at = np.searchsorted(scores, thresholds, "left" if tied else "right")
    total = cumulative[:, -1]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (total - _look_up(cumulative, at)) / total
    return np.where(np.isnan(thresholds) | (total <= 0), np.nan, share)


def first_true(holds: Callable[[np.ndarray], np.ndarray], count: int, rows: int) -> np.ndarray:
    """First index in 0 to `count` - 1 at which `holds` is true, per row, (R,); the last index if nowhere.

    `holds` takes (R,) indices, gives (R,) bool, and never turns false again along a row.
    """
    low, high = np.zeros(rows, dtype=int), np.full(rows, count - 1)
    while (low < high).any():
        middle = (low + high) // 2
        found = holds(middle)
        low, high = np.where(found, low, np.minimum(middle + 1, high)), np.where(found, middle, high)
    return low
