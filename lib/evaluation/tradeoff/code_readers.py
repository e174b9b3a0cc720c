"""Trains all attackers of codes, and keeps what each says of the test subjects.

They learn from ever more subjects of the first set, those of the eraser among them, and from the attackers'
own part alone, of whom the eraser learned nothing. On a second set of photographs they learn in its own
domain too. Who learns from all subjects, or from the attackers' own part, has further kinds of readers. The
same readers also learn from embeddings before erasure, and are held to what they read there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.deidentify.attacks.attacker_trainings import subject_counts
from lib.deidentify.attacks.codes import CODE_ATTACKERS, CodeScores, train_code_readers
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.attacks.kept_scores import load_scores, save_scores
from lib.deidentify.attacks.result import AttackScores
from lib.deidentify.private.protection import Private
from lib.evaluation.tradeoff.recovered_codes import kept_codes
from lib.evaluation.tradeoff.set_codes import SetCodes, code_split, joined
from lib.faces.faceset import FaceSet
from lib.faces.splits import role_rows
from lib.judges.recogniser_embeddings import unit_embeddings

FURTHER = ("boosting", "perceptron_512")
"""Readers of those who learn from all subjects, or from the attackers' own part."""
PLAIN = "embedding, nothing erased"
"""In place of whose subjects were learned from: the readers of embeddings before erasure."""
FILE = "code_readers.npz"
_ONE, _MEAN = "one", "mean"
_CHUNK = 1024


@dataclass(frozen=True)
class CodeReaders:
    """What trained attackers say of the test subjects.

    Attributes
    ----------
    codes : set -> whose subjects were learned from -> scores of codes. In the first set, the last two also
        score the codes that were recovered from pictures, and behind them the true ones.
    plain : set -> scores of embeddings of the same pictures before erasure.
    """

    codes: dict[str, dict[str, CodeScores]]
    plain: dict[str, CodeScores]

    def save(self, folder: Path) -> None:
        """Write them into FILE of a folder."""
        said = {(name, who): one for name, by in self.codes.items() for who, one in by.items()}
        said |= {(name, PLAIN): one for name, one in self.plain.items()}
        kept: dict[tuple[str, ...], AttackScores] = {}
        for (name, who), one in said.items():
            for reads, by_reader in ((_ONE, one.one), (_MEAN, one.means)):
                kept |= {(name, who, reads, reader): scores for reader, scores in by_reader.items()}
        save_scores(folder / FILE, kept)

    @classmethod
    def load(cls, folder: Path) -> CodeReaders:
        """Read what `save` wrote; WeightsError where the file is missing or damaged."""
        codes: dict[str, dict[str, CodeScores]] = {}
        for (name, who, reads, reader), scores in load_scores(folder / FILE).items():
            said = codes.setdefault(name, {}).setdefault(who, CodeScores({}, {}))
            (said.one if reads == _ONE else said.means)[reader] = scores
        return cls(codes, {name: by.pop(PLAIN) for name, by in codes.items()})


def keep_code_readers(
    private: Private,
    sets: Mapping[str, FaceSet],
    growing: Sequence[int],
    folder: Path,
    *,
    training_seed: int = 0,
) -> None:
    """Train all attackers on the codes that `keep_codes` kept and on embeddings before erasure; keep scores.

    Parameters
    ----------
    folder : where the codes are, and where `CodeReaders.load` reads.
    growing, training_seed : as for `train_readers_of_codes`.
    """
    codes, inversion = kept_codes(sets, folder)
    plain = plain_embeddings(private, sets, codes)
    train_readers_of_codes(
        codes,
        plain,
        sets,
        growing,
        np.concatenate([inversion.found, inversion.true]),
        training_seed=training_seed,
    ).save(folder)


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


def train_readers_of_codes(
    codes: Mapping[str, SetCodes],
    plain: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    growing: Sequence[int],
    recovered: np.ndarray | None = None,
    *,
    training_seed: int = 0,
) -> CodeReaders:
    """Train all attackers and let them score the test subjects of every set.

    Parameters
    ----------
    codes, plain, sets : by the same names. The first set has splits.
    growing : numbers of subjects to learn from in the first set; 0: all.
    recovered : (M, D) further codes of test subjects of the first set.
    training_seed : of the attackers' training and of the draw of their subjects.

    Raises
    ------
    ValueError : a subject is in two samples.
    """
    every, first = (*CODE_ATTACKERS, *FURTHER), next(iter(sets))
    read: dict[str, dict[str, CodeScores]] = {}
    for name, faces in sets.items():
        lessons = _lessons(name, codes, sets, growing, training_seed)
        thorough = list(lessons)[-2:]
        read[name] = {
            who: train_code_readers(
                taught,
                *read_samples(codes[name], faces),
                attackers=every if who in thorough else CODE_ATTACKERS,
                also=recovered if who in thorough and name == first else None,
                training_seed=training_seed,
            )
            for who, taught in lessons.items()
        }
    unerased = {
        name: train_code_readers(
            _everyone(name, plain, sets),
            *read_samples(plain[name], faces),
            attackers=every,
            training_seed=training_seed,
        )
        for name, faces in sets.items()
    }
    return CodeReaders(read, unerased)


def read_samples(codes: SetCodes, faces: FaceSet) -> tuple[EmbeddingSet, EmbeddingSet]:
    """Those by whom attackers choose, and those whom they attack."""
    parts = code_split(faces)
    return codes.sample(faces, parts.calibration), codes.sample(faces, parts.test)


def _lessons(
    name: str,
    codes: Mapping[str, SetCodes],
    sets: Mapping[str, FaceSet],
    growing: Sequence[int],
    seed: int,
) -> dict[str, EmbeddingSet]:
    """Whose subjects are learned from -> their codes, to attack one set; all, and the own part, last."""
    first, everyone = next(iter(sets)), _everyone(name, codes, sets)
    apart = codes[first].sample(sets[first], role_rows(sets[first].labels, "attackers"))
    if name == first:
        counts = subject_counts(everyone.subjects, growing)
        sizes = {f"{count:,} subjects of {first}": everyone.limited(count, seed=seed) for count in counts}
        return sizes | {f"own part of {first}": apart}
    mine = _own(name, codes, sets)
    some = {first: _own(first, codes, sets), name: mine, f"{first} and {name}": everyone}
    return some | {f"own part of {first} and {name}": joined(apart, mine)}


def _own(name: str, codes: Mapping[str, SetCodes], sets: Mapping[str, FaceSet]) -> EmbeddingSet:
    """Training subjects of one set."""
    return codes[name].sample(sets[name], code_split(sets[name]).train)


def _everyone(name: str, codes: Mapping[str, SetCodes], sets: Mapping[str, FaceSet]) -> EmbeddingSet:
    """Training subjects of the first set, and of the set itself."""
    first = next(iter(sets))
    taught = _own(first, codes, sets)
    return taught if name == first else joined(taught, _own(name, codes, sets))
