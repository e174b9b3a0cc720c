"""The notebooks beside the texts: `python -m lib.book.pair` makes each `.ipynb` from its `.md`.

The `.md` is the truth. The `.ipynb` holds no outputs and has fixed cell ids, so it changes only when the text
does; papermill and JupyterLab work on it in a fresh clone.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from lib.book import source
from lib.book.normalise import dumps
from lib.book.paths import ROOT


def texts(root: Path = ROOT) -> list[Path]:
    """All texts in notebooks/."""
    return sorted((root / "notebooks").glob("*.md"))


def paired(text: Path) -> str:
    """Content that the `.ipynb` beside `text` must have."""
    return dumps(source.read(text))


def is_current(text: Path) -> bool:
    """Whether the `.ipynb` beside `text` is what `paired` makes."""
    notebook = text.with_suffix(".ipynb")
    return notebook.exists() and notebook.read_text(encoding="utf-8") == paired(text)


def write(text: Path) -> Path:
    """Write the `.ipynb` beside `text`."""
    notebook = text.with_suffix(".ipynb")
    part = notebook.with_suffix(".part")
    part.write_text(paired(text), encoding="utf-8")
    os.replace(part, notebook)
    return notebook


def main(arguments: list[str] | None = None) -> int:
    """Command line; with `--check` only compares and returns 1 where a notebook is behind its text."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.pair", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a notebook is behind")
    check = parser.parse_args(arguments).check
    behind = [text for text in texts() if not is_current(text)]
    for text in behind:
        print(f"{text.name}: the notebook is behind" if check else f"wrote {write(text).relative_to(ROOT)}")
    if check and behind:
        print("run `python -m lib.book.pair`")
    return int(check and bool(behind))


if __name__ == "__main__":
    sys.exit(main())
