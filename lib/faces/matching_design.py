"""Who is compared with whom in a matching test: first photos as probes, later ones as gallery, strangers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSetError


@dataclass(frozen=True)
class MatchingDesign:
    """Rows of a FaceSet by their part in a matching test: probes, gallery, strangers.

    Attributes
    ----------
    probes : (P,) int64, the first photo of each test subject: the one that is altered.
    gallery : (G,) int64, later photos of the same subjects.
    strangers : (C,) int64, photos of other subjects, whose impostor comparisons set the thresholds.
    strangers_are : who they are, in words.
    """

    probes: np.ndarray
    gallery: np.ndarray
    strangers: np.ndarray
    strangers_are: str


def matching_design(
    labels: pd.DataFrame, *, subjects: int = 0, gallery: int = 1, strangers: int = 0, seed: int = 0
) -> MatchingDesign:
    """Choose probes (first photos), gallery (later photos) and strangers for a matching test.

    Where the set has a validation split its subjects are the strangers, and so are test subjects who are not
    compared; those of the test split are tested. Where it has none (LFW), everybody with two photos is tested
    and those with one are the strangers.

    Parameters
    ----------
    labels : of a FaceSet: `subject`, `split`, `Male`.
    subjects : test subjects at most, drawn with `seed`; 0: all.
    gallery : photos of each subject in the gallery, at most.
    strangers : photos of strangers at most, of as many subjects as possible; 0: all.

    Raises
    ------
    FaceSetError : fewer than two test subjects with two photos, or fewer than two strangers.
    """
    known = labels["Male"].notna().to_numpy() if "Male" in labels else np.zeros(len(labels), bool)
    people = labels["subject"].astype(str).to_numpy()
    several = pd.Series(known).groupby(people).transform("sum").to_numpy() > 1
    split = labels["split"].to_numpy()
    divided = bool((split == "validation").any())
    tested = known & several & ((split == "test") | (not divided))
    generator = np.random.default_rng(seed)
    tested &= np.isin(people, _chosen_subjects(people[tested], subjects, generator))
    spare = (split == "test") & ~np.isin(people, people[tested])
    others = known & ((split == "validation") | spare if divided else ~several)
    _check(people[tested], people[others])
    place = _place_within(people, tested)
    spared = "validation subjects, and test subjects who are not compared"
    return MatchingDesign(
        np.flatnonzero(place == 0),
        np.flatnonzero((place > 0) & (place <= gallery)),
        _in_turns(people, others, strangers, generator),
        spared if divided else "subjects with one photo only",
    )


def _chosen_subjects(people: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    names = np.unique(people)
    return generator.permutation(names)[: count or None]


def _place_within(people: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rank of each chosen row among its subject's chosen rows, from 0; -1 elsewhere."""
    place = np.full(len(people), -1)
    place[rows] = pd.Series(people[rows]).groupby(people[rows]).cumcount()
    return place


def _in_turns(people: np.ndarray, rows: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """At most `count` rows: one of every subject first, then a second of every subject, and so on."""
    index = np.flatnonzero(rows)
    names, number = np.unique(people[index], return_inverse=True)
    turn = generator.permutation(len(names))[number]
    order = np.lexsort([turn, _place_within(people, rows)[index]])
    return np.sort(index[order][: count or None])


def _check(tested: np.ndarray, others: np.ndarray) -> None:
    for people, what in ((tested, "test subjects with two photos"), (others, "strangers")):
        number = len(np.unique(people))
        if number < 2:
            raise FaceSetError(
                f"matching needs two or more {what} with a known `Male`, the set has {number}: "
                "take more images (parameter `limit`)"
            )
