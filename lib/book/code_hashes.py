"""Hash of the code that each stage depends on: `python -m lib.book code-hashes` writes code_hashes.yaml.

A hash is taken over the syntax trees, without docstrings and comments, of the modules that a chapter really
uses. Entries of a `lib.registry.Registry` count where the chapter uses their name: in its parameters, its
code, or the code that it imports. The hash of a training also holds the cells tagged `training`, of which
imports that those cells do not use are left out.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from lib.book import chapter_text
from lib.book.parameters import chapters, parameters, section, training_stage
from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.files import write_text

PACKAGE = "lib"
_NOTHING = ")"
"""What an empty module is written as."""
FILE = "code_hashes.yaml"
_RUNNER = f"{PACKAGE}.book.run"
_REFERENCE = re.compile(rf"{PACKAGE}(\.\w+)+:\w+")


# ---------------------------------------------------------------- reading code


@lru_cache(maxsize=256)
def _read_text(path: Path, modified: int) -> NotebookNode:
    return chapter_text.read(path)


def notebook_of(chapter: str, root: Path = ROOT) -> NotebookNode:
    """A chapter's text as a notebook; cached until the file changes."""
    path = chapter_text.path_of(chapter, root)
    return _read_text(path, path.stat().st_mtime_ns)


def chapter_tree(chapter: str, *, training: bool, root: Path = ROOT) -> ast.Module:
    """Syntax tree of a chapter's code cells, without the parameters cell.

    Parameters
    ----------
    training : the cells tagged `training` alone, without imports that they do not use.
    """
    notebook = notebook_of(chapter, root)
    cells = chapter_text.training_cells(notebook) if training else notebook.cells
    code = [
        chapter_text.python_of(cell)
        for cell in cells
        if cell.cell_type == "code" and "parameters" not in cell.metadata.get("tags", [])
    ]
    tree = ast.parse("\n".join(code))
    return _used_imports_only(tree) if training else tree


def names_used(tree: ast.AST) -> set[str]:
    """Names of variables in code; imported names do not count unless used."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _used_imports_only(tree: ast.Module) -> ast.Module:
    used = names_used(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [alias for alias in node.names if (alias.asname or alias.name.split(".")[0]) in used]
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.Import | ast.ImportFrom) and not node.names)
    ]
    return tree


@dataclass
class Code:
    """Contents of one syntax tree that matter for hashes.

    Attributes
    ----------
    imports : dotted names, see `imported`.
    strings : texts outside registries.
    registries : the entries of each dict of a Registry.
    text : hash of the tree without docstrings and registries, the same in all versions of Python; empty
        where nothing is left.
    """

    imports: list[str]
    strings: set[str]
    registries: list[dict[str, str]]
    text: str

    @classmethod
    def of(cls, tree: ast.AST, package: Sequence[str] = ()) -> Code:
        """Contents of a syntax tree.

        Parameters
        ----------
        package : of the module, for relative imports.
        """
        code, pieces = cls(list(imported(tree, package)), set(), [], ""), list[str]()
        code._read(tree, pieces)
        text = "".join(pieces)
        code.text = hashlib.sha256(text.encode()).hexdigest() if text != _NOTHING else ""
        return code

    def digest(self, names: Collection[str]) -> str:
        """Hash of the code and of those registry entries whose names are in `names`."""
        listed = [sorted((k, v) for k, v in one.items() if k in names) for one in self.registries]
        return hashlib.sha256(f"{self.text}\n{listed}".encode()).hexdigest()

    def _read(self, node: Any, pieces: list[str]) -> None:
        if isinstance(node, list):
            for item in node:
                self._read(item, pieces)
                pieces.append(",")
        elif not isinstance(node, ast.AST):
            if isinstance(node, str):
                self.strings.add(node)
            pieces.append(f"{type(node).__name__}:{node!r}")
        elif (listed := entries(node)) is not None:
            self.registries.append(listed)
            pieces.append("{}")
        else:
            self._read_fields(node, pieces)

    def _read_fields(self, node: ast.AST, pieces: list[str]) -> None:
        if not isinstance(node, ast.Module):
            pieces.append(type(node).__name__ + "(")
        for name in node._fields:
            value = getattr(node, name, None)
            if name == "body" and isinstance(value, list):
                value = [item for item in value if not _is_text(item)]
            if value is not None and value != []:
                pieces.append(f"{name}=")
                self._read(value, pieces)
        pieces.append(")")


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a string only: a docstring, or a comment below an attribute."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


@lru_cache(maxsize=2048)
def _read_module(path: Path, modified: int, package: tuple[str, ...]) -> Code:
    return Code.of(ast.parse(path.read_text(encoding="utf-8"), path.name), package)


def read_module(path: Path, root: Path = ROOT) -> Code:
    """Contents of a module; cached until the file changes."""
    return _read_module(path, path.stat().st_mtime_ns, path.relative_to(root).parent.parts)


def imported(tree: ast.AST, package: Sequence[str] = ()) -> Iterator[str]:
    """Dotted names that code imports, at top level or in functions; for `from a import b` also `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def entries(node: ast.AST) -> dict[str, str] | None:
    """Entries (name -> `module:attribute`) of a Registry's dict literal; None for any other node."""
    if not isinstance(node, ast.Dict) or not node.keys:
        return None
    found: dict[str, str] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not (isinstance(key, ast.Constant) and isinstance(value, ast.Constant)):
            return None
        if not (isinstance(value.value, str) and _REFERENCE.fullmatch(value.value)):
            return None
        found[str(key.value)] = value.value
    return found


def strings(value: Any) -> set[str]:
    """All strings in nested values (parameters)."""
    if isinstance(value, dict):
        return strings([*value.keys(), *value.values()])
    if isinstance(value, list | tuple):
        return {text for item in value for text in strings(item)}
    return {value} if isinstance(value, str) else set()


# ---------------------------------------------------------------- what is used


@lru_cache(maxsize=4096)
def _files(name: str, root: Path) -> tuple[Path, ...]:
    """Files of this project that `import name` executes: the packages' `__init__.py` and the module."""
    parts, found = name.split("."), []
    if parts[0] != PACKAGE:
        return ()
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        if (place / "__init__.py").exists():
            found.append(place / "__init__.py")
        elif place.with_suffix(".py").exists():
            found.append(place.with_suffix(".py"))
    return tuple(found)


@dataclass(frozen=True)
class Use:
    """Modules and names that some code uses.

    Attributes
    ----------
    files : modules of the project, sorted; packages whose own file only says what they are left out.
    names : texts by which an entry of a registry counts.
    """

    files: tuple[Path, ...]
    names: frozenset[str]


def used(
    codes: Iterable[Code], names: Iterable[str] = (), root: Path = ROOT, *, plumbing: bool = True
) -> Use:
    """Find all modules that code uses, directly or indirectly.

    Parameters
    ----------
    codes : to begin with.
    names : texts, besides those in code, by which an entry of a registry counts.
    plumbing : whether `lib.book` counts, and what it imports.
    """
    known, seen, fresh = set(names), dict[Path, Code](), list(codes)
    lazy: dict[str, set[str]] = {}
    while fresh:
        wanted: set[str] = set()
        for code in fresh:
            known |= code.strings
            wanted.update(code.imports)
            for name, place in (item for one in code.registries for item in one.items()):
                lazy.setdefault(name, set()).add(place.partition(":")[0])
        wanted |= {module for name in known & lazy.keys() for module in lazy[name]}
        paths = {file for name in wanted for file in _files(name, root)} - seen.keys()
        if not plumbing:
            paths = {path for path in paths if path.parts[len(root.parts) :][:2] != (PACKAGE, "book")}
        seen |= {path: read_module(path, root) for path in paths}
        fresh = [seen[path] for path in paths]
    files = sorted(path for path, code in seen.items() if code.text)
    return Use(tuple(files), frozenset(known))


# ---------------------------------------------------------------- hashes


def code_hash(chapter: str, profile: str, *, training: bool = False, root: Path = ROOT) -> str:
    """Code hash of a chapter's page, or of its training, in one profile.

    The runner counts for pages, nothing of `lib.book` for trainings: what it hands over are parameters.
    """
    code = Code.of(chapter_tree(chapter, training=training, root=root))
    start = [code] if training else [code, Code.of(ast.parse(f"import {_RUNNER}"))]
    use = used(
        start, strings(list(parameters(chapter, profile, root=root).values())), root, plumbing=not training
    )
    whole = hashlib.sha256((code.digest(use.names) if training else "").encode())
    for path in use.files:
        name = path.relative_to(root).as_posix()
        whole.update(f"{name} {read_module(path, root).digest(use.names)} ".encode())
    return whole.hexdigest()[:20]


def code_hashes(profile: str, root: Path = ROOT) -> dict[str, str]:
    """Code hashes by stage, for every chapter of the book in one profile."""
    found = {}
    for chapter in chapters(root):
        notebook = notebook_of(chapter, root)
        if chapter_text.training_cells(notebook):
            found[training_stage(chapter)] = code_hash(chapter, profile, training=True, root=root)
        found[section(chapter)] = code_hash(chapter, profile, root=root)
    return found


def pipelines(root: Path = ROOT) -> list[str]:
    """Names of profiles that are DVC pipelines, the default first."""
    return [DEFAULT_PROFILE, *sorted(path.parent.name for path in (root / "profiles").glob("*/dvc.yaml"))]


def write(root: Path = ROOT) -> Path:
    """Write code_hashes.yaml (profile -> stage -> hash); returns its path."""
    lines = ["# Made by `python -m lib.book code-hashes`, the first stage of dvc.yaml."]
    for profile in pipelines(root):
        lines.append(f"{profile}:")
        lines += [f'  {stage}: "{value}"' for stage, value in sorted(code_hashes(profile, root).items())]
    return write_text(root / FILE, "\n".join(lines) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Command line: write the file, or list the modules that a chapter uses."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book code-hashes", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("chapter", nargs="?", help="list the modules that this chapter uses instead")
    parser.add_argument("--profile", default=DEFAULT_PROFILE)
    parser.add_argument("--training", action="store_true", help="those of its training")
    given = parser.parse_args(arguments)
    if not given.chapter:
        write()
        return 0
    code = Code.of(chapter_tree(given.chapter, training=given.training))
    names = strings(list(parameters(given.chapter, given.profile).values()))
    for path in used([code], names, plumbing=not given.training).files:
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
