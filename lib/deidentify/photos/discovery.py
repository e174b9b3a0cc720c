"""Which files of a folder become which outputs; decided by names, before any photograph is read.

An output is named as its photograph where that name says its format, else the format's ending is added
(`a.webp` becomes `a.webp.png`). So a name never depends on what else lies in the folder.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

from lib.faces.locking import LOCK

Kind = Literal["keep", "png", "jpeg"]
KINDS: tuple[Kind, ...] = ("keep", "png", "jpeg")

LINK = "symbolic link"
SPECIAL = "not a regular file"
CLASH = "name clash"
UNREADABLE_FOLDER = "unreadable folder"
CLUTTER = "clutter of a file manager"

_CLUTTER = (".ds_store", "thumbs.db", "desktop.ini", ".directory", "ehthumbs.db")
_RESERVED = ("manifest.csv", "manifest.json", "manifest.jsonl", LOCK)

_APPLE_DOUBLE = b"\0\5\x16\7"
"""First bytes of what macOS keeps beside a file as `._name`."""

_JPEG = (".jpg", ".jpeg", ".jpe", ".jfif")


class PhotosError(ValueError):
    """A folder that cannot be protected like this; the message says what to do."""


@dataclass(frozen=True, slots=True)
class PlannedOutput:
    """One file of the folder.

    Attributes
    ----------
    file : path below the folder, with `/`.
    output : path below the output folder; empty where none will be made.
    reason : why not, one of LINK, SPECIAL, CLASH, UNREADABLE_FOLDER, CLUTTER; empty where it will be tried.
    detail : more on the reason.
    """

    file: str
    output: str = ""
    reason: str = ""
    detail: str = ""


def check_folders(folder: Path, out: Path, preview: Path | None = None) -> None:
    """Raise PhotosError unless `folder` is one, the others are or can become some, and none lies in another.

    Parameters
    ----------
    folder : with the photographs; must exist.
    out, preview : of the copies and of their previews; None: no previews are wanted.
    """
    if not folder.is_dir():
        raise PhotosError(f"{folder} is no folder: name the folder with the photographs")
    written = [one for one in (out, preview) if one is not None]
    for first, second in combinations([folder, *written], 2):
        check_apart(first, second)
    for one in written:
        if os.path.lexists(one) and not one.is_dir():
            raise PhotosError(f"{one} is there and no folder: choose another one")


def check_apart(first: Path, second: Path) -> None:
    """Raise PhotosError where two folders are one or one lies in the other, by its path or by a mount."""
    one, other = first.resolve(), second.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise PhotosError(f"{second} and {first} overlap: choose a folder beside the other one")
    if _identity(one) in _identities(other) or _identity(other) in _identities(one):
        raise PhotosError(f"{second} and {first} overlap by a mount: choose another folder")


def leads_inside(folder: Path, name: str) -> bool:
    """Whether `name` is a path below `folder`, also by links on the way; its last part is not followed."""
    path = Path(name)
    if not name or path.is_absolute() or ".." in path.parts:
        return False
    return (folder / path).parent.resolve().is_relative_to(folder.resolve())


def _identities(path: Path) -> set[tuple[int, int]]:
    """Device and inode of `path` and the folders above it, as far as they exist; they see through mounts."""
    return {found for one in (path, *path.parents) if (found := _identity(one)) is not None}


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def list_folder(folder: Path, kind: Kind = "keep") -> list[PlannedOutput]:
    """Every file below `folder`, sorted; links are named, not followed.

    Two photographs whose outputs would have one name, also where a file system does not tell capitals or
    composed letters apart, are both a clash, and neither is tried.
    """
    entries = sorted(_walk(folder, kind), key=lambda entry: entry.file)
    names = Counter(_key(entry.output) for entry in entries if entry.output)
    return [_clashing(entry) if names[_key(entry.output)] > 1 else entry for entry in entries]


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _clashing(entry: PlannedOutput) -> PlannedOutput:
    return PlannedOutput(
        entry.file, "", CLASH, f"another output would be named {entry.output} too: rename one of them"
    )


def _walk(folder: Path, kind: Kind) -> Iterator[PlannedOutput]:
    lost: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=lost.append):
        for name in [*files, *folders]:
            path = Path(root, name)
            entry = _entry(path, path.relative_to(folder).as_posix(), kind)
            if entry is not None:
                yield entry
    for error in lost:
        name = Path(error.filename).relative_to(folder).as_posix()
        yield PlannedOutput(name, "", UNREADABLE_FOLDER, str(error.strerror))


def _entry(path: Path, name: str, kind: Kind) -> PlannedOutput | None:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return PlannedOutput(name, "", SPECIAL, str(error.strerror))
    if stat.S_ISLNK(mode):
        return PlannedOutput(name, "", LINK, "copy the photograph into the folder if it is meant")
    if stat.S_ISDIR(mode):
        return None
    if not stat.S_ISREG(mode):
        return PlannedOutput(name, "", SPECIAL)
    if path.name.lower() in _CLUTTER or (path.name.startswith("._") and _is_apple_double(path)):
        return PlannedOutput(name, "", CLUTTER)
    if _reserved(name):
        return PlannedOutput(name, "", CLASH, "the tool needs this name for itself: rename it")
    return PlannedOutput(name, output_name(name, kind))


def _is_apple_double(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(4) == _APPLE_DOUBLE
    except OSError:
        return False  # it is tried, and listed as unreadable


def _reserved(name: str) -> bool:
    """Whether the output's folder would have the name of a manifest or of a temporary file."""
    *folders, last = (part.casefold() for part in name.split("/"))
    temporary = any(part.startswith(".facevalue-") and part.endswith(".part") for part in (*folders, last))
    return temporary or bool(folders and folders[0] in _RESERVED)


def output_name(name: str, kind: Kind = "keep") -> str:
    """Name of the output; its ending says its format."""
    ending = os.path.splitext(name)[1].lower()
    if kind != "png" and ending in _JPEG:
        return name
    if kind != "jpeg" and ending == ".png":
        return name
    return name + (".jpg" if kind == "jpeg" else ".png")


def output_format(output: str) -> str:
    """`JPEG` or `PNG`, from the output's name."""
    return "PNG" if output.lower().endswith(".png") else "JPEG"
