"""The notebooks beside the texts: `python -m lib.book.pairing` makes each `.ipynb` from its `.md`.

The `.md` is the truth. The `.ipynb` holds no outputs and has fixed cell ids, so it changes only when the text
does; papermill and JupyterLab work on it in a fresh clone. The text itself is laid out as JupyterLab saves it
(long captions are wrapped), so that saving there changes nothing but what was edited.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jupytext
from jupytext.config import load_jupytext_config

from lib.book import chapter_text
from lib.book.files import write_whole
from lib.book.normalise import dumps
from lib.book.paths import ROOT

_PAIR = {"default_lexer": "ipython3", "formats": "md:myst,ipynb"}
"""What JupyterLab notes in a notebook that has a text beside it."""


def texts(root: Path = ROOT) -> list[Path]:
    """All texts in notebooks/."""
    return sorted((root / "notebooks").glob("*.md"))


def laid_out(text: Path) -> str:
    """The text as JupyterLab would save it."""
    config = load_jupytext_config(str(text.resolve()))
    return jupytext.writes(jupytext.read(text, config=config), fmt="md:myst", config=config)


def paired(text: Path) -> str:
    """Content that the `.ipynb` beside `text` must have."""
    notebook = chapter_text.read(text)
    notebook.metadata["jupytext"] = dict(_PAIR)
    return dumps(notebook)


def is_current(text: Path) -> bool:
    """Whether `text` is laid out and the `.ipynb` beside it is what `paired` makes."""
    wanted = {text: laid_out(text), text.with_suffix(".ipynb"): paired(text)}
    return all(
        path.exists() and path.read_text(encoding="utf-8") == content for path, content in wanted.items()
    )


def write(text: Path) -> Path:
    """Lay out `text` and write the `.ipynb` beside it; returns the latter."""
    for path, make in ((text, laid_out), (text.with_suffix(".ipynb"), paired)):
        write_whole(path, make(text))
    return text.with_suffix(".ipynb")


def main(arguments: list[str] | None = None) -> int:
    """Command line; with `--check` only compares and returns 1 where a notebook is behind its text."""
    parser = argparse.ArgumentParser(prog="python -m lib.book.pairing", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a notebook is behind")
    check = parser.parse_args(arguments).check
    behind = [text for text in texts() if not is_current(text)]
    for text in behind:
        print(f"{text.name}: the notebook is behind" if check else f"wrote {write(text).relative_to(ROOT)}")
    if check and behind:
        print("run `python -m lib.book.pairing`")
    return int(check and bool(behind))


if __name__ == "__main__":
    sys.exit(main())
