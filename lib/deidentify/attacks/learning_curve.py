"""Attackers who grow: more subjects make a better one, and several pictures of one subject are read better.

Two kinds learn from the same altered pictures of the same subjects, readers of a recogniser's embeddings and
classifiers of the pictures themselves; of each kind the worst counts. Classifiers take the same number of
steps, however few their subjects are, so that their curve shows what subjects add and not what training adds.
Readers of embeddings are cheap: each trains to its end and keeps the epoch that calibration subjects prefer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.embedding_readers import EmbeddingAttackData
from lib.deidentify.attacks.grid import AttackSplit
from lib.deidentify.attacks.images import train_attacker
from lib.deidentify.attacks.result import limit_subjects
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate
from lib.measures.resampling import REPLICATES, BootstrapOptions
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.recipes import FLIP_ONLY, TrainingPlan

ONE, SEVERAL = "one picture", "all pictures of a subject"


@dataclass(frozen=True)
class LearningCurvePoint:
    """An attacker of some size.

    Attributes
    ----------
    reads : `embeddings` or `pictures`.
    subjects, images : that it learned from.
    one : direction-free AUC on single pictures. several : on the mean score of all pictures of a subject.
    """

    reads: str
    subjects: int
    images: int
    one: Estimate
    several: Estimate


def subject_counts(people: np.ndarray, wanted: Iterable[int]) -> list[int]:
    """Numbers of subjects to try, rising: those wanted that are there; 0, and any beyond all, mean all.

    Parameters
    ----------
    people : (N,) subject of each row.
    """
    count = len(np.unique(people))
    return sorted({min(number or count, count) for number in wanted})


def embedding_learning_curve(
    embedded: EmbeddingAttackData, wanted: Iterable[int], **draws: Unpack[BootstrapOptions]
) -> Iterator[LearningCurvePoint]:
    """Readers of embeddings, one after the other as their subjects grow.

    Parameters
    ----------
    embedded : one method's pictures, as `weighing.Witnesses` embeds them.
    wanted : numbers of subjects; 0: all.
    draws : of the intervals.
    """
    for number in subject_counts(embedded.train.subjects, wanted):
        read = embedded.read(subjects=number, **draws)
        yield LearningCurvePoint("embeddings", read.subjects, read.images, read.figure, read.figure_averaged)


def image_learning_curve(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    wanted: Mapping[str, Iterable[int]],
    designs: Mapping[Callable[[int], keras.Model], TrainingPlan],
    folder: str | Path | None,
    *,
    replicates: int = REPLICATES,
    augment: Sequence[Augmentation] = FLIP_ONLY,
) -> dict[str, list[LearningCurvePoint]]:
    """Classifiers trained from nothing as their subjects grow, beside each other (`training.beside`).

    Parameters
    ----------
    faces : with `Male` known.
    pictures : method -> uint8 (N, H, W), one for each of the faces.
    rows : of the attackers' own subjects, of those they choose by, and of those attacked.
    wanted : method -> numbers of subjects; 0: all.
    designs : function of a module, from the side of the pictures to a fresh classifier -> its plan for all
        subjects; fewer are shown as many times over, so that steps and validations are as many. All have one
        seed. Which design a picture's trace is found by cannot be known before: the worst counts.
    folder : for checkpoints; clear it afterwards.

    Returns
    -------
    Attackers by method, each list rising.
    """
    people, [seed] = faces.subjects[rows.train], {plan.seed for plan in designs.values()}
    pairs = [
        (method, rows.train[limit_subjects(people, number, seed=seed)])
        for method in pictures
        for number in subject_counts(people, wanted[method])
    ]
    tasks = [
        partial(
            train_attacker, faces, pictures[method], np.resize(some, len(rows.train)), rows.calibration,
            rows.test,
            make, plan, folder, name=f"{method}, {len(some)} images, {make.__name__}",
            seed=seed, replicates=replicates, augment=augment,
        )
        for method, some in pairs
        for make, plan in designs.items()
    ]  # fmt: skip
    attacks = iter(run_parallel(tasks, title="growing attackers"))
    found: dict[str, list[LearningCurvePoint]] = {method: [] for method in pictures}
    for method, some in pairs:
        these = [next(attacks) for _ in designs]
        one, several = (
            max((attack.figure for attack in kind), key=lambda figure: figure.estimate)
            for kind in (these, [attack.averaged(replicates=replicates, seed=seed) for attack in these])
        )
        found[method].append(LearningCurvePoint("pictures", these[0].subjects, len(some), one, several))
    return found


def curve_table(grown: Mapping[str, Iterable[LearningCurvePoint]]) -> pd.DataFrame:
    """What `figures.growth` draws and a CSV keeps: two rows for each attacker.

    Parameters
    ----------
    grown : attackers by the method whose pictures they read.

    Returns
    -------
    Columns method, reads, subjects, images, averaged (`one picture` or `all pictures of a subject`) and the
    figure's estimate, low, high, n.
    """
    return pd.DataFrame(
        {"method": method, "reads": one.reads, "subjects": one.subjects, "images": one.images}
        | {"averaged": said, **figure.to_dict()}
        for method, attackers in grown.items()
        for one in attackers
        for said, figure in ((ONE, one.one), (SEVERAL, one.several))
    )


def strongest_point(table: pd.DataFrame, method: str, averaged: str = ONE) -> Estimate:
    """The highest figure of all attackers on one method's pictures, whatever they read and their size.

    Parameters
    ----------
    table : as `growth_table` gives it. averaged : ONE or SEVERAL.
    """
    some = table[(table["method"] == method) & (table["averaged"] == averaged)]
    figures = [Estimate(*row) for row in some[["estimate", "low", "high", "n"]].itertuples(index=False)]
    return max(figures, key=lambda one: one.estimate)
