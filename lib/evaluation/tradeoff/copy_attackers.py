"""Attackers of the folder tool's copies: their training, and what they and published networks read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lib.deidentify.attacks.attacker_trainings import Design, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.kept_scores import save_scores
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.protections.base import Protection
from lib.evaluation.tradeoff.pasted_copies import judge_scores, pasted_copies
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ATTRIBUTE = "Male"

ATTACKERS, JUDGES = "attackers", "judges"
"""Kinds of readers."""
FILE, REPLACED = "copy_readers.npz", "copies_replaced.csv"
"""What they say of test subjects; treatment -> mean part of the frame that was replaced."""


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


@dataclass(frozen=True)
class CopyAttackers:
    """Attackers who learn from copies of their own subjects' photographs.

    Attributes
    ----------
    faces : frames with hair, neck and surroundings, points known.
    rows : of `framed_rows`.
    protection : of the faces in the copies.
    designs : by the attackers' names.
    """

    faces: FaceSet
    rows: AttackSplit
    protection: Protection
    designs: Mapping[str, Design]

    def train(self, judges: Mapping[str, Judge], folder: Path, scratch: Path) -> None:
        """Train classifiers on every plane of the copies, and keep what they and judges say of test subjects.

        Parameters
        ----------
        judges : published networks that never saw a copy.
        folder : where `CopyReadings.load` reads.
        scratch : for checkpoints and for the classifiers, whom nobody needs when they have been read.
        """
        store, rows = ModelStore(scratch / "copy_attackers"), self.rows
        lessons, places = AttackSplit(rows.train, rows.calibration, NOBODY).gathered(self.faces)
        planes = pasted_copies(lessons, self.protection).planes()
        trainings = grid_trainings(planes, places, self.designs)
        train_attackers(trainings, lessons, store, scratch, attribute=ATTRIBUTE, augment=FLIP_ONLY)
        shown, places = AttackSplit(NOBODY, rows.calibration, rows.test).gathered(self.faces)
        copies = pasted_copies(shown, self.protection)
        read = {
            ATTACKERS: AttackReader(store, shown, places, ATTRIBUTE).grid(copies.planes(), self.designs),
            JUDGES: judge_scores(judges, shown, copies, places, ATTRIBUTE),
        }
        save_scores(
            folder / FILE,
            {
                (kind, who, treatment): scores
                for kind, by in read.items()
                for who, own in by.items()
                for treatment, scores in own.items()
            },
        )
        pd.Series(copies.replaced, name="part").rename_axis("treatment").to_csv(folder / REPLACED)


def copy_designs(epochs: Mapping[str, int], plan: Callable[[int], TrainingPlan]) -> dict[str, Design]:
    """Designs of `CopyAttackers`: architecture -> epochs as name -> design."""
    return {f"copy_{kind}": Design(kind, plan(number)) for kind, number in epochs.items()}
