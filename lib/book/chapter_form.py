"""Form of a chapter: what a page of the book must have, and how much of it; `python -m lib.book form`.

A chapter that has taken this form is listed in CHAPTERS; all others are left alone.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from lib.book import chapter_text, paths

CHAPTERS = (
    "01_faces",
    "02_prototypes",
    "03_san_pretraining",
    "04_san_training",
    "05_gender_roc",
    "06_matching_roc",
    "06_tradeoff",
    "07_cleanir_training",
    "08_rotation_tables",
    "09_kept_attributes",
    "10_sequences",
)
"""Chapters in the new form. Add yours when `python -m lib.book form NN_name` finds nothing."""
CODE_LINES = 150
WIDTH = 88
ROWS, COLUMNS = 8, 6
SECTIONS = ("What would make this wrong", "Take-home", "Where the literature stands", "Exercises")
_BOX = re.compile(r"^(:::+|```+)\{admonition\}[^\n]*\n:class: finding\n(.*?)^\1\s*$", re.M | re.S)
_ROLE = re.compile(r"\{[\w:]+\}`[^`]*`")
_QUOTED = re.compile(r"(\{[\w:]+\})?`[^`]*`")
_TERM = re.compile(r"\{term\}`(?:[^`<]*<([^`>]+)>|([^`]+))`")
_EXERCISE = re.compile(r"^:::+\{exercise\}[^\n]*\n:label: ([\w-]+)", re.M)
_SOLUTION = re.compile(r"^(:::+)\{solution\} ([\w-]+)\n:class: dropdown\n(.*?)^\1\s*$", re.M | re.S)
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def _code(notebook: NotebookNode, *, training: bool | None = None) -> list[str]:
    """Code of each cell but the one with the parameters.

    Parameters
    ----------
    training : only cells tagged `training`, or only the others; None for both.
    """
    return [
        chapter_text.python_of(cell)
        for cell in notebook.cells
        if cell.cell_type == "code"
        and "parameters" not in cell.metadata.get("tags", [])
        and training in (None, "training" in cell.metadata.get("tags", []))
    ]


def _lines(code: str) -> list[str]:
    return [line for line in code.splitlines() if line.strip()]


def _prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


# ---------------------------------------------------------------- code


def _imported(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name.split(".")[0], node) for alias in node.names)


def _bound(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names that code assigns or defines, with their line; those of a comprehension too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def _functions(tree: ast.AST) -> Iterator[str]:
    """Names of functions that are no plots: a plot's first argument is `axes`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = [] if isinstance(node, ast.ClassDef) else [one.arg for one in node.args.args[:1]]
            if first != ["axes"]:
                yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield ast.unparse(node.targets[0])


def code_faults(notebook: NotebookNode) -> Iterator[str]:
    """Faults of a chapter's code: length, width, functions that are no plots, imports that are overwritten.

    Comprehensions count too: what their names hide is imported for the whole chapter. Cells tagged `training`
    are a stage of their own: their lines are counted apart, and they may define the task of a training.
    """
    code = "\n".join(_code(notebook))
    page, training = ("\n".join(_code(notebook, training=one)) for one in (False, True))
    for part, kind in ((page, "code"), (training, "training")):
        if len(_lines(part)) > CODE_LINES:
            yield f"{len(_lines(part))} lines of {kind}, more than {CODE_LINES}"
    yield from (
        f"line of {len(line)} characters: {line.strip():.50}..." for line in _lines(code) if len(line) > WIDTH
    )
    tree = ast.parse(code)
    yield from (
        f"defines {name}, which is no plot: it belongs into lib/" for name in _functions(ast.parse(page))
    )
    names = {name for name, _ in _imported(tree)}
    yield from (
        f"binds the imported name {name} anew" for name in sorted(names & {n for n, _ in _bound(tree)})
    )


# ---------------------------------------------------------------- text


def glossary() -> list[str]:
    """Words that front/glossary.md explains, as written there."""
    text = (paths.ROOT / "front" / "glossary.md").read_text(encoding="utf-8")
    inside = text.partition("```{glossary}\n")[2].partition("\n```")[0]
    return [line for line in inside.splitlines() if line and not line.startswith(" ")]


def _running_text(text: str) -> str:
    """Prose without headings, code, formulas, options of directives, and roles other than `term`."""
    text = re.sub(r"^```python\n.*?^```", "", text, flags=re.M | re.S)
    text = re.sub(r"^(#|:::|```|:\w+:).*$", "", text, flags=re.M)
    text = re.sub(r"\$[^$]*\$|https?://\S+", "", text)
    return _QUOTED.sub(lambda found: found[0] if found[1] == "{term}" else "", text)


def unlinked(text: str) -> list[str]:
    """Words of the glossary whose first use in a text is no link to it."""
    running, found = _running_text(text), []
    linked = [(one.start(), one.end(), (one[1] or one[2]).strip()) for one in _TERM.finditer(running)]
    for word in glossary():
        flags = 0 if word.isupper() else re.I
        use = re.search(rf"(?<![\w-]){re.escape(word)}s?(?![\w-])", running, flags)
        if use and not any(start <= use.start() < end and word == name for start, end, name in linked):
            found.append(word)
    return found


def box_faults(notebook: NotebookNode) -> Iterator[str]:
    """Faults of the box with the finding: missing, below code, without a quoted figure, with typed ones."""
    cells = [cell for cell in notebook.cells if "parameters" not in cell.metadata.get("tags", [])]
    code = next((k for k, cell in enumerate(cells) if cell.cell_type == "code"), len(cells))
    found = _BOX.search("\n\n".join(cell.source for cell in cells[:code]))
    if not found:
        yield "no box of the class `finding` before the first code"
        return
    if not re.search(r"\{(glue:text|res)\}`", found[2]):
        yield "the box quotes no result"
    if typed := re.findall(r"\S*\d\S*", _ROLE.sub("", found[2])):
        yield f"the box holds typed numbers: {', '.join(typed)}"


def text_faults(notebook: NotebookNode, chapter: str) -> Iterator[str]:
    """Faults of a chapter's text: sections, exercises, links to tables and to the glossary."""
    text = _prose(notebook)
    headings = re.findall(r"^##+ (.*)$", text, re.M)
    yield from (f"no section {name!r}" for name in SECTIONS if name not in headings)
    asked, solved = _EXERCISE.findall(text), [one[1] for one in _SOLUTION.findall(text)]
    if not 2 <= len(asked) <= 4 or asked != solved:
        yield f"2 to 4 exercises, each with its folded solution below; exercises {asked}, solutions {solved}"
    tables = re.findall(r"chapter\.table\(\s*\"([\w-]+)\"", "\n".join(_code(notebook)))
    yield from (
        f"no link {{csv}}`{chapter}.{name}`" for name in tables if f"{{csv}}`{chapter}.{name}`" not in text
    )
    yield from (f"the first {word!r} is no link to the glossary" for word in unlinked(text))


def solutions(notebook: NotebookNode) -> dict[str, str]:
    """Code of the solutions in a chapter, by the label of their exercise; empty for one in words."""
    return {label: "\n".join(_PYTHON.findall(body)) for _, label, body in _SOLUTION.findall(_prose(notebook))}


# ---------------------------------------------------------------- pages


def page_faults(page: NotebookNode) -> Iterator[str]:
    """Tables of an executed page that are too long or too wide to be read."""
    for cell in page.cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if 'class="results"' in html:
                body = html.partition("<tbody>")[2]
                rows, columns = body.count("<tr"), len(re.findall(r"<t[dh]\b", body.partition("</tr>")[0]))
                if rows > ROWS or columns > COLUMNS:
                    yield f"a table of {rows} rows and {columns} columns; at most {ROWS} and {COLUMNS}"


def faults(chapter: str) -> list[str]:
    """All faults of a chapter's text and code, one line each."""
    notebook = chapter_text.read(chapter_text.path_of(chapter))
    return [*code_faults(notebook), *box_faults(notebook), *text_faults(notebook, chapter)]


def main(arguments: list[str] | None = None) -> int:
    """Command line: check chapters, by default those in CHAPTERS; exit status 1 where there are faults."""
    parser = argparse.ArgumentParser(prog="python -m lib.book form", description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", default=list(CHAPTERS))
    found = [f"{name}: {line}" for name in parser.parse_args(arguments).chapters for line in faults(name)]
    print("\n".join(found) or "chapters: all have the form")
    return int(bool(found))
