"""Share of matches of mated and non-mated pairs at fixed distance thresholds (eta), as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions, ResamplingUnits, bootstrap_replicates
from lib.measures.thresholds import SortedScores
from lib.measures.ties import round_for_ties
from lib.measures.validation import as_floats, check_lengths, encode_labels

RULE = "match if distance < eta"


def distance_thresholds(first: int = 1, last: int = 17) -> np.ndarray:
    """Distance thresholds `first`/10 to `last`/10, (K,) float64, exact to the last digit.

    They are made from integers: adding 0.1 repeatedly would move them across ties.
    """
    return np.arange(first, last + 1) / 10


def cosine_distance(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """Cosine distance of the rows of two arrays (N, D), (N,) in [0, 2]; NaN where a row is missing or zero.

    Rounded to 12 decimals, so that a distance of 0.3 does not lie on either side of an eta of 0.3.
    """
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    length = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.einsum("nd,nd->n", one, other) / length
    return np.where(np.isfinite(cosine), round_for_ties(1 - np.clip(cosine, -1, 1)), np.nan)


@dataclass(frozen=True)
class MatchingTable:
    """Share of matching pairs at each distance threshold; rule: match if distance < eta, strictly.

    Attributes
    ----------
    etas : (K,) thresholds.
    mated : share of mated pairs that match: TMR on originals, re-identification on altered probes.
    nonmated : share of non-mated pairs that match, the FMR without which `mated` says nothing.
    eta_at_fmr : per FMR, the eta that reaches it at most on these non-mated pairs, to mark in the table.
    failures : pairs without a distance, counted apart and never as non-matches.
    """

    etas: np.ndarray
    mated: tuple[Estimate, ...]
    nonmated: tuple[Estimate, ...]
    eta_at_fmr: dict[float, float]
    failures: int


def distance_threshold_table(
    distances: ArrayLike,
    first_subject: ArrayLike,
    second_subject: ArrayLike,
    thresholds: ArrayLike | None = None,
    *,
    fmrs: tuple[float, ...] = (0.001, 0.01),
    **draws: Unpack[BootstrapOptions],
) -> MatchingTable:
    """Match rates of mated and non-mated pairs at every distance threshold, from the same draws of subjects.

    Parameters
    ----------
    distances : (P,), NaN where an embedding is missing: a failure.
    first_subject, second_subject : (P,); a pair is mated where they are equal.
    thresholds : (K,) etas; 0.1 to 1.7 by default.
    fmrs : false match rates whose eta is marked.
    """
    values = np.asarray(distances, dtype=np.float64)
    there = ~np.isnan(values)
    (first, second), _ = encode_labels(first_subject, second_subject)
    check_lengths(len(values), first_subject=first, second_subject=second)
    values, first, second = values[there], first[there], second[there]
    same = first == second
    grid = distance_thresholds() if thresholds is None else as_floats(thresholds, "thresholds")
    columns = round_for_ties(values)[:, None] < round_for_ties(grid)[None]

    def statistic(weights: np.ndarray) -> np.ndarray:
        return np.concatenate([_rates(weights[:, kind], columns[kind]) for kind in (same, ~same)], axis=1)

    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(first, second), **draws)
    figures = drawn.figures("no pairs of this kind")
    strangers = SortedScores.of(-values[~same], []).plain()
    marks = {rate: -float(strangers.threshold_at_fmr(rate)[0]) for rate in fmrs}
    return MatchingTable(grid, figures[: len(grid)], figures[len(grid) :], marks, int((~there).sum()))


def _rates(weights: np.ndarray, columns: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights @ columns.astype(np.float64)) / weights.sum(axis=1, keepdims=True)
