"""All that attackers of codes are held against: every training set, every reader, and nothing erased.

To the attackers of `codes_of_sets` this adds those who learn from the attackers' own part of the subjects, of
whom the eraser learned nothing, and further readers for those who learn from all. The same readers also read
the embeddings before erasure; who reads too little there does not count. Over all codes of a subject, only
subjects with two or more pictures count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Unpack

import numpy as np

from lib.deidentify.attacks.codes import CODE_ATTACKERS, CodeAttack, attack_codes
from lib.deidentify.attacks.embeddings import EmbeddingSet, attack_embeddings
from lib.deidentify.attacks.result import (
    AttackResult,
    Gate,
    attack_result,
    average_by_subject,
    qualify,
)
from lib.deidentify.private.protection import Private
from lib.evaluation.codes_of_sets import SetCodes, code_attacks, code_split, joined
from lib.evaluation.tradeoff import ALL, ONE, Readings
from lib.evaluation.weights_owner import Inversion
from lib.faces.faceset import FaceSet
from lib.faces.splits import role_rows
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.measures.bootstrap_intervals import bootstrap_auc, bootstrap_auc_difference
from lib.measures.estimate import Estimate, strongest, undefined_estimate
from lib.measures.privacy import direction_free
from lib.measures.resampling import BootstrapOptions

FURTHER = ("boosting", "perceptron_512")
"""Readers of those who learn from all subjects, or from the attackers' own part."""
PLAIN = "embedding, nothing erased"
"""What a table calls the readers of embeddings before erasure."""
_CHUNK = 1024
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


def plain_embeddings(
    private: Private, sets: Mapping[str, FaceSet], codes: Mapping[str, SetCodes]
) -> dict[str, SetCodes]:
    """Embeddings before erasure of all pictures whose codes are known, at unit length."""

    def embedded(faces: FaceSet, rows: np.ndarray) -> np.ndarray:
        points = None if faces.points is None else faces.points[rows]
        return unit_embeddings(private.coder.recogniser, faces.images[rows], points)

    found = {}
    for name, faces in sets.items():
        rows = codes[name].rows
        parts = [embedded(faces, rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK)]
        found[name] = SetCodes(rows, np.concatenate(parts))
    return found


def read_codes(
    codes: Mapping[str, SetCodes],
    plain: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    growing: Iterable[int],
    *,
    wanted: float,
    slack: float,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> CodeReadings:
    """Let all attackers read the codes of every set's test subjects, and the embeddings before erasure.

    Parameters
    ----------
    codes, plain, sets : by the same names; the first set has splits.
    growing : as for `code_attacks`.
    wanted : AUC that a reader must reach on embeddings of the first set; where all read less, that of the
        strongest. slack : by which it may be missed.
    training_seed : of the attackers' training and of the draw of their subjects.
    draws : of the intervals over subjects.
    """
    every = (*CODE_ATTACKERS, *FURTHER)
    attacks = code_attacks(codes, sets, growing, training_seed=training_seed, **draws)
    unerased = {}
    for name, (everyone, _) in _taught(plain, sets).items():
        unerased[name] = attack_codes(
            everyone, *_read(plain[name], sets[name]), attackers=every, training_seed=training_seed, **draws
        )
    for name, (everyone, own) in _taught(codes, sets).items():
        read, last = _read(codes[name], sets[name]), list(attacks[name])[-1]
        more = attack_embeddings(everyone, *read, attackers=FURTHER, training_seed=training_seed, **draws)
        attacks[name][last] = CodeAttack(attacks[name][last].one | more, attacks[name][last].means)
        attacks[name][_own_part(name, sets)] = attack_codes(
            own, *read, attackers=every, training_seed=training_seed, **draws
        )
    before = unerased[next(iter(sets))].auc_free
    gate = qualify(before, min(wanted, max(one.estimate for one in before.values())), slack)
    counted = {name: _subjects_with_several(_read(codes[name], faces)[1]) for name, faces in sets.items()}

    def fair(name: str, attack: CodeAttack) -> CodeAttack:
        return _over_several(_passed(attack, gate), counted[name][0], **draws)

    return CodeReadings(
        {name: {who: fair(name, one) for who, one in by.items()} for name, by in attacks.items()},
        {name: fair(name, one) for name, one in unerased.items()},
        gate,
        {name: (len(kept), median) for name, (kept, median) in counted.items()},
    )


def _own_part(name: str, sets: Mapping[str, FaceSet]) -> str:
    first = next(iter(sets))
    return f"own part of {first}" + ("" if name == first else f" and {name}")


def _taught(
    codes: Mapping[str, SetCodes], sets: Mapping[str, FaceSet]
) -> dict[str, tuple[EmbeddingSet, EmbeddingSet]]:
    """Set -> all training subjects, and those of the attackers' own part; with those of the set itself."""
    (first, faces), *others = sets.items()
    everyone = codes[first].sample(faces, code_split(faces).train)
    apart = codes[first].sample(faces, role_rows(faces.labels, "attackers"))
    found = {first: (everyone, apart)}
    for name, some in others:
        own = codes[name].sample(some, code_split(some).train)
        found[name] = joined(everyone, own), joined(apart, own)
    return found


def _read(codes: SetCodes, faces: FaceSet) -> tuple[EmbeddingSet, EmbeddingSet]:
    """Those by whom attackers choose, and those whom they attack."""
    parts = code_split(faces)
    return codes.sample(faces, parts.calibration), codes.sample(faces, parts.test)


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


# ---------------------------------------------------------------- subjects with several pictures


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


# ---------------------------------------------------------------- recovered codes


def read_recovered(
    inversion: Inversion,
    codes: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    readings: CodeReadings,
    *,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Estimate]:
    """What the strongest attackers read from recovered and from true codes of the same pictures.

    Of the attackers who learned from all subjects of the first set and of those who learned from their own
    part, the one who reads most from one code is trained again.

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
    (who, kind), _ = _strongest_single({who: readings.attacks[first][who] for who in last_two})
    taught = dict(zip(last_two, _taught(codes, sets)[first], strict=True))[who]
    shown = np.concatenate([inversion.found, inversion.true])
    both = EmbeddingSet(shown, np.tile(positive, 2), np.tile(subjects, 2))
    choosing, _ = _read(codes[first], faces)
    read = attack_embeddings(taught, choosing, both, attackers=[kind], training_seed=training_seed, **draws)
    one = read[kind]
    found, true = np.split(-one.scores if one.free.turned else one.scores, 2)
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
