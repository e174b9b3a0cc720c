"""Attackers who read a binary attribute from altered pictures: classifiers retrained on such pictures.

They know the protection: they alter pictures of their own subjects, whose labels they know, and train a fresh
classifier on them, or go on with one that could read originals before. Beside them stand the same attackers
retrained on controls, and those trained on originals, who must qualify first (`result.qualify`). A training
sees nothing of those who are attacked later; each network keeps whom it has seen, so that nobody is attacked
by a network that knows them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import keras
import numpy as np
from numpy.typing import ArrayLike

from lib.deidentify.attacks.result import (
    AttackResult,
    AttackSplit,
    attack_result,
    calibrated_auc,
    check_disjoint_subjects,
)
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.networks.registry import ARCHITECTURES
from lib.training.data.feed import Augmentation
from lib.training.inference import predict_images
from lib.training.loop.device import set_determinism
from lib.training.loop.history import History
from lib.training.parallel import run_parallel
from lib.training.recipes import STRONG_AUGMENTATION, fit_classifier
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

_ROWS = 1024

NOBODY = np.zeros(0, int)
"""No rows: a training needs none of those attacked, a reading none of those it learned from."""

Key = TypeVar("Key", bound=Hashable)


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
class TrainedAttacker:
    """A classifier that learned from altered pictures, and from whom.

    Attributes
    ----------
    network : from pictures (B, H, W, 1) in [0, 1] to logits.
    history : of its training.
    images : number that it learned from; those that were repeated count once.
    learned_from, chosen_by : digests (`subject_digests`) of the subjects that it learned from, and of
        those by whom its epoch was chosen.
    """

    network: keras.Model
    history: History
    images: int
    learned_from: Sequence[str]
    chosen_by: Sequence[str]

    def put(self, store: ModelStore, name: str, kind: str) -> None:
        """Keep it in a store.

        Parameters
        ----------
        kind : architecture, one of `ARCHITECTURES`.
        """
        facts = {
            "learned_images": self.images,
            "learned_from": list(self.learned_from),
            "chosen_by": list(self.chosen_by),
        }
        store.put(name, self.network, kind, {"size": self.network.input_shape[1]}, float16=True, about=facts)
        store.put_history(name, self.history)

    @classmethod
    def get(cls, store: ModelStore, name: str) -> TrainedAttacker:
        """Load what `put` kept.

        Raises
        ------
        WeightsError : the store has no such attacker.
        """
        facts = store.about(name)
        seen = facts["learned_images"], facts["learned_from"], facts["chosen_by"]
        return cls(store.get(name), store.history(name), *seen)

    def check_unseen(self, faces: FaceSet, rows: AttackSplit) -> None:
        """Refuse to attack subjects that it has seen, or to learn its direction from those it learned from.

        Raises
        ------
        ValueError : names one of them.
        """
        direction, attacked = (faces.subjects[part] for part in (rows.calibration, rows.test))
        check_disjoint_subjects(direction, attacked)
        learned, seen = set(self.learned_from), {*self.learned_from, *self.chosen_by}
        for subjects, known, what in ((attacked, seen, "is attacked"), (direction, learned, "calibrates")):
            met = [name for name in np.unique(subjects) if known.intersection(subject_digests([name]))]
            if met:
                raise ValueError(
                    f"{faces.name}: {len(met)} subjects were in the attacker's training, such as {met[0]}, "
                    f"which {what}: choose other rows, or train it anew"
                )


@dataclass(frozen=True)
class AttackerTraining:
    """One attacker to be trained: its name, what it looks at, and how it learns.

    Attributes
    ----------
    name : in the store.
    pictures : uint8 (N, H, W), one for each row of the faces; only the rows to train with and to calibrate by
        matter.
    rows : to train with, which may be repeated, and to choose the epoch by.
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
    faces: FaceSet,
    pictures: np.ndarray,
    rows: AttackSplit,
    make: Callable[[int], keras.Model],
    plan: TrainingPlan,
    resume_folder: str | Path | None = None,
    *,
    attribute: str,
    name: str = "attacker",
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> TrainedAttacker:
    """Train a classifier on altered pictures with the true labels.

    Parameters
    ----------
    faces : with `attribute` known in all rows named here.
    pictures : uint8 (N, H, W), one for each row of `faces`, or (N, H, W, 3); may be a memory map. Only the
        rows to train with and to calibrate by matter, so the others need not be filled.
    rows : of the attackers' own subjects (fewer of them by `limit_subjects`), of those on whom they
        choose epoch and direction, and of those attacked, if they are known yet, else NOBODY.
    make : from the side of the pictures in pixels to a classifier, such as `residual_classifier`.
    plan : of the training; its seed is also that of the network's first weights and of the augmentation.
    attribute : binary, that is attacked.
    name : of the run, for its lines and its state in `resume_folder`.
    augment : what the training pictures go through, as for `fit_classifier`.

    Raises
    ------
    ValueError : a subject is in two of the three, pictures of another shape, or a class is missing.
    """
    subjects = faces.subjects
    check_disjoint_subjects(*(subjects[part] for part in (rows.train, rows.calibration, rows.test)))
    shown = faces.with_images(pictures)
    set_determinism(plan.seed)
    network = make(_side(faces))
    history = fit_classifier(
        network, shown, rows.train, rows.calibration, plan, resume_folder,
        name=name, augment=augment, monitor="-val_auc", attribute=attribute,
    )  # fmt: skip
    seen = (subject_digests(subjects[part]) for part in (rows.train, rows.calibration))
    return TrainedAttacker(network, history, len(np.unique(rows.train)), *seen)


def train_and_keep(
    training: AttackerTraining,
    faces: FaceSet,
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    attribute: str,
    augment: Sequence[Augmentation],
) -> None:
    """Train an attacker and keep it in a store under its name; a task for `run_parallel`.

    Parameters
    ----------
    faces, resume_folder, attribute, augment : as for `train_attacker`.
    """
    attacker = train_attacker(
        faces, training.pictures, training.rows, training.network, training.plan, resume_folder,
        attribute=attribute, name=training.name, augment=augment,
    )  # fmt: skip
    attacker.put(store, training.name, training.kind)


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
    trainings : such as `grid.grid_trainings` or `learning_curve.curve_trainings` list them.
    faces, resume_folder, attribute, augment : as for `train_attacker`; clear the folder afterwards.

    Raises
    ------
    ValueError : as `train_attacker`.
    """
    share = partial(
        train_and_keep, faces=faces, store=store, resume_folder=resume_folder, attribute=attribute,
        augment=augment,
    )  # fmt: skip
    run_parallel([partial(share, one) for one in trainings], title="attackers")


def read_attacker(
    attacker: TrainedAttacker,
    faces: FaceSet,
    pictures: np.ndarray,
    rows: AttackSplit,
    *,
    attribute: str,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> AttackResult:
    """Let a trained attacker read the test subjects' pictures.

    Parameters
    ----------
    faces, pictures, attribute : as for `train_attacker`; they need not be those that it was trained with.
    rows : to calibrate by, from which it learns its direction, and those attacked; others do not matter.
    seed, replicates : of the intervals over subjects.

    Raises
    ------
    ValueError : a subject was in its training (`TrainedAttacker.check_unseen`), pictures of another shape,
        or a class is missing.
    """
    attacker.check_unseen(faces, rows)
    shown = faces.with_images(pictures)
    known = attacker_scores(attacker.network, shown.images, rows.calibration)
    read = attacker_scores(attacker.network, shown.images, rows.test)
    attack = attack_result(
        read,
        faces.binary(attribute, rows.test),
        faces.subjects[rows.test],
        calibrated_auc(known, faces.binary(attribute, rows.calibration)),
        replicates=replicates,
        seed=seed,
    )
    return replace(
        attack,
        learned_subjects=len(attacker.learned_from),
        learned_images=attacker.images,
        parameters=attacker.network.count_params(),
        history=attacker.history,
    )


def read_attackers(
    store: ModelStore,
    faces: FaceSet,
    readings: Mapping[Key, tuple[str, np.ndarray]],
    rows: AttackSplit,
    *,
    attribute: str,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> dict[Key, AttackResult]:
    """Let attackers of a store read the test subjects' pictures, one after the other.

    Parameters
    ----------
    readings : whatever the caller calls a reading -> name of the attacker in the store, and the pictures that
        it reads, uint8 (N, H, W), one for each row of `faces`.
    faces, rows, attribute, seed, replicates : as for `read_attacker`.

    Raises
    ------
    WeightsError : the store lacks an attacker.
    ValueError : as `read_attacker`.
    """
    return {
        key: read_attacker(
            TrainedAttacker.get(store, name), faces, pictures, rows,
            attribute=attribute, seed=seed, replicates=replicates,
        )
        for key, (name, pictures) in readings.items()
    }  # fmt: skip


def attacker_scores(network: keras.Model, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Logits (R,) of some rows of uint8 (N, H, W, 3 or 1), of which only a few are in memory at a time."""
    index = np.asarray(rows)
    index = np.flatnonzero(index) if index.dtype == bool else index
    parts = [predict_images(network, images[index[at : at + _ROWS]]) for at in range(0, len(index), _ROWS)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _side(faces: FaceSet) -> int:
    height, width = faces.size
    if height != width:
        raise ValueError(f"{faces.name}: classifiers take square pictures, not {height} x {width}")
    return height
