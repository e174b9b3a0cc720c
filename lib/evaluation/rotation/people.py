"""Who plays which part in the rotation tables: test subjects, choosers of the angle, strangers, attackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.matching_design import matching_design
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import hash_order, role_rows

TEST, CHOOSERS, STRANGERS = "test", "choosers", "strangers"
"""Groups: those who are judged; those on whom the angle is chosen; those who set the thresholds."""


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


def counts_table(groups: Mapping[str, Group], attackers: np.ndarray, subjects: np.ndarray) -> pd.DataFrame:
    """Subjects and photos by part, for a page."""
    words = {
        TEST: "judged: test subjects",
        CHOOSERS: "choose the angle: validation subjects",
        STRANGERS: "set the thresholds: other validation subjects",
    }
    rows = [
        {"part": words[name], "subjects": len(one.probes), "photos": one.probes.size + one.gallery.size}
        for name, one in groups.items()
    ]
    own = len(np.unique(subjects[attackers]))
    return pd.DataFrame([*rows, {"part": "attackers learn from", "subjects": own, "photos": len(attackers)}])
