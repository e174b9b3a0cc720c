"""Readers of expression and attributes, trained on untouched faces of the attackers' subjects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.evaluation.kept_attributes.labels import READABLE, gains
from lib.evaluation.kept_attributes.repainted import FER, fer_faces, framed
from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.read_labels import ReadLabels
from lib.faces.row_sampling import subsample
from lib.judges.face_reader import FaceReader
from lib.measures.classification import balanced_threshold, confusion, macro_f1
from lib.training.face_reading import fit_face_reader
from lib.training.network_training import NetworkTraining
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

UNDECIDED = 0.5
"""Probability from which an attribute is said to be there, where validation cannot tell a better one."""
PREFIX = "reader_"
"""Of the names of readers in the store, and in result keys."""


def reader_trainings(
    bodies: Mapping[str, int],
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    plan: TrainingPlan,
    store: ModelStore,
    scratch: Path,
    of: str = "",
) -> list[NetworkTraining]:
    """Trainings of readers that differ in their bodies, for `training.parallel`.

    Parameters
    ----------
    bodies : body of `networks.face_reader` -> epochs.
    rows, validation : of the attackers' subjects, and of those by whom epochs and thresholds are chosen.
    plan : of all but the epochs.
    of : another set than the page's own, of which they learn from the whole training part; in their names.
    """
    labels = ReadLabels.of(faces, rows, validation)
    who = "training part" if of else "attackers' subjects"
    about = {**labels.facts(), "trained_on": f"{faces.name}, {who}, untouched"}
    out = []
    for body, epochs in bodies.items():
        own = TrainingPlan(epochs, plan.batch, plan.learning_rate, plan.seed)
        recipe = partial(
            fit_face_reader, faces=faces, rows=rows, validation=validation, labels=labels, plan=own
        )
        measured = partial(reader_facts, faces=faces, rows=validation, labels=labels)
        settings = {"size": faces.size[0], "body": body, **labels.settings()}
        out.append(
            NetworkTraining(
                reader_name(body, of), "face_reader", settings, recipe, store, scratch, plan.seed, about,
                measured,
            )
        )  # fmt: skip
    return out


def reader_name(body: str, of: str = "") -> str:
    """Name of a reader in the store and in result keys; `of` as for `reader_trainings`."""
    return f"{PREFIX}{body}{f'_{of}' if of else ''}"


def framed_trainings(
    named: Mapping[str, Path | list[Path]],
    bodies: Mapping[str, int],
    limit: int,
    plan: TrainingPlan,
    store: ModelStore,
    scratch: Path,
    *,
    size: int,
    aligned: Sequence[float],
    cache: Path,
) -> list[NetworkTraining]:
    """Trainings of readers of photographs with expressions: of FER-2013, the set that has a training part.

    Parameters
    ----------
    named, size, aligned, cache : as for `photograph_sets`; none where FER-2013 is not among the sets.
    limit : training images at most; 0: all.
    """
    if not named.get(FER):
        return []
    faces = fer_faces(named[FER], cache)
    parts = [np.flatnonzero(faces.labels["split"] == name) for name in ("train", "validation")]
    parts[0] = subsample(parts[0], limit, plan.seed)
    faces = framed(faces.take(np.concatenate(parts)), size=size, aligned=aligned)
    rows, validation = np.split(np.arange(len(faces)), [len(parts[0])])
    return reader_trainings(bodies, faces, rows, validation, plan, store, scratch, of=FER)


def reader_facts(
    network: keras.Model, faces: FaceSet, rows: np.ndarray, labels: ReadLabels
) -> dict[str, Any]:
    """What validation subjects say of a reader: `thresholds`, `gains`, and its `expression_f`.

    Parameters
    ----------
    rows : of validation subjects, untouched.

    Returns
    -------
    `thresholds` of its attributes; `gains` of all labels over somebody who does not look, None where only one
    value occurs; the mean F over the seven expressions, None where it reads none.
    """
    some = faces.take(rows)
    read = FaceReader("", network, labels, trained_on="").read(some.images)
    thresholds = {}
    for name, scores in read.attributes.items():
        there = some.binary(name)
        both = there.any() and not there.all()
        thresholds[name] = balanced_threshold(scores, there) if both else UNDECIDED
    score = None
    if labels.expression:
        said = np.array(EXPRESSIONS)[read.emotions.argmax(axis=1)]
        score = float(macro_f1(confusion(some.labels["expression"], said, EXPRESSIONS)))
    gained = {
        name: float(one(np.ones((1, len(some)))).item())
        for name, one in gains(read, some, labels, thresholds).items()
    }
    known = {name: one if np.isfinite(one) else None for name, one in gained.items()}
    return {"thresholds": thresholds, "gains": known, "expression_f": score}


def stored_readers(store: ModelStore, bodies: Mapping[str, int], of: str = "") -> dict[str, FaceReader]:
    """Trained readers by name, the one with the highest expression F on validation subjects first.

    Parameters
    ----------
    of : as for `reader_trainings`.

    Raises
    ------
    WeightsError : one is missing or damaged.
    """
    names = [reader_name(body, of) for body in bodies]
    scores = {name: store.about(name)["expression_f"] or 0.0 for name in names}
    return {name: FaceReader.stored(store, name) for name in sorted(names, key=lambda one: -scores[one])}


def thresholds_of(store: ModelStore, name: str) -> dict[str, float]:
    """Thresholds of a stored reader's attributes, probabilities."""
    kept: dict[str, float] = store.about(name)["thresholds"]
    return kept


def readable_labels(store: ModelStore, name: str) -> list[str]:
    """Labels in which a stored reader gained READABLE at least, on validation subjects."""
    gained: dict[str, float | None] = store.about(name)["gains"]
    return [label for label, gain in gained.items() if gain is not None and gain >= READABLE]
