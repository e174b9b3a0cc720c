"""Identification (1:N): ranks, CMC and open-set error rates, as defined by NIST's face recognition tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.bootstrap_intervals import bootstrap_proportion
from lib.measures.estimate import Estimate, EstimateBand, undefined_estimate
from lib.measures.resampling import BootstrapOptions, ResamplingUnits, WeightedSums, bootstrap_replicates
from lib.measures.ties import tie_width
from lib.measures.validation import as_floats, check_lengths, encode_labels


@dataclass(frozen=True)
class _Search:
    """Best score (P, N) of each probe for each enrolled subject, and the column of its mate or -1.

    Scores that differ by no more than `tie` are equal: they are sums whose order is the library's.
    """

    best: np.ndarray
    mate: np.ndarray
    tie: float

    def mate_scores(self) -> np.ndarray:
        """Best score of each probe with its mate, (P,); NaN where the gallery has none."""
        mated = self.mate >= 0
        return np.where(
            mated, np.take_along_axis(self.best, np.maximum(self.mate, 0)[:, None], 1)[:, 0], np.nan
        )

    def ranks(self) -> np.ndarray:
        """Rank of the mate from 1 (the worst rank of its tie group); 0 without a mate."""
        mate = self.mate_scores()[:, None]
        return np.where(self.mate >= 0, (self.best >= mate - self.tie).sum(axis=1), 0)


def _search(scores: ArrayLike, probe_subjects: ArrayLike, gallery_subjects: ArrayLike) -> _Search:
    table = as_floats(scores, "scores", 2)
    (probe, gallery), _ = encode_labels(probe_subjects, gallery_subjects)
    check_lengths(len(table), probe_subjects=probe)
    check_lengths(table.shape[1], gallery_subjects=gallery)
    order = np.argsort(gallery, kind="stable")
    enrolled, starts = np.unique(gallery[order], return_index=True)
    best = np.maximum.reduceat(table[:, order], starts, axis=1)
    column = np.minimum(np.searchsorted(enrolled, probe), len(enrolled) - 1)
    return _Search(best, np.where(enrolled[column] == probe, column, -1), tie_width(scores))


@dataclass(frozen=True)
class Identification:
    """Closed-set identification rates; the mate takes the worst rank of its tie group.

    Attributes
    ----------
    ranks : (P,) rank of the mate of each probe, from 1.
    rank_one : share of probes whose mate is first.
    cmc : share of probes whose mate is among the first x, for x = 1 to N.
    enrolled : N, number of enrolled subjects; chance is 1 / N.
    """

    ranks: np.ndarray
    rank_one: Estimate
    cmc: EstimateBand
    enrolled: int

    @property
    def chance(self) -> float:
        """Rank-one rate of a random guess, 1 / N."""
        return 1 / self.enrolled


def identification(
    scores: ArrayLike,
    probe_subjects: ArrayLike,
    gallery_subjects: ArrayLike,
    *,
    most: int = 50,
    **draws: Unpack[BootstrapOptions],
) -> Identification:
    """Closed-set identification of probes in a gallery: ranks, rank-one rate, CMC.

    Parameters
    ----------
    scores : (P, M) of each probe with each gallery image; the best image of a subject speaks for it.
    probe_subjects, gallery_subjects : (P,), (M,).
    most : largest rank of the CMC.

    Raises
    ------
    ValueError : a probe has no mate in the gallery (see `open_set`).
    """
    search = _search(scores, probe_subjects, gallery_subjects)
    if (search.mate < 0).any():
        raise ValueError(f"{(search.mate < 0).sum()} probes have no mate in the gallery: the set is open")
    ranks, enrolled = search.ranks(), search.best.shape[1]
    x = np.arange(1, min(most, enrolled) + 1)
    hits = WeightedSums(
        np.column_stack([ranks[:, None] <= x, np.ones(len(ranks))]).astype(np.float64),
        lambda sums: sums[:, :-1] / sums[:, -1:],
    )
    drawn = bootstrap_replicates(hits, ResamplingUnits.of(probe_subjects), **draws)
    first = bootstrap_proportion(ranks == 1, probe_subjects, **draws)
    return Identification(ranks, first, drawn.band(x), enrolled)


@dataclass(frozen=True)
class OpenSet:
    """Open-set identification errors at one threshold (a candidate is a score >= threshold).

    Attributes
    ----------
    fpir : share of searches without a mate that return a candidate.
    fnir : share of searches with a mate that do not return it within `rank`.
    enrolled, rank, threshold : N, R and T of FPIR(N, T) and FNIR(N, R, T).
    """

    fpir: Estimate
    fnir: Estimate
    enrolled: int
    rank: int
    threshold: float


def open_set(
    scores: ArrayLike,
    probe_subjects: ArrayLike,
    gallery_subjects: ArrayLike,
    threshold: float,
    *,
    rank: int = 1,
    **draws: Unpack[BootstrapOptions],
) -> OpenSet:
    """FPIR and FNIR of probes, some of whom are not enrolled; arrays as in `identification`."""
    search = _search(scores, probe_subjects, gallery_subjects)
    people = np.asarray(probe_subjects)
    mated = search.mate >= 0
    lowest = threshold - search.tie
    missed = ~((search.ranks() <= rank) & (search.mate_scores() >= lowest))
    alarmed = search.best.max(axis=1) >= lowest

    def share(errors: np.ndarray, rows: np.ndarray, why: str) -> Estimate:
        if not rows.any():
            return undefined_estimate(why)
        return bootstrap_proportion(errors[rows], people[rows], **draws)

    return OpenSet(
        fpir=share(alarmed, ~mated, "every probe has a mate"),
        fnir=share(missed, mated, "no probe has a mate"),
        enrolled=search.best.shape[1],
        rank=rank,
        threshold=threshold,
    )
