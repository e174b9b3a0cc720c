"""Attackers who read a binary attribute from altered pictures: classifiers retrained on such pictures.

They know the protection: they alter pictures of their own subjects, whose labels they know, and train a fresh
classifier on them. Beside them stand the same attackers retrained on controls, and those trained on
originals, who must qualify first (`result.qualify`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import (
    AttackResult,
    AttackSplit,
    attack_result,
    calibrated_auc,
    check_disjoint_subjects,
)
from lib.faces.faceset import FaceSet
from lib.measures.claims import BASELINES, Claim, claims
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.training.data.feed import Augmentation
from lib.training.loop.device import set_determinism
from lib.training.loop.history import History
from lib.training.plan import TrainingPlan
from lib.training.recipes import STRONG_AUGMENTATION, fit_classifier, predict_images
from lib.training.store.model_store import KINDS, ModelStore

_ROWS = 1024


@dataclass(frozen=True)
class TrainedAttacker:
    """A classifier that learned from altered pictures, and how much it learned from.

    Attributes
    ----------
    network : from pictures (B, H, W, 1) in [0, 1] to logits.
    history : of its training.
    subjects, images : numbers that it learned from; images that were repeated count once.
    """

    network: keras.Model
    history: History
    subjects: int
    images: int

    def put(self, store: ModelStore, name: str, kind: str) -> None:
        """Keep it in a store.

        Parameters
        ----------
        kind : architecture, one of `KINDS`.
        """
        facts = {"learned_subjects": self.subjects, "learned_images": self.images}
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
        counts = facts["learned_subjects"], facts["learned_images"]
        return cls(store.get(name), store.history(name), *counts)


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
    """Train a fresh classifier on altered pictures with the true labels.

    Parameters
    ----------
    faces : with `attribute` known in all rows named here.
    pictures : uint8 (N, H, W), one for each row of `faces`, or (N, H, W, 3); may be a memory map. Only the
        rows to train with and to calibrate by matter, so the others need not be filled.
    rows : of the attackers' own subjects (`result.limit_subjects` for fewer of them), of those on whom they
        choose epoch and direction, and of those attacked.
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
    return TrainedAttacker(network, history, len(np.unique(subjects[rows.train])), len(np.unique(rows.train)))


def train_and_keep(
    faces: FaceSet,
    pictures: np.ndarray,
    rows: AttackSplit,
    kind: str,
    plan: TrainingPlan,
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    name: str,
    attribute: str,
    augment: Sequence[Augmentation],
) -> None:
    """Train an attacker and keep it in a store under its name; a task for `run_parallel`.

    Parameters
    ----------
    kind : architecture, one of `KINDS`. Others as for `train_attacker`.
    """
    attacker = train_attacker(
        faces, pictures, rows, KINDS[kind], plan, resume_folder,
        attribute=attribute, name=name, augment=augment,
    )  # fmt: skip
    attacker.put(store, name, kind)


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
    faces, pictures, rows, attribute : as for `train_attacker`; only the rows to calibrate by, from which it
        learns its direction, and those attacked matter.
    seed, replicates : of the intervals over subjects.

    Raises
    ------
    ValueError : pictures of another shape, or a class is missing.
    """
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
        learned_subjects=attacker.subjects,
        learned_images=attacker.images,
        parameters=attacker.network.count_params(),
        history=attacker.history,
    )


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


def claims_table(
    attacks: Mapping[str, Mapping[str, AttackResult]],
    *,
    claimed: Sequence[str] = ("op",),
    baselines: Sequence[str] | Mapping[str, Sequence[str]] = BASELINES,
    **draws: Unpack[BootstrapOptions],
) -> pd.DataFrame:
    """`measures.claims.claims` of judges and attackers together, one family under Holm.

    Parameters
    ----------
    attacks : per judge and treatment what it read of the same test images (`result.attack_result` makes it
        for a judge that does not retrain; the attacker retrained on `control` is the baseline of the one
        retrained on `op`). `before` may be there, it claims nothing.
    claimed, baselines, draws : as for `claims`.

    Returns
    -------
    One row for each claim with the attributes of `Claim` as columns; figures stay Figures.

    Raises
    ------
    ValueError : the attacks are on different images.
    """
    positive, subjects = _same_images(attacks)
    scores = {judge: {name: one.scores for name, one in own.items()} for judge, own in attacks.items()}
    known = {
        judge: {name: one.calibration_auc for name, one in own.items()} for judge, own in attacks.items()
    }
    found = claims(scores, known, positive, subjects, claimed=claimed, baselines=baselines, **draws)
    names = [one.name for one in fields(Claim)]
    return pd.DataFrame([[getattr(one, name) for name in names] for one in found], columns=names)


def _same_images(attacks: Mapping[str, Mapping[str, AttackResult]]) -> tuple[np.ndarray, np.ndarray]:
    every = [(f"{judge}, {name}", one) for judge, own in attacks.items() for name, one in own.items()]
    if not every:
        raise ValueError("no attack, no claim")
    first = every[0][1]
    for who, one in every:
        if not (
            np.array_equal(one.positive, first.positive) and np.array_equal(one.subjects, first.subjects)
        ):
            raise ValueError(
                f"{who}: other test images than {every[0][0]}; a paired difference needs the same"
            )
    return first.positive, first.subjects
