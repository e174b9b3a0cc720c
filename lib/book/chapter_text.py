"""Read chapters (MyST text): cells, parameters, protocol number."""

from __future__ import annotations

import ast
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import jupytext
from nbformat import NotebookNode

from lib.book.normalise import number_cells
from lib.book.paths import ROOT


class SourceError(ValueError):
    """A chapter that cannot be run as written; the message names the file."""


def path_of(chapter: str, root: Path = ROOT) -> Path:
    """Path of a chapter's MyST text; SourceError if it is missing."""
    path = root / "notebooks" / f"{chapter}.md"
    if not path.exists():
        known = [one.stem for one in sorted(path.parent.glob("[0-9]*.md"))]
        near = get_close_matches(chapter, known, 1, 0.5)
        meant = f"is {near[0]} meant?" if near else f"there are {', '.join(known) or 'no chapters'}"
        raise SourceError(f"notebooks/{chapter}.md is missing: {meant}")
    return path


def read(path: Path) -> NotebookNode:
    """Read a chapter's text as a notebook without outputs, with constant metadata and cell ids."""
    return number_cells(jupytext.read(path))


def training_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Code cells that a training runs: parameters, then those tagged `training`; none without training.

    The cell with the parameters goes before them.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    tagged = [cell for cell in cells if "training" in cell.metadata.get("tags", [])]
    first = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    return [*first, *tagged] if tagged else []


def python_of(cell: NotebookNode) -> str:
    """Code of a cell without IPython's magic lines."""
    lines = cell.source.splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def protocol(chapter: str, root: Path = ROOT) -> int:
    """Protocol number in a chapter's text, `Chapter(..., protocol=2)`; 1 by default."""
    for cell in read(path_of(chapter, root)).cells:
        for node in ast.walk(ast.parse(python_of(cell))) if cell.cell_type == "code" else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Chapter":
                return next((ast.literal_eval(k.value) for k in node.keywords if k.arg == "protocol"), 1)
    return 1


def _parameter_cell(notebook: NotebookNode, where: str) -> str:
    cells = [cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:  # else papermill runs with the defaults
        raise SourceError(f"{where}: one cell must bear the tag `parameters`, found {len(cells)}")
    return cells[0]


def declared(notebook: NotebookNode, where: str = "notebook") -> dict[str, Any]:
    """Names and default values of the parameters in the cell tagged `parameters`.

    Raises
    ------
    SourceError : not exactly one such cell, or something else in it than `name = literal`.
    """
    found = {}
    for node in ast.parse(_parameter_cell(notebook, where)).body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        if not (isinstance(node, ast.Assign) and isinstance(target, ast.Name)):
            raise SourceError(f"{where}: the cell tagged `parameters` may hold `name = literal` only")
        try:
            found[target.id] = ast.literal_eval(node.value)
        except ValueError as error:
            raise SourceError(f"{where}: parameter {target.id} is no literal") from error
    return found
