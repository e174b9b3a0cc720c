"""What attackers read from the pictures of chapter 05: who may speak, who is picked, and what is hidden.

Nobody is picked by the test subjects. Of those who learned from a treatment, the one counts whose AUC on the
validation subjects lies farthest from one half; a difference of two treatments is between designs that
learned from both. Who takes the map off, or reads its sign, stands apart: originals have no map.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from lib.deidentify.attacks.attacker_trainings import Design, attacker_on, curve_name
from lib.deidentify.attacks.reading_attackers import AttackReader, ScoreGrid
from lib.deidentify.attacks.result import AttackResult, Gate, qualify
from lib.evaluation.gender.judged_faces import VALIDATION, GenderTest
from lib.evaluation.gender.map_removal import MapRemoval
from lib.evaluation.gender.readings import gender_readings, off_chance
from lib.measures.bootstrap_intervals import bootstrap_auc_difference
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.score_table import ScoreTable

SIGN = "attacker_sign"
"""Who reads the sign of the map. They read no originals, so no gate is asked of them."""


@dataclass(frozen=True)
class GenderAttacks:
    """What all attackers read of each data set.

    Attributes
    ----------
    panels : data set -> their scores.
    directions : attacker -> treatment -> AUC on the calibration subjects.
    readings : data set -> attacker -> treatment -> result.
    gates : data set -> who reads its originals as well as the best judge of the book.
    """

    panels: dict[str, ScoreTable]
    directions: dict[str, dict[str, float]]
    readings: dict[str, dict[str, dict[str, AttackResult]]]
    gates: dict[str, Gate]

    @classmethod
    def of(
        cls,
        said: ScoreGrid,
        test: GenderTest,
        removal: MapRemoval | None,
        wanted: Mapping[str, float],
        slack: float,
        **draws: Unpack[BootstrapOptions],
    ) -> GenderAttacks:
        """Divide what was read by data set, add who reads the sign of the map, and ask for the gates.

        Parameters
        ----------
        said : what attackers say of all data sets, one set after the other, as `GenderTest.reader` reads.
        removal : of all pictures, where OP has a map that can be taken off.
        wanted : data set -> AUC that attackers must reach on originals, as `GenderJudged.wanted` gives it.
        slack : by how much they may miss it.
        draws : of the intervals over subjects.

        Raises
        ------
        ValueError : no attacker passes the gate of the first data set.
        """
        male, subjects = test.male, test.faces.subjects
        ends = np.cumsum([0, *(len(test.rows[data]) for data in test.sets)])
        directions = {
            who: {name: one.calibration_auc for name, one in own.items()} for who, own in said.items()
        }
        panels = {}
        for data, start in zip(test.sets, ends, strict=False):
            rows = test.rows[data]
            at = slice(start, start + len(rows))
            scores = {who: {name: one.scores[at] for name, one in own.items()} for who, own in said.items()}
            if removal:
                scores[SIGN] = {"op": removal.scores[rows]}
            panels[data] = ScoreTable(scores, male[rows], subjects[rows])
        if removal:
            known = test.rows[VALIDATION]
            signs = {SIGN: {"op": removal.scores[known]}}
            directions |= ScoreTable(signs, male[known], subjects[known]).aucs()
        readings = {data: gender_readings(panel, directions, **draws) for data, panel in panels.items()}
        return cls(panels, directions, readings, gates(readings, list(said), wanted, slack))

    @property
    def failed(self) -> dict[str, tuple[str, ...]]:
        """Data set -> attackers who did not pass its gate."""
        return {data: one.failed for data, one in self.gates.items()}

    def learned(self, data: str, *treatments: str) -> dict[str, bool]:
        """Designs that learned from all these treatments -> whether they passed the gate.

        Those who did not pass are left out where somebody did: what they read counts, as it was read; what
        they do not read proves nothing.
        """
        gate, own = self.gates[data], self.readings[data]
        able = [who for who in (*gate.passed, *gate.failed) if set(treatments) <= set(own[who])]
        passed = {who: True for who in able if who in gate.passed}
        return passed or dict.fromkeys(able, False)

    def picked(self, data: str, treatment: str, *beside: str) -> tuple[str, AttackResult]:
        """Name and result of the strongest attacker on the validation subjects; of equal ones the first.

        Parameters
        ----------
        beside : treatments from which it must have learned as well.

        Raises
        ------
        ValueError : nobody learned from all of them.
        """
        names = list(self.learned(data, treatment, *beside))
        if not names:
            raise ValueError(f"{data}: no attacker learned from {', '.join((treatment, *beside))}")
        own = self.readings[data]
        name = max(names, key=lambda who: off_chance(own[who][treatment].calibration_auc))
        return name, own[name][treatment]

    def treatments(self, data: str) -> list[str]:
        """Treatments that somebody has read, in the order in which they are met; the map's sign aside."""
        gate = self.gates[data]
        return list(
            dict.fromkeys(name for who in (*gate.passed, *gate.failed) for name in self.readings[data][who])
        )

    def worst(self, data: str) -> dict[str, dict[str, Any]]:
        """Treatment -> name of the attacker that is picked, `auc_free`, `auc_free_averaged` over all pictures
        of a subject, whether it `passed` the gate, and `of` how many it is picked.
        """
        found = {}
        for treatment in self.treatments(data):
            name, one = self.picked(data, treatment)
            able = self.learned(data, treatment)
            found[treatment] = {
                "name": name,
                "auc_free": one.auc_free,
                "auc_free_averaged": one.averaged,
                "passed": able[name],
                "of": len(able),
            }
        return found

    def gain(
        self, data: str, treatment: str = "op", against: str = "before", **draws: Unpack[BootstrapOptions]
    ) -> Estimate:
        """AUC of the strongest attacker on one treatment minus that on another, paired by subject.

        Both are picked among the designs that learned from both treatments.
        """
        first, second = (
            turned_scores(self.picked(data, *names)[1])
            for names in ((treatment, against), (against, treatment))
        )
        panel = self.panels[data]
        return bootstrap_auc_difference(first, second, panel.positive, panel.subjects, **draws)


def turned_scores(one: AttackResult) -> np.ndarray:
    """Scores of an attacker, turned round where the calibration subjects say so."""
    return one.scores * (-1 if one.free.turned else 1)


def gates(
    readings: Mapping[str, Mapping[str, Mapping[str, AttackResult]]],
    attackers: Sequence[str],
    wanted: Mapping[str, float],
    slack: float,
) -> dict[str, Gate]:
    """Who reads originals as well as they can be read, on each data set.

    On the first one this is asked on the validation subjects. Another set has none: there, those who passed
    are asked on its own originals, and it may be that nobody is left.

    Parameters
    ----------
    readings : data set -> attacker -> treatment -> result.
    attackers : of whom it is asked.
    wanted : data set -> AUC to be reached. slack : by which it may be missed.

    Raises
    ------
    ValueError : nobody passes on the first data set.
    """
    first, *others = readings
    known = {who: 0.5 + off_chance(readings[first][who]["before"].calibration_auc) for who in attackers}
    found = {first: qualify({who: Estimate(one) for who, one in known.items()}, wanted[first], slack)}
    for data in others:
        own = {who: readings[data][who]["before"].auc_free.estimate for who in found[first].passed}
        passed = tuple(who for who, one in own.items() if one >= wanted[data] - slack)
        found[data] = Gate(passed, tuple(who for who in attackers if who not in passed))
    return found


def read_growth(
    reader: AttackReader,
    op: np.ndarray,
    counts: Sequence[int],
    designs: Mapping[str, Design],
    **draws: Unpack[BootstrapOptions],
) -> dict[int, AttackResult]:
    """What attackers of the first design read of OP who learned from so many subjects, by rising number.

    The last is the attacker of the grid, who learned from all.

    Parameters
    ----------
    reader : of one data set. op : uint8 (N, H, W), one for each of its faces.
    counts : numbers of subjects, as `Lessons.counts` gives them; there may be none.
    draws : of the intervals over subjects.
    """
    first, design = next(iter(designs.items()))
    asked = {count: (curve_name("op", count, design.kind), op) for count in counts}
    asked[0] = (attacker_on(first, "op"), op)  # 0: all, as elsewhere
    return {one.learned_subjects: one for one in reader.results(asked, **draws).values()}
