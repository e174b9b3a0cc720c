"""The folder beside a copy in which a run keeps what it knows, and from which the finished copy is moved."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.folder import BrokenOffError
from lib.faces.locking import LOCK, InUseError, locked
from lib.files import part_path, remove, write_text

PARAMETERS = "parameters.json"
ROWS, REPORT = "frames.csv", "report.json"
"""Ends of the names of a copy's list of frames and of its report."""


def beside(out: Path, end: str) -> Path:
    """Path of what lies beside a copy: its name, and what it is."""
    return out.with_name(f"{out.name}.{end}")


def moves(folder: Path, out: Path) -> list[tuple[Path, Path]]:
    """What is moved where when all is done; the report is the last that is written and the last to go."""
    return [
        (folder / f"copy{out.suffix}", out),
        (folder / ROWS, beside(out, ROWS)),
        (folder / REPORT, beside(out, REPORT)),
    ]


def is_finished(folder: Path, parameters: Mapping[str, Any]) -> bool:
    """Whether a run of these parameters was killed when all was made and some of it perhaps moved."""
    return (folder / REPORT).exists() and _told(folder) == _text(parameters)


def check_free(folder: Path, out: Path, *, overwrite: bool, finished: bool) -> None:
    """Raise PhotosError where a copy, its list or its report is there and must not be replaced."""
    for made, one in moves(folder, out):
        if os.path.isdir(one):
            raise PhotosError(f"{one} is a folder: name a clip that shall be made")
        if os.path.lexists(one) and not overwrite and (not finished or made.exists()):
            raise PhotosError(f"{one} is there: choose another name, or --overwrite")


@contextmanager
def work_folder(out: Path, parameters: Mapping[str, Any], *, overwrite: bool) -> Iterator[Path]:
    """Hold the folder of a run for `out`, with what an earlier one of the same parameters left in it.

    Raises
    ------
    PhotosError : it cannot be made, another run holds it, it is not this tool's, or a copy is there.
    BrokenOffError : it could no longer be written on the way.
    """
    folder, begun = part_path(out), False
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or (folder.exists() and not _is_ours(folder)):
            raise PhotosError(f"{folder} is there and not of this tool: move it away")
        check_free(folder, out, overwrite=overwrite, finished=is_finished(folder, parameters))
        folder.mkdir(exist_ok=True)
        with locked(folder, wait=False):
            _begin(folder, parameters)
            begun = True
            yield folder
        remove(folder)
    except InUseError as error:
        raise PhotosError(f"another run makes {out}: wait for it, or choose another name") from error
    except OSError as error:
        if begun:
            raise BrokenOffError(f"{out}: can no longer be written ({error}): mend it, then go on") from error
        raise PhotosError(f"{out}: cannot be written ({error}): choose another folder") from error


def _is_ours(folder: Path) -> bool:
    there = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    return PARAMETERS in there or there <= {LOCK}


def _text(parameters: Mapping[str, Any]) -> str:
    return json.dumps(dict(parameters), sort_keys=True, indent=1)


def _told(folder: Path) -> str:
    told = folder / PARAMETERS
    return told.read_text(encoding="utf-8", errors="replace") if told.is_file() else ""


def _begin(folder: Path, parameters: Mapping[str, Any]) -> None:
    """Clear away what was made with other parameters, and write these."""
    if _told(folder) == _text(parameters):
        return
    for path in folder.iterdir():
        if path.name != LOCK:
            remove(path)
    write_text(folder / PARAMETERS, _text(parameters))
