"""Labeled Faces in the Wild: images by person, lists of pairs, lists of perceived gender.

Publisher's layout: `lfw/Name/Name_0001.jpg` (250 x 250, also `lfw-deepfunneled/` and the like) with
`pairs.txt`, `people.txt`, `peopleDevTrain.txt`, `peopleDevTest.txt`, and per-picture lists `male_names.txt`,
`female_names.txt` (Afifi and Abdelhamed). The lists may lie in another folder that is named as well.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.archive import Archive, NotFoundError, Paths, also_inside, open_archive
from lib.faces.loading.source import (
    Members,
    Source,
    Window,
    once,
    one_face_each,
    require_pictures,
    skips,
    whole,
)
from lib.faces.loading.text_lists import REMEDY, whole_number
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "Labeled Faces in the Wild",
    "citation": "Huang, Ramesh, Berg, Learned-Miller: Labeled Faces in the Wild, UMass TR 07-49, 2007",
    "terms": "research; press pictures; many groups of people are poorly represented",
    "layout": "lfw/Name/Name_0001.jpg; optional: pairs*.txt, people*.txt, male_names.txt, female_names.txt",
}
VIEWS = {"view2": "pairs.txt", "train": "pairsDevTrain.txt", "test": "pairsDevTest.txt"}
"""The published pair lists: ten folds of View 2, and the two parts of View 1."""

_PICTURE = re.compile(r"(?:.*/)?([^/]+)/(\1_\d{4})\.jpg$", re.IGNORECASE)
_CUT = 64
"""Columns and rows left of and above the central 128 x 128 of a 250 x 250 picture."""


@also_inside
def read(path: Paths) -> Source:
    """Read LFW; subjects are names, the split is View 1's (training and test, no validation).

    Returns
    -------
    Source with `Male` (perceived, where the gender lists are there), `fold` (1 to 10, View 2's fold of the
    person). Where both of View 1's lists are missing the split is our own.

    Raises
    ------
    FaceSetError : no picture `Name/Name_0001.jpg` is there, one of View 1's lists without the other, gender
        lists that name none of the pictures, or a gender that is neither word.
    """
    archive = open_archive(path)
    members, odd = _pictures(archive)
    labels = pd.DataFrame({"image": list(members), "subject": [name[:-5] for name in members]})
    male, counts = _perceived(archive)
    labels["split"] = _view1(archive, labels["subject"], counts)
    require_pictures(male, members, "male_names.txt and female_names.txt", archive.where)
    if male:
        labels["Male"] = pd.array([male.get(name, pd.NA) for name in labels["image"]], dtype="boolean")
        counts["pictures without a perceived gender"] = int(labels["Male"].isna().sum())
    folds = _people(archive, "people.txt")
    if folds:
        labels["fold"] = labels["subject"].map(folds).astype("Int64")
    read_member = Members.of(archive, list(members.values()))
    return one_face_each("lfw", labels, read_member, odd, ABOUT, counts=counts, window=_window)


def _window(height: int, width: int) -> Window:
    """The central 128 x 128 of a 250 x 250 image; smaller images whole."""
    if (height, width) == (250, 250):
        return (_CUT, _CUT, _CUT + 128.0, _CUT + 128.0)
    return whole(height, width)


def _pictures(archive: Archive) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Image names (`Name_0001`) with their members, and files with other names."""
    matches = {name: _PICTURE.match(name) for name in archive.pictures()}
    odd = [(name, "not named Name/Name_0001.jpg") for name, match in matches.items() if not match]
    members, twice = once(archive, ((match[2], name) for name, match in matches.items() if match))
    if not members:
        raise NotFoundError(
            f"no picture Name/Name_0001.jpg in {archive.where}: name the folder or archive that holds lfw/"
        )
    return members, odd + twice


def _lines(archive: Archive, name: str) -> list[list[str]]:
    """Rows of a list, split into words; empty if the list is missing."""
    member = archive.find(name, required=False)
    rows = archive.text(member).split("\n") if member else []
    return [row.split() for row in rows if row.strip()]


def _people(archive: Archive, name: str) -> dict[str, int]:
    """Fold of each person, from 1; a list without folds is one fold."""
    fold, people = 0, {}
    for row in _lines(archive, name):
        if len(row) == 2:
            people[row[0]] = max(fold, 1)
        elif row[0].isdigit():  # a count starts a fold; the first line of people.txt counts the folds
            fold += 1
    if name == "people.txt":
        return {person: fold - 1 for person, fold in people.items()}
    return people


def _view1(archive: Archive, subjects: pd.Series, counts: dict[str, int]) -> pd.Series:
    """View 1's split, its oddities added to `counts`; our own where both of its lists are missing."""
    names = ("peopleDevTrain.txt", "peopleDevTest.txt")
    if not any(archive.find(name, required=False) for name in names):
        return split_by_subject(subjects)
    train, test = (_people(archive, name) for name in names)
    if not train or not test:
        empty = names[bool(train)]
        raise FaceSetError(f"{empty} in {archive.path} is missing or names nobody; {REMEDY}, or remove both")
    people = set(subjects)
    counts["people in both lists of View 1, taken as test"] = len(people & set(train) & set(test))
    counts["people in no list of View 1, taken as test"] = len(people - set(train) - set(test))
    parts = {**dict.fromkeys(train, "train"), **dict.fromkeys(test, "test")}
    return subjects.map(parts).fillna("test")


def _perceived(archive: Archive) -> tuple[dict[str, bool], dict[str, int]]:
    """Perceived Male by image, and counts of oddities in the lists.

    A picture in both lists has the value of `person_gender.csv` (`name,perceived_gender`), or none.
    """
    lists, counts = {}, {}
    for gender in ("male", "female"):
        member = archive.find(f"{gender}_names.txt", required=False)
        lines = archive.text(member).removesuffix("\n").split("\n") if member else []
        names = {line.strip() for line in lines} - {""}
        counts[f"blank lines in {gender}_names.txt"] = sum(not line.strip() for line in lines)
        counts[f"entries without .jpg in {gender}_names.txt"] = sum(n[-4:] != ".jpg" for n in names)
        lists[gender] = {name.removesuffix(".jpg") for name in names}
    both = lists["male"] & lists["female"]
    counts["pictures in both gender lists"] = len(both)
    known = {name: gender == "male" for gender in lists for name in lists[gender] - both}
    by_person = _by_person(archive) if both else {}
    known |= {name: by_person[name[:-5]] for name in both if name[:-5] in by_person}
    return known, counts


def _by_person(archive: Archive) -> dict[str, bool]:
    """Perceived Male by person from `person_gender.csv`, if there is one."""
    member = archive.find("person_gender.csv", required=False)
    lines = archive.text(member).split("\n") if member else []
    rows = [(number, line.split(",")) for number, line in enumerate(lines, 1) if number > 1 and line.strip()]
    people = {}
    for number, (person, *more) in rows:
        word = more[0].strip().lower() if more else "nothing"
        if word not in ("male", "female", ""):
            raise FaceSetError(
                f"{member} in {archive.path}, line {number}: the gender of {person} must be male, female or "
                f"empty, between commas, found {word!r}; {REMEDY}"
            )
        if word:
            people[person] = word == "male"
    return people


@also_inside
def pairs(path: Paths, view: str = "view2") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read one of the published lists of pairs, without pairs of which an image is missing.

    Parameters
    ----------
    path : as for `read`.
    view : one of VIEWS.

    Returns
    -------
    Table with `fold` (1 to 10; 1 in View 1), `same` (mated), `left`, `right` (image names), and the table of
    skipped pairs with `image` (the missing one) and `reason`.

    Raises
    ------
    FaceSetError : the list is missing, its first line does not count its folds and pairs, a fold has other
        than so many mated and so many other pairs, or a row is no pair of two pictures.
    """
    archive = open_archive(path)
    member = archive.find(VIEWS[view])
    table = _pair_table(archive.text(member), f"{member} in {archive.path}")
    here, _ = _pictures(archive)
    absent = {side: ~table[side].isin(here.keys()) for side in ("left", "right")}
    missing = table["left"].where(absent["left"], table["right"])[absent["left"] | absent["right"]]
    complete = table[~(absent["left"] | absent["right"])].reset_index(drop=True)
    return complete, skips((name, "pair without its picture") for name in missing)


def _pair_table(text: str, where: str) -> pd.DataFrame:
    """Table of all listed pairs: `fold`, `same`, `left`, `right`; checked against the list's first line."""
    lines = [(n, line.split()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    head = lines[0][1] if lines else []
    if not (len(head) in (1, 2) and all(word.isdigit() and int(word) > 0 for word in head)):
        raise FaceSetError(
            f"{where}: the first line must count the folds and the pairs of each, it is {' '.join(head)!r}; "
            f"{REMEDY}"
        )
    folds, each = (int(head[0]) if len(head) == 2 else 1), int(head[-1])
    rows = [_pair(row, f"{where}, line {number}") for number, row in lines[1:]]
    if len(rows) != 2 * folds * each:
        raise FaceSetError(
            f"{where}: {len(rows)} pairs, the first line promises {2 * folds * each}; {REMEDY}"
        )
    table = pd.DataFrame(rows, columns=["same", "left", "right"])
    table.insert(0, "fold", np.arange(len(table)) // (2 * each) + 1)
    mated = table.groupby("fold")["same"].sum()
    if (mated != each).any():
        fold = mated.index[mated != each][0]
        raise FaceSetError(f"{where}: fold {fold} has {mated[fold]} mated pairs, not {each}; {REMEDY}")
    return table


def _pair(row: list[str], where: str) -> tuple[bool, str, str]:
    if len(row) not in (3, 4):
        raise FaceSetError(f"{where}: the row {' '.join(row)!r} is no pair; {REMEDY}")
    same, other = len(row) == 3, row[0] if len(row) == 3 else row[2]
    left, right = (
        f"{person}_{whole_number(number, where, 1):04d}"
        for person, number in ((row[0], row[1]), (other, row[-1]))
    )
    if left == right or (not same and row[0] == other):
        what = "pictures" if same else "people"
        raise FaceSetError(f"{where}: the row {' '.join(row)!r} is no pair of two {what}; {REMEDY}")
    return same, left, right


def pair_rows(faces: FaceSet, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Rows of `faces` for each pair of `table`, (n, 2) int, and whether both exist, (n,) bool.

    A picture that is not in `faces` (not packed: no face found) has the row -1.
    """
    place = pd.Series(np.arange(len(faces)), index=faces.labels["image"])
    rows = np.stack([place.reindex(table[side]).fillna(-1).to_numpy(int) for side in ("left", "right")], 1)
    return rows, np.all(rows >= 0, axis=1)
