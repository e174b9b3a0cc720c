"""Atomic writes of files and folders, and file hashes; standard library only."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def part_path(target: Path) -> Path:
    """Path of the temporary file beside `target`, on the same file system: `.facevalue-<name>.part`, a name
    that nobody else gives, so that what a kill left under it may be removed."""
    return target.with_name(f".facevalue-{target.name}.part")


@contextmanager
def atomic_write(
    target: str | Path, *, part: str | Path | None = None, fsync: bool = False
) -> Iterator[Path]:
    """Context manager: yields a temporary path, which is renamed to `target` when the block succeeds.

    The block may write a file or make a folder. After an error, what it wrote is removed and `target` stays
    as it was. After a kill the temporary path remains, and the next `atomic_write` of `target` replaces it: a
    leftover is removed before the block runs. Two writers of one target need a lock.

    Parameters
    ----------
    target : its folder is made where it is missing. A file is replaced; a folder is replaced only if it is
        empty (OSError).
    part : the temporary path, by default that of `part_path`; must lie on the same file system. A folder
        that lies there already is not removed (OSError), as its contents may be anybody's.
    fsync : flush a file to the disk before the rename, so that it also survives a loss of power.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    if part is None:
        part = part_path(target)
        remove(part)
    else:
        part = Path(part)
        part.unlink(missing_ok=True)
    try:
        yield part
        if fsync:
            _flush(part)
        os.replace(part, target)
    except BaseException:
        remove(part)
        raise


def write_text(target: str | Path, text: str) -> Path:
    """Write UTF-8 text atomically; returns the path."""
    with atomic_write(target) as part:
        part.write_text(text, encoding="utf-8")
    return Path(target)


def write_bytes(target: str | Path, data: bytes, *, part: str | Path | None = None) -> Path:
    """Write bytes atomically, through the temporary path `part`; returns the path."""
    with atomic_write(target, part=part) as written:
        written.write_bytes(data)
    return Path(target)


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file as 64 hexadecimal digits; OSError if it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with its contents; a missing path is no error."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
