"""CelebA, aligned pictures: forty attributes, identities, five landmarks, the official partition.

Publisher's layout: `img_align_celeba/000001.jpg` (178 x 218) beside `list_attr_celeba.txt`,
`identity_CelebA.txt`, `list_eval_partition.txt`, `list_landmarks_align_celeba.txt`. Mirrors with `.csv`
lists, CRLF line ends or one folder more are read too; all lists but the attributes are optional.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from lib.faces.faceset import ATTRIBUTES, POINT_COLUMNS, SPLITS, FaceSetError
from lib.faces.loading.archive import Archive, Merged, NotFoundError, Paths, also_inside, open_archives
from lib.faces.loading.open_photograph import Photograph, open_photograph
from lib.faces.loading.source import (
    Members,
    Source,
    bytes_or_reason,
    join_pictures,
    once,
    one_face_each,
    require_pictures,
)
from lib.faces.loading.text_lists import read_table
from lib.faces.splits import split_by_subject

ABOUT = {
    "title": "CelebA (aligned and cropped)",
    "citation": "Liu, Luo, Wang, Tang: Deep learning face attributes in the wild, ICCV 2015",
    "terms": "non-commercial research only; no publishing of pictures",
    "layout": "img_align_celeba/*.jpg, list_attr_celeba.txt; optional: list_eval_partition.txt, "
    "identity_CelebA.txt, list_landmarks_align_celeba.txt",
}
FOLDER, ATTRIBUTE_LIST = "img_align_celeba", "list_attr_celeba"
FRAME = (218, 178)
WINDOW = (25.0, 45.0, 153.0, 173.0)
"""The face in the 178 x 218 frame: left, top, right, bottom."""

SAME_PERSON = {"9403": "9060", "5374": "5281", "5821": "5820", "999": "7235", "4427": "5212", "8886": "8887"}
"""Identity numbers found to share a photograph: number, and the number it is counted under here."""
DOUBLED = ("9403", "5374", "5821", "9222")
"""Numbers whose training pictures show somebody of the test part."""
NO_PART = "not in list_eval_partition"
OTHER_NUMBER = "the same person is in the test part under another number"


@also_inside
def read(path: Paths) -> Source:
    """Read CelebA, or any part of it.

    Of several archives that hold the same picture the larger copy is kept. Training pictures of people who
    are in the test part under another number are left out; the numbers of one person become one subject. The
    split is the partition list's, without the pictures that it lacks; our own where there is no such list.

    Parameters
    ----------
    path : folder, zip or tar, or several: a folder with the publisher's downloads as they come (lists beside
        `img_align_celeba.zip`), or packs that each have both; packs of another size are scaled copies of one
        178 x 218 frame.

    Returns
    -------
    Source with all ATTRIBUTES, `identity` (the publisher's number, empty where unknown; then each picture is
    its own subject), `archive`, points where there is a landmark list, `official_split` where a pack has one.

    Raises
    ------
    FaceSetError : the attribute list or all pictures are missing, a list names none of the pictures, or is
        not in the publisher's form: an attribute is not 1, 0 or -1, a part is not 0, 1 or 2, a row is too
        long, or columns bear other names.
    """
    archives = _packs(path)
    labels, left = _merged(archives)
    labels["subject"] = (
        labels["identity"].replace(SAME_PERSON).where(labels["identity"] != "", labels["image"])
    )
    unlisted = labels["split"].eq("")
    if unlisted.all():  # there is no list of parts
        labels["split"] = split_by_subject(labels["subject"])
    else:
        left += [(name, NO_PART) for name in labels["image"][unlisted]]
        labels = labels[~unlisted].reset_index(drop=True)
    doubled = labels["split"].eq("train") & labels["identity"].isin(DOUBLED)
    left += [(name, OTHER_NUMBER) for name in labels["image"][doubled]]
    labels = labels[~doubled].reset_index(drop=True)
    return one_face_each(
        "celeba",
        labels.drop(columns=["member", "owner"]),
        Members(archives, labels["owner"].to_numpy(), labels["member"].tolist()),
        left,
        ABOUT,
        counts=_counts(labels),
        window=lambda height, width: WINDOW,
        frame=FRAME,
    )


def _packs(path: Paths) -> list[Archive]:
    """Archives that hold both images and lists; those with one of the two are merged."""
    archives = open_archives(path)
    alone = [a for a in archives if a.pictures(FOLDER) and _lists_in(a)]
    rest = [
        a for a in archives if a not in alone and (not alone or a.pictures(FOLDER) or _lists_in(a))
    ]  # a folder that only holds complete packs is ignored
    return alone + ([Merged(rest)] if len(rest) > 1 else rest)


def _lists_in(archive: Archive) -> bool:
    return bool(archive.find(*_files(ATTRIBUTE_LIST), required=False))


def _files(name: str) -> tuple[str, str]:
    return f"{name}.txt", f"{name}.csv"


def _merged(archives: list[Archive]) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Labels of all archives; of two copies of an image the larger one is kept."""
    tables: dict[int, pd.DataFrame] = {}
    left, seen = [], set[str]()
    for i in sorted(range(len(archives)), key=lambda i: -_area(archives[i])):
        table, orphans = _labels(archives[i])
        twice = table["image"].isin(seen)
        reason = f"{_name(archives[i])}: another archive has a copy that is at least as large"
        left += orphans + [(name, reason) for name in table["image"][twice]]
        seen.update(table["image"])
        tables[i] = table[~twice].assign(owner=i)
    return pd.concat([tables[i] for i in sorted(tables)], ignore_index=True), left


def _name(archive: Archive) -> str:
    return archive.path.rstrip("/").rpartition("/")[2]


def _area(archive: Archive) -> int:
    """Pixels of the first picture that can be opened; 0 if none can, which packing lists one by one."""
    pictures = archive.pictures(FOLDER)
    if not pictures:
        raise NotFoundError(
            f"no picture in a folder img_align_celeba in {archive.where}: name the folder or "
            "archive that holds the aligned pictures"
        )
    read = (bytes_or_reason(archive.read, name) for name in pictures)
    opened = (one if isinstance(one, Photograph) else open_photograph(one) for one in read)
    return next((photo.size[0] * photo.size[1] for photo in opened if photo), 0)


def _labels(archive: Archive) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    attributes = _list(archive, ATTRIBUTE_LIST)
    missing = set(ATTRIBUTES) - set(attributes.columns)
    if missing:
        raise FaceSetError(f"{ATTRIBUTE_LIST} in {archive.path} lacks the columns {sorted(missing)}")
    members, twice = once(archive, ((name.rpartition("/")[2], name) for name in archive.pictures(FOLDER)))
    kept, left = join_pictures(attributes, members, ATTRIBUTE_LIST, archive.path)
    _check_values(attributes[list(ATTRIBUTES)], (-1, 0, 1), f"{ATTRIBUTE_LIST} in {archive.path}")
    labels = (kept[list(ATTRIBUTES)] == 1).astype("boolean")
    labels.insert(0, "image", labels.index.astype(str))
    labels["archive"] = _name(archive)
    labels["member"] = [members[name] for name in labels.index]
    return _with_optional_lists(labels, archive), left + twice


def _with_optional_lists(labels: pd.DataFrame, archive: Archive) -> pd.DataFrame:
    """Add identity, partition and landmarks where the lists exist."""
    images = labels.index
    identity = _list(archive, "identity_CelebA", ["identity"], images)
    labels["identity"] = identity["identity"].astype(str).reindex(labels.index).fillna("")
    split = _parts(archive, "list_eval_partition", images)
    labels["split"] = split.reindex(labels.index).astype(object).fillna("").astype(str)
    official = _parts(archive, "list_eval_partition.official", images)
    if len(official):
        labels["official_split"] = official.reindex(labels.index)
    points = _list(archive, "list_landmarks_align_celeba", list(POINT_COLUMNS), images)
    return labels.join(points) if len(points) else labels


def _parts(archive: Archive, name: str, images: pd.Index) -> pd.Series:
    """Split of each listed picture; empty where there is no such list."""
    numbers = _list(archive, name, ["part"], images)
    _check_values(numbers, tuple(range(len(SPLITS))), f"{name} in {archive.path}")
    return numbers["part"].map(dict(enumerate(SPLITS)))


def _check_values(table: pd.DataFrame, values: tuple[int, ...], where: str) -> None:
    """Raise FaceSetError at the first value of a list that is none of `values`."""
    odd = np.argwhere(~table.isin(values).to_numpy())
    if len(odd):
        row, column = odd[0]
        found = table.to_numpy()[row, column]
        raise FaceSetError(
            f"{where}: {table.columns[column]} of {table.index[row]} is {found}, not one of "
            f"{', '.join(map(str, values))}; download it again"
        )


def _list(
    archive: Archive, name: str, columns: list[str] | None = None, images: Iterable[str] = ()
) -> pd.DataFrame:
    """Read one of the publisher's lists as integers, indexed by image name.

    A count and a line of column names may come before the rows; names of points say their order. Empty where
    there is no such list, unless it is the one that names its own columns: the attributes, which must be
    there. An optional list must name one of `images` at least.
    """
    member = archive.find(*_files(name), required=columns is None)
    if not member:
        return pd.DataFrame(columns=columns, dtype="int64")
    text = archive.text(member).replace(",", " ")
    head, lines = 0, text.split("\n", 3)[:3]
    while head < len(lines) and ".jpg" not in lines[head] and ".png" not in lines[head]:
        head += 1
    where = f"{member} in {archive.path}"
    if head == len(lines):
        raise FaceSetError(
            f"{where}: none of its first {head} lines names a picture as 000001.jpg or 000001.png; add the "
            "ending to its names, or download it again"
        )
    told = [word for word in lines[head - 1].split() if word != "image_id"] if head else []
    names = _point_columns(told, where) if columns == list(POINT_COLUMNS) else columns or told
    table = read_table(
        text, where, sep=r"\s+", skiprows=head, header=None, names=["image", *names], index_col=False
    )
    try:
        table = table.set_index("image").astype("int64")
    except ValueError as error:
        raise FaceSetError(f"{where} is not in the publisher's form ({error}); download it again") from error
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise FaceSetError(
            f"{where} lists {len(twice)} pictures twice, the first is {twice[0]}; download it again"
        )
    if columns is not None:
        require_pictures(table.index, images, member, archive.path)
    return table


def _point_columns(told: list[str], where: str) -> list[str]:
    """Names of the columns of points in the list's order: the head's, or the publisher's without a head."""
    if len(told) < 2:  # no head, or a count
        return list(POINT_COLUMNS)
    known = {column.replace("_", ""): column for column in POINT_COLUMNS}
    found = [known.get(word.lower().replace("_", ""), "") for word in told]
    if sorted(found) != sorted(POINT_COLUMNS):
        raise FaceSetError(
            f"{where}: its columns are {', '.join(told)}, not the publisher's lefteye_x to rightmouth_y; "
            "download it again"
        )
    return found


def _counts(labels: pd.DataFrame) -> dict[str, int]:
    """Counts of oddities in the publisher's labels."""
    by_person = labels[labels["identity"] != ""].groupby("identity")["Male"]
    merged = sorted(set(labels["identity"]) & set(SAME_PERSON))
    return {
        "people with both values of Male": int((by_person.nunique() > 1).sum()),
        "identity numbers merged with another": len(merged),
        "subjects in more than one part": int((labels.groupby("subject")["split"].nunique() > 1).sum()),
        "pictures without an identity number": int(labels["identity"].eq("").sum()),
    }
