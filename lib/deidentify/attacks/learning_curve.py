"""Learning curves of attackers: what they read over the number of subjects that they learned from.

Two kinds learn from the same altered pictures of the same subjects: attackers on a recogniser's embeddings,
and classifiers of the pictures; of each kind the strongest counts. Classifiers take the same number of steps,
however few their subjects are, so that their curve shows what subjects add and not what training adds.
Attackers on embeddings are cheap: each trains to its end and keeps the epoch best on calibration subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingAttackData
from lib.deidentify.attacks.image_attackers import AttackerTraining, read_attackers
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_subjects
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

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
    embedded: EmbeddingAttackData,
    wanted: Iterable[int],
    *,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> LearningCurve:
    """Attackers on embeddings as their subjects grow.

    Parameters
    ----------
    embedded : one method's pictures, as `EmbeddingExtractor` embeds them.
    wanted : numbers of subjects; 0: all.
    training_seed : of the attackers' training and of the draw of their subjects.
    draws : of the intervals.
    """
    return [
        embedded.attack(subjects=number, training_seed=training_seed, **draws)
        for number in subject_counts(embedded.train.subjects, wanted)
    ]


def curve_trainings(
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    subjects: np.ndarray,
    wanted: Mapping[str, Iterable[int]],
    designs: Mapping[str, TrainingPlan],
) -> list[AttackerTraining]:
    """Trainings of classifiers from nothing as their subjects grow.

    Parameters
    ----------
    pictures : method -> uint8 (N, H, W), one for each of the faces.
    rows : of the attackers' own subjects, and of those they choose by.
    subjects : (N,) subject of each of the faces.
    wanted : method -> numbers of subjects; 0: all.
    designs : architecture, one of `ARCHITECTURES` -> its plan for all subjects; fewer are shown as many times
        over, so that steps and validations are as many. Its seed draws the subjects. Which design
        finds a picture's trace cannot be known before: the strongest counts.
    """
    own = subjects[rows.train]
    return [
        AttackerTraining(
            curve_name(method, number, kind),
            altered,
            replace(rows, train=_repeated(rows.train, limit_subjects(own, number, seed=plan.seed))),
            kind,
            plan,
        )
        for method, altered in pictures.items()
        for number in subject_counts(own, wanted[method])
        for kind, plan in designs.items()
    ]


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
    """Let the classifiers of `curve_trainings` read the test subjects' pictures.

    Parameters
    ----------
    store, faces, attribute : as for `read_attackers`.
    pictures, wanted : as for `curve_trainings`, pictures one for each row of `faces`.
    rows : also of those attacked.
    designs : architectures.
    seed, replicates : of the intervals over subjects.

    Returns
    -------
    Learning curves by method, attackers by architecture.

    Raises
    ------
    WeightsError : the store lacks an attacker.
    ValueError : as `read_attacker`.
    """
    own, kinds = faces.subjects[rows.train], list(designs)
    numbers = {method: subject_counts(own, wanted[method]) for method in pictures}
    readings = {
        (method, number, kind): (curve_name(method, number, kind), altered)
        for method, altered in pictures.items()
        for number in numbers[method]
        for kind in kinds
    }
    read = read_attackers(store, faces, readings, rows, attribute=attribute, seed=seed, replicates=replicates)
    return {
        method: [{kind: read[method, number, kind] for kind in kinds} for number in some]
        for method, some in numbers.items()
    }


def curve_name(method: str, number: int, kind: str) -> str:
    """Name in the store of the attacker of one architecture who learned from so many subjects of a method."""
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
