"""Make the picture of the README: `python -m lib.figures.readme_picture`."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.faces.contact_sheet import contact_sheet
from lib.faces.loading.load import load
from lib.figures.gallery import gallery


def main(arguments: list[str] | None = None) -> int:
    """Draw some rendered subjects side by side; a set that may not be published is refused."""
    parser = argparse.ArgumentParser(prog="python -m lib.figures.readme_picture", description=__doc__)
    parser.add_argument("--faces", default="data/rendered", help="folder of shards")
    parser.add_argument("--out", default="front/_static/faces.jpg")
    parser.add_argument("--subjects", type=int, default=6)
    parser.add_argument("--seed", type=int, default=4)
    given = parser.parse_args(arguments)
    faces = load("rendered", given.faces, size=112, cache=Path("build/cache"))
    gallery(contact_sheet(faces, subjects=given.subjects, seed=given.seed).images).save(given.out)
    print(f"look at {given.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
