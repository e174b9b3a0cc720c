"""What a classifier and a matcher say of treated pictures: the words below the faces of a gallery."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np

from lib.faces.grey import as_rgb
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.measures.pairs import Metric

Certainty = Callable[[np.ndarray], np.ndarray]
"""From uint8 (N, H, W, 3) to the certainty of `male` (N,)."""


def treatment_captions(
    pictures: Mapping[str, np.ndarray],
    points: np.ndarray | None,
    other: np.ndarray,
    other_points: np.ndarray | None,
    matcher: Judge,
    male: Certainty | None = None,
) -> list[list[str]]:
    """Words below each picture, a row for each subject and a column for each treatment.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W). points : (N, 5, 2) of all of them.
    other : uint8 (N, H, W), another photograph of each subject, untouched, with its points.
    matcher : compares each picture with that photograph.
    male : of the classifier; None: no words of gender.

    Returns
    -------
    Such as `0.97 male\\ndistance 0.43`; a matcher that finds no face says so.
    """
    known = np.asarray(matcher(as_rgb(other), other_points).values, float)
    metric: Metric = "euclidean" if matcher.card.comparison == "euclidean" else "cosine"
    columns = []
    for shown in pictures.values():
        rows = as_rgb(shown)
        embedded = np.asarray(matcher(rows, points).values, float)
        sure = [""] * len(rows) if male is None else [_gender(one) for one in male(rows)]
        pairs = zip(sure, embedded, known, strict=True)
        columns.append([word + _match(first, second, metric) for word, first, second in pairs])
    return [list(row) for row in zip(*columns, strict=True)]


def _gender(certainty: float) -> str:
    word, share = ("male", certainty) if certainty >= 0.5 else ("female", 1 - certainty)
    return f"{share:.2f} {word}\n"


def _match(first: np.ndarray, second: np.ndarray, metric: Metric) -> str:
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return "no face"
    if metric == "euclidean":
        return f"distance {np.linalg.norm(first - second):.2f}"
    return f"match {first @ second / (np.linalg.norm(first) * np.linalg.norm(second)):.2f}"


def shown_rows(subjects: Sequence[str] | np.ndarray, male: np.ndarray, count: int) -> np.ndarray:
    """Rows of the first subjects of either label in turns, at most `count`."""
    groups = [np.flatnonzero(np.asarray(male) == label) for label in (False, True)]
    turns = [row for pair in zip(*groups, strict=False) for row in pair]
    return np.array((turns or list(range(len(subjects))))[:count], int)


def certainty(classifier: keras.Model) -> Certainty:
    """Certainty of `male` by a classifier of this book."""
    judge = GenderJudge("classifier", classifier, trained_on="the faces of its chapter")
    return lambda images: 1 / (1 + np.exp(-np.asarray(judge(images).values, float)))
