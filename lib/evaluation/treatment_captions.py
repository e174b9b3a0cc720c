"""Scores below faces that are compared with a given photo, by any matcher.

The line of the classifier is that of `scored_treatments`; here is the line of a matcher, and both together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from lib.evaluation.scored_treatments import score
from lib.faces.grey import as_rgb
from lib.judges.base import Judge
from lib.measures.pairs import Metric, pair_scores, same_photo


def treatment_captions(
    pictures: Mapping[str, np.ndarray],
    points: np.ndarray | None,
    other: np.ndarray,
    other_points: np.ndarray | None,
    matcher: Judge,
    classifier: keras.Model | None = None,
) -> list[list[str]]:
    """Words below each picture, a row for each subject and a column for each treatment.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W). points : (N, 5, 2) of all of them.
    other : uint8 (N, H, W), another photograph of each subject, untouched, with its points.
    matcher : compares each picture with that photograph.
    classifier : from a grey picture to the logit of male; None: no words of gender.

    Returns
    -------
    Such as `0.97 male\\ndistance 0.43`; a matcher that finds no face says so.
    """
    known = matcher(as_rgb(other), other_points).values
    metric: Metric = "euclidean" if matcher.card.comparison == "euclidean" else "cosine"
    columns = []
    for shown in pictures.values():
        embedded = matcher(as_rgb(shown), points).values
        lines = match_lines(pair_scores(same_photo(len(known)), embedded, known, metric=metric), metric)
        if classifier is not None:
            pairs = zip(male_lines(classifier, shown), lines, strict=True)
            lines = [f"{gender}\n{match}" for gender, match in pairs]
        columns.append(lines)
    return [list(row) for row in zip(*columns, strict=True)]


def male_lines(classifier: keras.Model, pictures: np.ndarray) -> list[str]:
    """Text below each picture, `0.97 male`: certainty that it is labelled male, whatever the threshold.

    Parameters
    ----------
    classifier : from a grey picture to the logit of male.
    pictures : uint8 (N, H, W).
    """
    said = score({"before": pictures}, classifier)
    return [said.caption("before", at) for at in range(len(pictures))]


def match_lines(scores: np.ndarray, metric: Metric) -> list[str]:
    """Text below each picture, `match 0.62` or `distance 0.43`; NaN: no face was found.

    Parameters
    ----------
    scores : (N,), as `pair_scores` gives them: a cosine, or minus a distance.
    """
    word, sign = ("distance", -1) if metric == "euclidean" else ("match", 1)
    return [f"{word} {sign * one:z.2f}" if np.isfinite(one) else "no face" for one in scores]


def shown_rows(subjects: Sequence[str] | np.ndarray, male: np.ndarray, count: int) -> np.ndarray:
    """Rows of the first subjects of either label in turns, at most `count`."""
    groups = [np.flatnonzero(np.asarray(male) == label) for label in (False, True)]
    turns = [row for pair in zip(*groups, strict=False) for row in pair]
    return np.array((turns or list(range(len(subjects))))[:count], int)
