"""What became of every file: records, the journal of a run, and the manifest that it ends with.

A record enters the journal before its output gets its name. So after a kill an output without a record is not
ours, and a record without its output is work to be done again.
"""

from __future__ import annotations

import csv
import fnmatch
import hashlib
import io
import json
import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any

from lib.deidentify.photos.discovery import CLUTTER, PhotosError
from lib.faces.locking import LOCK
from lib.files import atomic_write, sha256_of

PROTECTED = "protected"
EARLIER = "earlier copy"
"""A row beside the photograph's own: an earlier run's copy still lies in the output folder."""
NAME = "manifest"
BETWEEN = "; "
"""Between the parts of a list in a row."""
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "dlib-bin")


@dataclass(frozen=True, slots=True)
class FaceBox:
    """Where a face was found.

    Attributes
    ----------
    left, top, right, bottom : pixels.
    score, detector : who found it, and how sure.
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    detector: str

    @property
    def text(self) -> str:
        """As the manifest writes it: whole pixels, the score to two digits."""
        edges = (self.left, self.top, self.right, self.bottom)
        return f"{' '.join(f'{edge:.0f}' for edge in edges)} {self.score:.2f} {self.detector}"

    @classmethod
    def from_text(cls, text: str) -> FaceBox:
        """The box of a text in the manifest; ValueError where it is none."""
        *numbers, detector = text.split(" ", 5)
        left, top, right, bottom, score = (float(one) for one in numbers)
        return cls(left, top, right, bottom, score, detector)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file of the folder.

    Attributes
    ----------
    file : path below the folder of photographs.
    status : `protected`, `earlier copy`, or the reason why there is no output.
    detail : more on the reason.
    output : path below the output folder; empty without one.
    faces : faces that were found, of a protected photograph all of them altered.
    boxes : of the faces, in pixels of the opened picture.
    height, width : of the photograph in pixels, upright.
    output_height, output_width : of the output.
    notes : what was done on opening it, as in `faces.loading.open_photograph`.
    bytes, output_bytes : sizes of the files.
    sha256, output_sha256 : of the files, empty where unread or unwritten.
    distances : between each face before and after, by the recogniser, in the order of the boxes and rounded
        down; a small one is the same person.
    made_with : of an earlier copy the parameters that it was made with, as JSON; empty for the manifest's.
    """

    file: str
    status: str
    detail: str = ""
    output: str = ""
    faces: int = 0
    boxes: tuple[FaceBox, ...] = ()
    height: int = 0
    width: int = 0
    output_height: int = 0
    output_width: int = 0
    notes: tuple[str, ...] = ()
    bytes: int = 0
    output_bytes: int = 0
    sha256: str = ""
    output_sha256: str = ""
    distances: tuple[float, ...] = ()
    made_with: str = ""

    def noted(self, *notes: str) -> FileRecord:
        """The record with further notes."""
        return replace(self, notes=(*self.notes, *notes))

    def to_row(self) -> dict[str, Any]:
        """As a row of the manifest, in which lists are text."""
        row = {one.name: getattr(self, one.name) for one in fields(self)}
        return row | {
            "boxes": BETWEEN.join(box.text for box in self.boxes),
            "notes": BETWEEN.join(self.notes),
            "distances": distances_text(self.distances),
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> FileRecord:
        """The record of a row that `to_row` made.

        Raises
        ------
        TypeError, ValueError : it is no such row.
        """
        if not isinstance(row, Mapping):
            raise TypeError("a row is a mapping")
        boxes, notes, distances = (
            tuple(one for one in str(row.get(name, "")).split(BETWEEN) if one)
            for name in ("boxes", "notes", "distances")
        )
        record = cls(
            **{
                **row,
                "boxes": tuple(FaceBox.from_text(one) for one in boxes),
                "notes": notes,
                "distances": tuple(float(one) for one in distances),
            }
        )
        for one in fields(cls):
            if type(getattr(record, one.name)) is not type(getattr(_EMPTY, one.name)):
                raise TypeError(f"{one.name} is of another type")
        return record


_EMPTY = FileRecord("", "")


def distances_text(distances: Iterable[float]) -> str:
    """Distances as the manifest writes them."""
    return BETWEEN.join(f"{one:.2f}" for one in distances)


@dataclass(frozen=True)
class Manifest:
    """All records of a folder, in the order of its names, and what they were made with.

    Attributes
    ----------
    records : of all photographs, and of all copies in the output folder.
    parameters : of this run.
    others : files in the output folder that no run of this tool made, as far as is known.
    withstands : sentences on which attackers the protection withstands, where it says so itself.
    """

    records: tuple[FileRecord, ...]
    parameters: dict[str, Any]
    others: tuple[str, ...] = ()
    withstands: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of files of each status, the most frequent first."""
        return dict(Counter(record.status for record in self.records).most_common())

    @property
    def complete(self) -> bool:
        """Whether every file of the folder was protected, but for the clutter of file managers."""
        return all(record.status in (PROTECTED, CLUTTER) for record in self.records)

    def write(self, folder: Path) -> None:
        """Write `manifest.json` and `manifest.csv`, each under a temporary name first and row by row."""
        _write(folder / f"{NAME}.csv", _table(self.records))
        _write(folder / f"{NAME}.json", self._json())

    def _json(self) -> Iterator[bytes]:
        """The manifest as JSON, in parts: a text of all rows would take more memory than the records."""
        content = {
            "parameters": self.parameters,
            "software": software(),
            "counts": self.counts,
            "others": self.others,
            "withstands": self.withstands,
            "files": [],
        }
        yield json.dumps(content, indent=1).removesuffix("]\n}").encode()
        for number, record in enumerate(self.records):
            row = textwrap.indent(json.dumps(record.to_row(), indent=1), "  ")
            yield f"{',' if number else ''}\n{row}".encode()
        yield ("\n ]\n}\n" if self.records else "]\n}\n").encode()


def _table(records: Iterable[FileRecord]) -> Iterator[bytes]:
    """`manifest.csv` with these records, a part for each."""
    buffer = io.StringIO()
    table = csv.DictWriter(buffer, [field.name for field in fields(FileRecord)], lineterminator="\n",
                           quoting=csv.QUOTE_ALL)  # fmt: skip
    table.writeheader()
    for record in records:
        table.writerow({name: _cell(value) for name, value in record.to_row().items()})
        yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    """What stands in a buffer, which is empty afterwards."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "backslashreplace")


def _cell(value: object) -> object:
    """A text that a spreadsheet takes for neither a formula nor a line break."""
    if not isinstance(value, str):
        return value
    text = value.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def number_of(count: int, noun: str) -> str:
    """`1 copy`, `2 copies`: a number and its noun, which is given in the singular."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun[:-1]}ies" if noun.endswith("y") else f"{count} {noun}s"


def software() -> dict[str, str]:
    """Versions of what decides the bytes of an output."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file, read in parts; empty where it cannot be read."""
    try:
        return sha256_of(path)
    except OSError:
        return ""


def temporary(target: Path, mark: str) -> Path:
    """A name beside `target` that `clear_temporary` knows."""
    return target.with_name(f".facevalue-{mark}.part")


def unknown_files(folder: Path, known: Iterable[str]) -> tuple[str, ...]:
    """Paths below `folder`, sorted, of files that are neither `known` nor the manifest's own."""
    own = {LOCK, *(f"{NAME}.{ending}" for ending in ("csv", "json", "jsonl"))}
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    return tuple(sorted(there - own - set(known)))


def clear_temporary(folder: Path) -> None:
    """Remove what a killed run left half written below `folder`, but for folders that another run holds."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not os.path.lexists(Path(root, name, LOCK))]
        for name in fnmatch.filter(files, ".facevalue-*.part"):
            Path(root, name).unlink(missing_ok=True)


def _write(target: Path, parts: Iterable[bytes]) -> None:
    """Write `target` whole or not at all, under a name that `clear_temporary` knows."""
    with atomic_write(target, part=temporary(target, target.name)) as part, open(part, "wb") as file:
        file.writelines(parts)


class Journal:
    """`manifest.jsonl` while a run goes on: its parameters, then a record a line."""

    def __init__(self, folder: Path) -> None:
        """In this folder; nothing is written yet."""
        self.path = folder / f"{NAME}.jsonl"

    def begin(self, parameters: Mapping[str, Any], kept: Iterable[FileRecord]) -> None:
        """Write the parameters, and the records that are known already."""
        rows = chain([dict(parameters)], (record.to_row() for record in kept))
        _write(self.path, (f"{json.dumps(row)}\n".encode() for row in rows))

    def add(self, record: FileRecord) -> None:
        """Append one record."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(record.to_row()) + "\n")

    def remove(self) -> None:
        """The manifest stands: the journal may go."""
        self.path.unlink(missing_ok=True)


_Previous = tuple[dict[str, Any], list[FileRecord]]
_KEYS = {"parameters", "software", "counts", "others", "withstands", "files"}


def read_previous(folder: Path) -> _Previous:
    """Parameters and records that an earlier run left in `folder`, finished or not; empty without one.

    A photograph may have several records, of which the last that is no `earlier copy` counts. Nothing is
    changed by a run that cannot tell each of the three files for its own, as it would be replaced.

    Raises
    ------
    PhotosError : a file has the name of a manifest and is none of ours, or somebody wrote into it.
    """
    found: dict[str, _Previous] = {}
    for ending, read in (("jsonl", _journalled), ("json", _finished)):
        path = folder / f"{NAME}.{ending}"
        if os.path.lexists(path):
            with _of_this_tool(path):
                found[ending] = _checked(*read(path))
    path = folder / f"{NAME}.csv"
    if os.path.lexists(path):
        with _of_this_tool(path):
            _check_table(path.read_bytes(), found)
    return next(iter(found.values()), ({}, []))


@contextmanager
def _of_this_tool(path: Path) -> Iterator[None]:
    """Turns what is wrong with a file into the error that says what to do."""
    try:
        yield
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise PhotosError(
            f"{path} was not written by this tool, or changed since: move it away, or choose another folder"
        ) from error


def _checked(parameters: Any, rows: Any) -> _Previous:
    """Parameters and records; TypeError or ValueError where they are none."""
    if not isinstance(parameters, dict) or not isinstance(rows, list) or "protection" not in parameters:
        raise ValueError("no parameters of a protection, or no rows")
    records = [FileRecord.from_row(row) for row in rows]
    if any(".." in path.parts or path.is_absolute() for path in (Path(one.output) for one in records)):
        raise ValueError("an output outside the folder")
    return parameters, records


def _check_table(data: bytes, found: Mapping[str, _Previous]) -> None:
    """Raise ValueError unless a `manifest.csv` is this tool's: that of the finished manifest, or after a kill
    one of its form, as the journal does not tell whether it was replaced."""
    if "jsonl" not in found:
        ours = "json" in found and data == b"".join(_table(found["json"][1]))
    else:
        rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
        names = [field.name for field in fields(FileRecord)]
        ours = rows[:1] == [names] and all(len(row) == len(names) for row in rows)
    if not ours:
        raise ValueError("another table")


def _finished(path: Path) -> tuple[Any, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not content.keys() <= _KEYS:
        raise ValueError("another content")
    return content["parameters"], content["files"]


def _journalled(path: Path) -> tuple[Any, Any]:
    """A journal; a last line that a kill cut short does not count."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return (rows[0], rows[1:]) if rows else ({}, [])
