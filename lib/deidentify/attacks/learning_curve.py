"""Learning curves of attackers: what they read over the number of subjects that they learned from.

Two kinds learn from the same altered pictures of the same subjects: attackers on a recogniser's embeddings,
and classifiers of the pictures; of each kind the strongest counts. Classifiers take the same number of steps,
however few their subjects are, so that their curve shows what subjects add and not what training adds.
Attackers on embeddings are cheap: each trains to its end and keeps the epoch best on calibration subjects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingAttackData
from lib.deidentify.attacks.images import train_attacker
from lib.deidentify.attacks.result import AttackResult, AttackSplit, limit_subjects
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.plan import TrainingPlan
from lib.training.recipes import FLIP_ONLY

ONE, SEVERAL = "one picture", "all pictures of a subject"


LearningCurve = list[dict[str, AttackResult]]
"""For each number of subjects, rising: the result of each attacker."""


def subject_counts(subjects: np.ndarray, wanted: Iterable[int]) -> list[int]:
    """Numbers of subjects to try, rising: those wanted that are there; 0, and any beyond all, mean all.

    Parameters
    ----------
    subjects : (N,) subject of each row.
    """
    count = len(np.unique(subjects))
    return sorted({min(number or count, count) for number in wanted})


def embedding_learning_curve(
    embedded: EmbeddingAttackData, wanted: Iterable[int], **draws: Unpack[BootstrapOptions]
) -> LearningCurve:
    """Attackers on embeddings as their subjects grow.

    Parameters
    ----------
    embedded : one method's pictures, as `EmbeddingExtractor` embeds them.
    wanted : numbers of subjects; 0: all.
    draws : of the intervals.
    """
    return [
        embedded.attack(subjects=number, **draws)
        for number in subject_counts(embedded.train.subjects, wanted)
    ]


def image_learning_curve(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    wanted: Mapping[str, Iterable[int]],
    designs: Mapping[Callable[[int], keras.Model], TrainingPlan],
    folder: str | Path | None,
    *,
    attribute: str,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = FLIP_ONLY,
) -> dict[str, LearningCurve]:
    """Classifiers trained from nothing as their subjects grow, in parallel (`training.parallel`).

    Parameters
    ----------
    faces : with `attribute` known.
    attribute : binary, that is attacked.
    pictures : method -> uint8 (N, H, W), one for each of the faces.
    rows : of the attackers' own subjects, of those they choose by, and of those attacked.
    wanted : method -> numbers of subjects; 0: all.
    designs : function of a module, from the side of the pictures to a fresh classifier -> its plan for all
        subjects; fewer are shown as many times over, so that steps and validations are as many. All have one
        seed. Which design finds a picture's trace cannot be known before: the strongest counts.
    folder : for checkpoints; clear it afterwards.

    Returns
    -------
    Learning curves by method.
    """
    subjects, [seed] = faces.subjects[rows.train], {plan.seed for plan in designs.values()}
    pairs = [
        (method, rows.train[limit_subjects(subjects, number, seed=seed)])
        for method in pictures
        for number in subject_counts(subjects, wanted[method])
    ]
    tasks = [
        partial(
            train_attacker, faces, pictures[method], replace(rows, train=np.resize(some, len(rows.train))),
            make, plan, folder, name=f"{method}, {len(some)} images, {make.__name__}",
            attribute=attribute, seed=seed, replicates=replicates, augment=augment,
        )
        for method, some in pairs
        for make, plan in designs.items()
    ]  # fmt: skip
    attacks = iter(run_parallel(tasks, title="attackers of growing size"))
    found: dict[str, LearningCurve] = {method: [] for method in pictures}
    for method, some in pairs:  # repeated images count once
        point = {make.__name__: replace(next(attacks), learned_images=len(some)) for make in designs}
        found[method].append(point)
    return found


def curve_table(curves: Mapping[tuple[str, str], LearningCurve]) -> pd.DataFrame:
    """Table that `figures.learning_curve` draws and a CSV keeps: two rows for each size of attackers.

    Parameters
    ----------
    curves : by method and by what the attackers read, `embeddings` or `pictures`.

    Returns
    -------
    Columns method, reads, subjects, images, averaged (`one picture` or `all pictures of a subject`) and
    estimate, low, high, n of the strongest attacker of that size.
    """
    rows = []
    for (method, reads), curve in curves.items():
        for attackers in curve:
            first = next(iter(attackers.values()))
            size = {"subjects": first.learned_subjects, "images": first.learned_images}
            kinds = {ONE: "auc_free", SEVERAL: "averaged"}
            for said, kind in kinds.items():
                estimates = {name: getattr(one, kind) for name, one in attackers.items()}
                told = estimates[strongest(estimates)].to_dict()
                rows.append({"method": method, "reads": reads, **size, "averaged": said, **told})
    return pd.DataFrame(rows)


def strongest_point(table: pd.DataFrame, method: str, averaged: str = ONE) -> Estimate:
    """The highest estimate of all attackers on one method's pictures, whatever they read and their size.

    Parameters
    ----------
    table : of `curve_table`. averaged : ONE or SEVERAL.
    """
    some = table[(table["method"] == method) & (table["averaged"] == averaged)]
    rows = some[["estimate", "low", "high", "n"]].itertuples(index=False)
    estimates = {number: Estimate(*row) for number, row in enumerate(rows)}
    return estimates[strongest(estimates)]
