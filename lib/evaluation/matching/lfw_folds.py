"""Verification accuracy on the official pairs of LFW (view 2), untouched and with one side altered.

A matcher judges only if it is the one that its publisher measured: `as_published_accuracies` shows it what
its publisher showed it, the photograph in colour and full resolution, cut by its own crop; `matcher_gate`
holds the figure against the publisher's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.protect_set import protected_pictures
from lib.faces.faceset import POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.grey import as_rgb
from lib.faces.loading.adapters.lfw import pair_rows
from lib.faces.loading.crops import crop_face
from lib.faces.loading.load import read
from lib.faces.loading.source import Source
from lib.judges.base import Detector, Judge, Judgement
from lib.judges.names import name_in_sentence
from lib.judges.result_keys import DLIB
from lib.judges.subject_face import find_subject_faces
from lib.measures.lfw_protocol import FoldedAccuracy, folded_accuracy
from lib.measures.pairs import Metric, Pairs, pair_scores
from lib.measures.ties import TIE

COLUMNS = (
    "matcher", "treatment", "accuracy", "standard error", "pairs", "pairs without a face",
    "accuracy with a face",
)  # fmt: skip
AS_PUBLISHED = "as published"
"""Treatment of the rows in which a matcher sees what its publisher showed it."""
SIDE = 128
"""Height and width of the part of a photograph that holds the face, pixels of the publisher's pictures."""
TOLERANCE = 0.01
"""Accuracy by which a matcher may miss its publisher's figure; fewer pairs make the gate no wider.

A bound on a wrong network or a wrong crop. It was .005 until all pairs had been measured, on photographs cut
to their central 128 px: dlib's matcher missed that by .0003 and MobileFaceNet (CASIA) by .0027.
"""
UNGATED = "not gated"
"""What tables say of a matcher whose publisher states no figure."""


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
            found.append((matcher, name, *_figures(scores, listed)))
    return pd.DataFrame(found, columns=list(COLUMNS))


def _figures(scores: np.ndarray, listed: pd.DataFrame) -> tuple[float, float, int, int, float]:
    """Accuracy with its error over the folds, pairs, those without a face, and accuracy of the others."""
    one, there = folded_accuracy(scores, listed["same"], listed["fold"]), ~np.isnan(scores)
    seen: FoldedAccuracy = one
    if not there.all():
        seen = folded_accuracy(scores[there], listed["same"][there], listed["fold"][there])
    return one.mean, one.standard_error, one.pairs, one.failed, seen.mean


def photographs_of(source: Source, listed: pd.DataFrame, detector: Detector) -> FaceSet:
    """The photographs of listed pairs in colour and full resolution, with the five points of `detector`.

    Parameters
    ----------
    source : of LFW, as `load.read` gives it.
    listed : as for `folded_accuracies`.
    detector : a picture in which it finds no face keeps points of NaN.

    Raises
    ------
    FaceSetError : none of the pictures can be read.
    """
    wanted = source.labels["image"].isin({*listed["left"], *listed["right"]})
    some = source.take(np.flatnonzero(wanted))
    opened = {row: some.decode_safely(some.read_safely(row)).image for row in range(len(some))}
    pictures = {row: picture for row, picture in opened.items() if picture is not None}
    rows = list(pictures)
    if not rows:
        raise FaceSetError(f"{source.name}: no picture of the listed pairs can be read")
    images = np.stack([_face_part(some, picture) for picture in pictures.values()])
    points = find_subject_faces(images, detector, progress="lfw: faces").points
    labels = some.labels.iloc[rows].reset_index(drop=True)
    labels[list(POINT_COLUMNS)] = points.reshape(len(rows), 10)
    return FaceSet(images, labels, source.name)


def _face_part(source: Source, picture: np.ndarray) -> np.ndarray:
    window = source.window(*picture.shape[:2]) if source.window else (0, 0, *picture.shape[1::-1])
    return crop_face(picture, window, (SIDE, SIDE))[0]


def _as_published(judge: Judge, faces: FaceSet) -> Judgement:
    look = getattr(judge, "as_published", judge)  # where the publisher did more than cut and embed
    said: Judgement = look(faces.images, faces.points)
    return said


def as_published_accuracies(
    photographs: FaceSet, listed: pd.DataFrame, matchers: Mapping[str, Judge]
) -> pd.DataFrame:
    """Accuracy of each matcher over the folds on what its publisher showed it; table with COLUMNS.

    Parameters
    ----------
    photographs : of `photographs_of`. matchers : those of other publishers; ours see grey crops only.
    """
    rows, there = pair_rows(photographs, listed)
    left, right = np.where(there[:, None], rows, 0).T
    official = Pairs(left, right, listed["same"].to_numpy(bool), "official")
    found = []
    for matcher, judge in matchers.items():
        metric: Metric = "euclidean" if judge.card.comparison == "euclidean" else "cosine"
        embeddings = _as_published(judge, photographs).values
        scores = np.where(there, pair_scores(official, embeddings, embeddings, metric=metric), np.nan)
        found.append((matcher, AS_PUBLISHED, *_figures(scores, listed)))
    return pd.DataFrame(found, columns=list(COLUMNS))


def matcher_gate(folds: pd.DataFrame, stated: Mapping[str, float]) -> dict[str, bool]:
    """Whether each matcher is the one that its publisher measured; one that is not judges nobody.

    Parameters
    ----------
    folds : of `as_published_accuracies`; other rows are passed over.
    stated : matcher -> accuracy that its publisher states. One without, as one of this book, has no gate.

    Returns
    -------
    Matcher -> whether its accuracy reaches the stated figure less TOLERANCE.
    """
    rows = folds[folds["treatment"] == AS_PUBLISHED].to_dict("records")
    return {
        str(row["matcher"]): bool(row["accuracy"] >= stated[row["matcher"]] - TOLERANCE - TIE)
        for row in rows
        if row["matcher"] in stated
    }


def published_gate(
    path: str | Path | list[Path],
    listed: pd.DataFrame,
    matchers: Mapping[str, Judge],
    detector: Detector,
    stated: Mapping[str, float],
) -> tuple[pd.DataFrame, dict[str, bool]]:
    """`as_published_accuracies` of the matchers of other publishers, and `matcher_gate`.

    Parameters
    ----------
    path : of LFW as downloaded. listed : official pairs.
    detector : finds the faces in the photographs. stated : matcher -> accuracy that its publisher states.
    """
    photographs = photographs_of(read("lfw", path), listed, detector)
    others = {name: judge for name, judge in matchers.items() if name in stated}
    found = as_published_accuracies(photographs, listed, others)
    return found, matcher_gate(found, stated)


def folds_words(folds: pd.DataFrame, stated: Mapping[str, float]) -> pd.DataFrame:
    """Table of the folds for a page: a row for each matcher, accuracies with standard errors as texts.

    Parameters
    ----------
    folds : with COLUMNS; empty: none were run yet. stated : as for `matcher_gate`.
    """
    columns = {AS_PUBLISHED: "as published", "before": "here", "op": "here, OP"}
    rows = []
    for matcher, some in folds.groupby("matcher", sort=False):
        by = some.set_index("treatment")
        row = {
            "matcher": name_in_sentence(str(matcher)),
            "its publisher states": f"{stated[str(matcher)]:.4f}" if str(matcher) in stated else UNGATED,
        }
        for kind, words in columns.items():
            one = by.loc[kind] if kind in by.index else None
            row[words] = "–" if one is None else f"{one['accuracy']:.3f} ± {one['standard error']:.3f}"
        rows.append(row)
    if not rows:
        return pd.DataFrame({"matcher": ["any"], "here": ["not measured yet: make real"]})
    lost = int(folds["pairs without a face"].max())
    table = pd.DataFrame(rows)
    return table.assign(**{"pairs without a face": lost})


def folds_results(folds: pd.DataFrame, gate: Mapping[str, bool]) -> dict[str, Any]:
    """What results keep of the folds, below the set: `folds`, matcher -> table by treatment, and `gate`."""
    columns = ["accuracy", "standard error"]
    by = {str(name): some.set_index("treatment")[columns] for name, some in folds.groupby("matcher")}
    return {"folds": by, "gate": dict(gate)}


def gated(
    matchers: Mapping[str, Judge], gate: Mapping[str, bool], needed: Sequence[str] = (DLIB,)
) -> dict[str, Judge]:
    """The matchers that pass the gate or have none.

    Raises
    ------
    ValueError : one that the page cannot do without fails.
    """
    failed = [name_in_sentence(name) for name in needed if not gate.get(name, True)]
    if failed:
        raise ValueError(
            f"{', '.join(failed)}: accuracy on the official pairs of LFW is more than {TOLERANCE} below what "
            "its publisher states, so it must not judge here: check the network and the photographs of LFW"
        )
    return {name: one for name, one in matchers.items() if gate.get(name, True)}


def shortfall_words(folds: pd.DataFrame, stated: Mapping[str, float]) -> str:
    """By how many points each published matcher stays below its publisher's figure; a dash if none was run.

    Parameters
    ----------
    folds, stated : as for `matcher_gate`.
    """
    rows = folds[(folds["treatment"] == AS_PUBLISHED) & folds["matcher"].isin(list(stated.keys()))]
    return (
        ", ".join(
            f"{name_in_sentence(str(row['matcher']))} {100 * (stated[row['matcher']] - row['accuracy']):.1f}"
            for row in rows.to_dict("records")
        )
        or "–"
    )


def gate_words(gate: Mapping[str, bool]) -> str:
    """How the gate went, in words."""
    failed = [name_in_sentence(name) for name, passed in gate.items() if not passed]
    return f"all pass except {', '.join(failed)}" if failed else "all pass" if gate else "are untested so far"
