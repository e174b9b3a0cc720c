"""What of a set may be shown: images of rendered subjects, mean faces of many people of photographs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.faces.faceset import EXPRESSIONS, FaceSet, FaceSetError
from lib.faces.prototypes import prototypes

MIN_SUBJECTS_OF_MEAN = 100
"""Subjects that a mean face must stand for before it may be shown."""


@dataclass(frozen=True)
class ContactSheet:
    """Images to show, row by row, uint8 (H, W, 3), with the names of the rows (may be empty)."""

    images: list[list[np.ndarray]]
    rows: list[str]


def contact_sheet(faces: FaceSet, *, subjects: int, columns: int = 7, seed: int = 0) -> ContactSheet:
    """Rows to show of a set.

    Where single images may be published: one row per subject of the test split, drawn at random, neutral
    images first, then happy ones, then the others. Else: mean faces of men and women, each of at least FEWEST
    subjects.

    Raises
    ------
    FaceSetError : nothing of the set may be shown, or no subject has `columns` images.
    """
    return _subjects(faces, subjects, columns, seed) if faces.publishable else _means(faces)


def _subjects(faces: FaceSet, subjects: int, columns: int, seed: int) -> ContactSheet:
    test = faces.split("test") if (faces.labels["split"] == "test").any() else faces
    counts = test.labels["subject"].value_counts().sort_index()
    able = counts.index[counts >= columns].to_numpy(str)
    if len(able) == 0:
        raise FaceSetError(f"{faces.name}: no subject of the test split has {columns} images")
    chosen = np.random.default_rng(seed).permutation(able)[:subjects]
    return ContactSheet(
        [[test.images[i] for i in _in_order(test, subject)[:columns]] for subject in chosen], []
    )


def _in_order(faces: FaceSet, subject: str) -> np.ndarray:
    rows = np.flatnonzero(faces.subjects == subject)
    if "expression" not in faces.labels:
        return rows
    order = ("neutral", "happy", *EXPRESSIONS)
    place = [
        order.index(name) if name in order else len(order) for name in faces.labels["expression"].iloc[rows]
    ]
    return rows[np.argsort(place, kind="stable")]


def _means(faces: FaceSet) -> ContactSheet:
    if "Male" not in faces.labels:
        groups = {"everybody": np.ones(len(faces), bool)}
    else:
        known = np.flatnonzero(faces.labels["Male"].notna())
        male = faces.binary("Male", known)
        groups = {
            "women": np.isin(np.arange(len(faces)), known[~male]),
            "men": np.isin(np.arange(len(faces)), known[male]),
        }
    groups = {
        name: mask for name, mask in groups.items() if len(set(faces.subjects[mask])) >= MIN_SUBJECTS_OF_MEAN
    }
    if not groups:
        raise FaceSetError(
            f"{faces.name}: a mean face may be shown from "
            f"{MIN_SUBJECTS_OF_MEAN} subjects on, and no group has them"
        )
    found = prototypes(faces, groups)
    return ContactSheet(
        [[found.picture(mean)] for mean in found.means.values()], [f"mean of {name}" for name in found.means]
    )
