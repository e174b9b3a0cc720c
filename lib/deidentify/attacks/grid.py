"""Every attacker against every treatment, trained anew, and what each reads once a treatment is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np

from lib.deidentify.attacks.images import attacker_scores, train_attacker
from lib.deidentify.attacks.result import AttackResult, attack_result, calibrated_auc
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.recipes import STRONG_AUGMENTATION, TrainingPlan

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""


@dataclass(frozen=True)
class AttackSplit:
    """Who takes which part; no subject may be in two of them.

    Attributes
    ----------
    train : the attackers' own subjects. calibration : for epoch and direction. test : those attacked.
    """

    train: np.ndarray
    calibration: np.ndarray
    test: np.ndarray

    def gathered(self, faces: FaceSet) -> tuple[FaceSet, AttackSplit]:
        """These rows of `faces` alone, and where each part lies among them."""
        parts = (self.train, self.calibration, self.test)
        ends = np.cumsum([len(part) for part in parts])
        return faces.take(np.concatenate(parts)), AttackSplit(*np.split(np.arange(ends[-1]), ends[:-1]))


def attack_all(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    makes: Mapping[str, Callable[[int], keras.Model]],
    plans: Mapping[str, TrainingPlan],
    resume_folder: str | Path | None,
    *,
    undone: Mapping[str, np.ndarray] | None = None,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> AttackGrid:
    """Train each attacker on each treatment with the true labels and let it read other subjects' pictures.

    The trainings run beside each other (`training.beside`).

    Parameters
    ----------
    faces : with `Male` known.
    pictures : treatment -> uint8 (N, H, W), one for each row of `faces`; `before` among them.
    makes : attacker -> from the side in pixels to a fresh classifier.
    undone : treatment -> pictures from which the attacker has taken the protection off; read by the
        classifier that it trained on `before`.
    plans : attacker -> of each of its trainings; a design that starts slowly needs more epochs.
    resume_folder, augment : as for `retrained`; a plan's seed is its attacker's.

    Raises
    ------
    ValueError : there is no `before`, or as `retrained`.
    """
    if "before" not in pictures:
        raise ValueError("attackers must be shown to read originals first: give the treatment `before`")
    attacked = partial(
        _attacked, faces, rows=rows, folder=resume_folder, replicates=replicates, augment=augment
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
    build = _Kept(make)
    attack = train_attacker(
        faces, pictures, rows.train, rows.calibration, rows.test, build, plan, folder,
        name=f"{name}_{treatment}", seed=plan.seed, replicates=replicates, augment=augment,
    )  # fmt: skip
    others = {
        other: _read(build.network, faces.with_images(cleaned), rows, plan.seed, replicates)
        for other, cleaned in (undone or {}).items()
    }
    return name, {treatment: attack, **others}


def _read(
    network: keras.Model, faces: FaceSet, rows: AttackSplit, seed: int, replicates: int
) -> AttackResult:
    male = faces.binary("Male")
    known = calibrated_auc(attacker_scores(network, faces.images, rows.calibration), male[rows.calibration])
    scores = attacker_scores(network, faces.images, rows.test)
    people = faces.subjects[rows.test]
    return attack_result(scores, male[rows.test], people, known, replicates=replicates, seed=seed)


class _Kept:
    """Builds a network and remembers it, so that it can read other pictures once it is trained."""

    def __init__(self, make: Callable[[int], keras.Model]) -> None:
        self.make = make

    def __call__(self, size: int) -> keras.Model:
        """The fresh network."""
        self.network = self.make(size)
        return self.network
