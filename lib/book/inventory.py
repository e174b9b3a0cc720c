"""What lies where the photographs lie: `python -m lib.book inventory real`.

Photographs and published networks lie outside the repository, anywhere, and may be hundreds of thousands of
files. Their stages therefore depend on this list of hashes of contents, `build/<profile>/inventory.json`, and
run again when it changes: also after a file was replaced by another of the same name and size, and not after
a copy or a download that only changed dates.

Hashes are kept in `build/inventory_hashes.json` with each file's size, dates and inode, so that only what was
touched since is read again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.book import paths
from lib.book.parameters import profiles
from lib.book.results import digest, dumps, files_in
from lib.files import sha256_of, write_text


@dataclass
class HashCache:
    """SHA-256 of files, each read once until its size, inode, or date of contents or of status changes.

    A file that is replaced in place has another date of status (ctime), whatever that of contents says.
    """

    path: Path | None = None
    known: dict[str, list[Any]] = field(default_factory=dict)
    used: dict[str, list[Any]] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> HashCache:
        """The hashes that `save` left at `path`; none where there is no such file, or another one."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        return cls(path, known if isinstance(known, dict) else {})

    def sha256(self, file: Path) -> str:
        """64 hexadecimal digits; OSError where the file cannot be read."""
        status, name = file.stat(), str(file.absolute())
        stamp = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
        before = self.known.get(name)
        digest = before[-1] if before and before[:-1] == stamp else sha256_of(file)
        self.used[name] = [*stamp, digest]
        return str(digest)

    def save(self) -> None:
        """Keep the hashes of the files that were asked for."""
        if self.path is not None:
            write_text(self.path, json.dumps(self.used))


def contents(folder: Path, hashes: HashCache | None = None) -> dict[str, Any]:
    """What a folder holds, by its contents.

    Parameters
    ----------
    folder : entries whose names begin with a dot do not count.
    hashes : so that a second look reads only what changed; without one every file is read.

    Returns
    -------
    Of each entry by its name `bytes` and `sha256`; of a folder also the number of `files` in it, and as its
    hash that of the names and hashes of them all. Empty where there is no folder.

    Raises
    ------
    OSError : a file cannot be read.
    """
    if not folder.is_dir():
        return {}
    cache = hashes or HashCache()
    return {
        entry.name: _measure(entry, cache)
        for entry in sorted(folder.iterdir())
        if not entry.name.startswith(".")
    }


def _measure(entry: Path, hashes: HashCache) -> dict[str, Any]:
    files = [entry] if entry.is_file() else files_in(entry)
    found = {
        "bytes": sum(file.stat().st_size for file in files),
        "sha256": digest(entry, hashes.sha256),
    }
    return found if entry.is_file() else {"files": len(files), **found}


def _remedy(name: str, folder: Path) -> str:
    """What to do where `folder` gave nothing: it is missing, empty, or was never named."""
    variable = f"FACEVALUE_{name.upper()}"
    named = f"{variable}={folder}" if os.environ.get(variable) else ""
    if named or os.path.lexists(folder):
        state = "is empty" if folder.is_dir() else "is no folder" if folder.exists() else "does not exist"
        return f"{named or f'the folder {name}'} {state}"
    return f"name their folder: {variable}=/a/folder, or a link `{name}` in the repository"


def main(arguments: list[str] | None = None) -> int:
    """Command line: writes the list, or says which folder is missing."""
    parser = argparse.ArgumentParser(prog="python -m lib.book inventory", description=__doc__.splitlines()[0])
    parser.add_argument("profile", choices=profiles()[1:])
    profile = parser.parse_args(arguments).profile
    hashes = HashCache.open(paths.ROOT / "build" / "inventory_hashes.json")
    folders = {"photographs": paths.photographs(), "published": paths.published()}
    found = {name: contents(folder, hashes) for name, folder in folders.items()}
    hashes.save()
    for name, entries in found.items():
        print(f"{name}: {', '.join(entries) or 'none'}")
        if not entries:
            print(f"  {_remedy(name, folders[name])}", file=sys.stderr)
    if not found["photographs"]:
        return 1
    path = paths.out_of(profile) / "inventory.json"
    write_text(path, dumps(found))
    return 0
