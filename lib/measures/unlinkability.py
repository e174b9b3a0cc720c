"""Unlinkability of protected images: the measure D of ISO/IEC 30136 and of Gomez-Barrero et al."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import NAN, Estimate
from lib.measures.resampling import REPLICATES, Replicates, ResamplingUnits, bootstrap_replicates
from lib.measures.validation import as_floats, check_lengths


def linkability(
    mated: ArrayLike, nonmated: ArrayLike, *, prior: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Linkability D per bin and overall D_sys, from mated and non-mated probabilities per bin (..., K).

    D = 0 where the likelihood ratio times `prior` is at most 1, else 2 LR / (1 + LR) - 1; a bin with mated
    scores only has D = 1. D_sys is its mean over the mated scores, in [0, 1]; 0 is unlinkable.
    """
    p, q = np.asarray(mated, dtype=np.float64), np.asarray(nonmated, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        linked = (p * prior - q) / (p * prior + q)
    local = np.where(p * prior > q, linked, 0.0)
    return local, np.where(np.isnan(p + q).any(axis=-1), np.nan, (local * p).sum(axis=-1))


@dataclass(frozen=True)
class Unlinkability:
    """Overall linkability D_sys with its interval; print `zero` and `ceiling` beside it.

    D_sys of finitely many scores starts above 0, and the smoothing of its bins keeps it below 1.

    Attributes
    ----------
    d_sys : with the interval of the bootstrap over subjects. Drawn subjects repeat, which raises D once
        more, so the replicates are moved until their median is the estimate.
    zero : mean of D_sys over shuffled labels, what "no link at all" gives on as many scores.
    ceiling : D_sys of as many mated and non-mated scores that do not overlap, what certainty gives.
    edges : (K + 1,) bin edges; local : (K,) D of each bin.
    """

    d_sys: Estimate
    zero: float
    ceiling: float
    edges: np.ndarray
    local: np.ndarray


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """Probabilities per bin from counts (R, K) by add-one smoothing; NaN where there are no counts."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, (counts + 1) / (total + counts.shape[-1]), np.nan)


def _bins(scores: np.ndarray, mated: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges of quantile bins in which both kinds weigh one half, and the bin of each score.

    Equal counts of the pooled scores would put a few mated pairs into one bin, where they are smoothed away.
    """
    order = np.argsort(scores, kind="stable")
    weights = _halves(mated[order])
    places = np.cumsum(weights) - weights / 2
    edges = np.unique(np.interp(np.arange(bins + 1) / bins, places, scores[order]))
    return edges, np.clip(np.searchsorted(edges, scores, "right") - 1, 0, max(0, len(edges) - 2))


def _halves(mated: np.ndarray) -> np.ndarray:
    """Weights (P,) of which each kind has one half; all equal where there is one kind only."""
    counts = np.bincount(mated.astype(int), minlength=2)
    return np.full(len(mated), 1 / len(mated)) if not counts.all() else 0.5 / counts[mated.astype(int)]


def unlinkability(
    scores: ArrayLike,
    first_subject: ArrayLike,
    second_subject: ArrayLike,
    *,
    bins: int = 20,
    shuffles: int = 200,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Unlinkability:
    """D_sys of comparisons of altered images with other altered images.

    Parameters
    ----------
    scores, first_subject, second_subject : (P,); mated where the subjects are equal.
    bins : quantile bins of the pooled scores, in which mated and non-mated scores weigh one half each (fewer
        bins where scores tie); the counts are smoothed by one.
    shuffles : label shuffles for the zero.
    """
    values = as_floats(scores, "scores")
    units = ResamplingUnits.of(first_subject, second_subject)
    check_lengths(len(values), first_subject=units.first)
    mated = units.first == units.second
    edges, at = _bins(values, mated, bins)
    width = max(1, len(edges) - 1)
    member = np.eye(width)[at]

    def density(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return _smoothed(weights[:, rows] @ member[rows])

    def statistic(weights: np.ndarray) -> np.ndarray:
        return linkability(density(weights, mated), density(weights, ~mated))[1]

    drawn = bootstrap_replicates(statistic, units, replicates=replicates, seed=seed)
    figure = _centred(drawn).figure(why="one kind is missing")
    local, _ = _plain(at, width, mated)
    zero, ceiling = (
        (_shuffled_zero(values, mated, bins, shuffles, seed), _separated(mated, bins))
        if figure.defined
        else (NAN, NAN)
    )
    return Unlinkability(figure, zero, ceiling, edges, local)


def _plain(at: np.ndarray, width: int, mated: np.ndarray) -> tuple[np.ndarray, float]:
    """D per bin (K,) and D_sys of scores whose bins are `at`."""
    counts = (np.bincount(at[rows], minlength=width) for rows in (mated, ~mated))
    local, whole = linkability(*(_smoothed(one) for one in counts))
    return local, float(whole)


def _separated(mated: np.ndarray, bins: int) -> float:
    """D_sys where every mated score lies above every other."""
    scores = np.arange(len(mated), dtype=np.float64)
    above = scores >= np.sum(~mated)
    edges, at = _bins(scores, above, bins)
    return _plain(at, max(1, len(edges) - 1), above)[1]


def _centred(drawn: Replicates) -> Replicates:
    """Replicates shifted so that their median is the estimate, clipped to [0, 1]; NaN stays."""
    known = drawn.values[~np.isnan(drawn.values)]
    middle = np.median(known) if len(known) else 0.0
    return replace(drawn, values=np.clip(drawn.values - middle + drawn.estimate, 0, 1))


def _shuffled_zero(scores: np.ndarray, mated: np.ndarray, bins: int, shuffles: int, seed: int) -> float:
    """Mean of D_sys over shuffled labels; as labels that say nothing weigh alike, all scores weigh alike."""
    generator = np.random.default_rng(seed)
    edges, at = _bins(scores, np.zeros(len(scores), bool), bins)
    width = max(1, len(edges) - 1)
    return float(np.mean([_plain(at, width, generator.permutation(mated))[1] for _ in range(shuffles)]))
