"""Verification accuracy on the official pairs of LFW (view 2), untouched and with one side altered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.protect_set import protected_pictures
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb
from lib.faces.loading.adapters.lfw import pair_rows
from lib.judges.base import Judge
from lib.measures.lfw_protocol import folded_accuracy
from lib.measures.pairs import Metric, Pairs, pair_scores

COLUMNS = ("matcher", "treatment", "accuracy", "standard error", "pairs", "pairs without a face")


def first_pictures(faces: FaceSet) -> FaceSet:
    """The first picture, by name, of every subject who has two or more: the sample of the report.

    Parameters
    ----------
    faces : whose `image` names sort in the publisher's order within a subject.
    """
    images = faces.labels.groupby("subject")["image"]
    return faces.take(np.flatnonzero((images.transform("size") >= 2) & (images.rank() == 1)))


def limit_pairs(listed: pd.DataFrame, pairs: int) -> pd.DataFrame:
    """First pairs of each fold, equally many mated and non-mated, at most `pairs` in total."""
    each = pairs // (2 * listed["fold"].nunique())
    return listed.groupby(["fold", "same"]).head(each).reset_index(drop=True)


def folded_accuracies(
    faces: FaceSet,
    listed: pd.DataFrame,
    matchers: Mapping[str, tuple[Judge, Metric]],
    treatments: Mapping[str, Protection],
    *,
    attribute: str = "Male",
) -> pd.DataFrame:
    """Accuracy of each matcher over the folds, by treatment of the left image of each pair.

    Parameters
    ----------
    faces : with five points; pictures of the list that are not there count as errors, and so do those whose
        `attribute`, which a treatment may have to be told, is unknown.
    listed : official pairs with `fold`, `same`, `left`, `right`, as `adapters.lfw.pairs` reads them.
    matchers : by the names that results use, with the metric of their embeddings.
    treatments : `before` (no protection) and others, which may be told true labels.

    Returns
    -------
    Table with COLUMNS.

    The right image is always untouched.
    """
    rows, complete = pair_rows(faces, listed)
    complete = complete & faces.known(attribute)[rows].all(axis=1)
    used, place = np.unique(rows[complete], return_inverse=True)
    shown = faces.take(used)
    left, right = place.reshape(-1, 2).T
    official = Pairs(left, right, listed["same"].to_numpy(bool)[complete], "official")
    pictures = {name: protected_pictures(treat, shown) for name, treat in treatments.items()}
    found = []
    for matcher, (judge, metric) in matchers.items():
        read = {name: judge(as_rgb(grey), shown.points).values for name, grey in pictures.items()}
        for name, embeddings in read.items():
            scores = np.full(len(listed), np.nan)  # a pair without a face is an error at any threshold
            scores[complete] = pair_scores(official, embeddings, read["before"], metric=metric)
            one = folded_accuracy(scores, listed["same"], listed["fold"])
            found.append((matcher, name, one.mean, one.standard_error, one.pairs, one.failed))
    return pd.DataFrame(found, columns=list(COLUMNS))
