"""What judges who did not retrain read from the pictures of chapter 05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np
from scipy.special import expit
from tqdm import tqdm

from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender.judged_faces import VALIDATION, GenderTest, Pictures
from lib.evaluation.gender.readings import gender_readings, off_chance
from lib.faces.faceset import FaceSet
from lib.judges.base import Judge
from lib.judges.result_keys import TRAINED_CLASSIFIER
from lib.measures.bootstrap_intervals import bootstrap_roc
from lib.measures.estimate import Estimate, EstimateBand
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import ScoreTable


def score_treatments(
    judges: Mapping[str, Judge],
    pictures: Mapping[str, np.ndarray],
    faces: FaceSet,
    attribute: str = "Male",
    *,
    progress: bool = True,
) -> ScoreTable:
    """Let all judges look at all treatments of the same faces.

    Parameters
    ----------
    judges : by the names that results use.
    pictures : treatment -> uint8 (N, H, W) grey, in the order of `faces`.
    faces : whose `attribute` is known in all rows, and whose points hold for altered pictures too.
    progress : a bar on stderr.

    Raises
    ------
    ValueError : a treatment has another number of pictures.
    """
    wrong = [name for name, grey in pictures.items() if len(grey) != len(faces)]
    if wrong:
        raise ValueError(f"{faces.name}: {len(faces)} faces, but not as many pictures of {', '.join(wrong)}")
    scores: dict[str, dict[str, np.ndarray]] = {name: {} for name in judges}
    with tqdm(total=len(judges) * len(pictures), desc="judges", disable=not progress, leave=False) as bar:
        for treatment, grey in pictures.items():
            rgb = np.broadcast_to(grey[..., None], (*grey.shape, 3))  # three equal channels, not copied
            for name, judge in judges.items():
                scores[name][treatment] = judge(rgb, faces.points).values
                bar.update()
    return ScoreTable(scores, faces.binary(attribute), faces.subjects)


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
        directions = panels.pop(VALIDATION).aucs()
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
        found, even = {}, np.linspace(0, 1, rates)
        for data, panel in self.panels.items():
            for judge, own in panel.scores.items():
                names = [name for name in treatments if name in own]
                drawn = {
                    name: bootstrap_roc(own[name], panel.positive, panel.subjects, even, **draws)
                    for name in names
                }
                found[f"{judge}, {data}"] = drawn, {name: self.read[data][judge][name].auc for name in names}
        return found

    def certainty(
        self, data: str, treatments: Iterable[str], judge: str = TRAINED_CLASSIFIER
    ) -> dict[str, np.ndarray]:
        """Treatment -> certainty of male by a judge that scores logits, 0 to 1, (N,)."""
        return {name: expit(self.panels[data].scores[judge][name]) for name in treatments}


def threshold_errors(scores: np.ndarray, positive: np.ndarray, threshold: float) -> tuple[float, float]:
    """Share of negatives called positive, and of positives called negative, where a score above is positive.

    Parameters
    ----------
    scores : (N,). positive : (N,) bool. threshold : in units of the scores.
    """
    called = np.asarray(scores) > threshold
    truth = np.asarray(positive, bool)
    return float(called[~truth].mean()), float((~called[truth]).mean())
