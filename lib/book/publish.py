"""Copy a profile's results to `results/<profile>`, where they ship: `python -m lib.book publish real`.

Numbers, tables and times only: no page, no picture.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from lib.book import paths
from lib.book.parameters import profiles


def publish(profile: str, source: Path, target: Path) -> list[Path]:
    """Make `target` hold exactly the results of `source`; returns the files that changed.

    Raises
    ------
    FileNotFoundError : nothing was computed yet.
    """
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.suffix in (".json", ".csv"))
    if not files:
        raise FileNotFoundError(f"no results of profile {profile}: `make {profile}` computes them")
    changed = [name for name in files if not _equal(source / name, target / name)]
    for name in changed:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)
    for stale in [
        path for path in target.rglob("*") if path.is_file() and path.relative_to(target) not in files
    ]:
        stale.unlink()
    return changed


def _equal(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def main(arguments: list[str] | None = None) -> int:
    """Command line: copy the results of one profile and list what changed."""
    parser = argparse.ArgumentParser(prog="python -m lib.book publish", description=__doc__.splitlines()[0])
    parser.add_argument("profile", choices=profiles()[1:])
    profile = parser.parse_args(arguments).profile
    changed = publish(profile, paths.out_of(profile) / "results" / profile, paths.ROOT / "results" / profile)
    print("\n".join(f"results/{profile}/{name}" for name in changed) or f"results/{profile} is as it was")
    return 0
