"""The bootstrap over subjects: draw subjects, turn draws into weights of images or pairs, apply a statistic.

A replicate draws S subjects out of S with replacement. Subject u is drawn w_u times, so an image of u has
weight w_u, a mated pair of u weight w_u, and a non-mated pair (u, v) weight w_u w_v: two copies of one
subject never meet as strangers. Replicates come in chunks, so that memory stays bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import NAN, Estimate, EstimateBand
from lib.measures.validation import check_lengths, encode_labels

REPLICATES = 2000
LEVEL = 0.95
TOLERATED = 0.01
"""Share of undefined replicates above which an interval is called unstable."""
CELLS = 2**19
"""Weights held at once (4 MiB): larger chunks fall out of the cache and are slower."""

Statistic = Callable[..., np.ndarray]
"""Takes weights (R, N), one array per `ResamplingUnits`, gives float64 (R,) or (R, K), NaN if undefined."""


class BootstrapOptions(TypedDict, total=False):
    """Keyword arguments that every measure with an interval passes on to `bootstrap_replicates`.

    Attributes
    ----------
    replicates : number of draws, REPLICATES by default.
    seed : of the draws, 0 by default.
    """

    replicates: int
    seed: int


@dataclass(frozen=True)
class WeightedSums:
    """A statistic that depends on the weights only through weighted sums of columns (fast).

    Attributes
    ----------
    columns : (N, K) float64.
    combine : takes the sums (R, K), gives (R,) or (R, M).
    """

    columns: np.ndarray
    combine: Callable[[np.ndarray], np.ndarray]

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """Values of the statistic, (R,) or (R, M), for `weights` (R, N)."""
        return self.combine(weights @ self.columns)

    def by_subject(self, units: ResamplingUnits) -> WeightedSums:
        """The same statistic with its columns summed per subject, to be weighted by counts of subjects."""
        columns = [
            np.bincount(units.first, weights=column, minlength=units.number) for column in self.columns.T
        ]
        return WeightedSums(np.stack(columns, axis=1), self.combine)


@dataclass(frozen=True)
class ResamplingUnits:
    """Subject of each row of a table of images, or both subjects of each row of pairs.

    Attributes
    ----------
    first : (N,) subject of each row as integer 0 to `number` - 1.
    second : None for images; for pairs the other subject, equal to `first` where the pair is mated.
    number : S, number of subjects.
    """

    first: np.ndarray
    second: np.ndarray | None
    number: int

    @classmethod
    def of(cls, subjects: ArrayLike, second_subjects: ArrayLike | None = None) -> ResamplingUnits:
        """Number the subjects of images or pairs in the order of their names."""
        if second_subjects is None:
            (first,), number = encode_labels(subjects)
            return cls(first, None, number)
        (first, second), number = encode_labels(subjects, second_subjects)
        if len(first) != len(second):
            raise ValueError(f"pairs: {len(first)} first subjects but {len(second)} second ones")
        return cls(first, second, number)

    def weights(self, counts: np.ndarray) -> np.ndarray:
        """Weights (R, N) of the rows, from how often each subject was drawn, `counts` (R, S)."""
        first = counts[:, self.first]
        if self.second is None:
            return first
        second = counts[:, self.second]
        second[:, np.flatnonzero(self.first == self.second)] = 1
        first *= second
        return first


def draw_counts(number: int, replicates: int, generator: np.random.Generator) -> np.ndarray:
    """How often each of `number` subjects is drawn in `replicates` bootstrap draws, (R, S) float64."""
    drawn = generator.integers(0, number, size=(replicates, number))
    drawn += np.arange(replicates)[:, None] * number
    counts = np.bincount(drawn.ravel(), minlength=replicates * number)
    return counts.reshape(replicates, number).astype(np.float64)


def _chunks(replicates: int, width: int) -> Iterator[int]:
    rows = max(1, CELLS // max(1, width))
    for start in range(0, replicates, rows):
        yield min(rows, replicates - start)


def _columns(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    return array[:, None] if array.ndim == 1 else array


@dataclass(frozen=True)
class Replicates:
    """Estimates and bootstrap replicates of K statistics.

    Attributes
    ----------
    estimate : (K,) the statistics with every row weighing one.
    values : (R, K) the statistics of the replicates, NaN where undefined.
    n, items : number of subjects and of rows (images or comparisons) of the first table, the one judged.
    """

    estimate: np.ndarray
    values: np.ndarray
    n: int
    items: int

    def figure(self, column: int = 0, why: str = "undefined on these data") -> Estimate:
        """Estimate with percentile interval of one statistic; `why` is the reason if it is undefined."""
        return percentile_estimate(
            float(self.estimate[column]), self.values[:, column], n=self.n, items=self.items, why=why
        )

    def figures(self, why: str = "undefined on these data") -> tuple[Estimate, ...]:
        """Estimates of all K statistics, in order."""
        return tuple(self.figure(column, why) for column in range(len(self.estimate)))

    def band(self, x: ArrayLike) -> EstimateBand:
        """The K statistics as one curve over `x` (K,) with a pointwise interval."""
        figures = self.figures()
        low, high = (np.array([getattr(figure, end) for figure in figures]) for end in ("low", "high"))
        return EstimateBand(np.asarray(x, dtype=np.float64), self.estimate, low, high, self.n)


def percentile_estimate(
    estimate: float, values: np.ndarray, *, n: int, items: int = 0, why: str = "", level: float = LEVEL
) -> Estimate:
    """Estimate with the percentile interval of replicates (R,); undefined ones are dropped and counted."""
    if np.isnan(estimate):
        return Estimate(NAN, n=n, why=why, items=items)
    kept = values[~np.isnan(values)]
    if n < 2 or len(kept) < 2:
        return Estimate(
            estimate, n=n, why="no interval: one subject, or no replicate is defined", items=items
        )
    low, high = np.quantile(kept, [(1 - level) / 2, (1 + level) / 2])
    dropped = 1 - len(kept) / len(values)
    note = f"unstable: {dropped:.1%} of the replicates are undefined" if dropped > TOLERATED else ""
    return Estimate(estimate, float(low), float(high), n=n, why=note, items=items)


def bootstrap_replicates(
    statistic: Statistic | WeightedSums, *units: ResamplingUnits, replicates: int = REPLICATES, seed: int = 0
) -> Replicates:
    """Apply `statistic` to the data as they are and to `replicates` bootstrap draws of subjects.

    Parameters
    ----------
    statistic : takes as many weight arrays as there are `units`, (R, N) each.
    units : tables whose subjects are drawn apart from each other (test and calibration subjects).
    seed : the draws depend on it and on the number of subjects alone, so two systems that were scored on
        the same subjects meet the same draws.

    Raises
    ------
    ValueError : there are no rows, or a statistic of sums has another number of rows than there are subjects.
    """
    if any(unit.number == 0 for unit in units):
        raise ValueError("nothing to resample: no rows")
    judged = units[0]
    if isinstance(statistic, WeightedSums):
        check_lengths(len(statistic.columns), subjects=judged.first)
    estimate = _columns(statistic(*(np.ones((1, len(unit.first))) for unit in units)))[0]
    if isinstance(statistic, WeightedSums) and len(units) == 1 and units[0].second is None:
        statistic, units = statistic.by_subject(units[0]), (_identity(units[0].number),)
    generators = [np.random.default_rng([seed, position]) for position in range(len(units))]
    values = [
        _columns(statistic(*_draw(units, generators, chunk)))
        for chunk in _chunks(replicates, sum(len(unit.first) + unit.number for unit in units))
    ]
    return Replicates(estimate, np.concatenate(values), judged.number, len(judged.first))


def _identity(number: int) -> ResamplingUnits:
    return ResamplingUnits(np.arange(number), None, number)


def _draw(
    units: tuple[ResamplingUnits, ...], generators: list[np.random.Generator], chunk: int
) -> list[np.ndarray]:
    return [
        unit.weights(draw_counts(unit.number, chunk, generator))
        for unit, generator in zip(units, generators, strict=True)
    ]
