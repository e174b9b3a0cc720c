"""One run at a time: locks that a killed run does not leave behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # no such locks on Windows: there two runs at once are the user's affair
    fcntl = None  # type: ignore[assignment]


class InUseError(OSError):
    """Another run holds the lock."""


@contextmanager
def locked(place: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock while the block runs.

    Parameters
    ----------
    place : a folder that exists, or a lock file, which is made where it is missing.
    wait : for another run to let go of it.

    Raises
    ------
    InUseError : another run holds it, and this one is not to wait.
    """
    if not fcntl:
        yield
        return
    # Some network file systems lock a file only for those who may write it; a folder opens for reading only.
    handle = os.open(place, os.O_RDONLY if place.is_dir() else os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock(handle, place, wait)
        yield
    finally:
        os.close(handle)


def beside(folder: Path) -> Path:
    """Lock file of a folder that does not exist yet, or that a rename will put in place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent / f".{folder.name}.lock"


def _lock(handle: int, place: Path, wait: bool) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InUseError(f"another run holds {place}: wait for it") from error
    except OSError:  # some network file systems know no locks; there too it is the user's affair
        pass
