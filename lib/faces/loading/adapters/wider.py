"""WIDER FACE: scenes with any number of faces, to evaluate detectors; read as Scenes, not as a FaceSet.

Publisher's layout: `WIDER_val/images/<event>/<name>.jpg` and
`wider_face_split/wider_face_val_bbx_gt.txt`, which lists for each picture its path, the number of boxes and a
line a box. One picture holds many faces, so this adapter gives `Scenes` and no FaceSet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.faces.faceset import BOX_COLUMNS, FaceSetError
from lib.faces.loading.archive import Archive, NotFoundError, Paths, also_inside, open_archive
from lib.faces.loading.open_photograph import Photograph, open_photograph
from lib.faces.loading.source import NO_LABEL, NO_PICTURE, bytes_or_reason, once, skips

ABOUT = {
    "title": "WIDER FACE",
    "citation": "Yang, Luo, Loy, Tang: WIDER FACE: a face detection benchmark, CVPR 2016",
    "terms": "non-commercial research (listed as CC BY-NC-ND 4.0); not to be redistributed",
    "layout": "WIDER_val/images/<event>/*.jpg, wider_face_split/wider_face_val_bbx_gt.txt (or train)",
}
FLAGS = ("blur", "expression", "illumination", "invalid", "occlusion", "pose")
"""The publisher's marks of a box."""
MOST = (2, 1, 1, 1, 2, 1)
"""Highest value of each of FLAGS; the lowest is 0."""
NO_SIZE = "box without width or height"


@dataclass(frozen=True)
class Scene:
    """One image with its face boxes.

    Attributes
    ----------
    image : the picture's path as listed.
    photograph : opened; false where it cannot be.
    boxes : float32 (k, 4) left, top, right, bottom in its pixels, half-open.
    flags : table of k rows with FLAGS.
    """

    image: str
    photograph: Photograph
    boxes: np.ndarray
    flags: pd.DataFrame


@dataclass(frozen=True)
class Scenes:
    """The images and boxes of one part of WIDER FACE.

    Attributes
    ----------
    images : table, one row a picture: `image`, `event`, `faces` (usable boxes), `split`.
    boxes : table, one row a usable box: `image`, BOX_COLUMNS (float32, pixels), FLAGS. Boxes flagged invalid
        are in it: a detection there is neither right nor wrong.
    skipped : what was left out: columns `image`, `reason`.
    """

    images: pd.DataFrame
    boxes: pd.DataFrame
    skipped: pd.DataFrame
    about: dict[str, object]
    archive: Archive
    members: dict[str, str]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> Scene:
        name = self.images["image"].iloc[i]
        rows = self.boxes[self.boxes["image"] == name]
        found = bytes_or_reason(self.archive.read, self.members[name])
        photo = found if isinstance(found, Photograph) else open_photograph(found)
        return Scene(name, photo, rows[list(BOX_COLUMNS)].to_numpy(np.float32), rows[list(FLAGS)])

    def __iter__(self) -> Iterator[Scene]:
        return (self[i] for i in range(len(self)))


@also_inside
def read(path: Paths, part: str = "val") -> Scenes:
    """Read the images and boxes of one part of WIDER FACE.

    A picture without faces is listed with the count 0 and one line of zeros: it is a scene with no box. Boxes
    without width or height are skipped and listed.

    Parameters
    ----------
    path : folder, zip or tar, or several: the publisher gives pictures and lists in two zips.
    part : `val` or `train`.

    Raises
    ------
    FaceSetError : the list or all of its pictures are missing, a picture is listed twice, or a line is not in
        the publisher's form: a count is no number, a box has other than ten, or a flag is none of its values.
    """
    archive = open_archive(path)
    member = archive.find(f"wider_face_{part}_bbx_gt.txt")
    listed, boxes = _parse(archive.text(member), f"{member} in {archive.path}")
    found = archive.pictures(f"WIDER_{part}/images") or archive.pictures()
    pictures, twice = once(archive, (("/".join(name.split("/")[-2:]), name) for name in found))
    members = {name: pictures[name] for name in listed if name in pictures}
    if not members:
        raise NotFoundError(
            f"none of the {len(listed)} listed pictures is in {archive.where}: name WIDER_{part}.zip as well"
        )
    left = twice + [(name, NO_PICTURE) for name in listed if name not in members]
    left += [(name, NO_LABEL) for name in pictures if name not in members]
    empty = (boxes["box_right"] <= boxes["box_left"]) | (boxes["box_bottom"] <= boxes["box_top"])
    left += [(name, NO_SIZE) for name in boxes["image"][empty]]
    boxes = boxes[~empty & boxes["image"].isin(members)].reset_index(drop=True)
    return Scenes(_images(list(members), boxes, part), boxes, skips(left), dict(ABOUT), archive, members)


def _images(names: list[str], boxes: pd.DataFrame, part: str) -> pd.DataFrame:
    table = pd.DataFrame({"image": names, "event": [name.partition("/")[0] for name in names]})
    table["faces"] = table["image"].map(boxes["image"].value_counts()).fillna(0).astype(int)
    table["split"] = "train" if part == "train" else "validation"
    return table


def _parse(text: str, where: str) -> tuple[list[str], pd.DataFrame]:
    """Parse the list: image names in order, and a table of boxes (left, top, right, bottom)."""
    lines = [line.strip() for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    names: dict[str, None] = {}
    owners: list[str] = []
    rows: list[list[float]] = []
    at = 0
    try:
        while at < len(lines):
            name, number = lines[at], lines[at + 1]
            if not (number.isascii() and number.isdigit()):
                raise ValueError(f"the number of boxes of {name} is {number!r}")
            count = int(number)
            if name in names:
                raise ValueError(f"{name} is listed before")
            block = lines[at + 2 : at + 2 + max(count, 1)]  # count 0 is followed by a line of zeros
            if count == 0 and block and not _is_box(block[0]):
                block = []
            if len(block) < count:
                raise ValueError(f"{name} is cut off")
            names[name] = None
            rows += [_numbers(line) for line in block[:count]]
            owners += [name] * count
            at += 2 + len(block)
    except (ValueError, IndexError) as error:
        raise FaceSetError(f"{where}, line {at + 1}: {error}; download the list again") from error
    return list(names), _table(owners, rows)


def _is_box(line: str) -> bool:
    return len(line.split()) == 10 and line.replace(" ", "").isdigit()


def _numbers(line: str) -> list[float]:
    values = [float(word) for word in line.split()]
    if len(values) != 10:
        raise ValueError(f"a box needs 10 numbers, found {line!r}")
    if not np.isfinite(values).all():
        raise ValueError(f"a box needs finite numbers, found {line!r}")
    for flag, value, most in zip(FLAGS, values[4:], MOST, strict=True):
        if value not in range(most + 1):
            raise ValueError(f"{flag} must be a whole number of 0 to {most}, found {line!r}")
    return values


def _table(owners: list[str], rows: list[list[float]]) -> pd.DataFrame:
    values = np.array(rows, np.float32).reshape(-1, 10)
    values[:, 2:4] += values[:, :2]
    boxes = pd.DataFrame(values[:, :4], columns=list(BOX_COLUMNS))
    boxes.insert(0, "image", owners)
    return boxes.join(pd.DataFrame(values[:, 4:].astype(int), columns=list(FLAGS)))
