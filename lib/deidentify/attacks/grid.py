"""Every attacker against every treatment, trained anew; and what each reads once a treatment is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lib.deidentify.attacks.image_attackers import AttackerTraining, read_attackers
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""


def grid_trainings(
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    kinds: Mapping[str, str],
    plans: Mapping[str, TrainingPlan],
) -> list[AttackerTraining]:
    """Trainings of each attacker on each treatment, the networks `<attacker>_<treatment>`.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W), one for each of the faces; `before` among them.
    rows : of the attackers' own subjects, and of those by whom they choose.
    kinds : attacker -> architecture, one of `ARCHITECTURES`.
    plans : attacker -> of each of its trainings; a design that starts slowly needs more epochs.

    Raises
    ------
    ValueError : there is no `before`.
    """
    if "before" not in pictures:
        raise ValueError("attackers must be shown to read originals first: give the treatment `before`")
    return [
        AttackerTraining(_name(attacker, treatment), altered, rows, kind, plans[attacker])
        for attacker, kind in kinds.items()
        for treatment, altered in pictures.items()
    ]


def read_grid(
    store: ModelStore,
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    attackers: Iterable[str],
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
    pictures : as for `grid_trainings`, one for each row of `faces`.
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
        for attacker in attackers
        for treatment, (learned, shown) in sources.items()
    }
    found: AttackGrid = {}
    read = read_attackers(store, faces, readings, rows, attribute=attribute, seed=seed, replicates=replicates)
    for (attacker, treatment), one in read.items():
        found.setdefault(attacker, {})[treatment] = one
    return found


def _name(attacker: str, treatment: str) -> str:
    return f"{attacker}_{treatment}"
