"""Classification: confusion matrix, accuracy, recall, F1, MCC, kappa, and thresholds, with intervals.

Functions of a confusion matrix take any number of leading axes, (..., K, K) with true classes in rows, so the
bootstrap runs through the same lines as the estimate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions, ResamplingUnits, WeightedSums, bootstrap_replicates
from lib.measures.statistics import divide
from lib.measures.validation import as_bools, as_floats, check_lengths


def encode(labels: ArrayLike, classes: Sequence[Any], name: str = "labels") -> np.ndarray:
    """Positions in `classes` of labels (N,), (N,) int.

    Raises
    ------
    ValueError : a label that is not among the classes (missing ones included).
    """
    array, known = np.asarray(labels).astype(str), np.asarray(classes).astype(str)
    order = np.argsort(known)
    at = order[np.minimum(np.searchsorted(known, array, sorter=order), len(known) - 1)]
    strange = known[at] != array
    if strange.any():
        raise ValueError(
            f"{name}: {strange.sum()} are not among the classes, such as {str(array[strange][0])!r}"
        )
    return at


def confusion(true: ArrayLike, predicted: ArrayLike, classes: Sequence[Any]) -> np.ndarray:
    """Confusion matrix (K, K) int64: counts with true classes in rows, predicted ones in columns."""
    rows, columns = encode(true, classes, "true"), encode(predicted, classes, "predicted")
    check_lengths(len(rows), predicted=columns)
    size = len(classes)
    return np.bincount(rows * size + columns, minlength=size**2).reshape(size, size)


def accuracy(matrix: np.ndarray) -> np.ndarray:
    """Accuracy of confusion matrices (..., K, K): share of items on the diagonal."""
    return divide(np.trace(matrix, axis1=-2, axis2=-1), matrix.sum(axis=(-2, -1)))


def recalls(matrix: np.ndarray) -> np.ndarray:
    """Recall per class, (..., K); NaN for a class without items."""
    return divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1))


def precisions(matrix: np.ndarray) -> np.ndarray:
    """Precision per class, (..., K); NaN for a class never predicted."""
    return divide(np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-2))


def f1_scores(matrix: np.ndarray) -> np.ndarray:
    """F1 per class, (..., K); NaN for a class neither present nor predicted."""
    return divide(2 * np.diagonal(matrix, axis1=-2, axis2=-1), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def _mean_defined(values: np.ndarray) -> np.ndarray:
    there = ~np.isnan(values)
    return divide(np.where(there, values, 0).sum(axis=-1), there.sum(axis=-1))


def balanced_accuracy(matrix: np.ndarray) -> np.ndarray:
    """Mean recall over the classes that have items; report how many were left out."""
    return _mean_defined(recalls(matrix))


def macro_f1(matrix: np.ndarray) -> np.ndarray:
    """Mean F1 over the classes for which it is defined."""
    return _mean_defined(f1_scores(matrix))


def majority_accuracy(matrix: np.ndarray, majority: int) -> np.ndarray:
    """Accuracy of always predicting the class `majority`."""
    return divide(matrix[..., majority, :].sum(axis=-1), matrix.sum(axis=(-2, -1)))


def skill(matrix: np.ndarray, majority: int) -> np.ndarray:
    """Skill over the majority class: 1 is perfect, 0 is as good as the majority class, negative is worse.

    `majority` is the most frequent class of the *training* set. Undefined where every item is of it.
    """
    base = majority_accuracy(matrix, majority)
    return divide(accuracy(matrix) - base, 1 - base)


def mcc(matrix: np.ndarray) -> np.ndarray:
    """Matthews correlation coefficient of matrices (..., 2, 2); NaN where a row or a column is empty."""
    if matrix.shape[-2:] != (2, 2):
        raise ValueError(f"MCC is defined here for two classes, got {matrix.shape[-1]}")
    tn, fp, fn, tp = (matrix[..., row, column].astype(np.float64) for row in (0, 1) for column in (0, 1))
    return divide(tp * tn - fp * fn, np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


def kappa(matrix: np.ndarray) -> np.ndarray:
    """Cohen's kappa: agreement of two labellings beyond chance; NaN where chance agreement is complete."""
    total = matrix.sum(axis=(-2, -1))
    chance = divide((matrix.sum(axis=-1) * matrix.sum(axis=-2)).sum(axis=-1), total**2)
    return divide(accuracy(matrix) - chance, 1 - chance)


Measure = Callable[[np.ndarray], np.ndarray]
"""Takes matrices (..., K, K), gives (...) or (..., M)."""


def confusion_of(
    measure: Measure, true: ArrayLike, predicted: ArrayLike, classes: Sequence[Any]
) -> WeightedSums:
    """A measure of the confusion matrix as a statistic for `bootstrap_intervals.bootstrap`."""
    rows, columns = encode(true, classes, "true"), encode(predicted, classes, "predicted")
    check_lengths(len(rows), predicted=columns)
    size = len(classes)
    cells = np.zeros((len(rows), size**2))
    cells[np.arange(len(rows)), rows * size + columns] = 1
    return WeightedSums(cells, lambda sums: measure(sums.reshape(-1, size, size)))


@dataclass(frozen=True)
class Classification:
    """Confusion matrix and all measures of a classifier on one test set.

    Attributes
    ----------
    classes : names; matrix : (K, K) counts, true classes in rows.
    accuracy, majority, skill : accuracy, that of the training majority class, and skill over it.
    balanced_accuracy, macro_f1 : means over the classes for which they are defined.
    mcc : of two classes, else None.
    recall, precision, f1 : per class; support : items per true class.
    left_out : classes without a test item, not part of the balanced accuracy.
    """

    classes: tuple[str, ...]
    matrix: np.ndarray
    accuracy: Estimate
    majority: Estimate
    skill: Estimate
    balanced_accuracy: Estimate
    macro_f1: Estimate
    mcc: Estimate | None
    recall: dict[str, Estimate]
    precision: dict[str, Estimate]
    f1: dict[str, Estimate]
    support: dict[str, int]
    left_out: tuple[str, ...]


def _all_measures(matrix: np.ndarray, majority: int) -> np.ndarray:
    two = matrix.shape[-1] == 2
    overall = [
        accuracy(matrix),
        majority_accuracy(matrix, majority),
        skill(matrix, majority),
        balanced_accuracy(matrix),
        macro_f1(matrix),
        mcc(matrix) if two else np.full(len(matrix), np.nan),
    ]
    per_class = [recalls(matrix), precisions(matrix), f1_scores(matrix)]
    return np.column_stack([*overall, *per_class])


def classification(
    true: ArrayLike,
    predicted: ArrayLike,
    subjects: ArrayLike,
    classes: Sequence[Any],
    training_majority: Any,
    **draws: Unpack[BootstrapOptions],
) -> Classification:
    """Compute all measures of a classifier's decisions, each with its interval over subjects.

    Parameters
    ----------
    true, predicted : (N,) labels, all among `classes` (K names).
    subjects : (N,).
    training_majority : most frequent class of the training set, the baseline.
    """
    names = tuple(str(name) for name in classes)
    majority = int(encode([training_majority], classes, "training_majority")[0])
    statistic = confusion_of(partial(_all_measures, majority=majority), true, predicted, classes)
    figures = bootstrap_replicates(statistic, ResamplingUnits.of(subjects), **draws).figures("no such items")
    right, base, over, balanced, f1_mean, matthews = figures[:6]
    size = len(names)
    recall, precision, f1 = (
        dict(zip(names, figures[6 + part * size :][:size], strict=True)) for part in range(3)
    )
    matrix = confusion(true, predicted, classes)
    support = dict(zip(names, matrix.sum(axis=1).tolist(), strict=True))
    return Classification(
        classes=names,
        matrix=matrix,
        accuracy=right,
        majority=base,
        skill=over,
        balanced_accuracy=balanced,
        macro_f1=f1_mean,
        mcc=matthews if size == 2 else None,
        recall=recall,
        precision=precision,
        f1=f1,
        support=support,
        left_out=tuple(name for name in names if support[name] == 0),
    )


def balanced_threshold(scores: ArrayLike, positive: ArrayLike) -> float:
    """Threshold with the highest balanced accuracy of "positive if score > threshold".

    Choose it on other subjects than it is judged on. Of several equally good ones the lowest.

    Parameters
    ----------
    scores : (N,). positive : (N,) bool; both classes occur.

    Raises
    ------
    ValueError : one class is missing.

    Thresholds tried lie midway between neighbouring scores, and beyond both ends.
    """
    values, wanted = as_floats(scores, "scores"), as_bools(positive, "positive")
    check_lengths(len(values), positive=wanted)
    if wanted.all() or not wanted.any():
        raise ValueError("a threshold needs scores of both classes")
    distinct = np.unique(values)
    cuts = np.concatenate([[distinct[0] - 1], (distinct[:-1] + distinct[1:]) / 2, [distinct[-1] + 1]])
    below = [np.searchsorted(np.sort(values[wanted == side]), cuts, "right") for side in (False, True)]
    # Rates times both class sizes: in integers, equally good thresholds tie exactly.
    negatives, positives = (~wanted).sum(), wanted.sum()
    return float(cuts[np.argmax(below[0] * positives - below[1] * negatives)])


def bootstrap_kappa(
    first: ArrayLike,
    second: ArrayLike,
    subjects: ArrayLike,
    classes: Sequence[Any],
    **draws: Unpack[BootstrapOptions],
) -> Estimate:
    """Cohen's kappa of two labellings (N,) of the same images, say before and after a protection.

    `subjects` (N,) are the units of the bootstrap, `classes` all K labels that occur.
    """
    statistic = confusion_of(kappa, first, second, classes)
    drawn = bootstrap_replicates(statistic, ResamplingUnits.of(subjects), **draws)
    return drawn.figure(why="chance agreement is complete")
