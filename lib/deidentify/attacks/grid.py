"""Every attacker against every treatment, trained anew; and what each reads once a treatment is undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.deidentify.attacks.image_attackers import AttackerTraining, read_attackers
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""


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
        AttackerTraining(_name(attacker, treatment), altered, rows, one.kind, one.plan, one.start)
        for attacker, one in designs.items()
        for treatment, altered in pictures.items()
        if one.learns_from(treatment)
    ]


def read_grid(
    store: ModelStore,
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    designs: Mapping[str, Design],
    *,
    attribute: str,
    undone: Mapping[str, np.ndarray] | None = None,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> AttackGrid:
    """Let the attackers of `grid_trainings` read the test subjects' pictures.

    Parameters
    ----------
    faces, rows, attribute : as for `read_attacker`.
    pictures, designs : as for `grid_trainings`, pictures one for each row of `faces`.
    undone : treatment -> pictures from which the attacker has taken the protection off; read by the
        classifier that it trained on `before`.
    seed, replicates : of the intervals over subjects.

    Raises
    ------
    WeightsError : the store lacks an attacker.
    ValueError : as `read_attacker`.
    """
    sources = {name: (name, altered) for name, altered in pictures.items()}
    sources |= {name: ("before", cleaned) for name, cleaned in (undone or {}).items()}
    readings = {
        (attacker, treatment): (_name(attacker, learned), shown)
        for attacker, one in designs.items()
        for treatment, (learned, shown) in sources.items()
        if one.learns_from(learned)
    }
    found: AttackGrid = {}
    read = read_attackers(store, faces, readings, rows, attribute=attribute, seed=seed, replicates=replicates)
    for (attacker, treatment), one in read.items():
        found.setdefault(attacker, {})[treatment] = one
    return found


def _name(attacker: str, treatment: str) -> str:
    return f"{attacker}_{treatment}"
