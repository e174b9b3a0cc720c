"""Who tries to read perceived gender from altered pictures: classifiers retrained on such pictures.

The attacker knows the protection: it alters pictures of its own subjects, whose labels it knows, and trains
a fresh classifier on them. Beside it stands the same attacker retrained on controls, and the one trained on
originals, who must pass the gate first (`attackers.gate`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import AttackResult, attack_result, calibrated_auc, check_disjoint_subjects
from lib.faces.faceset import FaceSet
from lib.measures.claims import BASELINES, Claim, claims
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.measures.validation import as_bools
from lib.training.data.feed import Augmentation, column
from lib.training.loop.device import set_determinism
from lib.training.recipes import STRONG_AUGMENTATION, TrainingPlan, fit_classifier, predict_images

_ROWS = 1024


def train_attacker(
    faces: FaceSet,
    pictures: np.ndarray,
    train: np.ndarray,
    calibration: np.ndarray,
    test: np.ndarray,
    make: Callable[[int], keras.Model],
    plan: TrainingPlan,
    resume_folder: str | Path | None = None,
    *,
    name: str = "attacker",
    seed: int = 0,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> AttackResult:
    """Train a fresh classifier on altered pictures with the true labels and let it read other subjects'.

    Parameters
    ----------
    faces : with `Male` known in all rows named here.
    pictures : uint8 (N, H, W), one for each row of `faces`, or (N, H, W, 3); may be a memory map. Only the
        rows named here matter, so the others need not be filled.
    train : rows of the attacker's own subjects; see `attackers.limited` for fewer of them.
    calibration : rows on whose subjects it chooses its epoch and its direction.
    test : rows that are attacked. No subject may be in two of the three.
    make : from the side of the pictures in pixels to a classifier, such as `residual_classifier`.
    plan : of the training; `seed` takes the place of the plan's.
    name : of the run, for its lines and its state in `resume_folder`.
    seed : of the network's first weights, the order, the augmentation, and the draws of subjects.
    replicates : draws of the intervals over subjects.
    augment : what the training pictures go through, as for `fit_classifier`.

    Raises
    ------
    ValueError : a subject is in two of the three, pictures of another shape, or a class is missing.
    """
    people = faces.subjects
    check_disjoint_subjects(*(people[rows] for rows in (train, calibration, test)))
    set_of_pictures = faces.with_images(pictures)
    male = column(faces, "Male")
    set_determinism(seed)
    network = make(_side(faces))
    history = fit_classifier(
        network, set_of_pictures, train, calibration, replace(plan, seed=seed), resume_folder,
        name=name, augment=augment, monitor="-val_auc",
    )  # fmt: skip
    known = attacker_scores(network, set_of_pictures.images, calibration)
    read = attacker_scores(network, set_of_pictures.images, test)
    direction = calibrated_auc(known, male[calibration])
    draws: BootstrapOptions = {"replicates": replicates, "seed": seed}
    attack = attack_result(read, as_bools(male[test], "Male"), people[test], direction, **draws)
    learned = len(np.unique(people[train]))
    return replace(attack, subjects=learned, parameters=network.count_params(), history=history)


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
    attacks : per judge and treatment what it read of the same test images (`attackers.attack_of` makes it for
        a judge that does not retrain; the attacker retrained on `control` is the baseline of the one
        retrained on `op`). `before` may be there, it claims nothing.
    claimed, baselines, draws : as for `claims`.

    Returns
    -------
    One row for each claim with the attributes of `Claim` as columns; figures stay Figures.

    Raises
    ------
    ValueError : the attacks are on different images.
    """
    male, people = _same_images(attacks)
    scores = {judge: {name: one.scores for name, one in own.items()} for judge, own in attacks.items()}
    known = {
        judge: {name: one.calibration_auc for name, one in own.items()} for judge, own in attacks.items()
    }
    found = claims(scores, known, male, people, claimed=claimed, baselines=baselines, **draws)
    names = [one.name for one in fields(Claim)]
    return pd.DataFrame([[getattr(one, name) for name in names] for one in found], columns=names)


def _same_images(attacks: Mapping[str, Mapping[str, AttackResult]]) -> tuple[np.ndarray, np.ndarray]:
    every = [(f"{judge}, {name}", one) for judge, own in attacks.items() for name, one in own.items()]
    if not every:
        raise ValueError("no attack, no claim")
    first = every[0][1]
    for who, one in every:
        if not (np.array_equal(one.male, first.male) and np.array_equal(one.people, first.people)):
            raise ValueError(
                f"{who}: other test images than {every[0][0]}; a paired difference needs the same"
            )
    return first.male, first.people
