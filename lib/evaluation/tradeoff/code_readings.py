"""Figures of all attackers of codes, from what they said of the test subjects (`code_readers`).

Who reads too little of embeddings before erasure does not count. Over all codes of a subject, only subjects
with two or more pictures count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np
import pandas as pd

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.attacks.result import (
    AttackResult,
    Gate,
    attack_result,
    average_by_subject,
    qualify,
)
from lib.evaluation.tradeoff.code_readers import PLAIN, CodeReaders, read_samples
from lib.evaluation.tradeoff.readings import ALL, ONE, Readings
from lib.evaluation.tradeoff.recovered_codes import Inversion
from lib.evaluation.tradeoff.set_codes import SetCodes
from lib.faces.faceset import FaceSet
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference
from lib.measures.estimate import Estimate, strongest, undefined_estimate
from lib.measures.privacy import direction_free
from lib.measures.resampling import BootstrapOptions

Scored = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Scores, labels and subjects of some pictures, (N,) each; a higher score is more positive."""


@dataclass(frozen=True)
class CodeReadings:
    """What attackers who passed the gate read of each set.

    Attributes
    ----------
    attacks : set -> whose subjects were learned from -> attack on codes.
    plain : set -> attack on the embeddings of the same pictures before erasure.
    gate : of the first set: which readers passed there.
    pictures : set -> how many test subjects have two or more pictures, and the median number of these.
    """

    attacks: dict[str, dict[str, CodeAttack]]
    plain: dict[str, CodeAttack]
    gate: Gate
    pictures: dict[str, tuple[int, float]]

    def unerased(self) -> dict[str, dict[str, Estimate]]:
        """Set -> ONE and ALL -> what the strongest read where nothing was erased."""
        return {name: _strongest(one) for name, one in self.plain.items()}

    def with_unerased(self, readings: Mapping[str, Readings]) -> dict[str, dict[str, Any]]:
        """The readings of each set, and as the last PLAIN."""
        beside = self.unerased()
        return {name: {**by, PLAIN: beside[name]} for name, by in readings.items()}

    def listed(self) -> dict[str, dict[str, CodeAttack]]:
        """All attacks for `code_records`, those on embeddings as PLAIN."""
        return {name: {**by, PLAIN: self.plain[name]} for name, by in self.attacks.items()}

    def results(self, name: str) -> dict[str, Any]:
        """What results keep of one set beside `code_results`."""
        subjects, median = self.pictures[name]
        return {
            "unerased": self.unerased()[name],
            "pictures_of_a_subject": {"subjects": subjects, "median": median},
            "code_readers": {"passed": list(self.gate.passed), "failed": list(self.gate.failed)},
        }

    def strongest_scores(self, name: str) -> Scored:
        """Scores of one set by the strongest attackers of one code, turned if they learned to turn them."""
        by = self.attacks[name]
        found = _strongest_single(by)[1]
        return (-found.scores if found.free.turned else found.scores), found.positive, found.subjects


def read_codes(
    readers: CodeReaders,
    codes: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    *,
    wanted: float,
    slack: float,
    **draws: Unpack[BootstrapOptions],
) -> CodeReadings:
    """Figures of all attackers of the test subjects' codes, and of their embeddings before erasure.

    Parameters
    ----------
    readers : as they were trained on these codes.
    codes, sets : by the same names; the first set has splits.
    wanted : AUC that a reader must reach on embeddings of the first set; where all read less, that of the
        strongest. slack : by which it may be missed.
    draws : of the intervals over subjects.
    """
    tested = {name: read_samples(codes[name], faces)[1] for name, faces in sets.items()}
    unerased = {name: readers.plain[name].attack(test, **draws) for name, test in tested.items()}
    before = unerased[next(iter(sets))].auc_free
    gate = qualify(before, min(wanted, max(one.estimate for one in before.values())), slack)
    counted = {name: _subjects_with_several(test) for name, test in tested.items()}

    def fair(name: str, attack: CodeAttack) -> CodeAttack:
        return _over_several(_passed(attack, gate), counted[name][0], **draws)

    attacks = {
        name: {who: fair(name, one.attack(test, **draws)) for who, one in readers.codes[name].items()}
        for name, test in tested.items()
    }
    return CodeReadings(
        attacks,
        {name: fair(name, one) for name, one in unerased.items()},
        gate,
        {name: (len(kept), median) for name, (kept, median) in counted.items()},
    )


def _passed(attack: CodeAttack, gate: Gate) -> CodeAttack:
    one, means = (
        {name: found for name, found in by.items() if name in gate.passed}
        for by in (attack.one, attack.means)
    )
    return CodeAttack(one, means)


def _strongest_single(by: Mapping[str, CodeAttack]) -> tuple[tuple[str, str], AttackResult]:
    """Whose subjects were learned from and which reader, and the result, of the strongest of one code."""
    every = {(who, kind): found for who, one in by.items() for kind, found in one.one.items()}
    best = strongest({key: found.auc_free for key, found in every.items()})
    return best, every[best]


def _strongest(attack: CodeAttack) -> dict[str, Estimate]:
    return {ONE: attack.strongest()[1], ALL: attack.strongest_averaged()[1]}


def _subjects_with_several(sample: EmbeddingSet) -> tuple[np.ndarray, float]:
    """Subjects with two or more pictures, all where nobody has; and the median number of their pictures."""
    names, counts = np.unique(sample.subjects, return_counts=True)
    kept = counts >= 2 if (counts >= 2).any() else np.ones(len(names), bool)
    return names[kept], float(np.median(counts[kept]))


def _over_several(attack: CodeAttack, subjects: np.ndarray, **draws: Unpack[BootstrapOptions]) -> CodeAttack:
    """The same attack; over all codes of a subject only these subjects count."""

    def scored(found: AttackResult) -> Scored:
        rows = np.isin(found.subjects, subjects)
        return found.scores[rows], found.positive[rows], found.subjects[rows]

    def single(found: AttackResult) -> AttackResult:
        mean = bootstrap_auc(*average_by_subject(*scored(found)), **draws)
        return replace(found, averaged=direction_free(mean, found.calibration_auc).auc)

    if all(np.isin(found.subjects, subjects).all() for found in attack.one.values()):
        return attack
    return CodeAttack(
        {name: single(found) for name, found in attack.one.items()},
        {
            name: attack_result(*scored(found), found.calibration_auc, **draws)
            for name, found in attack.means.items()
        },
    )


def read_first_pictures(scored: Scored, number: int, **draws: Unpack[BootstrapOptions]) -> Estimate:
    """AUC of the mean score over the first pictures of each subject, or over all where it has fewer."""
    scores, positive, subjects = scored
    order = np.argsort(subjects, kind="stable")
    starts = np.unique(subjects[order], return_index=True)[1]
    place = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    rows = order[place < number]
    return bootstrap_auc(*average_by_subject(scores[rows], positive[rows], subjects[rows]), **draws)


def read_recovered(
    inversion: Inversion,
    codes: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    readers: CodeReaders,
    readings: CodeReadings,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Estimate]:
    """What the strongest attackers read from recovered and from true codes of the same pictures.

    Of the attackers who learned from all subjects of the first set and of those who learned from their own
    part, the one who reads most from one code of a test subject.

    Returns
    -------
    `found`, `true`, and `difference`, found minus true, paired.
    """
    first, faces = next(iter(sets.items()))
    places = [np.flatnonzero((codes[first].told == one).all(axis=1))[0] for one in inversion.true]
    rows = codes[first].rows[np.array(places)]
    positive, subjects = faces.binary("Male", rows), faces.subjects[rows]
    if len(np.unique(positive)) < 2:
        return dict.fromkeys(("found", "true", "difference"), undefined_estimate("one class is missing"))
    last_two = list(readings.attacks[first])[-2:]
    (who, kind), one = _strongest_single({who: readings.attacks[first][who] for who in last_two})
    also = readers.codes[first][who].one[kind].also
    found, true = np.split(-also if one.free.turned else also, 2)
    return {
        "found": bootstrap_auc(found, positive, subjects, **draws),
        "true": bootstrap_auc(true, positive, subjects, **draws),
        "difference": bootstrap_auc_difference(found, true, positive, subjects, **draws),
    }


def inversion_results(
    inversion: Inversion, read: Mapping[str, Estimate], **draws: Unpack[BootstrapOptions]
) -> dict[str, Any]:
    """What results keep: `Inversion.results` of the code's own numbers, and `nuisance`, the others' share.

    Parameters
    ----------
    read : of `read_recovered`.
    """

    def part(some: slice) -> Inversion:
        true, found, spread = (one[..., some] for one in (inversion.true, inversion.found, inversion.spread))
        return Inversion(true, found, spread, inversion.distances, inversion.dimension)

    code, nuisance = part(slice(inversion.dimension)), part(slice(inversion.dimension, None))
    return code.results(**draws) | {"nuisance": nuisance.numbers(**draws), "read": dict(read)}


def code_results(attacks: Mapping[str, CodeAttack]) -> dict[str, dict[str, Estimate]]:
    """What results keep of one set: whose subjects were learned from -> `auc_free`, `auc_free_averaged`."""
    return {
        who.replace(" ", "_").replace(",", ""): {
            "auc_free": one.strongest()[1],
            "auc_free_averaged": one.strongest_averaged()[1],
        }
        for who, one in attacks.items()
    }


def codes_growth(codes: pd.DataFrame, name: str) -> pd.DataFrame:
    """What the strongest readers of the codes of `private` read, over their number of subjects.

    Parameters
    ----------
    codes : of `code_records` as `figures_table` writes them.
    name : of the set whose subjects were learned from and attacked.

    Returns
    -------
    With the columns that `figures.learning_curve` draws; no rows where nobody read codes.
    """
    own = codes[codes["set"] == name]
    counted = own["learned from"].str.extract(rf"^([\d,]+) subjects of {name}$")[0]
    known = own.assign(subjects=counted.str.replace(",", "")).dropna(subset="subjects")
    best = known.loc[known.groupby(["subjects", "series"])["estimate"].idxmax()]
    looks = {"one code": "one picture", "all codes": "all pictures of a subject"}
    told = best.assign(method="private", reads="codes", averaged=best["series"].map(looks))
    told["subjects"] = told["subjects"].astype(int)
    columns = ["method", "reads", "subjects", "averaged", "estimate", "low", "high"]
    return told.sort_values(["averaged", "subjects"], ascending=[False, True])[columns]


def code_records(attacks: Mapping[str, Mapping[str, CodeAttack]]) -> list[dict[str, object]]:
    """A record of every attacker, for `figures_table`: `set`, `learned from`, `row`, `series`, `figure`."""
    return [
        {"set": name, "learned from": who, "row": attacker, "series": series, "figure": figure}
        for name, by in attacks.items()
        for who, one in by.items()
        for series, figures in (("one code", one.auc_free), ("all codes", one.auc_free_averaged))
        for attacker, figure in figures.items()
    ]
