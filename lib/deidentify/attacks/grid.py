"""Every attacker against every treatment, trained anew; and what each reads once a treatment is undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from lib.deidentify.attacks.images import TrainedAttacker, read_attacker, train_and_keep
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.faces.faceset import FaceSet
from lib.measures.resampling import REPLICATES
from lib.training.data.feed import Augmentation
from lib.training.parallel import run_parallel
from lib.training.plan import TrainingPlan
from lib.training.recipes import STRONG_AUGMENTATION
from lib.training.store.model_store import ModelStore

AttackGrid = dict[str, dict[str, AttackResult]]
"""Attacker -> treatment -> what it read of the test rows."""


def train_grid(
    faces: FaceSet,
    pictures: Mapping[str, np.ndarray],
    rows: AttackSplit,
    kinds: Mapping[str, str],
    plans: Mapping[str, TrainingPlan],
    store: ModelStore,
    resume_folder: str | Path | None,
    *,
    attribute: str,
    augment: Sequence[Augmentation] = STRONG_AUGMENTATION,
) -> None:
    """Train each attacker on each treatment with the true labels, in parallel, and keep them in a store.

    Parameters
    ----------
    faces : with `attribute` known.
    pictures : treatment -> uint8 (N, H, W), one for each row of `faces`; `before` among them.
    kinds : attacker -> architecture, one of `KINDS`.
    plans : attacker -> of each of its trainings; a design that starts slowly needs more epochs.
    store : for the networks `<attacker>_<treatment>`.
    attribute : binary, that is attacked.
    resume_folder, augment : as for `train_attacker`.

    Raises
    ------
    ValueError : there is no `before`, or as `train_attacker`.
    """
    if "before" not in pictures:
        raise ValueError("attackers must be shown to read originals first: give the treatment `before`")
    tasks = [
        partial(
            train_and_keep, faces, altered, rows, kind, plans[attacker], store, resume_folder,
            name=_name(attacker, treatment), attribute=attribute, augment=augment,
        )
        for attacker, kind in kinds.items()
        for treatment, altered in pictures.items()
    ]  # fmt: skip
    run_parallel(tasks, title="attackers")


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
    """Let the attackers of `train_grid` read the test subjects' pictures.

    Parameters
    ----------
    faces, pictures, rows, attribute : as for `train_grid`.
    undone : treatment -> pictures from which the attacker has taken the protection off; read by the
        classifier that it trained on `before`.
    seed, replicates : of the intervals over subjects.

    Raises
    ------
    WeightsError : the store lacks an attacker.
    """
    found: AttackGrid = {}
    for name in attackers:
        own = found.setdefault(name, {})
        for treatment, altered in pictures.items():
            attacker = TrainedAttacker.get(store, _name(name, treatment))
            read = partial(
                read_attacker,
                attacker,
                faces,
                rows=rows,
                attribute=attribute,
                seed=seed,
                replicates=replicates,
            )
            own[treatment] = read(altered)
            others = (undone or {}) if treatment == "before" else {}
            own |= {other: read(cleaned) for other, cleaned in others.items()}
    return found


def _name(attacker: str, treatment: str) -> str:
    return f"{attacker}_{treatment}"
