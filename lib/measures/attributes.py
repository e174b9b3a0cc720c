"""Many binary attributes at once (CelebA's forty): measures per attribute, and their unweighted mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures import classification
from lib.measures.bootstrap_intervals import bootstrap_auc
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.resampling import (
    BootstrapOptions,
    Replicates,
    ResamplingUnits,
    WeightedSums,
    bootstrap_replicates,
)
from lib.measures.statistics import divide
from lib.measures.validation import check_lengths, encode_labels

_COLUMNS = ("accuracy", "majority", "skill", "balanced_accuracy")


@dataclass(frozen=True)
class Attribute:
    """Measures of one attribute; `prevalence` is the share of true labels, `n` counts labelled subjects."""

    name: str
    accuracy: Estimate
    majority: Estimate
    skill: Estimate
    balanced_accuracy: Estimate
    auc: Estimate
    prevalence: float
    threshold: float


@dataclass(frozen=True)
class Attributes:
    """Measures of all attributes, and their unweighted means.

    Attributes
    ----------
    rows : one per attribute.
    mean : per measure (`accuracy`, `majority`, `skill`, `balanced_accuracy`), over the attributes for which
        it is defined.
    number : how many attributes there are; never compare a mean over 37 with one over 40.
    averaged : per measure, over how many attributes the mean was taken.
    """

    rows: tuple[Attribute, ...]
    mean: dict[str, Estimate]
    number: int
    averaged: dict[str, int]


def _cells(true: np.ndarray, decided: np.ndarray) -> np.ndarray:
    """One-hot confusion cells (N, A, 4) of every image and attribute; zeros where the label is missing."""
    known = ~np.isnan(true)
    cell = np.where(known, 2 * np.nan_to_num(true) + decided, 0).astype(int)
    return np.eye(4)[cell] * known[..., None]


def _measures(matrix: np.ndarray, majority: np.ndarray) -> np.ndarray:
    """The four measures named in `_COLUMNS`, (R, A, 4), of confusion matrices (R, A, 2, 2)."""
    total = matrix.sum(axis=(-2, -1))
    positives = matrix[..., 1, :].sum(axis=-1)
    base = divide(np.where(majority, positives, total - positives), total)
    right = classification.accuracy(matrix)
    skill = divide(right - base, 1 - base)
    return np.stack([right, base, skill, classification.balanced_accuracy(matrix)], axis=-1)


def _statistic(true: np.ndarray, decided: np.ndarray, majority: np.ndarray) -> WeightedSums:
    number = true.shape[1]

    def combine(sums: np.ndarray) -> np.ndarray:
        values = _measures(sums.reshape(-1, number, 2, 2), majority)
        there = ~np.isnan(values)
        means = divide(np.where(there, values, 0).sum(axis=1), there.sum(axis=1))
        return np.concatenate([values.reshape(len(values), -1), means], axis=1)

    return WeightedSums(_cells(true, decided).reshape(len(true), -1), combine)


def attributes(
    true: ArrayLike,
    probabilities: ArrayLike,
    subjects: ArrayLike,
    names: Sequence[str],
    training_prevalence: ArrayLike,
    *,
    thresholds: ArrayLike = 0.5,
    **draws: Unpack[BootstrapOptions],
) -> Attributes:
    """Measure accuracy, majority accuracy, skill, balanced accuracy and AUC of each attribute.

    Parameters
    ----------
    true : (N, A), 0, 1 or NaN where an image has no such label.
    probabilities : (N, A), of the attribute being true; decided true if >= `thresholds`.
    subjects : (N,). names : A names.
    training_prevalence : (A,) share of true labels in the training set; its majority is the baseline.
    thresholds : one for all, or (A,), each tuned on validation subjects.

    Raises
    ------
    ValueError : shapes that do not agree, labels other than 0, 1 and NaN, or probabilities that are NaN.
    """
    labelled, scores = np.asarray(true, dtype=np.float64), np.asarray(probabilities, dtype=np.float64)
    _check(labelled, scores, names)
    cuts = np.broadcast_to(np.asarray(thresholds, dtype=np.float64), (len(names),))
    majority = np.asarray(training_prevalence, dtype=np.float64) >= 0.5
    check_lengths(len(names), training_prevalence=majority)
    units = ResamplingUnits.of(subjects)
    check_lengths(len(labelled), subjects=units.first)
    statistic = _statistic(labelled, scores >= cuts, majority)
    drawn = bootstrap_replicates(statistic, units, **draws)
    rows = tuple(
        _row(drawn, at, str(name), labelled[:, at], scores[:, at], units.first, float(cuts[at]), draws)
        for at, name in enumerate(names)
    )
    means = drawn.figures("no attribute has it")[4 * len(names) :]
    averaged = {name: sum(getattr(row, name).defined for row in rows) for name in _COLUMNS}
    return Attributes(rows, dict(zip(_COLUMNS, means, strict=True)), len(names), averaged)


def _check(true: np.ndarray, scores: np.ndarray, names: Sequence[str]) -> None:
    if true.shape != scores.shape or true.ndim != 2 or true.shape[1] != len(names):
        raise ValueError(f"true {true.shape} and probabilities {scores.shape} must be (N, {len(names)})")
    if not np.isin(true[~np.isnan(true)], (0, 1)).all():
        raise ValueError("true: labels must be 0, 1 or NaN (missing)")
    if np.isnan(scores).any():
        raise ValueError("probabilities: some are NaN; leave images without a decision out, and count them")


def _row(
    drawn: Replicates,
    at: int,
    name: str,
    true: np.ndarray,
    scores: np.ndarray,
    subjects: np.ndarray,
    threshold: float,
    draws: BootstrapOptions,
) -> Attribute:
    known = ~np.isnan(true)
    n, items = encode_labels(subjects[known])[1] if known.any() else 0, int(known.sum())
    figures = [drawn.figure(4 * at + column, "no such labels") for column in range(4)]
    right, base, over, balanced = (Estimate(f.estimate, f.low, f.high, n, f.why, items) for f in figures)
    auc = (
        bootstrap_auc(scores[known], true[known], subjects[known], **draws)
        if items
        else undefined_estimate("no such labels")
    )
    prevalence = float(true[known].mean()) if items else float("nan")
    return Attribute(name, right, base, over, balanced, auc, prevalence, threshold)
