"""Attackers of chapter 05: who learns from which treatment, and from how many subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.deidentify.attacks.attacker_trainings import Design, curve_trainings, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, AttackerTraining
from lib.deidentify.attacks.result import AttackSplit
from lib.faces.faceset import FaceSet
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

FINETUNED = "attacker_finetuned"
"""The attacker who goes on with the weights of the classifier of training."""
ALL_DESIGNS = ("op", "control", "private", "private_control", "authors_op")
"""Treatments from which every design learns, beside `before`."""
FIRST_DESIGN = ("report_op", "reversed_op")
"""Treatments from which the first design alone learns as well."""
REPEATED = ("op", "private")
"""Treatments on which the first design is trained again from other seeds."""

PlanMaker = Callable[..., TrainingPlan]


def attacker_name(kind: str) -> str:
    """Name in results of the attacker with an architecture: `attacker_residual`."""
    return f"attacker_{kind.removesuffix('_classifier')}"


def attacker_designs(
    epochs: Mapping[str, int],
    plan: PlanMaker,
    start: Path,
    *,
    finetuned: int = 0,
    repeats: int = 0,
    seed: int = 0,
) -> dict[str, Design]:
    """Attackers by name: fresh ones of each architecture, further trainings of the first, a pre-trained one.

    Parameters
    ----------
    epochs : architecture -> epochs of each training; the first is the first design.
    plan : from epochs and `seed` to a plan.
    start : stored classifier (folder and name) from which the pre-trained attacker goes on.
    finetuned : epochs of that one; 0: there is none.
    repeats : further trainings of the first design, each from another seed.
    seed : of the first trainings.

    Raises
    ------
    WeightsError : there is no network to start from.
    """
    first = next(iter(epochs))
    found = {
        attacker_name(kind): Design(
            kind, plan(count, seed=seed), ALL_DESIGNS + (FIRST_DESIGN if kind == first else ())
        )
        for kind, count in epochs.items()
    }
    for number in range(1, repeats + 1):
        again = plan(epochs[first], seed=seed + number)
        found[f"{attacker_name(first)}_{number + 1}"] = Design(first, again, REPEATED)
    if finetuned:
        kind = ModelStore(start.parent).about(start.name)["kind"]
        found[FINETUNED] = Design(kind, plan(finetuned, seed=seed), ALL_DESIGNS, start)
    return found


@dataclass(frozen=True)
class Lessons:
    """What attackers have to learn from: faces of their own subjects, and of those by whom they choose.

    Attributes
    ----------
    faces : both, one behind the other, with known `Male`.
    rows : which are which; nobody is attacked.
    """

    faces: FaceSet
    rows: AttackSplit

    @classmethod
    def of(cls, faces: FaceSet, own: np.ndarray, choosing: np.ndarray) -> Lessons:
        """From a set and the rows of both; images whose label is unknown are left out."""
        parts = {"own": faces.take(own), "choosing": faces.take(choosing)}
        known = {name: part.take(part.known("Male")) for name, part in parts.items()}
        together, at = FaceSet.concatenate(known, "attackers and validation")
        return cls(together, AttackSplit(at["own"], at["choosing"], NOBODY))

    @property
    def own(self) -> FaceSet:
        """Faces of the attackers' own subjects."""
        return self.faces.take(self.rows.train)

    def counts(self, growing: Sequence[int]) -> list[int]:
        """Those of the numbers of subjects that are fewer than all."""
        everybody = len(np.unique(self.own.subjects))
        return [number for number in growing if number < everybody]

    def trainings(
        self, pictures: Mapping[str, np.ndarray], designs: Mapping[str, Design], growing: Sequence[int]
    ) -> list[AttackerTraining]:
        """All trainings of the page: those of the designs, and of the first on OP of fewer subjects.

        Parameters
        ----------
        pictures : treatment -> uint8 (N, H, W) of `faces`, as `Protections.attacked` makes them.
        growing : numbers of subjects.
        """
        first = next(iter(designs.values()))
        counts = self.counts(growing)
        op, kinds = {"op": pictures["op"]}, {first.kind: first.plan}
        grown = curve_trainings(op, self.rows, self.faces.subjects, {"op": counts}, kinds)
        return [*grid_trainings(pictures, self.rows, designs), *grown]
