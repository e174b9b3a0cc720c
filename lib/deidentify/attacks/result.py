"""The result of an attack, and what all attackers share: disjoint subjects, qualification, who is strongest.

An attacker learns from subjects of its own, chooses its settings and its direction on calibration subjects,
and is judged on test subjects. Whoever does not reach the unprotected figure on unprotected data proves
nothing when it fails on protected data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.faces.faceset import FaceSet
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_estimates, never_certain_auc
from lib.measures.estimate import Estimate, strongest
from lib.measures.privacy import DirectionFree, direction_free
from lib.measures.resampling import BootstrapOptions
from lib.measures.roc import auc, two_classes
from lib.measures.statistics import auc_and_eer_of
from lib.measures.validation import as_bools, as_floats, check_lengths

SLACK = 0.02
"""AUC by which an attacker on unprotected data may miss the figure that it should reach."""


@dataclass(frozen=True)
class AttackSplit:
    """Rows of a FaceSet by their part in an attack; no subject may be in two of them.

    Attributes
    ----------
    train : the attackers' own subjects. calibration : for epoch and direction. test : those attacked.
    """

    train: np.ndarray
    calibration: np.ndarray
    test: np.ndarray

    def gathered(self, faces: FaceSet) -> tuple[FaceSet, AttackSplit]:
        """These rows of `faces` as a set of their own, and the rows of each part in it."""
        parts = (self.train, self.calibration, self.test)
        ends = np.cumsum([len(part) for part in parts])
        return faces.take(np.concatenate(parts)), AttackSplit(*np.split(np.arange(ends[-1]), ends[:-1]))


@dataclass(frozen=True)
class AttackResult:
    """What one attacker, or a judge that was not retrained, reads of a binary attribute in the test images.

    Attributes
    ----------
    scores : (T,) float64, higher is more positive.
    positive, subjects : (T,) true label and subject of each row.
    auc, eer : plain AUC and equal error rate on the test subjects.
    free : the AUC with the direction that the calibration subjects teach.
    averaged : direction-free AUC of the mean score over all images of a subject.
    learned_subjects, learned_images : numbers that it learned from; 0 where nobody counted.
    """

    scores: np.ndarray
    positive: np.ndarray
    subjects: np.ndarray
    auc: Estimate
    eer: Estimate
    free: DirectionFree
    averaged: Estimate
    learned_subjects: int = 0
    learned_images: int = 0

    @property
    def auc_free(self) -> Estimate:
        """The direction-free AUC: the attacker's figure."""
        return self.free.auc

    @property
    def calibration_auc(self) -> float:
        """AUC on the calibration subjects."""
        return self.free.calibration_auc

    def figures(self) -> dict[str, Estimate]:
        """AUC, direction-free AUC of one image and of all of a subject, EER, by the names of results."""
        return {
            "auc": self.auc,
            "auc_free": self.auc_free,
            "auc_free_averaged": self.averaged,
            "eer": self.eer,
        }


@dataclass(frozen=True)
class AttackScores:
    """What one trained attacker says of the attacked rows: all that its figures are drawn from.

    Attributes
    ----------
    scores : (T,) float64, higher is more positive; NaN where no face was found: such rows do not count.
    calibration_auc : AUC on the calibration subjects, which decides the direction.
    learned_subjects, learned_images : numbers that it learned from.
    also : (M,) scores of further rows that the same attacker was shown; empty where there were none.
    """

    scores: np.ndarray
    calibration_auc: float
    learned_subjects: int
    learned_images: int
    also: np.ndarray = field(default_factory=lambda: np.empty(0))

    def result(
        self, positive: ArrayLike, subjects: ArrayLike, **draws: Unpack[BootstrapOptions]
    ) -> AttackResult:
        """The attacker's figures.

        Parameters
        ----------
        positive, subjects : (T,) true label and subject of each row that was attacked.
        draws : of the intervals over subjects.
        """
        told = ~np.isnan(self.scores)
        scores, labels, names = (np.asarray(rows)[told] for rows in (self.scores, positive, subjects))
        one = attack_result(scores, labels, names, self.calibration_auc, **draws)
        return replace(one, learned_subjects=self.learned_subjects, learned_images=self.learned_images)


def attack_result(
    scores: ArrayLike,
    positive: ArrayLike,
    subjects: ArrayLike,
    calibration_auc: float,
    **draws: Unpack[BootstrapOptions],
) -> AttackResult:
    """The figures of anybody who scores: a network, a published one, the one who guesses a sign.

    Parameters
    ----------
    scores, positive, subjects : (T,) of the test images, higher is more positive.
    calibration_auc : its AUC on other subjects' images of the same treatment, see `calibrated_auc`.
    draws : `replicates`, `seed` of the intervals over subjects.

    Raises
    ------
    ValueError : unequal lengths, missing scores, or no direction.
    """
    values, labels, names = as_floats(scores, "scores"), as_bools(positive, "positive"), np.asarray(subjects)
    check_lengths(len(values), positive=labels, subjects=names)
    statistic = auc_and_eer_of(values, labels)
    single, eer = bootstrap_estimates(statistic, names, why="one class is missing", **draws)
    mean = bootstrap_auc(*average_by_subject(values, labels, names), **draws)
    single = never_certain_auc(single, labels, names)
    free, averaged = direction_free(single, calibration_auc), direction_free(mean, calibration_auc)
    return AttackResult(values, labels, names, single, eer, free, averaged.auc)


def calibrated_auc(scores: ArrayLike, positive: ArrayLike) -> float:
    """AUC of calibration images (C,), which decides the direction; NaN where a class is missing."""
    return auc(*two_classes(scores, positive))


def check_disjoint_subjects(*subjects: ArrayLike) -> None:
    """Refuse subjects that are in two samples; each array names the subject of every row of one sample.

    Raises
    ------
    ValueError : names one of them.
    """
    names = np.concatenate([np.unique(np.asarray(one).astype(str)) for one in subjects])
    found, counts = np.unique(names, return_counts=True)
    if (counts > 1).any():
        raise ValueError(f"{(counts > 1).sum()} subjects are in two samples, such as {found[counts > 1][0]}")


def average_by_subject(
    scores: np.ndarray, positive: np.ndarray, subjects: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean score, more frequent label and name of each subject, (S,) each."""
    names, codes, counts = np.unique(subjects, return_inverse=True, return_counts=True)
    mean = np.bincount(codes, weights=scores) / counts
    return mean, np.bincount(codes, weights=positive) / counts > 0.5, names


def strongest_attack(attacks: Mapping[str, AttackResult]) -> tuple[str, AttackResult]:
    """The attack with the highest direction-free AUC, and its name."""
    name = strongest({name: one.auc_free for name, one in attacks.items()})
    return name, attacks[name]


@dataclass(frozen=True)
class Gate:
    """Who may speak: attackers that reach the unprotected figure on unprotected data, and those that do not.

    Attributes
    ----------
    passed, failed : names, in the order given.
    """

    passed: tuple[str, ...]
    failed: tuple[str, ...]


def qualify(
    before: Mapping[str, Estimate], wanted: float | Mapping[str, float], slack: float = SLACK
) -> Gate:
    """Attackers that were trained and judged on originals must first reach the figure known for originals.

    Parameters
    ----------
    before : figures of the attackers on unprotected data.
    wanted : AUC to be reached, one for all or one for each.
    slack : by which it may be missed.

    Raises
    ------
    ValueError : none reaches it; then nothing can be claimed of a protection.
    """
    goals = dict(wanted) if isinstance(wanted, Mapping) else dict.fromkeys(before, wanted)
    unknown = set(before) - set(goals)
    if unknown:
        raise ValueError(f"no figure is wanted of {sorted(unknown)}: name one for each attacker")
    passed = tuple(name for name, one in before.items() if one.estimate >= goals[name] - slack)
    if not passed:
        short = ", ".join(f"{name} {one.estimate:.3f} of {goals[name]:.3f}" for name, one in before.items())
        raise ValueError(f"no attacker reads unprotected data as it should ({short}): train better ones")
    return Gate(passed, tuple(name for name in before if name not in passed))
