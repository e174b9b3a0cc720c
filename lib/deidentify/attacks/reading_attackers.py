"""Lets trained attackers read altered pictures of subjects whom none of them has seen.

What an attacker says comes first (`AttackScores`); figures are drawn from it only where they are kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, Unpack

import keras
import numpy as np

from lib.deidentify.attacks.attacker_trainings import Design, attacker_on
from lib.deidentify.attacks.image_attackers import subject_digests
from lib.deidentify.attacks.result import (
    AttackResult,
    AttackScores,
    AttackSplit,
    calibrated_auc,
    check_disjoint_subjects,
)
from lib.faces.faceset import FaceSet
from lib.measures.resampling import BootstrapOptions
from lib.training.inference import predict_images
from lib.training.store.model_store import ModelStore

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""
ScoreGrid = dict[str, dict[str, AttackScores]]
"""Attacker -> treatment -> what it says of the test rows."""
_ROWS = 1024

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class AttackReader:
    """Lets the attackers of a store read pictures of the same faces.

    Attributes
    ----------
    store : of `image_attackers.train_attackers`.
    faces : with `attribute` known in the rows that are read; they need not be those of the training.
    rows : to calibrate by, from which an attacker learns its direction, and those attacked; others do not
        matter.
    attribute : binary, that is attacked.
    """

    store: ModelStore
    faces: FaceSet
    rows: AttackSplit
    attribute: str

    def scores(self, name: str, pictures: np.ndarray) -> AttackScores:
        """What one attacker says of the rows attacked.

        Parameters
        ----------
        name : in the store.
        pictures : uint8 (N, H, W), one for each of the faces, or (N, H, W, 3); those of other rows do not
            matter.

        Raises
        ------
        WeightsError : the store lacks the attacker.
        ValueError : a subject was in its training, or pictures of another shape.
        """
        facts = self.store.about(name)
        self._check_unseen(facts)
        network, shown = self.store.get(name), self.faces.with_images(pictures)
        known = attacker_scores(network, shown.images, self.rows.calibration)
        read = attacker_scores(network, shown.images, self.rows.test)
        return AttackScores(
            read.astype(np.float64),
            calibrated_auc(known, self.faces.binary(self.attribute, self.rows.calibration)),
            len(facts["learned_from"]),
            facts["learned_images"],
        )

    def result(self, read: AttackScores, **draws: Unpack[BootstrapOptions]) -> AttackResult:
        """Figures of an attacker on the rows attacked.

        Parameters
        ----------
        draws : of the intervals over subjects.

        Raises
        ------
        ValueError : the attacker has no direction, or a class is missing.
        """
        test = self.rows.test
        return read.result(self.faces.binary(self.attribute, test), self.faces.subjects[test], **draws)

    def results(
        self, readings: Mapping[Key, tuple[str, np.ndarray]], **draws: Unpack[BootstrapOptions]
    ) -> dict[Key, AttackResult]:
        """Figures of several attackers, who read one after the other.

        Parameters
        ----------
        readings : whatever the caller calls a reading -> name of the attacker in the store, and the pictures
            that it reads, as for `scores`.
        draws : of the intervals over subjects.

        Raises
        ------
        WeightsError, ValueError : as `scores` and `result`.
        """
        return {key: self.result(self.scores(*asked), **draws) for key, asked in readings.items()}

    def grid(
        self,
        pictures: Mapping[str, np.ndarray],
        designs: Mapping[str, Design],
        crossed: Mapping[str, tuple[str, np.ndarray]] | None = None,
    ) -> ScoreGrid:
        """What the attackers of `grid_trainings` say, each of the treatments from which it learned.

        Parameters
        ----------
        pictures, designs : as for `grid_trainings`, pictures one for each of the faces.
        crossed : treatment -> another one, and pictures that the attackers read who learned from that one:
            `before` where they have taken a protection off. These come last.

        Raises
        ------
        WeightsError, ValueError : as `scores`.
        """
        others = crossed or {}
        shown = {name: (name, altered) for name, altered in pictures.items() if name not in others}
        return {
            attacker: {
                treatment: self.scores(attacker_on(attacker, learned), altered)
                for treatment, (learned, altered) in (shown | dict(others)).items()
                if one.learns_from(learned)
            }
            for attacker, one in designs.items()
        }

    def _check_unseen(self, facts: Mapping[str, Any]) -> None:
        """Refuse to attack subjects that an attacker has seen, or to calibrate by those it learned from."""
        direction, attacked = (self.faces.subjects[part] for part in (self.rows.calibration, self.rows.test))
        check_disjoint_subjects(direction, attacked)
        learned, seen = set(facts["learned_from"]), {*facts["learned_from"], *facts["chosen_by"]}
        for subjects, known, what in ((attacked, seen, "is attacked"), (direction, learned, "calibrates")):
            met = [name for name in np.unique(subjects) if known.intersection(subject_digests([name]))]
            if met:
                raise ValueError(
                    f"{self.faces.name}: {len(met)} subjects were in the attacker's training, such as "
                    f"{met[0]}, which {what}: choose other rows, or train it anew"
                )


def attacker_scores(network: keras.Model, images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Logits (R,) of some rows of uint8 (N, H, W, 3 or 1), of which only a few are in memory at a time."""
    index = np.asarray(rows)
    index = np.flatnonzero(index) if index.dtype == bool else index
    parts = [predict_images(network, images[index[at : at + _ROWS]]) for at in range(0, len(index), _ROWS)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
