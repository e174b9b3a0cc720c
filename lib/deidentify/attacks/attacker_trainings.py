"""Which attackers are trained on which pictures: designs on treatments, and designs on ever more subjects.

The names under which a store keeps the trained attackers are made here, for whoever reads with them later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lib.deidentify.attacks.image_attackers import AttackerTraining
from lib.deidentify.attacks.result import AttackSplit
from lib.faces.row_sampling import limit_subjects
from lib.training.training_plan import TrainingPlan


@dataclass(frozen=True)
class Design:
    """One attacker of a grid: what it is, how it learns, and from which treatments.

    Attributes
    ----------
    kind : architecture, one of `ARCHITECTURES`.
    plan : of each of its trainings; a design that starts slowly needs more epochs.
    treatments : that it learns from; None: from all. `before` always counts.
    start : stored network from whose weights it goes on, as of `AttackerTraining`; None: a fresh one.
    """

    kind: str
    plan: TrainingPlan
    treatments: tuple[str, ...] | None = None
    start: Path | None = None

    def learns_from(self, treatment: str) -> bool:
        """Whether it is trained on a treatment."""
        return self.treatments is None or treatment in ("before", *self.treatments)


def grid_trainings(
    pictures: Mapping[str, np.ndarray], rows: AttackSplit, designs: Mapping[str, Design]
) -> list[AttackerTraining]:
    """Trainings of each attacker on its treatments, the networks `<attacker>_<treatment>`.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W), one for each of the faces; `before` among them.
    rows : of the attackers' own subjects, and of those by whom they choose.
    designs : by the attackers' names.

    Raises
    ------
    ValueError : there is no `before`.
    """
    if "before" not in pictures:
        raise ValueError("attackers must be shown to read originals first: give the treatment `before`")
    return [
        AttackerTraining(attacker_on(attacker, treatment), altered, rows, one.kind, one.plan, one.start)
        for attacker, one in designs.items()
        for treatment, altered in pictures.items()
        if one.learns_from(treatment)
    ]


def attacker_on(attacker: str, treatment: str) -> str:
    """Name in the store of the attacker of a grid who learned from a treatment."""
    return f"{attacker}_{treatment}"


def subject_counts(subjects: np.ndarray, wanted: Iterable[int]) -> list[int]:
    """Numbers of subjects to try, rising: those wanted that are there; 0, and any beyond all, mean all.

    Parameters
    ----------
    subjects : (N,) subject of each row.
    """
    count = len(np.unique(subjects))
    return sorted({min(number or count, count) for number in wanted})


def curve_trainings(
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    subjects: np.ndarray,
    wanted: Mapping[str, Iterable[int]],
    designs: Mapping[str, TrainingPlan],
) -> list[AttackerTraining]:
    """Trainings of classifiers from nothing as their subjects grow.

    Parameters
    ----------
    pictures : method -> uint8 (N, H, W), one for each of the faces.
    rows : of the attackers' own subjects, and of those they choose by.
    subjects : (N,) subject of each of the faces.
    wanted : method -> numbers of subjects; 0: all.
    designs : architecture, one of `ARCHITECTURES` -> its plan for all subjects; fewer are shown as many times
        over, so that steps and validations are as many. Its seed draws the subjects. Which design
        finds a picture's trace cannot be known before: the strongest counts.
    """
    own = subjects[rows.train]
    return [
        AttackerTraining(
            curve_name(method, number, kind),
            altered,
            replace(rows, train=_repeated(rows.train, limit_subjects(own, number, seed=plan.seed))),
            kind,
            plan,
        )
        for method, altered in pictures.items()
        for number in subject_counts(own, wanted[method])
        for kind, plan in designs.items()
    ]


def curve_name(method: str, number: int, kind: str) -> str:
    """Name in the store of the attacker of one architecture who learned from so many subjects of a method."""
    return f"attacker_{kind}_{method}_{number}_subjects"


def _repeated(rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The chosen rows, over and over, as many as there are rows."""
    return np.resize(rows[chosen], len(rows))
