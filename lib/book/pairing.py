"""Make each `.ipynb` from its `.md` text, or check that it agrees: `python -m lib.book pairing`.

The `.md` is the truth. The `.ipynb` holds no outputs and has fixed cell ids, so it changes only when the text
does; papermill and JupyterLab work on it in a fresh clone. The text itself is laid out as JupyterLab saves it
(long captions are wrapped), so that saving there changes nothing but what was edited.

A notebook that somebody has edited is never written over: it notes from which cells it was made, and where it
holds others that the text lacks, `--keep` takes them into the text and `--discard` drops them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import jupytext
import nbformat
from jupytext.config import load_jupytext_config
from nbformat import NotebookNode

from lib.book import chapter_text
from lib.book.normalise import KEPT_CELL_METADATA, dumps
from lib.book.paths import ROOT
from lib.files import write_text

_PAIR = {"default_lexer": "ipython3", "formats": "md:myst,ipynb"}
"""What JupyterLab notes in a notebook that has a text beside it."""
_MADE_FROM = "made_from"
"""Notebook metadata: digest of the cells it was made with. An editor keeps it, and changes cells."""


def texts(root: Path = ROOT) -> list[Path]:
    """Paths of all chapter texts (`.md`) in notebooks/."""
    return sorted((root / "notebooks").glob("*.md"))


def laid_out(text: Path) -> str:
    """The text as JupyterLab would save it."""
    config = load_jupytext_config(str(text.resolve()))
    return jupytext.writes(jupytext.read(text, config=config), fmt="md:myst", config=config)


def paired(text: Path) -> str:
    """Content that the `.ipynb` beside `text` must have."""
    notebook = chapter_text.read(text)
    notebook.metadata["jupytext"] = dict(_PAIR)
    notebook.metadata[_MADE_FROM] = _digest(notebook)
    return dumps(notebook)


def _cells(notebook: NotebookNode) -> list[list[object]]:
    """What a person writes into cells: kind, source, tags; empty cells are left out."""
    return [
        [
            cell.cell_type,
            cell.source.strip(),
            {k: cell.metadata[k] for k in KEPT_CELL_METADATA if cell.metadata.get(k)},
        ]
        for cell in notebook.cells
        if cell.source.strip()
    ]


def _digest(notebook: NotebookNode) -> str:
    return hashlib.sha256(json.dumps(_cells(notebook), sort_keys=True).encode()).hexdigest()[:16]


def is_edited(text: Path) -> bool:
    """Whether the `.ipynb` beside `text` has edits by hand that the text lacks.

    A notebook that does not say what it was made from counts as made if git knows it as it is.
    """
    path = text.with_suffix(".ipynb")
    if not path.exists():
        return False
    notebook = nbformat.read(path, as_version=4)
    if _cells(notebook) == _cells(chapter_text.read(text)):
        return False
    made_from = notebook.metadata.get(_MADE_FROM)
    return made_from != _digest(notebook) if made_from else not _is_in_git(path)


def _is_in_git(path: Path) -> bool:
    """Whether git stores this content of the file, so that overwriting loses nothing."""
    try:
        known = subprocess.run(
            ["git", "hash-object", path.name], cwd=path.parent, capture_output=True, text=True, check=True
        )
        found = subprocess.run(
            ["git", "cat-file", "-e", known.stdout.strip()], cwd=path.parent, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return found.returncode == 0


def keep(text: Path) -> Path:
    """Write `text` from the edited `.ipynb` beside it; returns the text's path."""
    config = load_jupytext_config(str(text.resolve()))
    notebook = nbformat.read(text.with_suffix(".ipynb"), as_version=4)
    notebook.metadata.pop(_MADE_FROM, None)
    write_text(text, jupytext.writes(notebook, fmt="md:myst", config=config))
    return text


def is_current(text: Path) -> bool:
    """Whether `text` is laid out and its `.ipynb` is what `paired` makes."""
    wanted = {text: laid_out(text), text.with_suffix(".ipynb"): paired(text)}
    return all(
        path.exists() and path.read_text(encoding="utf-8") == content for path, content in wanted.items()
    )


def write(text: Path) -> Path:
    """Lay out `text` and write its `.ipynb`; returns the latter's path."""
    for path, make in ((text, laid_out), (text.with_suffix(".ipynb"), paired)):
        write_text(path, make(text))
    return text.with_suffix(".ipynb")


def _chosen(names: Sequence[str], root: Path) -> set[Path]:
    """Texts of chapters given as `01_faces`, `notebooks/01_faces.md` or `notebooks/01_faces.ipynb`."""
    known = {text.stem: text for text in texts(root)}
    unknown = [name for name in names if Path(name).stem not in known]
    if unknown:
        raise SystemExit(f"no chapter {', '.join(unknown)}; there are {', '.join(known)}")
    return {known[Path(name).stem] for name in names}


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Command line; exit status 1 where a notebook has edits, or with `--check` is out of date."""
    parser = argparse.ArgumentParser(prog="python -m lib.book pairing", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail where a notebook is behind")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="CHAPTER", help="write its text from the notebook"
    )
    parser.add_argument(
        "--discard", action="append", default=[], metavar="CHAPTER", help="drop the notebook's own edits"
    )
    given = parser.parse_args(arguments)
    kept, dropped = _chosen(given.keep, root), _chosen(given.discard, root)
    if given.check:
        behind = [text for text in texts(root) if not is_current(text)]
        for text in behind:
            print(f"{text.name}: the notebook is behind")
        if behind:
            print("run `python -m lib.book pairing`")
        return int(bool(behind))
    for text in kept:
        print(f"wrote {keep(text).relative_to(root)} from its notebook; `git diff` shows what is new")
    edited = [text for text in texts(root) if text not in dropped and is_edited(text)]
    for text in texts(root):
        if text not in edited and not is_current(text):
            print(f"wrote {write(text).relative_to(root)}")
    for text in edited:
        name = text.with_suffix(".ipynb").relative_to(root)
        print(
            f"{name} holds edits that {text.name} lacks; nothing was written.\n"
            f"  keep them:  python -m lib.book pairing --keep {text.stem}\n"
            f"  drop them:  python -m lib.book pairing --discard {text.stem}",
            file=sys.stderr,
        )
    return int(bool(edited))
