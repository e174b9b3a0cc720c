"""What all informed attackers share: subjects apart, a figure free of direction, a gate, and who is worst.

An attacker learns from subjects of its own, chooses its settings and its direction on calibration subjects,
and is judged on test subjects. Whoever does not reach the unprotected figure on unprotected data proves
nothing when it fails on protected data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.estimate import Estimate
from lib.measures.intervals import bootstrap_auc
from lib.measures.privacy import DirectionFree, direction_free
from lib.measures.resampling import BootstrapOptions
from lib.measures.roc import auc, two_classes
from lib.measures.validation import as_bools, as_floats, check_lengths
from lib.training.loop.history import History

SLACK = 0.02
"""AUC by which an attacker on unprotected data may miss the figure that it should reach."""


@dataclass(frozen=True)
class AttackResult:
    """What one attacker reads from the test images.

    Attributes
    ----------
    scores : (T,) float64, higher is more male.
    male, people : (T,) true label and subject of each row.
    plain : AUC on the test subjects. free : the same with the direction of the calibration subjects.
    subjects : how many subjects it learned from.
    parameters : how many numbers it learned; 0 where nobody counted.
    history : of its training, if it has one.
    """

    scores: np.ndarray
    male: np.ndarray
    people: np.ndarray
    plain: Estimate
    free: DirectionFree
    subjects: int = 0
    parameters: int = 0
    history: History | None = None

    @property
    def figure(self) -> Estimate:
        """The direction-free AUC: the attacker's figure."""
        return self.free.auc

    @property
    def calibration_auc(self) -> float:
        """AUC on the calibration subjects."""
        return self.free.calibration_auc

    def averaged(self, **draws: Unpack[BootstrapOptions]) -> AttackResult:
        """The attacker who averages its scores over all pictures of a subject; (S,) rows."""
        rows = average_by_subject(self.scores, self.male, self.people)
        new = attack_result(*rows, self.calibration_auc, **draws)
        return replace(new, subjects=self.subjects, parameters=self.parameters, history=self.history)


def attack_result(
    scores: ArrayLike,
    male: ArrayLike,
    people: ArrayLike,
    calibration_auc: float,
    **draws: Unpack[BootstrapOptions],
) -> AttackResult:
    """The figures of anybody who scores: a network, a published one, the one who guesses a sign.

    Parameters
    ----------
    scores, male, people : (T,) of the test images, higher is more male.
    calibration_auc : its AUC on other subjects' images of the same treatment, see `calibrated`.
    draws : `replicates`, `seed` of the intervals over subjects.

    Raises
    ------
    ValueError : unequal lengths, missing scores, or no direction.
    """
    values, labels, names = as_floats(scores, "scores"), as_bools(male, "male"), np.asarray(people)
    check_lengths(len(values), male=labels, people=names)
    plain = bootstrap_auc(values, labels, names, **draws)
    return AttackResult(values, labels, names, plain, direction_free(plain, calibration_auc))


def calibrated_auc(scores: ArrayLike, male: ArrayLike) -> float:
    """AUC of calibration images (C,), which decides the direction; NaN where a class is missing."""
    return auc(*two_classes(scores, male))


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


def limit_subjects(subjects: ArrayLike, number: int, *, seed: int = 0) -> np.ndarray:
    """Mask (N,) of the rows of `number` subjects, drawn at random of `subjects` (N,).

    With one seed, more subjects hold the fewer, so that a curve over their number is one growing sample.
    """
    people = np.asarray(subjects)
    names = np.random.default_rng(seed).permutation(np.unique(people))[:number]
    return np.isin(people, names)


def average_by_subject(
    scores: np.ndarray, male: np.ndarray, subjects: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean score, more frequent label and name of each subject, (S,) each."""
    names, codes, counts = np.unique(subjects, return_inverse=True, return_counts=True)
    mean = np.bincount(codes, weights=scores) / counts
    return mean, np.bincount(codes, weights=male) / counts > 0.5, names


def strongest_of(figures: Mapping[str, Estimate]) -> str:
    """Name of the attacker with the highest defined figure: that is the figure of the protection.

    Raises
    ------
    ValueError : no figure is defined.
    """
    defined = {name: one.estimate for name, one in figures.items() if one.defined}
    if not defined:
        raise ValueError("no attacker has a defined figure")
    return max(defined, key=lambda name: defined[name])


def strongest_attack(attacks: Mapping[str, AttackResult]) -> tuple[str, AttackResult]:
    """The attack with the highest direction-free AUC, and its name."""
    name = strongest_of({name: one.figure for name, one in attacks.items()})
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


def qualify_attackers(
    before: Mapping[str, AttackResult], wanted: float | Mapping[str, float], slack: float = SLACK
) -> Gate:
    """Attackers that were trained and judged on originals must first reach the figure known for originals.

    Parameters
    ----------
    before : attacks on unprotected pictures, by attacker.
    wanted : AUC to be reached, one for all or one for each.
    slack : by which it may be missed.

    Raises
    ------
    ValueError : none reaches it; then nothing can be claimed of a protection.
    """
    return qualify({name: one.figure for name, one in before.items()}, wanted, slack)


def qualify(
    figures: Mapping[str, Estimate], wanted: float | Mapping[str, float], slack: float = SLACK
) -> Gate:
    """As `gate`, from the attackers' figures."""
    goals = dict(wanted) if isinstance(wanted, Mapping) else dict.fromkeys(figures, wanted)
    unknown = set(figures) - set(goals)
    if unknown:
        raise ValueError(f"no figure is wanted of {sorted(unknown)}: name one for each attacker")
    passed = tuple(name for name, one in figures.items() if one.estimate >= goals[name] - slack)
    if not passed:
        short = ", ".join(f"{name} {one.estimate:.3f} of {goals[name]:.3f}" for name, one in figures.items())
        raise ValueError(f"no attacker reads unprotected data as it should ({short}): train better ones")
    return Gate(passed, tuple(name for name in figures if name not in passed))
