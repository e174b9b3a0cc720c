"""Contact sheet of a set: images of rendered subjects, or mean faces where images may not be published."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.prototypes import groups_by_gender, prototypes

_PEOPLE = {"female": "women", "male": "men"}


@dataclass(frozen=True)
class ContactSheet:
    """Images to show of a set, with names of rows and notes on what is withheld.

    Attributes
    ----------
    images : row by row, uint8 (H, W, 3); no row where nothing may be shown.
    rows : names of the rows; may be empty.
    notes : what is not shown, and why.
    """

    images: list[list[np.ndarray]]
    rows: list[str]
    notes: list[str] = field(default_factory=list)


def contact_sheet(faces: FaceSet, *, subjects: int, columns: int = 7, seed: int = 0) -> ContactSheet:
    """Choose the images of a set that may be shown on a page.

    Where single images may be published: one row per subject of the test split, drawn at random, neutral
    images first, then happy ones, then the others; `columns` of them, or fewer where no subject has so many.
    Else: mean faces of men and women, or of everybody, of those groups whose mean may be shown
    (`prototypes.why_withheld`).
    """
    return _subjects(faces, subjects, columns, seed) if faces.publishable else _means(faces)


def _subjects(faces: FaceSet, subjects: int, columns: int, seed: int) -> ContactSheet:
    test = faces.split("test") if (faces.labels["split"] == "test").any() else faces
    counts = test.labels["subject"].value_counts().sort_index()
    there = min(columns, int(counts.max()))
    notes = [f"no subject has {columns} images: rows of {there}"] if there < columns else []
    able = counts.index[counts >= there].to_numpy(str)
    chosen = np.random.default_rng(seed).permutation(able)[:subjects]
    images = [[test.images[i] for i in _in_order(test, subject)[:there]] for subject in chosen]
    return ContactSheet(images, [], notes)


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
    found = prototypes(faces, groups_by_gender(faces), few="withhold")
    named = {name: _PEOPLE.get(name, name) for name in found.counts}
    return ContactSheet(
        [[found.picture(mean)] for mean in found.means.values()],
        [f"mean of {named[name]}" for name in found.means],
        [f"no mean face of {named[name]}: {why}" for name, why in found.withheld.items()],
    )
