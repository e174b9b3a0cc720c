"""Simple rivals of the book's protections: who reads their pictures' embeddings, and who still matches them.

Recognisers carry attributes in full, so any method that makes pictures can be read without training a network
on each. A training stage trains the readers and keeps what they say of test subjects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

import numpy as np
from tqdm import tqdm

from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.kept_scores import load_scores, save_scores
from lib.deidentify.attacks.result import AttackScores, AttackSplit, strongest_attack
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.baselines import Blur, Pixelate, Unaltered
from lib.deidentify.protections.k_same import KSameOppositeGender
from lib.deidentify.protections.protect_set import protected_pictures
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.row_sampling import subsample
from lib.faces.splits import role_rows
from lib.judges.base import Judge
from lib.judges.recogniser_embeddings import unit_embeddings
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

ATTRIBUTE = "Male"
FILE = "rival_readers.npz"
Methods = Mapping[str, Protection]
"""`method_name` -> what alters the faces."""


def method_name(name: str, strength: float | None = None) -> str:
    """`blur 0.02`, or the name alone of a method that has one strength."""
    return name if strength is None else f"{name} {strength}"


def method_of(name: str) -> tuple[str, float | None]:
    """Name and strength of a `method_name`."""
    kind, _, strength = name.partition(" ")
    return kind, float(strength) if strength else None


def rival_methods(
    faces: FaceSet, recogniser: Judge, strengths: Sequence[float], gallery: int
) -> dict[str, Protection]:
    """Methods to hold others against: nothing, k-Same with the other gender, blur and large pixels.

    Parameters
    ----------
    faces : of whose unseen judges' subjects k-Same draws its gallery.
    recogniser : by which faces are near to k-Same.
    strengths : of blur and pixels, in parts of the side.
    gallery : pictures in the gallery at most.
    """
    shown = faces.take(role_rows(faces.labels, "unseen")[:gallery])
    near = unit_embeddings(recogniser, shown.images)
    k_same = KSameOppositeGender(recogniser, to_grey(shown.images)[..., None], near, shown.binary(ATTRIBUTE))
    methods: dict[str, Protection] = {"before": Unaltered(), "k-Same": k_same}
    for name, kind in (("blur", Blur), ("pixelate", Pixelate)):
        methods |= {method_name(name, strength): kind(strength=strength) for strength in strengths}
    return methods


def reader_rows(faces: FaceSet, own: np.ndarray, readers: int, seed: int) -> AttackSplit:
    """Rows that readers of embeddings learn from; half as many to choose by and to be tested on.

    Parameters
    ----------
    own : rows of the attackers' own subjects. readers : pictures to learn from at most.
    seed : of the draw.
    """
    split = faces.labels["split"].to_numpy()
    others = (np.flatnonzero(split == name) for name in ("validation", "test"))
    some = (subsample(rows, readers // 2, seed) for rows in others)
    return AttackSplit(subsample(own, readers, seed), *some)


def train_rival_readers(
    methods: Methods, witnesses: Mapping[str, Judge], faces: FaceSet, rows: AttackSplit, folder: Path
) -> None:
    """Train readers of each witness' embeddings of each method's pictures, and keep what they say.

    Parameters
    ----------
    witnesses : recognisers, by name.
    faces, rows : of `reader_rows`.
    folder : where `read_rivals` reads.
    """
    shown, places = rows.gathered(faces)
    kept: dict[tuple[str, ...], AttackScores] = {}
    for name, method in tqdm(methods.items(), desc="methods", leave=False):
        pictures = protected_pictures(method, shown)
        for witness, judge in witnesses.items():
            said = EmbeddingExtractor(judge, shown, places, ATTRIBUTE).embed(pictures).scores()
            kept |= {(name, witness, reader): scores for reader, scores in said.items()}
    save_scores(folder / FILE, kept)


def read_rivals(
    faces: FaceSet, rows: AttackSplit, folder: Path, **draws: Unpack[BootstrapOptions]
) -> dict[str, list[Estimate]]:
    """Direction-free AUC of the strongest reader of each witness' embeddings, by method.

    Parameters
    ----------
    faces, rows, folder : as for `train_rival_readers`.
    draws : of the intervals over subjects.

    Raises
    ------
    WeightsError : nobody was trained.
    """
    positive, subjects = faces.binary(ATTRIBUTE, rows.test), faces.subjects[rows.test]
    said: dict[str, dict[str, dict[str, AttackScores]]] = {}
    for (name, witness, reader), one in load_scores(folder / FILE).items():
        said.setdefault(name, {}).setdefault(witness, {})[reader] = one

    def strongest(by_reader: Mapping[str, AttackScores]) -> Estimate:
        read = {reader: one.result(positive, subjects, **draws) for reader, one in by_reader.items()}
        return strongest_attack(read)[1].auc_free

    return {name: [strongest(own) for own in by.values()] for name, by in said.items()}
