"""Faces on which chapter 05 judges, and their pictures under all treatments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

import numpy as np

from lib.deidentify.attacks.image_attackers import NOBODY
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackSplit
from lib.evaluation.lfw_sample import first_pictures
from lib.evaluation.protections import Protections, recipe_output, with_comparisons
from lib.evaluation.san.treatments import op_as_told
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample, subsample_per_subject
from lib.judges.book_networks import GenderJudge
from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate
from lib.measures.image_quality import rmse
from lib.measures.resampling import BootstrapOptions
from lib.networks.san import OUTPUTS
from lib.training.store.model_store import ModelStore

VALIDATION = "validation"
OP_PREDICTED = "op_predicted"
"""OP as a user can make it: the network told the label that a classifier predicts."""
STEPS_OF = "report_op"
"""Recipe of which SM and NT are judged as well, beside the report's figures."""
Pictures = Mapping[str, np.ndarray]
"""Treatment -> uint8 (N, H, W)."""


@dataclass(frozen=True)
class GenderTest:
    """Faces on which directions are learned, and those on which everybody is judged, one behind the other.

    Attributes
    ----------
    faces : all of them, with known `Male`.
    rows : VALIDATION and each data set -> rows in `faces`.
    fingerprints : data set -> that of the images it was drawn from.
    """

    faces: FaceSet
    rows: dict[str, np.ndarray]
    fingerprints: dict[str, str]

    @classmethod
    def of(
        cls,
        faces: FaceSet,
        validation: np.ndarray,
        lfw: FaceSet | None = None,
        *,
        most_test: int = 0,
        limit_calibration: int = 0,
        limit_lfw: int = 0,
        seed: int = 0,
    ) -> GenderTest:
        """Draw the test faces.

        Parameters
        ----------
        faces : with a column `split`.
        validation : rows of its validation images.
        lfw : on which everybody is judged as well: the first image of everybody who has two.
        most_test : images of a test subject at most.
        limit_calibration, limit_lfw : images at most. 0 means all, here as well.
        seed : of the draws.
        """
        tested = np.flatnonzero(faces.labels["split"] == "test")
        tested = subsample_per_subject(faces.subjects, tested, most_test, seed)
        parts = {
            VALIDATION: faces.take(subsample(validation, limit_calibration, seed)),
            faces.name: faces.take(tested),
        }
        if lfw is not None:
            first = first_pictures(lfw)
            parts["lfw"] = first.take(subsample(np.arange(len(first)), limit_lfw, seed))
        known = {name: part.take(part.known("Male")) for name, part in parts.items()}
        everyone, rows = FaceSet.concatenate(known, "all parts")
        marks = {name: part.fingerprint() for name, part in parts.items() if name != VALIDATION}
        return cls(everyone, rows, marks)

    @property
    def sets(self) -> list[str]:
        """Names of the data sets that are judged."""
        return [name for name in self.rows if name != VALIDATION]

    @cached_property
    def male(self) -> np.ndarray:
        """True label of all faces, bool (N,)."""
        return self.faces.binary("Male")

    def reader(self, store: ModelStore, data: str = "") -> AttackReader:
        """Lets trained attackers read one data set, or all of them one behind the other.

        Parameters
        ----------
        store : of the attackers.
        """
        judged = np.concatenate([self.rows[name] for name in ([data] if data else self.sets)])
        return AttackReader(store, self.faces, AttackSplit(NOBODY, self.rows[VALIDATION], judged), "Male")

    def pictures(
        self, protections: Protections, before: ModelStore
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Pictures of all faces under all treatments, and the label that the classifier predicts.

        Parameters
        ----------
        protections : whose recipes also give SM and NT.
        before : with `classifier` and its threshold, and the `autoencoder` before it learned to fool.

        Returns
        -------
        Treatment -> uint8 (N, H, W), OP_PREDICTED, and SM and NT of STEPS_OF among them; and bool (N,).
        """
        pretrained = before.get("autoencoder", outputs=("sm",))
        made, prototypes = protections.treatments_and_prototypes(self.faces, pretrained)
        shown = {recipe_output(STEPS_OF, output) for output in OUTPUTS}
        steps = {name: grey for name, grey in prototypes.items() if name in shown}
        guessed = GenderJudge.stored(before).predicted(self.faces.images)
        told = op_as_told(protections.san, self.faces.images, made["op"], self.male, guessed)
        return with_comparisons(made | steps | {OP_PREDICTED: told}), guessed

    def distances(
        self, pictures: Pictures, data: str, **draws: Unpack[BootstrapOptions]
    ) -> dict[str, Estimate]:
        """Treatment -> mean distance to the original (RMSE, in grey levels) of the images of one data set."""
        rows = self.rows[data]
        before, subjects = pictures["before"][rows], self.faces.subjects[rows]
        return {
            name: bootstrap_mean(rmse(grey[rows], before), subjects, **draws)
            for name, grey in pictures.items()
        }

    def agreement(self, guessed: np.ndarray, data: str, **draws: Unpack[BootstrapOptions]) -> Estimate:
        """Share of the images of one data set whose predicted label (N,) is the true one."""
        rows = self.rows[data]
        right = (guessed == self.male)[rows].astype(float)
        return bootstrap_mean(right, self.faces.subjects[rows], **draws)
