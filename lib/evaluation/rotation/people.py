"""Who plays which part in the rotation tables: test subjects, choosers of the angle, strangers, attackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from lib.evaluation.who_saw_whom import LeakError
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.matching_design import matching_design
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import hash_order, role_rows

TEST, CHOOSERS, STRANGERS = "test", "choosers", "strangers"
"""Groups: those who are judged; those on whom the angle is chosen; those who set the thresholds."""
LEARNERS = ("protection", "unseen")
"""Parts of the training subjects from whom the codec and the cleaner learned."""


@dataclass(frozen=True)
class Group:
    """Rows of a FaceSet of one group: each subject's probe, and photos of the same subject for a gallery.

    Attributes
    ----------
    probes : (S,) int64, the first photo of each subject. gallery : (S, G) int64, later ones of the same.
    """

    probes: np.ndarray
    gallery: np.ndarray

    def subjects(self, faces: FaceSet) -> np.ndarray:
        """Subject of each probe, (S,) str."""
        return faces.subjects[self.probes]


@dataclass(frozen=True)
class Plan:
    """How many subjects play each part.

    Attributes
    ----------
    subjects, choosers, strangers : of each group at most; 0: all.
    gallery : photos of a subject in the gallery; who has fewer is left out.
    seed : of the draws.
    """

    subjects: int = 0
    choosers: int = 0
    strangers: int = 0
    gallery: int = 1
    seed: int = 0

    def groups(self, labels: pd.DataFrame) -> dict[str, Group]:
        """Rows of the three groups; none shares a subject with another.

        Test subjects are those of the test split. Those of the validation split are halved by a hash of
        their names: choosers and strangers.

        Raises
        ------
        FaceSetError : a group has fewer than two subjects with enough photos.
        """
        names = hash_order(labels.loc[labels["split"] == "validation", "subject"].astype(str).unique())
        half = set(names[: len(names) // 2])
        people = labels["subject"].astype(str)
        split = labels["split"]
        validation = split == "validation"
        of = {
            TEST: (split == "test", self.subjects),
            CHOOSERS: (validation & people.isin(half), self.choosers),
            STRANGERS: (validation & ~people.isin(half), self.strangers),
        }
        return {name: self._group(labels, mask.to_numpy(), most, name) for name, (mask, most) in of.items()}

    def _group(self, labels: pd.DataFrame, mask: np.ndarray, most: int, name: str) -> Group:
        """Probes and galleries of one group, by `matching_design`: all others are strangers to it."""
        count = pd.Series(mask).groupby(labels["subject"].astype(str).to_numpy()).transform("sum").to_numpy()
        enough = mask & (count > self.gallery)
        if not enough.any():
            raise FaceSetError(f"{name}: nobody has {self.gallery + 1} photos; lower `gallery_photos`")
        told = labels.assign(split=np.where(enough, "test", "validation"))
        design = matching_design(told, subjects=most, gallery=self.gallery, strangers=2, seed=self.seed)
        people = labels["subject"].astype(str).to_numpy()
        order = np.lexsort([design.gallery, people[design.gallery]])
        gallery = design.gallery[order].reshape(-1, self.gallery)
        probes = design.probes[np.argsort(people[design.probes], kind="stable")]
        return Group(probes, gallery)


def attackers_rows(labels: pd.DataFrame, subjects: int, photos: int) -> np.ndarray:
    """Rows of the attackers' own subjects.

    Parameters
    ----------
    subjects : of them at most; 0: all. photos : of each at most; 0: all.
    """
    rows = role_rows(labels, "attackers")
    people = labels["subject"].astype(str).to_numpy()
    names = hash_order(np.unique(people[rows]))[: subjects or None]
    return limit_per_subject(labels, rows[np.isin(people[rows], names)], photos)


@dataclass(frozen=True)
class Part:
    """Somebody who learned from, chose on, or is judged on subjects.

    Attributes
    ----------
    who, how : in words. subjects : names. photos : how many.
    may_meet : names of other parts whose subjects it may share.
    """

    who: str
    how: str
    subjects: frozenset[str]
    photos: int
    may_meet: frozenset[str] = frozenset()


_PROTECTING = frozenset({"codec", "cleaner", "crowd"})
_ATTACKING = frozenset({"held_out", "attackers"})
_WORDS: Mapping[str, tuple[str, str, frozenset[str]]] = {
    "codec": ("networks of chapter 07", "learned from", _PROTECTING),
    "cleaner": ("cleaner, reader of expressions", "learned from", _PROTECTING),
    "crowd": ("k-Same, another person's face", "show", _PROTECTING),
    "held_out": ("held-out matcher", "learned from", _ATTACKING),
    "attackers": ("regression, restorer", "learned from", _ATTACKING),
    CHOOSERS: ("best angle, penalty, directions", "chosen on", frozenset()),
    STRANGERS: ("thresholds, sign of an AUC", "set on", frozenset()),
    TEST: ("all figures", "reported on", frozenset()),
}
"""Part -> who it is, what they do with subjects, and whose subjects they may share."""


def parts_of(
    subjects: np.ndarray, rows: Mapping[str, np.ndarray], groups: Mapping[str, Group]
) -> dict[str, Part]:
    """Whom everybody met, from the rows that they are really given.

    Networks that protect share their subjects with each other, and so do those that attack, the held-out
    matcher among them; nobody else may meet anybody.

    Parameters
    ----------
    subjects : (N,) of the whole set. rows : `codec`, `cleaner`, `crowd`, `held_out` and `attackers`.
    groups : of `Plan.groups`.

    Raises
    ------
    LeakError : two parts share a subject that may not.
    """
    given = {**rows}
    for name, group in groups.items():
        given[name] = np.concatenate([group.probes, group.gallery.ravel()])
    parts = {}
    for name, (who, how, may_meet) in _WORDS.items():
        people = frozenset(np.asarray(subjects[given[name]], str).tolist())
        parts[name] = Part(who, how, people, len(np.unique(given[name])), may_meet)
    for (first, one), (second, other) in combinations(parts.items(), 2):
        shared = sorted(one.subjects & other.subjects)
        if shared and second not in one.may_meet:
            raise LeakError(f"{first} and {second} share {len(shared)} subjects, {shared[0]} among them")
    return parts


def parts_table(parts: Mapping[str, Part]) -> pd.DataFrame:
    """Who saw whom, for a page: `who`, `what`, `subjects`, `photos`, and whom they share subjects with."""
    rows = []
    for name, one in parts.items():
        met = [other.who for key, other in parts.items() if key != name and one.subjects & other.subjects]
        row = {"who": one.who, "what": one.how, "subjects": len(one.subjects), "photos": one.photos}
        rows.append(row | {"share subjects with": "; ".join(met) or "nobody"})
    return pd.DataFrame(rows)
