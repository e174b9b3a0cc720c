"""Attackers who learn from ever more subjects, and the game of a filter against one adversary.

Both OP and `private` are read by those who grow. The filter's pictures and as many originals are read by
attackers who learned from all subjects: what such a game hides is what somebody else can no longer learn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.learning_curve import (
    LearningCurve,
    curve_table,
    curve_trainings,
    embedding_learning_curve,
    image_learning_curve,
)
from lib.deidentify.attacks.result import AttackSplit, strongest_attack
from lib.deidentify.protections.adversarial_filter import AdversarialFilter, FilterRound, filter_protection
from lib.deidentify.protections.protect_set import protected_pictures
from lib.deidentify.protections.san import AutoencoderProtection
from lib.evaluation.protections import Protections
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ATTRIBUTE, FILTER = "Male", "filter"


def play_filter(
    faces: FaceSet,
    most: tuple[int, int],
    rounds: int,
    before: ModelStore,
    store: ModelStore,
    scratch: Path,
    *,
    seed: int,
) -> None:
    """Let the pre-trained autoencoder play against the pre-trained classifier, and keep it as FILTER.

    Parameters
    ----------
    faces : both learn from the protection's subjects; each round is measured on validation subjects.
    most : pictures of both kinds, at most.
    before : store with `autoencoder`, `classifier` and `matcher`.
    store : where the filter is kept, with its rounds.
    scratch : for checkpoints.
    """
    settings = before.about("autoencoder")["settings"]
    validation = np.flatnonzero(faces.labels["split"] == "validation")
    parts = (role_rows(faces.labels, "protection"), validation)
    learns, watched = (subsample(rows, count, seed) for rows, count in zip(parts, most, strict=True))
    lessons = TrainingPlan(1, 16, 0.001, seed), TrainingPlan(2, 16, 0.0005, seed)
    network = before.get("autoencoder", outputs=("sm", "op"))
    players = before.get("classifier"), [before.get("matcher")]
    game = AdversarialFilter(network, *players, faces, learns, watched)
    played = [one.to_dict() for one in game.play(rounds, lessons, scratch)]
    store.put_prototypes(before.prototypes)
    store.put(FILTER, game.filter, "autoencoder", settings, float16=True, about={"rounds": played})


def played_filter(store: ModelStore, rounds: int) -> tuple[AutoencoderProtection | None, list[FilterRound]]:
    """The filter that `play_filter` kept and its rounds; None and nothing where no round was played."""
    if not rounds:
        return None, []
    kept = [FilterRound.from_dict(one) for one in store.about(FILTER)["rounds"]]
    return filter_protection(store.get(FILTER, outputs=("sm", "op"))), kept


@dataclass(frozen=True)
class GrownReadings:
    """What attackers of pictures read.

    Attributes
    ----------
    faces, places : the attackers' own subjects, those they calibrate by and those attacked, as one set.
    shown : method -> pictures of these faces, uint8 (N, H, W).
    seen : method -> learning curve of classifiers.
    """

    faces: FaceSet
    places: AttackSplit
    shown: Mapping[str, np.ndarray]
    seen: Mapping[str, LearningCurve]

    def fresh(self, method: str) -> Estimate:
        """Direction-free AUC of the strongest attacker from all subjects on the pictures of a method."""
        return strongest_attack(self.seen[method][-1])[1].auc_free

    def growth(
        self,
        witness: Judge,
        methods: Sequence[str],
        growing: Sequence[int],
        *,
        training_seed: int = 0,
        **draws: Unpack[BootstrapOptions],
    ) -> pd.DataFrame:
        """Learning curves on pictures and on a witness' embeddings of them, as `curve_table`."""
        told = EmbeddingExtractor(witness, self.faces, self.places, ATTRIBUTE)
        heard = {
            name: embedding_learning_curve(
                told.embed(self.shown[name]), growing, training_seed=training_seed, **draws
            )
            for name in methods
        }
        kinds = {"embeddings": heard, "pictures": self.seen}
        return curve_table({(name, kind): by[name] for name in methods for kind, by in kinds.items()})


@dataclass(frozen=True)
class GrowingAttackers:
    """Who learns from whose pictures, in the training and on the page.

    Attributes
    ----------
    faces : with ATTRIBUTE known.
    learners, choosers : rows of the attackers' own subjects, and of those by whom they choose the epoch.
    designs : architecture -> epochs from all subjects.
    growing : numbers of subjects; 0: all.
    seed : of everything.
    """

    faces: FaceSet
    learners: np.ndarray
    choosers: np.ndarray
    designs: Mapping[str, int]
    growing: Sequence[int]
    seed: int

    @classmethod
    def drawn(
        cls,
        faces: FaceSet,
        own: np.ndarray,
        most: tuple[int, int],
        designs: Mapping[str, int],
        growing: Sequence[int],
        seed: int,
    ) -> GrowingAttackers:
        """Attackers who learn from some of the rows `own`, and choose by some validation pictures.

        Parameters
        ----------
        most : pictures to learn from, and to choose by, at most; 0: all.
        """
        validation = np.flatnonzero(faces.labels["split"] == "validation")
        parts = zip((own, validation), most, strict=True)
        learners, choosers = (subsample(rows, count, seed) for rows, count in parts)
        return cls(faces, learners, choosers, designs, growing, seed)

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
            altered |= {"before": to_grey(lessons.images), FILTER: protected_pictures(filtering, lessons)}
        plans = {kind: TrainingPlan(epochs, 16, 0.001, self.seed) for kind, epochs in self.designs.items()}
        trainings = curve_trainings(altered, places, lessons.subjects, self._numbers(altered), plans)
        train_attackers(trainings, lessons, store, scratch, attribute=ATTRIBUTE, augment=FLIP_ONLY)

    def read(
        self,
        protections: Protections,
        filtering: AutoencoderProtection | None,
        test: np.ndarray,
        store: ModelStore,
        *,
        limit_calibration: int = 0,
        **draws: Unpack[BootstrapOptions],
    ) -> GrownReadings:
        """Let the trained classifiers read the test subjects' pictures.

        Parameters
        ----------
        test : rows of `faces` that are attacked.
        limit_calibration : pictures at most by which directions are set; 0: all.
        draws : of the intervals over subjects.
        """
        choosing = subsample(self.choosers, limit_calibration, self.seed)
        faces, places = AttackSplit(self.learners, choosing, test).gathered(self.faces)
        shown = _pictures(faces, protections)
        if filtering:  # what the learners saw of these nobody reads here
            read = np.concatenate([places.calibration, places.test])
            shown |= {"before": to_grey(faces.images), FILTER: np.zeros_like(to_grey(faces.images))}
            shown[FILTER][read] = protected_pictures(filtering, faces.take(read))
        seen = image_learning_curve(
            store, faces, shown, places, self._numbers(shown), self.designs, attribute=ATTRIBUTE, **draws
        )
        return GrownReadings(faces, places, shown, seen)

    def _numbers(self, methods: Mapping[str, Any]) -> dict[str, Sequence[int]]:
        return {name: [0] if name in ("before", FILTER) else self.growing for name in methods}


def _pictures(faces: FaceSet, protections: Protections) -> dict[str, np.ndarray]:
    return {"op": protections.op(faces)} | protections.generated(faces)
