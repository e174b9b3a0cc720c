"""Confidence intervals: Wilson and exact for independent trials, the bootstrap over subjects for the rest.

`bootstrap` takes any function of weights; those of `measures.statistics` are ready to use and to combine, and
the `bootstrap_*` functions are the usual combinations. Statistics of pairs take both subjects of each pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest, norm

from lib.measures.estimate import Estimate, EstimateBand, undefined_estimate
from lib.measures.resampling import (
    LEVEL,
    BootstrapOptions,
    ResamplingUnits,
    Statistic,
    WeightedSums,
    bootstrap_replicates,
)
from lib.measures.statistics import auc_of, correlation_of, difference_of, mean_of
from lib.measures.thresholds import SortedScores
from lib.measures.validation import as_bools, as_floats, check_lengths


def _proportion(successes: int, n: int, method: str, level: float) -> Estimate:
    if n == 0:
        return undefined_estimate("no trials")
    interval = binomtest(int(successes), int(n)).proportion_ci(level, method)
    return Estimate(successes / n, float(interval.low), float(interval.high), n=int(n), items=int(n))


def wilson(successes: int, n: int, *, level: float = LEVEL) -> Estimate:
    """Share of `successes` in `n` independent trials (one per subject) with Wilson's interval."""
    return _proportion(successes, n, "wilson", level)


def clopper_pearson(successes: int, n: int, *, level: float = LEVEL) -> Estimate:
    """Share of `successes` in `n` independent trials with the exact (Clopper-Pearson) interval."""
    return _proportion(successes, n, "exact", level)


def zero_error_bound(n: int, *, level: float = LEVEL) -> float:
    """One-sided upper bound of an error rate after `n` independent trials without an error; about 3 / n."""
    return 1 - (1 - level) ** (1 / n)


def subjects_needed(proportion: float, half_width: float, *, level: float = LEVEL) -> int:
    """Independent subjects needed for an interval of `proportion` +- `half_width` (normal approximation)."""
    z = norm.ppf((1 + level) / 2)
    return int(np.ceil(z**2 * proportion * (1 - proportion) / half_width**2))


def _by_row(statistic: Statistic) -> Statistic:
    return lambda *weights: np.array([statistic(*row) for row in zip(*weights, strict=True)])


def bootstrap_estimates(
    statistic: Statistic | WeightedSums,
    subjects: ArrayLike,
    *,
    second_subjects: ArrayLike | None = None,
    vectorised: bool = True,
    why: str = "undefined on these data",
    **draws: Unpack[BootstrapOptions],
) -> tuple[Estimate, ...]:
    """Estimates of K statistics from the same draws: `bootstrap` of a statistic that returns (R, K)."""
    units = ResamplingUnits.of(subjects, second_subjects)
    whole = statistic if vectorised else _by_row(statistic)
    return bootstrap_replicates(whole, units, **draws).figures(why)


def bootstrap(
    statistic: Statistic | WeightedSums,
    subjects: ArrayLike,
    *,
    second_subjects: ArrayLike | None = None,
    vectorised: bool = True,
    why: str = "undefined on these data",
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """Estimate of a statistic with its 95 % percentile interval from a bootstrap over subjects.

    Parameters
    ----------
    statistic : takes weights (R, N) float64, one column per row of `subjects`, and returns (R,) values, NaN
        where undefined. With `vectorised=False` it takes one row (N,) and returns a number.
    subjects : (N,) subject of each image, or the first subject of each pair.
    second_subjects : (N,) for pairs; a pair is mated where both subjects are equal.
    why : reason to give if the estimate is undefined.
    draws : `replicates`, `seed`: number of draws, and their seed.
    """
    return bootstrap_estimates(
        statistic,
        subjects,
        second_subjects=second_subjects,
        vectorised=vectorised,
        why=why,
        **draws,
    )[0]


def bootstrap_auc(
    scores: ArrayLike,
    positive: ArrayLike,
    subjects: ArrayLike,
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """AUC of `scores` (N,) for the class `positive` (N,) with its bootstrap interval over `subjects` (N,).

    Where the classes do not overlap at all, see `never_certain_auc`.
    """
    statistic = auc_of(scores, positive)
    check_lengths(len(np.asarray(positive)), subjects=np.asarray(subjects))
    found = bootstrap(statistic, subjects, why="one class is missing", **draws)
    return never_certain_auc(found, positive, subjects)


def never_certain_auc(found: Estimate, positive: ArrayLike, subjects: ArrayLike) -> Estimate:
    """An AUC with Wilson's interval over the subjects of the smaller class where it is 0 or 1 in all draws.

    Classes that do not overlap in 30 subjects may overlap in the next one: [1, 1] would deny it.

    Parameters
    ----------
    found : AUC of these images. positive, subjects : (N,) bool and name of each.
    """
    labels, names = as_bools(positive, "positive"), np.asarray(subjects)
    fewest = min(len(np.unique(names[labels == one])) for one in (False, True))
    return never_certain(found, fewest)


def bootstrap_auc_difference(
    first_scores: ArrayLike,
    second_scores: ArrayLike,
    positive: ArrayLike,
    subjects: ArrayLike,
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """AUC of the first minus AUC of the second system on the same images: a paired difference.

    Both scores, `positive` and `subjects` are (N,); both AUCs come from the same draws of subjects.
    """
    paired = difference_of(auc_of(first_scores, positive), auc_of(second_scores, positive))
    return bootstrap(paired, subjects, why="one class is missing", **draws)


def bootstrap_mean(values: ArrayLike, subjects: ArrayLike, **draws: Unpack[BootstrapOptions]) -> Estimate:
    """Mean of `values` (N,) with its bootstrap interval over `subjects` (N,).

    The paired difference of two systems is the mean of their differences.
    """
    return bootstrap(mean_of(values), subjects, **draws)


def bootstrap_proportion(
    successes: ArrayLike, subjects: ArrayLike, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    """Share of true values among `successes` (N,) bool, with its interval over `subjects` (N,).

    Where all or none succeed, every draw is alike and a percentile interval would claim certainty: then
    Wilson's interval over subjects stands in its place, and `why` says so.
    """
    hits = as_bools(successes, "successes")
    check_lengths(len(hits), subjects=np.asarray(subjects))
    return never_certain(bootstrap_mean(hits.astype(np.float64), subjects, **draws))


def never_certain(rate: Estimate, subjects: int | None = None) -> Estimate:
    """The estimate of a rate, with Wilson's interval over its subjects where the rate is 0 or 1 in all draws.

    Nobody among 50 subjects does not mean nobody: a percentile interval would be [0, 0].

    Parameters
    ----------
    rate : with its percentile interval. subjects : that count, by default all of the rate's.
    """
    ends = {float(value) for value in (rate.estimate, rate.low, rate.high)}
    if not rate.n or ends not in ({0.0}, {1.0}):
        return rate
    count = rate.n if subjects is None else subjects
    whole = wilson(count if rate.estimate else 0, count)
    why = "; ".join(part for part in (rate.why, "all alike: Wilson over subjects") if part)
    return Estimate(whole.estimate, whole.low, whole.high, rate.n, why, rate.items)


def never_certain_difference(difference: Estimate, subjects: int) -> Estimate:
    """A paired difference of two rates, with the exact bound where every draw of the subjects is alike.

    Where nobody was decided differently (0), or everybody was (1 or -1), a percentile interval has no width.
    At 0, a share of differing subjects above 1 - .025^(1 / n) would have shown one with a probability of
    .975: the difference lies within it on either side. At 1 and -1 the same bound counts from there.

    Parameters
    ----------
    difference : with its percentile interval.
    subjects : n, with a decision by both systems.
    """
    alike = difference.estimate == difference.low == difference.high
    if not alike or difference.estimate not in (-1, 0, 1) or subjects < 1:
        return difference
    bound = 1 - ((1 - LEVEL) / 2) ** (1 / subjects)
    low, high = max(-1.0, difference.estimate - bound), min(1.0, difference.estimate + bound)
    differ = "none" if difference.estimate == 0 else "all"
    why = "; ".join(part for part in (difference.why, f"{differ} of {subjects} differ: exact bound") if part)
    return Estimate(difference.estimate, low, high, difference.n, why, difference.items)


def bootstrap_correlation(
    first: ArrayLike, second: ArrayLike, subjects: ArrayLike, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    """Pearson correlation of `first` and `second` (N,) with its bootstrap interval over `subjects` (N,)."""
    correlation = correlation_of(first, second)
    return bootstrap(correlation, subjects, why="one side is constant", **draws)


@dataclass(frozen=True)
class GroupedEstimates:
    """One estimate per group of images, and the gap between the best and the worst group.

    Attributes
    ----------
    figures : per group; their `n` counts the group's own subjects.
    worst : group with the worst defined figure ("" without any).
    gap : best minus worst group, always >= 0 and so biased upwards; compare it with its interval.
    """

    figures: dict[str, Estimate]
    worst: str
    gap: Estimate


def bootstrap_groups(
    statistic: Statistic | WeightedSums,
    groups: ArrayLike,
    subjects: ArrayLike,
    *,
    higher_is_better: bool = True,
    **draws: Unpack[BootstrapOptions],
) -> GroupedEstimates:
    """Estimate a statistic within each group of images (perceived gender, age band, skin tone, source).

    Parameters
    ----------
    statistic : as in `bootstrap`, over all N images; outside the group weights are 0.
    groups : (N,) label of each image.
    """
    labels, people = np.asarray(groups).astype(str), np.asarray(subjects)
    check_lengths(len(labels), subjects=people)
    names = np.unique(labels)
    masks = [(labels == name).astype(np.float64) for name in names]

    def by_group(weights: np.ndarray) -> np.ndarray:
        values = np.stack([np.asarray(statistic(weights * mask)) for mask in masks], axis=1)
        return np.column_stack([values, values.max(axis=1) - values.min(axis=1)])

    drawn = bootstrap_replicates(by_group, ResamplingUnits.of(people), **draws)
    *figures, gap = drawn.figures("undefined in a group")
    return _groups([str(name) for name in names], figures, masks, people, gap, higher_is_better)


def _groups(
    names: Sequence[str],
    figures: Sequence[Estimate],
    masks: Sequence[np.ndarray],
    subjects: np.ndarray,
    gap: Estimate,
    higher_is_better: bool,
) -> GroupedEstimates:
    counted = {
        name: Estimate(
            figure.estimate,
            figure.low,
            figure.high,
            len(np.unique(subjects[mask > 0])),
            figure.why,
            int(mask.sum()),
        )
        for name, figure, mask in zip(names, figures, masks, strict=True)
    }
    defined = [name for name in names if counted[name].defined]
    sign = 1 if higher_is_better else -1
    worst = min(defined, key=lambda name: sign * round(counted[name].estimate, 12), default="")
    return GroupedEstimates(counted, worst, gap)


def bootstrap_roc(
    scores: ArrayLike,
    positive: ArrayLike,
    subjects: ArrayLike,
    fmr: ArrayLike,
    *,
    second_subjects: ArrayLike | None = None,
    **draws: Unpack[BootstrapOptions],
) -> EstimateBand:
    """TMR at each FMR of `fmr` (K,) with a pointwise 95 % band; the threshold is set anew in each draw.

    Equal scores of both classes are a diagonal, so that the area below the curve is the AUC. Rates below
    1 / negatives are not supported by the data: TMR is then that above the highest negative.

    Parameters
    ----------
    scores, positive, subjects : (N,) of images, or the first subject of each comparison.
    second_subjects : (N,) the other subject where the rows are comparisons; mated ones are the positives.
    """
    values, positives = as_floats(scores, "scores"), as_bools(positive, "positive")
    check_lengths(len(values), positive=positives)
    ranked = SortedScores.split(values, positives)
    rates = np.atleast_1d(as_floats(fmr, "fmr"))

    def statistic(weights: np.ndarray) -> np.ndarray:
        scored = ranked.weighted(weights, weights)
        return np.stack([scored.tmr_along_curve(rate) for rate in rates], axis=1)

    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(subjects, second_subjects), **draws)
    return drawn.band(rates)
