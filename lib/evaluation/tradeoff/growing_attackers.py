"""Attackers who learn from ever more subjects, on pictures and on a recogniser's embeddings of them.

Both OP and `private` are read by those who grow. The filter's pictures and as many originals are read by
attackers who learned from all subjects: what such a game hides is what somebody else can no longer learn.
A training stage trains them and keeps what they say of test subjects; a page draws the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.attacker_trainings import curve_name, curve_trainings, subject_counts
from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.kept_scores import load_scores, save_scores
from lib.deidentify.attacks.learning_curve import LearningCurve, curve_table
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackResult, AttackScores, AttackSplit, strongest_attack
from lib.deidentify.protections.protect_set import protected_pictures
from lib.deidentify.protections.san import AutoencoderProtection
from lib.evaluation.protections import Protections
from lib.evaluation.tradeoff.filter_game import FILTER
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.row_sampling import subsample
from lib.judges.base import Judge
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ATTRIBUTE, BEFORE = "Male", "before"
UNGROWN = (BEFORE, FILTER)
"""Methods that are read only by attackers who learned from all subjects."""
EMBEDDINGS, PICTURES = "embeddings", "pictures"
"""What attackers read."""
FILE = "growing_attackers.npz"


@dataclass(frozen=True)
class GrownReadings:
    """What attackers who grow read of test subjects.

    Attributes
    ----------
    curves : `embeddings` and `pictures` -> method -> learning curve.
    """

    curves: dict[str, dict[str, LearningCurve]]

    @classmethod
    def of(cls, folder: Path, faces: FaceSet, test: np.ndarray, **draws: Unpack[BootstrapOptions]) -> Self:
        """Figures of the attackers whose scores `GrowingAttackers.keep_scores` kept.

        Parameters
        ----------
        faces, test : as they were attacked.
        draws : of the intervals over subjects.

        Raises
        ------
        WeightsError : nobody was trained.
        """
        positive, subjects = faces.binary(ATTRIBUTE, test), faces.subjects[test]
        by_size: dict[str, dict[str, dict[int, dict[str, AttackResult]]]] = {}
        for (reads, method, number, attacker), said in load_scores(folder / FILE).items():
            sizes = by_size.setdefault(reads, {}).setdefault(method, {})
            sizes.setdefault(int(number), {})[attacker] = said.result(positive, subjects, **draws)
        return cls(
            {
                reads: {method: [own[number] for number in sorted(own)] for method, own in by.items()}
                for reads, by in by_size.items()
            }
        )

    def fresh(self) -> dict[str, Estimate]:
        """Direction-free AUC of the strongest attacker from all subjects, on each of UNGROWN."""
        seen = self.curves[PICTURES]
        return {name: strongest_attack(seen[name][-1])[1].auc_free for name in UNGROWN if name in seen}

    def growth(self) -> pd.DataFrame:
        """Learning curves of the methods that both kinds of attackers read, as `curve_table`."""
        heard, seen = self.curves[EMBEDDINGS], self.curves[PICTURES]
        both = {EMBEDDINGS: heard, PICTURES: seen}
        return curve_table({(name, kind): by[name] for name in heard for kind, by in both.items()})


@dataclass(frozen=True)
class GrowingAttackers:
    """Who learns from whose pictures, in the training and on the page.

    Attributes
    ----------
    faces : with ATTRIBUTE known.
    learners, choosers : rows of the attackers' own subjects, and of those by whom they choose the epoch.
    calibration : of these, rows by which they set their direction.
    designs : architecture -> plan of a training from all subjects.
    growing : numbers of subjects; 0: all.
    """

    faces: FaceSet
    learners: np.ndarray
    choosers: np.ndarray
    calibration: np.ndarray
    designs: Mapping[str, TrainingPlan]
    growing: Sequence[int]

    @classmethod
    def drawn(
        cls,
        faces: FaceSet,
        own: np.ndarray,
        most: tuple[int, int, int],
        designs: Mapping[str, TrainingPlan],
        growing: Sequence[int],
        seed: int,
    ) -> GrowingAttackers:
        """Attackers who learn from some of the rows `own`, and choose by some validation pictures.

        Parameters
        ----------
        designs, growing : as of the class.
        most : pictures to learn from, to choose by, and of these to set directions by, at most; 0: all.
        """
        validation = np.flatnonzero(faces.labels["split"] == "validation")
        learners, choosers = subsample(own, most[0], seed), subsample(validation, most[1], seed)
        return cls(faces, learners, choosers, subsample(choosers, most[2], seed), designs, growing)

    def train(
        self,
        protections: Protections,
        filtering: AutoencoderProtection | None,
        store: ModelStore,
        scratch: Path,
    ) -> None:
        """Train all classifiers and keep them in the store.

        Parameters
        ----------
        filtering : of `played_filter`. scratch : for checkpoints.
        """
        lessons, places = AttackSplit(self.learners, self.choosers, NOBODY).gathered(self.faces)
        altered = _pictures(lessons, protections)
        if filtering:
            altered |= {BEFORE: to_grey(lessons.images), FILTER: protected_pictures(filtering, lessons)}
        numbers = self._numbers(altered)
        trainings = curve_trainings(altered, places, lessons.subjects, numbers, self.designs)
        train_attackers(trainings, lessons, store, scratch, attribute=ATTRIBUTE, augment=FLIP_ONLY)

    def keep_scores(
        self,
        protections: Protections,
        filtering: AutoencoderProtection | None,
        witness: Judge,
        test: np.ndarray,
        store: ModelStore,
        folder: Path,
    ) -> None:
        """Let the trained classifiers, and readers of embeddings, score the test subjects' pictures; keep it.

        Parameters
        ----------
        filtering : as for `train`.
        witness : recogniser whose embeddings are read.
        test : rows of `faces` that are attacked.
        store : of the trained classifiers; when this is done nobody needs them any more.
        folder : where `GrownReadings.of` reads.
        """
        faces, places = AttackSplit(self.learners, self.calibration, test).gathered(self.faces)
        grown = _pictures(faces, protections)
        extractor = EmbeddingExtractor(witness, faces, places, ATTRIBUTE)
        kept: dict[tuple[str, ...], AttackScores] = {}
        for method, pictures in grown.items():
            embedded = extractor.embed(pictures)
            for number in subject_counts(embedded.train.subjects, self.growing):
                said = embedded.scores(subjects=number)
                kept |= {(EMBEDDINGS, method, str(number), name): one for name, one in said.items()}
        shown = grown | (_with_filter(faces, places, filtering) if filtering else {})
        reader = AttackReader(store, faces, places, ATTRIBUTE)
        for method, numbers in self._numbers(shown).items():
            for number in subject_counts(faces.subjects[places.train], numbers):
                for kind in self.designs:
                    name = curve_name(method, number, kind)
                    kept[PICTURES, method, str(number), kind] = reader.scores(name, shown[method])
        save_scores(folder / FILE, kept)

    def _numbers(self, methods: Mapping[str, Any]) -> dict[str, Sequence[int]]:
        return {name: [0] if name in UNGROWN else self.growing for name in methods}


def _with_filter(
    faces: FaceSet, places: AttackSplit, filtering: AutoencoderProtection
) -> dict[str, np.ndarray]:
    """Originals, and the filter's pictures of those whom somebody reads; the others are left black."""
    read = np.concatenate([places.calibration, places.test])
    before = to_grey(faces.images)
    filtered = np.zeros_like(before)
    filtered[read] = protected_pictures(filtering, faces.take(read))
    return {BEFORE: before, FILTER: filtered}


def _pictures(faces: FaceSet, protections: Protections) -> dict[str, np.ndarray]:
    return {"op": protections.op(faces)} | protections.generated(faces)
