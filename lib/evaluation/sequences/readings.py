"""What matchers read in frames: how far an identity drifts, whether it is one person, what links it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

import cv2
import numpy as np

from lib.evaluation.sequences.frames import Frames
from lib.evaluation.sequences.treatments import BEFORE
from lib.faces.faceset import FaceSet
from lib.judges.base import Judge
from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate
from lib.measures.pairs import Pairs, across, pair_scores, prepared, within
from lib.measures.resampling import BootstrapOptions
from lib.measures.scored_pairs import ScoredPairs, score_pairs
from lib.measures.unlinkability import Unlinkability, unlinkability
from lib.measures.verification import Verification, verify

FMR = 0.01


def embeddings(
    judge: Judge, pictures: Mapping[str, np.ndarray], points: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Embeddings of the same faces under treatments; a picture that occurs several times is read once.

    Parameters
    ----------
    judge : of identity; one that looks at whole pictures gets them enlarged to its size.
    pictures : treatment -> uint8 (N, size, size, 3).
    points : (N, 5, 2) in the untouched faces, which are told for all treatments: nothing has moved.

    Returns
    -------
    treatment -> float32 (N, D), NaN where the matcher had no face.
    """
    all_of = np.concatenate(list(pictures.values()))
    told = None if points is None else np.tile(points, (len(pictures), 1, 1))
    marks = [hashlib.sha256(np.ascontiguousarray(one).tobytes()).hexdigest() for one in all_of]
    marks = marks if told is None else [f"{a} {b.tobytes().hex()}" for a, b in zip(marks, told, strict=True)]
    _, first, again = np.unique(marks, return_index=True, return_inverse=True)
    once = _as_seen(judge, all_of[first])
    read = judge(once, None if told is None else told[first]).values[again.ravel()]
    parts = np.split(read, len(pictures))
    return dict(zip(pictures, parts, strict=True))


def _as_seen(judge: Judge, pictures: np.ndarray) -> np.ndarray:
    size = judge.card.size
    if "points" in judge.card.needs or pictures.shape[1:3] == size:
        return pictures
    return np.stack([cv2.resize(one, size[::-1], interpolation=cv2.INTER_CUBIC) for one in pictures])


@dataclass(frozen=True)
class Reading:
    """What one matcher sees: embeddings of frames under treatments, and of strangers who set thresholds.

    Attributes
    ----------
    frames : the faces. by : treatment -> (N, D).
    strangers : (M, D), of photos of other subjects, untouched; stranger_subjects : (M,) str.
    """

    frames: Frames
    by: Mapping[str, np.ndarray]
    strangers: np.ndarray
    stranger_subjects: np.ndarray

    @classmethod
    def of(
        cls, judge: Judge, frames: Frames, pictures: Mapping[str, np.ndarray], strangers: FaceSet
    ) -> Reading:
        """Let a matcher read frames and strangers.

        Embeddings that their matcher compares by Euclidean distance have no natural zero: the mean of the
        strangers' is taken away, and then all are compared by the cosine of their angle.
        """
        by = embeddings(judge, pictures, frames.faces.points)
        known = embeddings(judge, {BEFORE: np.asarray(strangers.images)}, strangers.points)[BEFORE]
        mean = np.nanmean(known, axis=0) if judge.card.comparison == "euclidean" else np.float32(0)
        return cls(frames, {name: one - mean for name, one in by.items()}, known - mean, strangers.subjects)

    def calibration(self, impostors: int, seed: int) -> ScoredPairs:
        """Impostor comparisons of strangers."""
        pairs = within(self.stranger_subjects, impostors=impostors, mated_per_subject=0, seed=seed)
        return score_pairs(pairs, self.strangers, self.stranger_subjects)

    def distances(self, treatment: str) -> np.ndarray:
        """Cosine distance of each two frames that follow each other, (S,), 0 to 2; NaN: no face."""
        earlier, later = self.frames.steps
        pairs = Pairs(earlier, later, np.ones(len(later), bool), "consecutive frames")
        return 1 - pair_scores(pairs, self.by[treatment])

    def drift(self, treatment: str, less: str = "", **draws: Unpack[BootstrapOptions]) -> Estimate:
        """Mean distance of consecutive frames, with an interval over subjects.

        Parameters
        ----------
        less : treatment whose distances are taken away, pair by pair; empty: none.
        """
        found, subjects = self.distances(treatment), self.frames.faces.subjects[self.frames.steps[1]]
        if less:
            found = found - self.distances(less)
        there = np.isfinite(found)
        return bootstrap_mean(found[there], subjects[there], **draws)

    def one_person(self, treatment: str, impostors: int, seed: int) -> ScoredPairs:
        """Frames of one sequence with each other, and with frames of other subjects' sequences."""
        rows = np.flatnonzero(self.frames.sequence == 0)
        subjects = self.frames.faces.subjects[rows]
        pairs = within(subjects, impostors=impostors, seed=seed)
        return score_pairs(pairs, self.by[treatment][rows], subjects)

    def between(self, treatment: str, other: str, impostors: int, seed: int) -> ScoredPairs:
        """Frames of the first sequence of a subject with those of its others, and of other subjects'.

        Parameters
        ----------
        treatment : of the first. other : of the others: the same, or BEFORE: the way back to the person.
        """
        first, second = (
            np.flatnonzero(rows) for rows in (self.frames.sequence == 0, self.frames.sequence > 0)
        )
        mine, theirs = self.frames.faces.subjects[first], self.frames.faces.subjects[second]
        pairs = across(mine, theirs, impostors=impostors, seed=seed)
        return score_pairs(pairs, self.by[treatment][first], mine, self.by[other][second], theirs)

    def averaged(self, treatment: str) -> ScoredPairs:
        """The mean of a subject's first sequence, treated, with those of all second ones, untouched.

        Somebody who has all frames of a sequence need not compare them one by one: what differs from frame to
        frame averages out, and what they share remains.
        """
        number, people = self.frames.sequence, self.frames.faces.subjects
        first, names = _means(self.by[treatment][number == 0], people[number == 0])
        second, others = _means(self.by[BEFORE][number > 0], people[number > 0])
        pairs = across(names, others, impostors=None)
        return score_pairs(pairs, first, names, second, others)


def _means(embedded: np.ndarray, subjects: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean direction (S, D) of each subject's embeddings that are there, and the subjects (S,)."""
    rows = prepared(embedded)
    there = np.isfinite(rows).all(axis=1)
    names = np.unique(subjects[there])
    if not len(names):
        return rows[:0], names
    return np.stack([rows[there & (subjects == name)].mean(axis=0) for name in names]), names


@dataclass(frozen=True)
class Judged:
    """What one matcher says of one treatment.

    Attributes
    ----------
    drift : mean cosine distance of consecutive frames. drift_beyond : less that of the untouched ones.
    one_person : frames of one sequence taken for one person.
    linked : frames of two sequences of a subject, both treated, taken for one person; linkable : D of them.
    back : frames of the first sequence, treated, with untouched ones of the second; averaged : the mean of
        the whole sequence instead of single frames.
    """

    drift: Estimate
    drift_beyond: Estimate
    one_person: Verification
    linked: Verification
    linkable: Unlinkability
    back: Verification
    averaged: Verification


def judge_treatment(
    reading: Reading, treatment: str, impostors: int, **draws: Unpack[BootstrapOptions]
) -> Judged:
    """All that a matcher says of one treatment; thresholds come from untouched strangers, at an FMR of 1 %.

    Parameters
    ----------
    impostors : comparisons of impostors at most, in each question.
    draws : `replicates`, `seed`.
    """
    seed = draws.get("seed", 0)
    known = reading.calibration(impostors, seed)
    linked = reading.between(treatment, treatment, impostors, seed)
    tests = (
        reading.one_person(treatment, impostors, seed),
        linked,
        reading.between(treatment, BEFORE, impostors, seed),
        reading.averaged(treatment),
    )
    one, two, back, mean = (verify(test, fmrs=(FMR,), calibration=known, **draws) for test in tests)
    d = unlinkability(linked.scores, linked.first_subject, linked.second_subject, **draws)
    drift, beyond = reading.drift(treatment, **draws), reading.drift(treatment, BEFORE, **draws)
    return Judged(drift, beyond, one, two, d, back, mean)


def flicker(
    frames: Frames, pictures: np.ndarray, before: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> Estimate:
    """Mean absolute difference of consecutive frames beyond that of the untouched ones, in grey levels.

    Parameters
    ----------
    pictures, before : uint8 (N, size, size, 3), treated and untouched.
    """
    earlier, later = frames.steps
    moved = [
        np.abs(one[later].astype(np.int16) - one[earlier].astype(np.int16)).mean((1, 2, 3))
        for one in (pictures, before)
    ]
    return bootstrap_mean(moved[0] - moved[1], frames.faces.subjects[later], **draws)
