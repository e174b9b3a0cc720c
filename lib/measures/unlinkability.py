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
    """Overall linkability D_sys with its interval; print `zero` beside it, as D_sys is biased upwards.

    Attributes
    ----------
    d_sys : with the interval of the bootstrap over subjects. Drawn subjects repeat, which raises D once
        more, so the replicates are moved until their median is the estimate.
    zero : mean of D_sys over shuffled labels, what "no link at all" gives on as many scores.
    edges : (K + 1,) bin edges; local : (K,) D of each bin.
    """

    d_sys: Estimate
    zero: float
    edges: np.ndarray
    local: np.ndarray


def _smoothed(counts: np.ndarray) -> np.ndarray:
    """Probabilities per bin from counts (R, K) by add-one smoothing; NaN where there are no counts."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, (counts + 1) / (total + counts.shape[-1]), np.nan)


def _bins(scores: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    edges = np.unique(np.quantile(scores, np.arange(bins + 1) / bins))
    at = np.clip(np.searchsorted(edges, scores, "right") - 1, 0, max(0, len(edges) - 2))
    return edges, at


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
    bins : equal-count bins of the pooled scores (fewer where scores tie), the counts smoothed by one.
    shuffles : label shuffles for the zero.
    """
    values = as_floats(scores, "scores")
    units = ResamplingUnits.of(first_subject, second_subject)
    check_lengths(len(values), first_subject=units.first)
    mated = units.first == units.second
    edges, at = _bins(values, bins)
    width = max(1, len(edges) - 1)
    member = np.eye(width)[at]

    def density(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return _smoothed(weights[:, rows] @ member[rows])

    def statistic(weights: np.ndarray) -> np.ndarray:
        return linkability(density(weights, mated), density(weights, ~mated))[1]

    drawn = bootstrap_replicates(statistic, units, replicates=replicates, seed=seed)
    figure = _centred(drawn).figure(why="one kind is missing")
    ones = np.ones((1, len(values)))
    local = linkability(density(ones, mated), density(ones, ~mated))[0][0]
    zero = _shuffled_zero(at, width, mated, shuffles, seed) if figure.defined else NAN
    return Unlinkability(figure, zero, edges, local)


def _centred(drawn: Replicates) -> Replicates:
    """Replicates shifted so that their median is the estimate, clipped to [0, 1]; NaN stays."""
    known = drawn.values[~np.isnan(drawn.values)]
    middle = np.median(known) if len(known) else 0.0
    return replace(drawn, values=np.clip(drawn.values - middle + drawn.estimate, 0, 1))


def _shuffled_zero(at: np.ndarray, width: int, mated: np.ndarray, shuffles: int, seed: int) -> float:
    generator = np.random.default_rng(seed)
    total = np.bincount(at, minlength=width)
    counts = np.array(
        [np.bincount(at[generator.permutation(mated)], minlength=width) for _ in range(shuffles)]
    )
    return float(linkability(_smoothed(counts), _smoothed(total - counts))[1].mean())
