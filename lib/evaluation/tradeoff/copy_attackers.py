"""Attackers of the folder tool's copies: their training, and what they and published networks read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.attacker_trainings import Design, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.protections.base import Protection
from lib.evaluation.tradeoff.copies_table import copies_table
from lib.evaluation.tradeoff.pasted_copies import pasted_copies, read_judges
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.measures.resampling import BootstrapOptions
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ATTRIBUTE = "Male"

COPY = "copy_"
"""Beginning of the names of these attackers in a store."""


def framed_rows(faces: FaceSet, most: int, seed: int) -> AttackSplit:
    """The attackers' own subjects, validation and test subjects, of pictures that the tool would copy.

    Parameters
    ----------
    most : pictures of the attackers' own subjects at most; 0: all.
    seed : of their draw.
    """
    points = faces.points
    there = np.ones(len(faces), bool) if points is None else np.isfinite(points).all((1, 2))
    there = there & faces.known(ATTRIBUTE)
    own = role_rows(faces.labels, "attackers")
    split = faces.labels["split"].to_numpy()
    choosing, test = (np.flatnonzero(there & (split == name)) for name in ("validation", "test"))
    return AttackSplit(subsample(own[there[own]], most, seed), choosing, test)


def _designs(designs: Mapping[str, int], seed: int = 0) -> dict[str, Design]:
    plans = {kind: TrainingPlan(epochs, 16, 0.001, seed) for kind, epochs in designs.items()}
    return {COPY + kind: Design(kind, plan) for kind, plan in plans.items()}


def train_on_copies(
    faces: FaceSet,
    protection: Protection,
    rows: AttackSplit,
    designs: Mapping[str, int],
    store: ModelStore,
    scratch: Path,
    *,
    seed: int,
) -> None:
    """Train classifiers on every plane of the copies, and keep them.

    Parameters
    ----------
    faces : frames with hair, neck and surroundings, points known.
    rows : of the attackers' own subjects, and of those by whom they choose; those attacked do not matter.
    designs : architecture -> epochs.
    scratch : for checkpoints.
    """
    lessons, places = AttackSplit(rows.train, rows.calibration, NOBODY).gathered(faces)
    planes = pasted_copies(lessons, protection).planes()
    trainings = grid_trainings(planes, places, _designs(designs, seed))
    train_attackers(trainings, lessons, store, scratch, attribute=ATTRIBUTE, augment=FLIP_ONLY)


def read_copies(
    faces: FaceSet,
    protection: Protection,
    rows: AttackSplit,
    designs: Mapping[str, int],
    store: ModelStore,
    judges: Mapping[str, Judge],
    **draws: Unpack[BootstrapOptions],
) -> pd.DataFrame:
    """What the strongest attacker and the strongest judge read of the test subjects' copies.

    Parameters
    ----------
    faces, protection, rows, designs, store : as for `train_on_copies`, and rows of those attacked.
    judges : published networks that never saw a copy.
    draws : of the intervals over subjects.

    Returns
    -------
    As `copies_table`.
    """
    shown, places = AttackSplit(NOBODY, rows.calibration, rows.test).gathered(faces)
    copies = pasted_copies(shown, protection)
    planes = copies.planes()
    reader = AttackReader(store, shown, places, ATTRIBUTE)
    grid = {
        who: {name: reader.result(one, **draws) for name, one in own.items()}
        for who, own in reader.grid(planes, _designs(designs)).items()
    }
    judged = read_judges(judges, shown, copies, places, attribute=ATTRIBUTE, **draws)
    return copies_table(grid, judged, copies.replaced)
