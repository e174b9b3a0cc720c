"""Reality check: how well judges trained on photographs work on a set of (rendered) faces.

Every judge gets its own crop around points that one detector finds once for all. What is not found is counted
as a failure to acquire (`fta`) and left out of the other figures, never judged as a whole picture. All
intervals are over subjects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.judges.base import Detector, Judge, JudgeError, Judgement, ModelCard
from lib.judges.subject_face import SubjectFaces, find_subject_faces
from lib.measures.bootstrap_intervals import (
    bootstrap,
    bootstrap_auc,
    bootstrap_correlation,
    bootstrap_mean,
    bootstrap_proportion,
)
from lib.measures.classification import classification
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.pairs import within
from lib.measures.resampling import REPLICATES
from lib.measures.scored_pairs import score_pairs
from lib.measures.statistics import auc_of
from lib.measures.verification import failure_to_acquire

ADULT = 16
"""Age in years from which a gender judge is asked: children's faces hardly show it."""
IMPOSTORS = 20_000
"""Non-mated pairs drawn evenly for a recogniser's AUC; all mated pairs are used. At an AUC of .98 the draw
adds .0004 to its error, far less than the draw of subjects."""
DETECTORS = ("yunet", "dlib_frontal")
"""Whose points are shared, the first of these that is there."""

JudgeEstimates = dict[str, dict[str, Estimate]]
"""Judge, then measure."""


@dataclass(frozen=True)
class JudgeReadings:
    """Detections and judgements of a set of faces, before any figure of merit is computed.

    Attributes
    ----------
    labels : the set's table, N rows.
    found : per detector.
    judgements, cards : per judge; cards of the detectors too.
    points_from : the detector whose points were shared, or `labels`.
    """

    labels: pd.DataFrame
    found: dict[str, SubjectFaces]
    judgements: dict[str, Judgement]
    cards: dict[str, ModelCard]
    points_from: str

    def figures(self, *, replicates: int = REPLICATES, seed: int = 0) -> JudgeEstimates:
        """Figures of merit per judge (see `judge_estimates`); `found` for detectors."""
        subjects = self.labels["subject"].to_numpy(str)
        how = {"replicates": replicates, "seed": seed}
        out: JudgeEstimates = {
            name: {"found": bootstrap_proportion(found.found, subjects, **how)}
            for name, found in self.found.items()
        }
        for name, judgement in self.judgements.items():
            out[name] = judge_estimates(self.cards[name], judgement, self.labels, **how)
        return out

    def table(self) -> pd.DataFrame:
        """Table with one row per image: labels, whether found, each judge's scores.

        Embeddings are left out; a judge of emotion has its most likely emotion.
        """
        kept = [c for c in ("image", "subject", "Male", "age", "expression") if c in self.labels]
        columns: dict[str, Any] = {name: found.found for name, found in self.found.items()}
        for name, judgement in self.judgements.items():
            if self.cards[name].task == "emotion":
                columns[name] = np.where(judgement.acquired, _likeliest(judgement), "")
            elif judgement.values.ndim == 1:
                columns[name] = judgement.values
        return pd.concat([self.labels[kept].reset_index(drop=True), pd.DataFrame(columns)], axis=1)


def as_values(figures: JudgeEstimates) -> dict[str, dict[str, dict[str, Any]]]:
    """Figures of merit as results store them: judge, measure, {estimate, low, high, n}."""
    return {
        name: {measure: figure.to_dict() for measure, figure in measures.items()}
        for name, measures in figures.items()
    }


def _likeliest(judgement: Judgement) -> np.ndarray:
    filled = np.where(judgement.acquired[:, None], judgement.values, 0)
    return np.array(EXPRESSIONS)[filled.argmax(1)]


def shared_points(
    faces: FaceSet, found: Mapping[str, SubjectFaces], source: str = ""
) -> tuple[np.ndarray, str]:
    """Five points that all judges share, (N, 5, 2), and the name of their source.

    Parameters
    ----------
    found : per detector.
    source : a detector's name, or `labels` for the set's own points; by default the first of DETECTORS.

    Raises
    ------
    JudgeError : no such points.
    """
    source = source or next((name for name in DETECTORS if name in found), "")
    if source == "labels" and faces.points is not None:
        return faces.points, source
    if source not in found:
        there = ", ".join([*found, *(["labels"] if faces.points is not None else [])])
        raise JudgeError(f"{faces.name}: no points from {source or 'any detector'}; there are: {there}")
    return found[source].points, source


def read_faces(
    faces: FaceSet,
    judges: Mapping[str, Detector | Judge],
    *,
    points_from: str = "",
    progress: bool = True,
) -> JudgeReadings:
    """Let all detectors and judges judge `faces`.

    Parameters
    ----------
    faces : N images; labels may hold boxes, which then say where a face must be found.
    judges : detectors and scorers by name, as the registry gives them.
    points_from : whose points the scorers share, see `shared_points`.
    progress : show progress bars on stderr.
    """
    finders = {name: judge for name, judge in judges.items() if isinstance(judge, Detector)}
    scorers = {name: judge for name, judge in judges.items() if not isinstance(judge, Detector)}
    found = {
        name: find_subject_faces(
            faces.images, finder, faces.boxes, progress=f"{faces.name}: {name}" * progress
        )
        for name, finder in finders.items()
    }
    points, source = shared_points(faces, found, points_from) if scorers else (np.zeros(0), "")
    judgements = {}
    with tqdm(scorers.items(), desc=f"{faces.name}: judges", disable=not progress, leave=False) as bar:
        for name, judge in bar:
            bar.set_postfix_str(name)
            judgements[name] = judge(faces.images, points)
    cards = {name: judge.card for name, judge in judges.items()}
    return JudgeReadings(faces.labels, found, judgements, cards, source)


def reality(
    faces: FaceSet,
    judges: Mapping[str, Detector | Judge],
    *,
    points_from: str = "",
    replicates: int = REPLICATES,
    seed: int = 0,
    progress: bool = True,
) -> JudgeEstimates:
    """Figures of merit of all `judges` on `faces`, by judge and measure.

    Measures: detectors `found` (share of images whose face was found, in the right place where boxes are
    known); recognisers and gender `auc`; age `r` (Pearson), `mae` (years); emotion `recall` (mean over
    emotions) and `recall_<emotion>`; all but detectors `fta`.
    """
    reading = read_faces(faces, judges, points_from=points_from, progress=progress)
    return reading.figures(replicates=replicates, seed=seed)


def conditions(labels: pd.DataFrame) -> dict[str, np.ndarray]:
    """Masks (N,) bool of images that meet a condition (adult, frontal, unoccluded, ...), by name.

    `from 16 years on` needs `age`, `neutral and happy` `expression`, `turned by less than 15 degrees` `yaw`,
    `no hat, spectacles or object` one of `Wearing_Hat`, `Eyeglasses`, `Occluded`; `all four` all of them.
    """
    found = {"all images": np.ones(len(labels), bool)}
    if "age" in labels:
        found["from 16 years on"] = (labels["age"] >= ADULT).to_numpy(bool, na_value=False)
    if "expression" in labels:
        found["neutral and happy"] = labels["expression"].isin(["neutral", "happy"]).to_numpy()
    if "yaw" in labels:
        found["turned by less than 15 degrees"] = (labels["yaw"].abs() < 15).to_numpy(bool, na_value=False)
    covers = [name for name in ("Wearing_Hat", "Eyeglasses", "Occluded") if name in labels]
    if covers:
        found["no hat, spectacles or object"] = ~(labels[covers].astype(float).max(axis=1) > 0).to_numpy()
    if len(found) == 5:
        found["all four"] = np.logical_and.reduce(list(found.values()))
    return found


def part_of(
    reading: JudgeReadings, detector: str, recogniser: str, rows: np.ndarray, *, seed: int = 0
) -> dict[str, Estimate]:
    """Detection rate and recogniser's AUC on a part (N,) bool of the images of a reading.

    Returns
    -------
    `<detector>, found` and `<recogniser>, AUC`; undefined where there is no such image.
    """
    names = (f"{detector}, found", f"{recogniser}, AUC")
    if not rows.any():
        return {name: undefined_estimate("no such image") for name in names}
    labels = reading.labels[rows].reset_index(drop=True)
    said, found = reading.judgements[recogniser], reading.found[detector].found[rows]
    part = Judgement(said.values[rows], said.acquired[rows])
    identity = judge_estimates(reading.cards[recogniser], part, labels, seed=seed)["auc"]
    return {
        names[0]: bootstrap_proportion(found, labels["subject"].to_numpy(str), seed=seed),
        names[1]: identity,
    }


def judge_estimates(
    card: ModelCard,
    judgement: Judgement,
    labels: pd.DataFrame,
    *,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> dict[str, Estimate]:
    """Figures of merit of one judge by measure.

    Parameters
    ----------
    card, judgement : who said what about N images.
    labels : N rows; `subject` always, and what the task needs: `Male` (and `age`, where known, to leave out
        those under ADULT years), `age`, `expression`. Rows without the label are left out.

    Returns
    -------
    By measure; undefined figures say why.
    """
    how = {"replicates": replicates, "seed": seed}
    subjects = labels["subject"].to_numpy(str)
    tasks = {"identity": _identity, "gender": _gender, "age": _age, "emotion": _emotion}
    figures = tasks[card.task](card, judgement, labels, how)
    return figures | {"fta": failure_to_acquire(judgement.acquired, subjects, **how)}


def _identity(card: ModelCard, judgement: Judgement, labels: pd.DataFrame, how: Any) -> dict[str, Estimate]:
    """AUC of mated against non-mated pairs; `auc_same_gender` with impostors of one perceived gender."""
    assert card.comparison
    figures = {}
    designs: dict[str, np.ndarray | None] = {"auc": None}
    if "Male" in labels:
        designs["auc_same_gender"] = labels["Male"].astype("Float64").fillna(-1).to_numpy(int)
    people = labels["subject"].to_numpy(str)
    for measure, groups in designs.items():
        if not (pd.Series(people).value_counts() > 1).any() or len(set(people)) < 2:
            figures[measure] = undefined_estimate("no mated or no non-mated pairs")
            continue
        pairs = within(people, groups=groups, impostors=IMPOSTORS, seed=how["seed"])
        scored = score_pairs(pairs, judgement.values, people, metric=card.comparison)
        figures[measure] = bootstrap(
            auc_of(scored.scores, scored.mated),
            scored.first_subject,
            second_subjects=scored.second_subject,
            why="no mated or no non-mated pairs",
            **how,
        )
    return figures


def _gender(card: ModelCard, judgement: Judgement, labels: pd.DataFrame, how: Any) -> dict[str, Estimate]:
    adult = labels["age"].fillna(ADULT).to_numpy(float) >= ADULT if "age" in labels else True
    male = labels["Male"] if "Male" in labels else pd.Series(pd.NA, index=labels.index)
    rows = judgement.acquired & male.notna().to_numpy() & adult
    if not rows.any():
        return {"auc": undefined_estimate("no adult with a label")}
    positive = male[rows].to_numpy(bool)
    subjects = labels["subject"].to_numpy(str)[rows]
    return {"auc": bootstrap_auc(judgement.values[rows], positive, subjects, **how)}


def _age(card: ModelCard, judgement: Judgement, labels: pd.DataFrame, how: Any) -> dict[str, Estimate]:
    true = labels["age"].to_numpy(float, na_value=np.nan) if "age" in labels else np.full(len(labels), np.nan)
    rows = judgement.acquired & np.isfinite(true)
    if not rows.any():
        return {measure: undefined_estimate("no age is labelled") for measure in ("r", "mae")}
    told, true, subjects = judgement.values[rows], true[rows], labels["subject"].to_numpy(str)[rows]
    return {
        "r": bootstrap_correlation(told, true, subjects, **how),
        "mae": bootstrap_mean(np.abs(told - true), subjects, **how),
    }


def _emotion(card: ModelCard, judgement: Judgement, labels: pd.DataFrame, how: Any) -> dict[str, Estimate]:
    measures = ("recall", *(f"recall_{name}" for name in EXPRESSIONS))
    known = labels["expression"].isin(EXPRESSIONS).to_numpy() if "expression" in labels else np.False_
    rows = judgement.acquired & known
    if not rows.any():
        return {measure: undefined_estimate("no expression is labelled") for measure in measures}
    result = classification(
        labels["expression"].to_numpy(str)[rows],
        _likeliest(judgement)[rows],
        labels["subject"].to_numpy(str)[rows],
        EXPRESSIONS,
        "happy",
        **how,
    )
    each = {f"recall_{name}": result.recall[name] for name in EXPRESSIONS}
    return {"recall": result.balanced_accuracy, **each}
