"""Every attacker against every treatment, trained anew; and what each reads once a treatment is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.attacks.images import attacker_scores, train_attacker
from lib.deidentify.attacks.result import AttackResult, AttackSplit, attack_result, calibrated_auc
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.plan import TrainingPlan
from lib.training.recipes import STRONG_AUGMENTATION

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""


def attack_all(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    makes: Mapping[str, Callable[[int], keras.Model]],
    plans: Mapping[str, TrainingPlan],
    resume_folder: str | Path | None,
    *,
    attribute: str,
    undone: Mapping[str, np.ndarray] | None = None,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> AttackGrid:
    """Train each attacker on each treatment with the true labels and let it read other subjects' pictures.

    The trainings run in parallel (`training.parallel`).

    Parameters
    ----------
    faces : with `attribute` known.
    attribute : binary, that is attacked.
    pictures : treatment -> uint8 (N, H, W), one for each row of `faces`; `before` among them.
    makes : attacker -> from the side in pixels to a fresh classifier.
    undone : treatment -> pictures from which the attacker has taken the protection off; read by the
        classifier that it trained on `before`.
    plans : attacker -> of each of its trainings; a design that starts slowly needs more epochs.
    resume_folder, augment : as for `train_attacker`; a plan's seed is its attacker's.

    Raises
    ------
    ValueError : there is no `before`, or as `train_attacker`.
    """
    if "before" not in pictures:
        raise ValueError("attackers must be shown to read originals first: give the treatment `before`")
    attacked = partial(
        _attacked, faces, attribute, rows=rows, folder=resume_folder, replicates=replicates, augment=augment
    )
    tasks = [
        partial(
            attacked, name, treatment, altered_pictures, make, undone if treatment == "before" else None,
            plan=plans[name],
        )
        for name, make in makes.items()
        for treatment, altered_pictures in pictures.items()
    ]  # fmt: skip
    found: AttackGrid = {name: {} for name in makes}
    for name, attacks in run_parallel(tasks, title="attackers"):
        found[name] |= attacks
    return found


def _attacked(
    faces: FaceSet,
    attribute: str,
    name: str,
    treatment: str,
    pictures: np.ndarray,
    make: Callable[[int], keras.Model],
    undone: Mapping[str, np.ndarray] | None,
    *,
    rows: AttackSplit,
    plan: TrainingPlan,
    folder: str | Path | None,
    replicates: int,
    augment: Sequence[Augmentation],
) -> tuple[str, dict[str, AttackResult]]:
    """The attacker's name with one attack, and those of the same network on what was undone."""
    attack = train_attacker(
        faces, pictures, rows, make, plan, folder,
        attribute=attribute, name=f"{name}_{treatment}", seed=plan.seed, replicates=replicates,
        augment=augment,
    )  # fmt: skip
    read = partial(
        _read, attack.network, rows=rows, attribute=attribute, seed=plan.seed, replicates=replicates
    )
    others = {other: read(faces.with_images(cleaned)) for other, cleaned in (undone or {}).items()}
    return name, {treatment: attack, **others}


def _read(
    network: keras.Model, faces: FaceSet, *, rows: AttackSplit, attribute: str, seed: int, replicates: int
) -> AttackResult:
    known = attacker_scores(network, faces.images, rows.calibration)
    direction = calibrated_auc(known, faces.binary(attribute, rows.calibration))
    scores = attacker_scores(network, faces.images, rows.test)
    positive, subjects = faces.binary(attribute, rows.test), faces.subjects[rows.test]
    return attack_result(scores, positive, subjects, direction, replicates=replicates, seed=seed)
