"""FER-2013: 48 x 48 grey images of seven expressions, as the challenge's csv or as folders.

Publisher's layout: `fer2013.csv` (or `icml_face_data.csv`) with the columns emotion, pixels, Usage. Folder
form: `train/angry/Training_1234.jpg`, `test/angry/PublicTest_1234.jpg`, `test/angry/PrivateTest_1234.jpg`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.faces.faceset import EXPRESSIONS, FaceSetError
from lib.faces.loading.archive import Archive, NotFoundError, Paths, also_inside, open_archive
from lib.faces.loading.open_photograph import DAMAGED, Photograph
from lib.faces.loading.source import Members, Source, once, one_face_each

ABOUT = {
    "title": "FER-2013",
    "citation": "Goodfellow et al.: Challenges in representation learning, ICML workshop 2013",
    "terms": "research; collected from web search without a clear licence; not to be redistributed",
    "layout": "fer2013.csv with the columns emotion, pixels, Usage; or train/<emotion>/*.jpg, test/...",
}
USAGES = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
ROWS = 35_887
"""Pictures in the published set."""

_SIDE = 48
_SYNONYMS = {
    "anger": "angry", "disgusted": "disgust", "fearful": "fear", "happiness": "happy", "sadness": "sad",
    "surprised": "surprise",
}  # fmt: skip
_PICTURE = re.compile(r"(?:.*/)?(train|test|val|validation)/([A-Za-z]+)/([^/]+)$")


@also_inside
def read(path: Paths) -> Source:
    """Read FER-2013 in either form; each image is its own subject.

    The split is the challenge's: Training, PublicTest (`validation`), PrivateTest (`test`). Identical
    pictures within and across these parts, and with different labels, are counted; they stay in.

    Returns
    -------
    Source with `expression` and `usage`.

    Raises
    ------
    FaceSetError : neither the csv nor the folders are there, or the csv lacks a column.
    """
    archive = open_archive(path)
    member = archive.find("fer2013.csv", "icml_face_data.csv", required=False)
    return _from_csv(archive, member) if member else _from_folders(archive)


@dataclass(frozen=True)
class _Lines:
    """Reads the pixels of row i from the csv, as text."""

    archive: Archive
    member: str
    spans: np.ndarray

    def __call__(self, i: int) -> bytes:
        """Text of the pixel values of row i."""
        return self.archive.part(self.member, int(self.spans[i, 0]), int(self.spans[i, 1]))


def pixels(text: bytes) -> Photograph:
    """Decode the text of 2,304 pixel values into a Photograph."""
    try:
        values = np.fromstring(text.strip(b' "\r\n').decode("latin-1"), dtype=np.int64, sep=" ")
    except ValueError as error:
        return Photograph(None, DAMAGED, str(error))
    if values.size != _SIDE * _SIDE or values.min() < 0 or values.max() > 255:
        return Photograph(None, DAMAGED, f"not {_SIDE * _SIDE} numbers of 0 to 255")
    grey = values.astype(np.uint8).reshape(_SIDE, _SIDE)
    return Photograph(np.repeat(grey[..., None], 3, axis=2), size=grey.shape)


def _from_csv(archive: Archive, member: str) -> Source:
    """Scan the csv once for labels and pixel positions; the pixels are read later."""
    rows, spans, odd = [], [], []
    with archive.naming(member), archive.open(member) as lines:
        header = lines.readline()
        place = _places(header, archive, member)
        offset = len(header)
        for number, line in enumerate(lines):
            fields = line.split(b",")
            reason, found = _row(fields, place)
            if found is None:
                odd.append((f"row {number}", reason))
            else:
                start = offset + sum(len(field) + 1 for field in fields[: place["pixels"]])
                span = (start, start + len(fields[place["pixels"]]))
                rows.append((f"{found[1]}_{number:05d}", *found))
                spans.append(span)
            offset += len(line)
    labels = pd.DataFrame(rows, columns=["image", "expression", "usage", "digest"])
    labels["split"] = labels["usage"].map(USAGES)
    counts = _copies(labels) | {"rows fewer than published": ROWS - len(rows) - len(odd)}
    labels = labels.drop(columns="digest")
    labels.insert(1, "subject", labels["image"])
    read_line = _Lines(archive, member, np.array(spans))
    return one_face_each("fer2013", labels, read_line, odd, ABOUT, counts=counts, decode=pixels)


def _places(header: bytes, archive: Archive, member: str) -> dict[str, int]:
    names = [name.strip().strip('"').lower() for name in header.decode("utf-8-sig", "replace").split(",")]
    missing = {"emotion", "pixels", "usage"} - set(names)
    if missing:
        raise FaceSetError(
            f"{member} in {archive.path} lacks the columns {sorted(missing)}: it must have emotion, pixels "
            "and Usage; get fer2013.csv (the challenge's own file) again"
        )
    return {name: names.index(name) for name in ("emotion", "pixels", "usage")}


def _row(fields: list[bytes], place: dict[str, int]) -> tuple[str, tuple[str, str, bytes] | None]:
    """Expression, usage and digest of a row's pixels; or the reason why it is skipped."""
    if len(fields) <= max(place.values()):
        return "row is cut off", None
    emotion, usage = (
        fields[place[name]].strip().strip(b'"').decode("ascii", "replace") for name in ("emotion", "usage")
    )
    if emotion not in ("0", "1", "2", "3", "4", "5", "6"):
        return "emotion is not 0 to 6", None
    if usage not in USAGES:
        return "Usage is not Training, PublicTest or PrivateTest", None
    text = fields[place["pixels"]]
    if text.count(b" ") < _SIDE * _SIDE - 1:
        return "fewer than 2,304 pixels", None
    return "", (EXPRESSIONS[int(emotion)], usage, hashlib.md5(text.strip(b' "')).digest())


def _copies(labels: pd.DataFrame) -> dict[str, int]:
    """Counts of exact duplicates."""
    groups = labels.groupby("digest")
    size = groups["image"].transform("size")
    trained = labels["digest"].isin(labels["digest"][labels["split"] == "train"])
    return {
        "groups of identical pictures": int((groups.size() > 1).sum()),
        "pictures in such groups": int((size > 1).sum()),
        "groups with more than one expression": int((groups["expression"].nunique() > 1).sum()),
        "validation pictures that are also in training": int(
            (trained & (labels["split"] == "validation")).sum()
        ),
        "test pictures that are also in training": int((trained & (labels["split"] == "test")).sum()),
    }


def _from_folders(archive: Archive) -> Source:
    rows, found, odd = [], [], []
    for member in archive.pictures():
        match = _PICTURE.match(member)
        word = match[2].lower() if match else ""
        expression = _SYNONYMS.get(word, word)
        if not match or expression not in EXPRESSIONS:
            odd.append((member, "not in a folder train/<emotion> or test/<emotion>"))
            continue
        usage = match[3].partition("_")[0]
        split = USAGES.get(usage, {"train": "train", "test": "test"}.get(match[1], "validation"))
        rows.append(("/".join(match.groups()), expression, usage if usage in USAGES else "", split, member))
        found.append((rows[-1][0], member))
    members, left = once(archive, found)
    rows = [row for row in rows if members[row[0]] == row[-1]]
    if not rows:
        raise NotFoundError(
            f"neither fer2013.csv nor folders train/<emotion> in {archive.where}: name the file, folder or "
            "archive that holds one of them"
        )
    labels = pd.DataFrame(rows, columns=["image", "expression", "usage", "split", "member"])
    labels.insert(1, "subject", labels["image"])
    read_member = Members.of(archive, labels.pop("member").tolist())
    return one_face_each("fer2013", labels, read_member, odd + left, ABOUT, counts={})
