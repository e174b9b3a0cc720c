"""What lies where the photographs lie: `python -m lib.book.inventory real`.

Photographs and published networks lie outside the repository, anywhere, and may be hundreds of thousands of
files. Their stages therefore depend on this list of names and sizes, `build/<profile>/inventory.json`, and
run again when it changes.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from lib.book import paths
from lib.book.parameters import profiles
from lib.book.results import dumps


def contents(folder: Path) -> dict[str, Any]:
    """Entries of a folder: a file by its size in bytes, a folder by its number of files and their size."""
    if not folder.is_dir():
        return {}
    return {
        entry.name: _measure(entry) for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")
    }


def _measure(entry: Path) -> Any:
    if entry.is_file():
        return entry.stat().st_size
    sizes = [
        (Path(at) / name).stat().st_size
        for at, _, names in os.walk(entry, followlinks=True)
        for name in names
    ]
    return {"files": len(sizes), "bytes": sum(sizes)}


def main(arguments: list[str] | None = None) -> int:
    """Command line: writes the list, or says which folder is missing."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.inventory", description=__doc__.splitlines()[0])
    parser.add_argument("profile", choices=profiles()[1:])
    profile = parser.parse_args(arguments).profile
    found = {"photographs": contents(paths.photographs()), "published": contents(paths.published())}
    for name, entries in found.items():
        print(f"{name}: {', '.join(entries) or 'none'}")
        if not entries:
            variable = f"FACEVALUE_{name.upper()}"
            print(
                f"  name their folder: {variable}=/a/folder, or a link `{name}` in the repository",
                file=sys.stderr,
            )
    if not found["photographs"]:
        return 1
    path = paths.out_of(profile) / "inventory.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
