"""Trains attackers who read a binary attribute from altered pictures: classifiers of such pictures.

They know the protection: they alter pictures of their own subjects, whose labels they know, and train a fresh
classifier on them, or go on with one that could read originals before. Beside them stand the same attackers
retrained on controls, and those trained on originals, who must qualify first (`result.qualify`). A training
sees nothing of those who are attacked later; each network keeps whom it has seen, so that nobody is attacked
(`reading_attackers`) by a network that knows them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import ArrayLike

from lib.deidentify.attacks.result import AttackSplit, check_disjoint_subjects
from lib.faces.faceset import FaceSet
from lib.networks.registry import ARCHITECTURES
from lib.training.data.feed import Augmentation
from lib.training.loop.device import set_determinism
from lib.training.parallel import run_parallel
from lib.training.recipes import STRONG_AUGMENTATION, fit_classifier
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

NOBODY = np.zeros(0, int)
"""No rows: a training needs none of those attacked, a reading none of those it learned from."""


def subject_digests(subjects: ArrayLike) -> list[str]:
    """Short name of each subject, sorted: the first 12 hexadecimal digits of the sha256 of its name.

    Parameters
    ----------
    subjects : (N,) subject of each row.

    Returns
    -------
    One text for each of the different subjects; two of a million subjects share one with a chance of 0.2 %.
    """
    names = np.unique(np.asarray(subjects).astype(str))
    return sorted(hashlib.sha256(name.encode()).hexdigest()[:12] for name in names)


@dataclass(frozen=True)
class AttackerTraining:
    """One attacker to be trained: its name, what it looks at, and how it learns.

    Attributes
    ----------
    name : in the store.
    pictures : uint8 (N, H, W), one for each row of the faces, or (N, H, W, 3); may be a memory map. Only the
        rows to train with and to calibrate by matter, so the others need not be filled.
    rows : of the attackers' own subjects, which may be repeated, of those by whom they choose the epoch, and
        of those attacked, if they are known yet, else NOBODY.
    kind : architecture, one of `ARCHITECTURES`.
    plan : of the training; its seed is also that of the network's first weights and of the augmentation.
    start : stored network of that architecture from whose weights it goes on, its folder and its name in it;
        None: a fresh one.
    """

    name: str
    pictures: np.ndarray
    rows: AttackSplit
    kind: str
    plan: TrainingPlan
    start: Path | None = None

    def network(self, size: int) -> keras.Model:
        """The network before its training, for pictures of `size` pixels.

        Raises
        ------
        WeightsError : there is no such network to start from.
        ValueError : that network has another architecture, or takes pictures of another size.
        """
        if self.start is None:
            return ARCHITECTURES[self.kind](size)
        store = ModelStore(self.start.parent)
        network, kind = store.get(self.start.name), store.about(self.start.name)["kind"]
        if (kind, network.input_shape[1]) != (self.kind, size):
            raise ValueError(
                f"{self.name} is to be a {self.kind} of {size} pixels, but {self.start.name}, from which it "
                f"starts, is a {kind} of {network.input_shape[1]}"
            )
        network.trainable = True
        return network


def train_attacker(
    training: AttackerTraining,
    faces: FaceSet,
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    attribute: str,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> None:
    """Train a classifier on altered pictures with the true labels, and keep it with whom it has seen.

    The facts in the store are `learned_images`, the number that it learned from, where those that were
    repeated count once, and digests (`subject_digests`) of the subjects that it `learned_from` and of those
    by whom its epoch was `chosen_by`.

    Parameters
    ----------
    faces : with `attribute` known in all rows that the training names.
    resume_folder : for what a later run resumes from.
    attribute : binary, that is attacked.
    augment : what the training pictures go through, as for `fit_classifier`.

    Raises
    ------
    ValueError : a subject is in two of the samples, pictures of another shape, or a class is missing.
    WeightsError : as `AttackerTraining.network`.
    """
    rows, subjects = training.rows, faces.subjects
    check_disjoint_subjects(*(subjects[part] for part in (rows.train, rows.calibration, rows.test)))
    shown = faces.with_images(training.pictures)
    set_determinism(training.plan.seed)
    network = training.network(_side(faces))
    history = fit_classifier(
        network, shown, rows.train, rows.calibration, training.plan, resume_folder,
        name=training.name, augment=augment, monitor="-val_auc", attribute=attribute,
    )  # fmt: skip
    seen = {"learned_from": rows.train, "chosen_by": rows.calibration}
    facts: dict[str, Any] = {"learned_images": len(np.unique(rows.train))}
    facts |= {name: subject_digests(subjects[part]) for name, part in seen.items()}
    settings = {"size": network.input_shape[1]}
    store.put(training.name, network, training.kind, settings, float16=True, about=facts)
    store.put_history(training.name, history)


def train_attackers(
    trainings: Sequence[AttackerTraining],
    faces: FaceSet,
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    attribute: str,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> None:
    """Train attackers in parallel with the true labels, and keep them in a store.

    Parameters
    ----------
    trainings : such as `attacker_trainings.grid_trainings` and `curve_trainings` list them.
    faces, resume_folder, attribute, augment : as for `train_attacker`; clear the folder afterwards.

    Raises
    ------
    ValueError : as `train_attacker`.
    """
    shared: dict[str, Any] = {"faces": faces, "store": store, "resume_folder": resume_folder}
    how: dict[str, Any] = {"attribute": attribute, "augment": augment}
    run_parallel([partial(train_attacker, one, **shared, **how) for one in trainings], title="attackers")


def _side(faces: FaceSet) -> int:
    height, width = faces.size
    if height != width:
        raise ValueError(f"{faces.name}: classifiers take square pictures, not {height} x {width}")
    return height
