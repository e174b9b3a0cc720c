"""File locks between processes, which name their holder and end with it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"
"""Name of the lock file in a folder."""


class InUseError(OSError):
    """Another process holds the lock; the message names it."""


@contextmanager
def locked(place: Path, *, wait: bool = True) -> Iterator[None]:
    """Context manager: hold a file lock while the block runs.

    Parameters
    ----------
    place : a folder that exists, in which a file LOCK is there meanwhile; or the lock file itself.
    wait : for another run to let go of it.

    Raises
    ------
    InUseError : another run holds it, and this one is not to wait.
    FileExistsError : what has the lock file's name is no lock: it would be emptied and removed.
    """
    file = place / LOCK if place.is_dir() else place
    if os.path.lexists(file) and not _is_lock(file):
        raise FileExistsError(f"{file} is no lock of this program: move it away")
    lock = FileLock(file, blocking=wait, on_acquired=_sign)
    try:
        lock.acquire()
    except Timeout as error:
        raise InUseError(f"{_holder(file)} holds {place}: wait for it, or end it") from error
    try:
        yield
    finally:
        with suppress(OSError):  # Windows cannot remove an open file
            file.unlink()  # while the lock is held; a waiting process makes a new file
        lock.release()


def beside(folder: Path) -> Path:
    """Path of the lock file for a folder that does not exist yet or will be replaced."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent / f".{folder.name}.lock"


def _is_lock(file: Path) -> bool:
    """Whether a file holds what `_sign` writes, or nothing yet; True where it has gone meanwhile."""
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return False
        with open(file, "rb") as opened:
            return re.fullmatch(rb"\d{0,20}", opened.read(21)) is not None
    except FileNotFoundError:
        return True


def _sign(handle: int) -> None:
    """Write this process's id into the lock file."""
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)


def _holder(file: Path) -> str:
    try:
        return f"another run (process {int(file.read_text())})"
    except (OSError, ValueError):
        return "another run"
