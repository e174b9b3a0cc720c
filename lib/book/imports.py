"""What a file really imports from this project, followed to the end."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from lib.book import source
from lib.book.paths import ROOT

PACKAGE = "lib"


def python_of(cell: NotebookNode) -> str:
    """Code of a cell without the lines that only IPython understands."""
    lines = cell.source.splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def _code(path: Path) -> str:
    """Python of a module, or of all code cells of a chapter (lines for IPython alone left out)."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    return "\n".join(python_of(cell) for cell in source.read(path).cells if cell.cell_type == "code")


def imported(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Dotted names that a file imports, at its top or inside functions; of `from a import b` also `a.b`."""
    relative = path.relative_to(root)
    package = relative.parent.parts if path.suffix == ".py" else ()
    for node in ast.walk(ast.parse(_code(path), str(relative))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _does_nothing(path: Path) -> bool:
    """Whether a package's own file holds a docstring only."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)


def _files(name: str, root: Path) -> Iterator[Path]:
    """Files that `import name` executes: the packages on the way and the module."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        if (place / "__init__.py").exists():
            yield place / "__init__.py"
        elif place.with_suffix(".py").exists():
            yield place.with_suffix(".py")


def closure(*start: Path, root: Path = ROOT) -> list[Path]:
    """`start` and every file of the project that they import, directly or not, sorted.

    A package's `__init__.py` counts where it does more than say what the package is.
    """
    waiting, seen = list(start), set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        waiting.extend(file for name in imported(path, root) for file in _files(name, root))
    return sorted(path for path in seen if path.name != "__init__.py" or not _does_nothing(path))
