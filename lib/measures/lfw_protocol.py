"""The protocol of Labeled Faces in the Wild, view 2: ten folds, each with the threshold of the other nine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.ties import tie_width
from lib.measures.validation import as_bools, check_lengths


@dataclass(frozen=True)
class FoldedAccuracy:
    """Cross-validated verification accuracy; rule: same subject if score >= threshold.

    Attributes
    ----------
    mean, standard_error : over the folds; the error has divisor F - 1.
    accuracies, thresholds : (F,) of each fold.
    folds : (F,) their names.
    pairs : number of pairs; failed : of those without a score, counted as errors.
    """

    mean: float
    standard_error: float
    accuracies: np.ndarray
    thresholds: np.ndarray
    folds: np.ndarray
    pairs: int
    failed: int


def best_threshold(scores: ArrayLike, same: ArrayLike) -> float:
    """Threshold with the highest accuracy of "same subject if score >= threshold".

    Of several, the midpoint of the widest interval of maximisers (the lowest of equally wide ones). Intervals
    without an end, where all is accepted or all rejected, count only if there is no other; the threshold is
    then -inf or inf.
    """
    values, mated = np.asarray(scores, dtype=np.float64), as_bools(same, "same")
    order = np.argsort(values)
    values, mated = values[order], mated[order]
    distinct, starts = np.unique(values, return_index=True)
    below = np.append(starts, len(values))
    rejected = np.concatenate([[0], np.cumsum(~mated)])[below]
    accepted = mated.sum() - np.concatenate([[0], np.cumsum(mated)])[below]
    right = rejected + accepted
    # Threshold number k lies in (bounds[k], bounds[k + 1]].
    bounds = np.concatenate([[-np.inf], distinct, [np.inf]])
    runs = _runs(np.flatnonzero(right == right.max()))
    low, high = np.array([(bounds[first], bounds[last + 1]) for first, last in runs]).T
    finite = np.isfinite(high - low)
    if not finite.any():
        return float(_open_ended(low[0], high[0]))
    widths = np.where(finite, high - low, -1)
    widest = np.argmax(widths >= widths.max() - tie_width(scores))
    return float((low[widest] + high[widest]) / 2)


def _open_ended(low: float, high: float) -> float:
    return -np.inf if np.isneginf(low) else high


def _runs(indices: np.ndarray) -> list[tuple[int, int]]:
    parts = np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts]


def folded_accuracy(scores: ArrayLike, same: ArrayLike, folds: ArrayLike) -> FoldedAccuracy:
    """Mean verification accuracy over folds, each at the threshold that is best on all other folds.

    Parameters
    ----------
    scores : (P,), NaN where a face was not found: an error, whatever the threshold.
    same : (P,) bool. folds : (P,) fold of each pair; folds share no subject.

    Raises
    ------
    ValueError : fewer than two folds, or nothing to choose a threshold from.
    """
    values, mated, fold = np.asarray(scores, dtype=np.float64), as_bools(same, "same"), np.asarray(folds)
    check_lengths(len(values), same=mated, folds=fold)
    names = np.unique(fold)
    if len(names) < 2:
        raise ValueError("folds: at least two are needed")
    there, tie = ~np.isnan(values), tie_width(scores)
    thresholds = np.array([best_threshold(*_where(values, mated, there & (fold != name))) for name in names])
    accuracies = np.array(
        [
            _accuracy(values[fold == name], mated[fold == name], threshold - tie)
            for name, threshold in zip(names, thresholds, strict=True)
        ]
    )
    error = accuracies.std(ddof=1) / np.sqrt(len(names))
    return FoldedAccuracy(
        float(accuracies.mean()),
        float(error),
        accuracies,
        thresholds,
        names,
        len(values),
        int((~there).sum()),
    )


def _where(values: np.ndarray, mated: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not rows.any():
        raise ValueError("no scored pair outside a fold: no threshold can be chosen")
    return values[rows], mated[rows]


def _accuracy(values: np.ndarray, mated: np.ndarray, threshold: float) -> float:
    return float(np.where(np.isnan(values), False, (values >= threshold) == mated).mean())
