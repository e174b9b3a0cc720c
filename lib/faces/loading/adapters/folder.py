"""Anybody's photographs: a folder per subject, or one flat folder in which each image is a subject.

Layout: `anna/1.jpg`, `anna/2.jpg`, `ben/1.jpg`; or `1.jpg`, `2.jpg`. A `labels.csv` at the top may say more:
its column `image` (path from the top) is required, `subject`, `split` and any other column that FaceSet knows
are taken from it. Other columns are kept as they are and listed.
"""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches

import numpy as np
import pandas as pd

from lib.faces.faceset import ATTRIBUTES, BOX_COLUMNS, EXPRESSIONS, POINT_COLUMNS, SPLITS, FaceSetError
from lib.faces.loading.archive import Archive, Folder, NotFoundError, Paths, also_inside, open_archive
from lib.faces.loading.source import NO_PICTURE, SAME_NAME, Members, Source, require_pictures, skips
from lib.faces.loading.text_lists import read_table
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "A folder of photographs",
    "citation": "",
    "terms": "whatever the people in them agreed to",
    "layout": "<subject>/<picture>.jpg, or <picture>.jpg; optional: labels.csv with the column image",
}
NOT_AT_THE_TOP = "not read: the list of labels is labels.csv in the top folder"
NO_MEANING = "a column without a meaning here, kept as it is"
_WORDS = {"1": True, "-1": False, "0": False, "true": True, "false": False, "yes": True, "no": False}
_NUMBERS = {"age": (0, 120)} | dict.fromkeys(
    ("yaw", "pitch", "roll", *POINT_COLUMNS, *BOX_COLUMNS), (-np.inf, np.inf)
)
_COLUMNS = ("image", "subject", "split", "expression", *ATTRIBUTES, *_NUMBERS)
_UNKNOWN = ("", "NA", "N/A", "NaN", "nan", "null")
"""What stands for a missing value in columns other than `image` and `subject`: somebody may be called NA."""

_NEAR = 0.85
"""Likeness from which a column's name is taken for a misspelt one: `female` is not `Male`."""


@also_inside
def read(path: Paths) -> Source:
    """Read photographs from a folder, zip or tar; the split is by subject, unless `labels.csv` has one.

    Names are compared and kept in Unicode's composed form (NFC), as systems store one name in two ways.

    Raises
    ------
    FaceSetError : there is no picture, or `labels.csv` lacks `image`, names a picture twice or none that is
        there, has a row with too many values, a column whose name is nearly a known one, or a value that is
        none of its column's.
    """
    archive = open_archive(path)
    members = archive.pictures()
    if not members:
        raise NotFoundError(f"no photograph in {archive.where}: put pictures there, a folder per subject")
    top = _common_top(archive)
    images = [_composed(member[len(top) :], archive.path) for member in members]
    labels = pd.DataFrame({"image": images, "subject": [_subject(image) for image in images]})
    labels, left = _with_labels(labels, archive, top)
    used = {*members, f"{top}labels.csv"}
    left += [(name[len(top) :], _not_read(name)) for name in archive.names if name not in used]
    left += [(name[len(top) :], SAME_NAME.format(owner)) for name, owner in archive.covered]
    if "split" not in labels:
        labels.insert(2, "split", split_by_subject(labels["subject"]))
    return Source("folder", labels, Members.of(archive, members), skipped=skips(left), about=dict(ABOUT))


def _common_top(archive: Archive) -> str:
    """The top folder of a zip or tar that holds all other folders (so it is no subject), or ""."""
    if isinstance(archive, Folder):
        return ""
    tops = {name.partition("/")[0] for name in archive.names}
    depth = max(name.count("/") for name in archive.names)
    return f"{tops.pop()}/" if len(tops) == 1 and depth >= 2 else ""


def _composed(name: str, where: str) -> str:
    """Name in Unicode's composed form; FaceSetError if it is no text."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise FaceSetError(f"{where}: the file name {name!r} is not UTF-8: rename it") from error
    return unicodedata.normalize("NFC", name)


def _subject(image: str) -> str:
    """Subject of an image: its first folder, or in a flat folder the image itself."""
    first, slash, _ = image.partition("/")
    return first if slash else image


def _not_read(name: str) -> str:
    """Reason for leaving out a file that is no picture."""
    return NOT_AT_THE_TOP if name.lower().endswith("labels.csv") else "not named like a picture"


def _without_meaning(columns: pd.Index, where: str) -> list[str]:
    """Columns that FaceSet does not know; FaceSetError for one whose name is nearly that of a missing one."""
    missing = {known.lower(): known for known in _COLUMNS if known not in columns}
    unknown = [column for column in columns if column not in _COLUMNS]
    for column in unknown:
        near = get_close_matches(column.strip().lower(), missing, 1, _NEAR)
        if near:
            raise FaceSetError(
                f"{where}: the column {column!r} is not known, the nearest is {missing[near[0]]!r}: "
                "rename it, or take it away"
            )
    return unknown


def _with_labels(
    labels: pd.DataFrame, archive: Archive, top: str
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    name = f"{top}labels.csv"
    if name not in archive:
        return labels, []
    where, text, remedy = f"{name} in {archive.path}", archive.text(name), "mend it"
    columns = read_table(text, where, remedy, nrows=0).columns
    other = _without_meaning(columns, where)
    unknown = {column: _UNKNOWN if column not in ("image", "subject") else ("",) for column in columns}
    types = {"image": str, "subject": str, "split": str}
    table = read_table(text, where, remedy, dtype=types, keep_default_na=False, na_values=unknown)
    for column in {"image", "subject"} & set(columns):
        table[column] = table[column].map(lambda text: _composed(text, where), na_action="ignore")
    if "image" not in table or table["image"].duplicated().any():
        raise FaceSetError(
            f"{where} needs a column `image` that names each picture once, as <subject>/<picture>"
        )
    if table["image"].isna().any():
        raise FaceSetError(f"{where}: a row has no `image`")
    require_pictures(table["image"], labels["image"], name, archive.where)
    absent = sorted(set(table["image"]) - set(labels["image"]))
    known = labels.merge(table, on="image", how="left", suffixes=("", "_listed"))
    if "subject_listed" in known:
        known["subject"] = known.pop("subject_listed").fillna(known["subject"])
    left = [(image, NO_PICTURE) for image in absent] + [(f"{name}: {column}", NO_MEANING) for column in other]
    return _checked(known, where), left


def _checked(labels: pd.DataFrame, where: str) -> pd.DataFrame:
    """Labels with booleans, splits and expressions checked; FaceSetError for other values."""
    for column in set(labels.columns) & set(ATTRIBUTES):
        words = labels[column].map(lambda v: None if pd.isna(v) else str(v).lower().removesuffix(".0"))
        odd = set(words.dropna()) - set(_WORDS)
        if odd:
            raise FaceSetError(f"{where}: {column} must be true or false, found {sorted(odd)[0]!r}")
        labels[column] = pd.array([_WORDS.get(word, pd.NA) for word in words], dtype="boolean")
    for column in set(labels.columns) & set(_NUMBERS):
        least, most = _NUMBERS[column]
        numbers = pd.to_numeric(labels[column], errors="coerce")
        odd = labels[column].notna() & ~(numbers.between(least, most) & np.isfinite(numbers))
        if odd.any():
            bounds = f" from {least} to {most}" if np.isfinite(most) else ""
            raise FaceSetError(
                f"{where}: {column} must be a number{bounds}, found {str(labels[column][odd].iloc[0])!r}"
            )
        labels[column] = numbers
    for column, allowed in (("split", SPLITS), ("expression", EXPRESSIONS)):
        if column not in labels:
            continue
        odd = set(labels[column].dropna()) - set(allowed)
        if odd:
            raise FaceSetError(
                f"{where}: {column} must be one of {', '.join(allowed)}, found {sorted(odd)[0]!r}"
            )
    if "split" in labels and labels["split"].isna().any():
        raise FaceSetError(f"{where}: `split` must be given for every picture, or for none")
    if "split" in labels:
        splits = labels.groupby("subject")["split"].nunique()
        if (splits > 1).any():
            raise FaceSetError(
                f"{where}: the subject {splits.index[splits > 1][0]} is in more than one split"
            )
    return labels
