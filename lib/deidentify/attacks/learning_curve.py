"""Learning curves of attackers: what they read over the number of subjects that they learned from.

Two kinds learn from the same altered pictures of the same subjects: attackers on a recogniser's embeddings,
and classifiers of the pictures; of each kind the strongest counts. Classifiers take the same number of steps,
however few their subjects are, so that their curve shows what subjects add and not what training adds.
Attackers on embeddings are cheap: each trains to its end and keeps the epoch best on calibration subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingAttackData
from lib.deidentify.attacks.images import TrainedAttacker, read_attacker, train_and_keep
from lib.deidentify.attacks.result import AttackResult, AttackSplit, limit_subjects
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.plan import TrainingPlan
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore

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


def train_image_learning_curve(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    wanted: Mapping[str, Iterable[int]],
    designs: Mapping[str, TrainingPlan],
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    attribute: str,
    augment: Sequence[Augmentation] = FLIP_ONLY,
) -> None:
    """Train classifiers from nothing as their subjects grow, in parallel, and keep them in a store.

    Parameters
    ----------
    faces : with `attribute` known.
    pictures : method -> uint8 (N, H, W), one for each of the faces.
    rows : of the attackers' own subjects, of those they choose by, and of those attacked.
    wanted : method -> numbers of subjects; 0: all.
    designs : architecture, one of `KINDS` -> its plan for all subjects; fewer are shown as many times over,
        so that steps and validations are as many. All have one seed. Which design finds a picture's trace
        cannot be known before: the strongest counts.
    store : for the networks.
    resume_folder : for checkpoints; clear it afterwards.
    attribute : binary, that is attacked.
    """
    subjects, [seed] = faces.subjects[rows.train], {plan.seed for plan in designs.values()}
    tasks = [
        partial(
            train_and_keep, faces, pictures[method],
            replace(rows, train=_repeated(rows.train, limit_subjects(subjects, number, seed=seed))),
            kind, plan, store, resume_folder,
            name=_name(method, number, kind), attribute=attribute, augment=augment,
        )
        for method in pictures
        for number in subject_counts(subjects, wanted[method])
        for kind, plan in designs.items()
    ]  # fmt: skip
    run_parallel(tasks, title="attackers of growing size")


def image_learning_curve(
    store: ModelStore,
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    wanted: Mapping[str, Iterable[int]],
    designs: Iterable[str],
    *,
    attribute: str,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> dict[str, LearningCurve]:
    """Let the classifiers of `train_image_learning_curve` read the test subjects' pictures.

    Parameters
    ----------
    store, faces, pictures, rows, wanted, attribute : as for `train_image_learning_curve`.
    designs : architectures.
    seed, replicates : of the intervals over subjects.

    Returns
    -------
    Learning curves by method, attackers by architecture.

    Raises
    ------
    WeightsError : the store lacks an attacker.
    """
    names, subjects = list(designs), faces.subjects[rows.train]
    read = partial(
        read_attacker, faces=faces, rows=rows, attribute=attribute, seed=seed, replicates=replicates
    )
    return {
        method: [
            {
                kind: read(TrainedAttacker.get(store, _name(method, number, kind)), pictures=altered)
                for kind in names
            }
            for number in subject_counts(subjects, wanted[method])
        ]
        for method, altered in pictures.items()
    }


def _name(method: str, number: int, kind: str) -> str:
    return f"attacker_{kind}_{method}_{number}_subjects"


def _repeated(rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The chosen rows, over and over, as many as there are rows."""
    return np.resize(rows[chosen], len(rows))


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
