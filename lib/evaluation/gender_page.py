"""What chapter 05 looks at: test faces, their pictures under all treatments, the judges' readings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Unpack

import numpy as np
from scipy.special import expit

from lib.deidentify.attacks.image_attackers import NOBODY
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.evaluation.gender_attack_results import GenderAttacks, asked, off_chance
from lib.evaluation.gender_judges import TRAINED
from lib.evaluation.gender_protocol import (
    gender_readings,
    kept_readings,
    roc_bands,
    score_treatments,
)
from lib.evaluation.lfw import first_pictures
from lib.evaluation.protections import RECIPES, Protections, with_comparisons
from lib.evaluation.san import op_as_told
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import subsample, subsample_per_subject
from lib.judges.base import Judge
from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate, EstimateBand
from lib.measures.image_quality import rmse
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import ScoreTable
from lib.training.inference import predict_images, reconstruct
from lib.training.store.model_store import ModelStore

VALIDATION = "validation"
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

    @property
    def split(self) -> AttackSplit:
        """For attackers that are trained already: whose images decide directions, and all that are judged."""
        judged = np.concatenate([self.rows[name] for name in self.sets])
        return AttackSplit(NOBODY, self.rows[VALIDATION], judged)

    def only(self, data: str) -> AttackSplit:
        """`split` with one data set."""
        return AttackSplit(NOBODY, self.rows[VALIDATION], self.rows[data])

    def pictures(
        self, protections: Protections, before: ModelStore, after: ModelStore
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """Pictures of all faces under all treatments, and the label that the classifier predicts.

        Parameters
        ----------
        before : with `classifier` and its threshold, and the `autoencoder` before it learned to fool.
        after : with the network by the report's recipe.

        Returns
        -------
        Treatment -> uint8 (N, H, W), `op_predicted`, `report_sm` and `report_nt` among them; and bool (N,).
        """
        made = protections.treatments(self.faces, before.get("autoencoder", outputs=("sm",)))
        threshold = before.about("classifier")["threshold"]
        guessed = predict_images(before.get("classifier"), self.faces.images) > threshold
        told = op_as_told(protections.san, self.faces.images, made["op"], self.male, guessed)
        steps = reconstruct(
            after.get(RECIPES["report_op"], outputs=("sm", "nt")), self.faces.images, self.male
        )
        steps = {f"report_{name}": grey for name, grey in steps.items()}
        return with_comparisons(made | steps | {"op_predicted": told}), guessed

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


@dataclass(frozen=True)
class GenderJudged:
    """What all judges read.

    Attributes
    ----------
    panels : data set -> scores, of the images in which every judge found a face.
    directions : judge -> treatment -> AUC on the validation subjects.
    read : data set -> judge -> treatment -> result.
    lost : data set -> images left out, of all.
    """

    panels: dict[str, ScoreTable]
    directions: dict[str, dict[str, float]]
    read: dict[str, dict[str, dict[str, AttackResult]]]
    lost: dict[str, tuple[int, int]]

    @classmethod
    def of(
        cls,
        test: GenderTest,
        judges: Mapping[str, Judge],
        pictures: Pictures,
        **draws: Unpack[BootstrapOptions],
    ) -> GenderJudged:
        """Let all judges look at all pictures.

        Parameters
        ----------
        draws : of the intervals over subjects.
        """
        panels = {}
        for name, rows in test.rows.items():
            own = {key: grey[rows] for key, grey in pictures.items()}
            panels[name] = score_treatments(judges, own, test.faces.take(rows)).complete()
        directions = panels.pop(VALIDATION).directions()
        read = {name: gender_readings(panel, directions, **draws) for name, panel in panels.items()}
        lost = {
            name: (len(test.rows[name]) - len(one.positive), len(test.rows[name]))
            for name, one in panels.items()
        }
        return cls(panels, directions, read, lost)

    def wanted(self) -> dict[str, float]:
        """Data set -> AUC on originals of the best of the book's own judges: what attackers must reach.

        On the validation subjects for the first set; another one has none, so on its own images.
        """
        ours = [name for name in self.directions if not name.startswith("published")]
        first, *others = self.read
        known = max(0.5 + off_chance(self.directions[name]["before"]) for name in ours)
        own = {
            data: max(self.read[data][name]["before"].auc_free.estimate for name in ours) for data in others
        }
        return {first: known} | own

    def bands(
        self, treatments: Iterable[str], rates: int, **draws: Unpack[BootstrapOptions]
    ) -> dict[str, tuple[dict[str, EstimateBand], dict[str, Estimate]]]:
        """`JUDGE, DATA SET` -> ROC bands by treatment over even false positive rates, and AUCs.

        Parameters
        ----------
        treatments : those that were not judged are left out.
        rates : number of false positive rates.
        """
        found = {}
        for data, panel in self.panels.items():
            for judge, own in panel.scores.items():
                names = [name for name in treatments if name in own]
                drawn = roc_bands(panel, judge, names, np.linspace(0, 1, rates), **draws)
                found[f"{judge}, {data}"] = drawn, {name: self.read[data][judge][name].auc for name in names}
        return found

    def certainty(self, data: str, treatments: Iterable[str], judge: str = TRAINED) -> dict[str, np.ndarray]:
        """Treatment -> certainty of male by a judge that scores logits, 0 to 1, (N,)."""
        return {name: expit(self.panels[data].scores[judge][name]) for name in treatments}


def face_sheet(
    test: GenderTest,
    pictures: Pictures,
    judge: Judge,
    attacks: GenderAttacks,
    columns: Iterable[str] = ("before", "control", "op", "report_op", "private"),
) -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
    """Faces of the first data set under some treatments, and how sure two readers are that they are male.

    Parameters
    ----------
    judge : who scores logits.
    attacks : the attacker picked for each treatment is asked.
    columns : treatments; those that are not there are left out.

    Returns
    -------
    Treatment -> uint8 (3, H, W), or their mean (1, H, W) where single faces may not be shown; and reader ->
    treatment -> certainty (3,), empty for means.
    """
    data = test.sets[0]
    rows, names = test.rows[data], [name for name in columns if name in pictures]
    if not test.faces.publishable:
        return {name: np.rint(pictures[name][rows].mean(0)).astype(np.uint8)[None] for name in names}, {}
    male = test.male[rows]
    picked = np.array(
        [np.flatnonzero(male == truth)[at] for truth, at in ((False, 0), (True, 0), (False, -1))]
    )
    shown = {name: pictures[name][rows][picked] for name in names}
    rgb = {name: np.repeat(grey[..., None], 3, -1) for name, grey in shown.items()}
    strong = {name: asked(attacks.picked(data, name)[1])[picked] for name in names}
    said = {
        "classifier": {name: expit(judge(grey).values) for name, grey in rgb.items()},
        "attacker": {name: expit(one) for name, one in strong.items()},
    }
    return shown, said


def kept_values(judged: GenderJudged, attacks: GenderAttacks) -> dict[str, Any]:
    """What results keep of all readings: data set -> judge or attacker -> treatment -> figures.

    Also `directions`, `gate` (who passed, who failed, what was wanted; those of other sets than the first by
    name), `worst_attackers` (data set -> treatment -> name and figures of the attacker that is picked) and
    `left_out`.
    """
    wanted = judged.wanted()
    gate = {
        data: {"passed": list(one.passed), "failed": list(one.failed), "wanted": wanted[data]}
        for data, one in attacks.gates.items()
    }
    values = {
        data: kept_readings(own, ("auc", "auc_free", "eer"))
        | kept_readings(attacks.readings[data], ("auc", "auc_free", "auc_free_averaged"))
        for data, own in judged.read.items()
    }
    return values | {
        "directions": judged.directions,
        "gate": gate.pop(next(iter(judged.read))) | gate,
        "worst_attackers": {data: attacks.worst(data) for data in judged.read},
        "left_out": {data: lost for data, (lost, _) in judged.lost.items()},
    }
