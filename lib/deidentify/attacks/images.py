"""Attackers who read a binary attribute from altered pictures: classifiers retrained on such pictures.

They know the protection: they alter pictures of their own subjects, whose labels they know, and train a fresh
classifier on them. Beside them stand the same attackers retrained on controls, and those trained on
originals, who must qualify first (`result.qualify`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
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
from lib.training.plan import TrainingPlan
from lib.training.recipes import STRONG_AUGMENTATION, fit_classifier, predict_images

_ROWS = 1024


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
    seed: int = 0,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> AttackResult:
    """Train a fresh classifier on altered pictures with the true labels and let it read other subjects'.

    Parameters
    ----------
    faces : with `attribute` known in all rows named here.
    pictures : uint8 (N, H, W), one for each row of `faces`, or (N, H, W, 3); may be a memory map. Only the
        rows named here matter, so the others need not be filled.
    rows : of the attackers' own subjects (`result.limit_subjects` for fewer of them), of those on whom they
        choose epoch and direction, and of those attacked.
    make : from the side of the pictures in pixels to a classifier, such as `residual_classifier`.
    plan : of the training; `seed` takes the place of the plan's.
    attribute : binary, that is attacked.
    name : of the run, for its lines and its state in `resume_folder`.
    seed : of the network's first weights, the order, the augmentation, and the draws of subjects.
    replicates : draws of the intervals over subjects.
    augment : what the training pictures go through, as for `fit_classifier`.

    Raises
    ------
    ValueError : a subject is in two of the three, pictures of another shape, or a class is missing.
    """
    subjects = faces.subjects
    check_disjoint_subjects(*(subjects[part] for part in (rows.train, rows.calibration, rows.test)))
    shown = faces.with_images(pictures)
    set_determinism(seed)
    network = make(_side(faces))
    history = fit_classifier(
        network, shown, rows.train, rows.calibration, replace(plan, seed=seed), resume_folder,
        name=name, augment=augment, monitor="-val_auc", attribute=attribute,
    )  # fmt: skip
    known = attacker_scores(network, shown.images, rows.calibration)
    read = attacker_scores(network, shown.images, rows.test)
    attack = attack_result(
        read,
        faces.binary(attribute, rows.test),
        subjects[rows.test],
        calibrated_auc(known, faces.binary(attribute, rows.calibration)),
        replicates=replicates,
        seed=seed,
    )
    return replace(
        attack,
        learned_subjects=len(np.unique(subjects[rows.train])),
        learned_images=len(rows.train),
        parameters=network.count_params(),
        history=history,
        network=network,
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
