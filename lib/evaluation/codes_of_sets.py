"""What attackers of `private` learn from who own its coder: the codes of whole sets of faces.

They learn from every training subject, those of the eraser among them, choose on validation subjects and read
test subjects. On a second set of photographs they learn in its own domain too: a stable hash of the subject's
name says who is attacked there and who is learned from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import numpy as np

from lib.arrays import read_arrays, write_arrays
from lib.deidentify.attacks.codes import CodeAttack, attack_codes
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.attacks.learning_curve import subject_counts
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.private.protection import Private
from lib.faces.faceset import FaceSet
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import stable_hash
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

ATTRIBUTE = "Male"
PARTS = 10
"""Of the subjects of a set that has no split: five are attacked, four are learned from, one calibrates."""
_CHUNK = 1024


@dataclass(frozen=True)
class SetCodes:
    """Codes of some rows of a set of faces, nuisance numbers included.

    Attributes
    ----------
    rows : int64 (N,) of the set, ascending, those with a known face.
    told : float32 (N, D), all that the generator is told of each.
    """

    rows: np.ndarray
    told: np.ndarray

    @classmethod
    def of(cls, private: Private, faces: FaceSet, rows: np.ndarray) -> SetCodes:
        """Codes of `rows` of a set; rows in which there is no face are left out."""
        found, known = [], []
        for start in range(0, len(rows), _CHUNK):
            some = rows[start : start + _CHUNK]
            points = None if faces.points is None else faces.points[some]
            codes = private.coder(faces.images[some], points)
            found.append(codes.told[codes.known])
            known.append(some[codes.known])
        return cls(np.concatenate(known), np.concatenate(found).astype(np.float32))

    def save(self, path: str | Path) -> None:
        """Write them into an npz file."""
        write_arrays(path, {"rows": self.rows.astype(np.int64), "told": self.told})

    @classmethod
    def load(cls, path: str | Path) -> SetCodes:
        """Read what `save` wrote; WeightsError where the file is missing or damaged."""
        arrays = read_arrays(path)
        return cls(arrays["rows"], arrays["told"])

    def sample(self, faces: FaceSet, rows: np.ndarray) -> EmbeddingSet:
        """The codes of `rows` of the set, as attackers see them."""
        kept = np.isin(self.rows, rows)
        mine = self.rows[kept]
        return EmbeddingSet(self.told[kept], faces.binary(ATTRIBUTE, mine), faces.subjects[mine])


def coded_rows(faces: FaceSet, most: int) -> np.ndarray:
    """Rows of which codes are made: at most so many pictures of a subject, 0 for all, the label known."""
    known = np.flatnonzero(faces.known(ATTRIBUTE))
    return np.sort(limit_per_subject(faces.labels, known, most))


def code_split(faces: FaceSet) -> AttackSplit:
    """Rows by their part in the attack: the splits of a set, or where it has none, a hash of the name."""
    split = faces.labels["split"].to_numpy()
    if (split == "validation").any():
        return AttackSplit(*(np.flatnonzero(split == name) for name in ("train", "validation", "test")))
    names, place = np.unique(faces.subjects.astype(str), return_inverse=True)
    part = np.array([stable_hash(f"in-domain attackers {name}") % PARTS for name in names])[place]
    half = PARTS // 2
    return AttackSplit(*(np.flatnonzero(one) for one in ((part > half), (part == half), (part < half))))


def code_attacks(
    codes: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    growing: Iterable[int],
    *,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, dict[str, CodeAttack]]:
    """Let the strongest attackers read the codes of every set's test subjects.

    Parameters
    ----------
    codes, sets : by the same names. The first set has splits. Of the others, attackers learn from the first
        set alone, from subjects of the other set alone, and from both.
    growing : numbers of subjects to learn from in the first set; 0: all.
    training_seed : of the attackers' training and of the draw of their subjects.
    draws : of the intervals over subjects.

    Returns
    -------
    Set -> whose subjects were learned from, as `60 subjects of celeba` or `celeba and lfw` -> attack.

    Raises
    ------
    ValueError : a class is missing in a part.
    """
    first, *others = sets
    parts = {name: _samples(codes[name], faces) for name, faces in sets.items()}
    train, calibration, test = parts[first]
    found: dict[str, dict[str, CodeAttack]] = {first: {}}
    for number in subject_counts(train.subjects, growing):
        some = train.limited(number, seed=training_seed)
        one = attack_codes(some, calibration, test, training_seed=training_seed, **draws)
        found[first][f"{number:,} subjects of {first}"] = one
    for name in others:
        own, choosing, attacked = parts[name]
        taught = {first: train, name: own, f"{first} and {name}": joined(train, own)}
        found[name] = {
            who: attack_codes(one, choosing, attacked, training_seed=training_seed, **draws)
            for who, one in taught.items()
        }
    return found


def code_results(attacks: Mapping[str, CodeAttack]) -> dict[str, dict[str, Estimate]]:
    """What results keep of one set: whose subjects were learned from -> `auc_free`, `auc_free_averaged`."""
    return {
        who.replace(" ", "_").replace(",", ""): {
            "auc_free": one.strongest()[1],
            "auc_free_averaged": one.strongest_averaged()[1],
        }
        for who, one in attacks.items()
    }


def code_records(attacks: Mapping[str, Mapping[str, CodeAttack]]) -> list[dict[str, object]]:
    """A record of every attacker, for `figures_table`: `set`, `learned from`, `row`, `series`, `figure`."""
    return [
        {"set": name, "learned from": who, "row": attacker, "series": series, "figure": figure}
        for name, by in attacks.items()
        for who, one in by.items()
        for series, figures in (("one code", one.auc_free), ("all codes", one.auc_free_averaged))
        for attacker, figure in figures.items()
    ]


def strongest_scores(attacks: Mapping[str, CodeAttack]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, labels and subjects (T,) by the strongest attackers of one code, of the last attack."""
    last = list(attacks.values())[-1]
    one = last.one[last.strongest()[0]]
    return one.scores, one.positive, one.subjects


def joined(*samples: EmbeddingSet) -> EmbeddingSet:
    """Samples of several sets as one; subjects of different sets are different subjects."""
    names = [np.char.add(f"{at} ", one.subjects.astype(str)) for at, one in enumerate(samples)]
    return EmbeddingSet(
        np.concatenate([one.embeddings for one in samples]),
        np.concatenate([one.positive for one in samples]),
        np.concatenate(names),
    )


def _samples(codes: SetCodes, faces: FaceSet) -> tuple[EmbeddingSet, EmbeddingSet, EmbeddingSet]:
    rows = code_split(faces)
    train, choosing, attacked = (
        codes.sample(faces, one) for one in (rows.train, rows.calibration, rows.test)
    )
    return train, choosing, attacked
