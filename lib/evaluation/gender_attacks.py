"""Attackers of chapter 05: who learns from which treatment, what they read, and who is the strongest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from lib.deidentify.attacks.grid import AttackGrid, Design, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, AttackerTraining, read_attackers
from lib.deidentify.attacks.learning_curve import curve_name, curve_trainings
from lib.deidentify.attacks.result import AttackResult, AttackSplit, Gate, qualify
from lib.evaluation.gender_judges import FINETUNED
from lib.evaluation.gender_protocol import gender_readings
from lib.evaluation.map_removal import MapRemoval
from lib.faces.faceset import FaceSet
from lib.measures.bootstrap_intervals import bootstrap_auc_difference
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import ScoreTable
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

ALL_DESIGNS = ("op", "control", "private", "private_control", "authors_op")
"""Treatments from which every design learns, beside `before`."""
FIRST_DESIGN = ("report_op", "reversed_op")
"""Treatments from which the first design alone learns as well."""
REPEATED = ("op", "private")
"""Treatments on which the first design is trained again from other seeds."""
SIGN = "attacker_sign"
"""Who reads the sign of the map. They read no originals, so no gate is asked of them."""
UNMASKED = "_unmasked"
"""Added to the name of an attacker on originals who reads OP with the map taken off."""

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


def read_growth(
    store: ModelStore,
    faces: FaceSet,
    op: np.ndarray,
    rows: AttackSplit,
    counts: Sequence[int],
    designs: Mapping[str, Design],
    **draws: Unpack[BootstrapOptions],
) -> dict[int, AttackResult]:
    """What attackers of the first design read of OP who learned from so many subjects, by rising number.

    The last is the attacker of the grid, who learned from all.

    Parameters
    ----------
    store, faces, rows, designs : as for `read_grid`. op : uint8 (N, H, W).
    counts : numbers of subjects, as `Lessons.counts` gives them; there may be none.
    draws : of the intervals over subjects.
    """
    first, design = next(iter(designs.items()))
    asked = {count: (curve_name("op", count, design.kind), op) for count in counts}
    asked[0] = (f"{first}_op", op)  # 0: all, as elsewhere
    read = read_attackers(store, faces, asked, rows, attribute="Male", **draws)
    return {read[key].learned_subjects: read[key] for key in asked}


@dataclass(frozen=True)
class GenderAttacks:
    """What all attackers read of each data set.

    Attributes
    ----------
    panels : data set -> their scores.
    directions : attacker -> treatment -> AUC on the calibration subjects.
    readings : data set -> attacker -> treatment -> result.
    gate : who reads originals as well as the weakest judge of the book, on the first data set.
    """

    panels: dict[str, ScoreTable]
    directions: dict[str, dict[str, float]]
    readings: dict[str, dict[str, dict[str, AttackResult]]]
    gate: Gate

    @classmethod
    def of(
        cls,
        attacks: AttackGrid,
        faces: FaceSet,
        rows: Mapping[str, np.ndarray],
        removal: MapRemoval | None,
        wanted: float,
        slack: float,
        **draws: Unpack[BootstrapOptions],
    ) -> GenderAttacks:
        """Divide what was read by data set, add who reads the sign of the map, and ask for the gate.

        Parameters
        ----------
        attacks : of the rows of all data sets, one set after the other.
        faces : with known `Male`, of which everything was read.
        rows : `validation`, by whose subjects the direction of the sign is learned, and each data set's.
        removal : of all pictures, where OP has a map that can be taken off.
        wanted, slack : AUC that attackers must reach on originals, and by how much they may miss it.
        draws : of the intervals over subjects.

        Raises
        ------
        ValueError : no attacker passes the gate.
        """
        male, subjects = faces.binary("Male"), faces.subjects
        sets = {name: own for name, own in rows.items() if name != "validation"}
        ends = np.cumsum([0, *map(len, sets.values())])
        directions = {
            who: {name: one.calibration_auc for name, one in own.items()} for who, own in attacks.items()
        }
        panels = {}
        for (data, own_rows), start in zip(sets.items(), ends, strict=False):
            at = slice(start, start + len(own_rows))
            scores = {
                who: {name: one.scores[at] for name, one in own.items()} for who, own in attacks.items()
            }
            if removal:
                scores[SIGN] = {"op": removal.scores[own_rows]}
            panels[data] = ScoreTable(scores, male[own_rows], subjects[own_rows])
        if removal:
            known = rows["validation"]
            signs = {SIGN: {"op": removal.scores[known]}}
            directions |= ScoreTable(signs, male[known], subjects[known]).directions()
        readings = {data: gender_readings(panel, directions, **draws) for data, panel in panels.items()}
        first = next(iter(readings.values()))
        before = {who: first[who]["before"].auc_free for who in attacks}
        return cls(panels, directions, readings, qualify(before, wanted, slack))

    def candidates(self, data: str, treatment: str) -> dict[str, AttackResult]:
        """Results of all who may speak of a treatment; of OP also of those who take the map off."""
        own = self.readings[data]
        speaking = {who: own[who] for who in (*self.gate.passed, SIGN) if who in own}
        found = {who: read[treatment] for who, read in speaking.items() if treatment in read}
        if treatment == "op":
            off = {who: read["op_unmasked"] for who, read in speaking.items() if "op_unmasked" in read}
            found |= {f"{who}{UNMASKED}": one for who, one in off.items()}
        return found

    def strongest(self, data: str, treatment: str) -> tuple[str, AttackResult]:
        """Name and result of the attacker with the highest direction-free AUC on a treatment."""
        found = self.candidates(data, treatment)
        name = strongest({who: one.auc_free for who, one in found.items()})
        return name, found[name]

    def treatments(self, data: str) -> list[str]:
        """Treatments that somebody who may speak has read, map removal aside."""
        own = self.readings[data]
        names = dict.fromkeys(name for who in self.gate.passed for name in own[who])
        return [name for name in names if name != "op_unmasked"]

    def worst(self, data: str) -> dict[str, dict[str, Any]]:
        """Treatment -> name of the strongest attacker, `auc_free`, and `auc_free_averaged` of the strongest
        over all pictures of a subject, with their name.
        """
        found = {}
        for treatment in self.treatments(data):
            name, one = self.strongest(data, treatment)
            averaged = {who: read.averaged for who, read in self.candidates(data, treatment).items()}
            of_all = strongest(averaged)
            found[treatment] = {
                "name": name,
                "auc_free": one.auc_free,
                "name_averaged": of_all,
                "auc_free_averaged": averaged[of_all],
            }
        return found

    def gain(self, data: str, **draws: Unpack[BootstrapOptions]) -> Estimate:
        """AUC of the strongest attacker on OP minus that of the strongest on originals, paired by subject."""
        read = {name: self.strongest(data, name)[1] for name in ("op", "before")}
        asked = {name: one.scores * (-1 if one.free.turned else 1) for name, one in read.items()}
        panel = self.panels[data]
        return bootstrap_auc_difference(asked["op"], asked["before"], panel.positive, panel.subjects, **draws)

    def qualified(self) -> dict[str, ScoreTable]:
        """Scores of those who passed the gate, by data set: what claims are made of."""
        return {
            data: ScoreTable({who: one.scores[who] for who in self.gate.passed}, one.positive, one.subjects)
            for data, one in self.panels.items()
        }
