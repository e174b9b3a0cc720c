"""Readers of expression and attributes, trained on untouched faces of the attackers' subjects."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.read_labels import ReadLabels
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
) -> list[NetworkTraining]:
    """Trainings of readers that differ in their bodies, for `training.parallel`; the longest first.

    Parameters
    ----------
    bodies : body of `networks.face_reader` -> epochs.
    rows, validation : of the attackers' subjects, and of those by whom epochs and thresholds are chosen.
    plan : of all but the epochs.
    """
    labels = ReadLabels.of(faces, rows, validation)
    about = {**labels.facts(), "trained_on": f"{faces.name}, attackers' subjects, untouched"}
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
                f"{PREFIX}{body}", "face_reader", settings, recipe, store, scratch, plan.seed, about, measured
            )
        )
    return out


def reader_facts(
    network: keras.Model, faces: FaceSet, rows: np.ndarray, labels: ReadLabels
) -> dict[str, Any]:
    """What validation subjects say of a reader: `thresholds` of its attributes, and its `expression_f`.

    Parameters
    ----------
    rows : of validation subjects, untouched. The F is the mean over the seven expressions; None where it
        reads none.
    """
    read = FaceReader("", network, labels, trained_on="").read(faces.images[rows])
    thresholds = {}
    for name, scores in read.attributes.items():
        there = faces.binary(name, rows)
        both = there.any() and not there.all()
        thresholds[name] = balanced_threshold(scores, there) if both else UNDECIDED
    score = None
    if labels.expression:
        said = np.array(EXPRESSIONS)[read.emotions.argmax(axis=1)]
        score = float(macro_f1(confusion(faces.labels["expression"].iloc[rows], said, EXPRESSIONS)))
    return {"thresholds": thresholds, "expression_f": score}


def stored_readers(store: ModelStore, bodies: Mapping[str, int]) -> dict[str, FaceReader]:
    """Trained readers by name, the one with the highest expression F on validation subjects first.

    Raises
    ------
    WeightsError : one is missing or damaged.
    """
    names = [f"{PREFIX}{body}" for body in bodies]
    scores = {name: store.about(name)["expression_f"] or 0.0 for name in names}
    return {name: FaceReader.stored(store, name) for name in sorted(names, key=lambda one: -scores[one])}


def thresholds_of(store: ModelStore, name: str) -> dict[str, float]:
    """Thresholds of a stored reader's attributes, probabilities."""
    kept: dict[str, float] = store.about(name)["thresholds"]
    return kept
