"""Chapters in the new form have it; each kind of fault is found; solutions of exercises run."""

from __future__ import annotations

import contextlib
import io

import jupytext
import nbformat
import pytest

from lib.book import chapter_form, chapter_text, paths
from tests.book.tiny import HEADER, cell, chapter

BOX = """
:::{admonition} Finding
:class: finding
Half of the {term}`subjects <subject>` are found: {glue:text}`found`.
:::
"""
END = """
## What would make this wrong

## Take-home

{csv}`01_tiny.counts`

## Where the literature stands

## Exercises

:::{exercise} One
:label: tiny-one
Count.
:::

:::{solution} tiny-one
:class: dropdown
```python
print(1)
```
:::

:::{exercise} Two
:label: tiny-two
Think.
:::

:::{solution} tiny-two
:class: dropdown
In words.
:::
"""
CODE = 'import numpy as np\n\ncounts = chapter.table("counts", np.arange(3))'


def _faults(*parts: str) -> list[str]:
    notebook = jupytext.reads(chapter("Tiny", "seed = 1", *parts), fmt="md:myst")
    return [
        *chapter_form.code_faults(notebook),
        *chapter_form.box_faults(notebook),
        *chapter_form.text_faults(notebook, "01_tiny"),
    ]


def test_a_chapter_in_form_has_no_fault():
    assert _faults(BOX, cell(CODE), END) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("\n".join(["x = 1"] * 151), "153 lines of code"),
        (f"x = '{'a' * 90}'", "line of 96 characters"),
        ("def distance(a, b):\n    return a - b", "defines distance"),
        ("class Thing:\n    pass", "defines Thing"),
        ("rms = lambda a: a", "defines rms"),
        ("np = 3", "binds the imported name np"),
        ("from a import beside\nfor beside in 'ab':\n    pass", "binds the imported name beside"),
        ("from a import beside\n[1 for beside in 'ab']", "binds the imported name beside"),
        ('chapter.table("other", 3)', "no link {csv}`01_tiny.other`"),
    ],
)
def test_faults_of_code_are_found(code, fault):
    (found,) = _faults(BOX, cell(CODE + "\n" + code), END)
    assert fault in found


def test_plots_are_allowed():
    assert _faults(BOX, cell(CODE + "\ndef draw(axes, table):\n    axes.plot(table)"), END) == []


def test_cells_of_a_training_are_counted_apart_and_may_define_its_tasks():
    task = "def learn(rows):\n    return rows\n" + "\n".join(["x = 1"] * 148)
    training = cell(task, tags="training")
    assert _faults(BOX, training, cell(CODE), END) == []
    (found,) = _faults(BOX, cell(task + "\ny = 1", tags="training"), cell(CODE), END)
    assert "151 lines of training" in found


@pytest.mark.parametrize(
    ("box", "fault"),
    [
        ("", "no box"),
        (BOX.replace("{glue:text}`found`", "all"), "quotes no result"),
        (BOX.replace("Half", "0.5"), "typed numbers: 0.5"),
        (BOX.replace("{term}`subjects <subject>`", "subjects"), "the first 'subject'"),
        ("A subject first.\n" + BOX, "the first 'subject'"),
    ],
)
def test_faults_of_the_box_are_found(box, fault):
    (found,) = _faults(box or "Nothing.", cell(CODE), END)
    assert fault in found


def test_a_box_below_code_does_not_count():
    (found,) = _faults(cell(CODE), BOX, END)
    assert "no box" in found


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("## Take-home", "## Summary", "no section 'Take-home'"),
        (":::{solution} tiny-two", ":::{solution} tiny-three", "each with its folded solution"),
        (":class: dropdown\nIn", "\nIn", "each with its folded solution"),
    ],
)
def test_faults_of_sections_and_exercises_are_found(old, new, fault):
    (found,) = _faults(BOX, cell(CODE), END.replace(old, new))
    assert fault in found


def _page(rows: int, columns: int) -> nbformat.NotebookNode:
    line = "<tr>" + "<td>1</td>" * columns + "</tr>"
    html = f'<table class="results"><thead><tr></tr></thead><tbody>{line * rows}</tbody></table>'
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])


@pytest.mark.parametrize(("rows", "columns", "many"), [(8, 6, 0), (9, 6, 1), (8, 7, 1)])
def test_long_and_wide_tables_are_found(rows, columns, many):
    assert len(list(chapter_form.page_faults(_page(rows, columns)))) == many


def test_the_table_of_a_page_is_read_as_pandas_writes_it():
    import pandas as pd

    from lib.figures.tables import page_table

    table = page_table(pd.DataFrame({name: range(9) for name in "abc"})).to_html()
    output = nbformat.v4.new_output("display_data", {"text/html": table})
    page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output])])
    assert list(chapter_form.page_faults(page)) == ["a table of 9 rows and 3 columns; at most 8 and 6"]


@pytest.mark.parametrize("name", chapter_form.CHAPTERS)
def test_chapters_have_the_form(name):
    assert chapter_form.faults(name) == []


@pytest.mark.parametrize("name", chapter_form.CHAPTERS)
def test_tables_of_shipped_pages_can_be_read(name):
    path = paths.ROOT / "pages" / f"{name}.ipynb"
    if not path.exists():
        pytest.skip("this page has not been executed")
    assert list(chapter_form.page_faults(nbformat.read(path, as_version=4))) == []


SOLUTIONS = [
    (name, label, code)
    for name in chapter_form.CHAPTERS
    for label, code in chapter_form.solutions(chapter_text.read(chapter_text.path_of(name))).items()
    if code
]


@pytest.mark.parametrize(("name", "label", "code"), SOLUTIONS, ids=[label for _, label, _ in SOLUTIONS])
def test_solutions_run_on_their_own_and_say_something(name, label, code, monkeypatch):
    """A reader pastes them into a new notebook beside the chapters: none of their cells is there."""
    import matplotlib

    matplotlib.use("Agg")
    monkeypatch.chdir(paths.ROOT / "notebooks")  # where JupyterLab starts them
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, f"{name}: {label}", "exec"), {"__name__": "solution"})
    assert said.getvalue().strip()


def test_some_chapter_has_a_solution_in_code():
    assert {name for name, _, _ in SOLUTIONS} == set(chapter_form.CHAPTERS)


def test_the_tiny_chapter_is_read_as_a_reader_writes_it():
    assert HEADER.startswith("---") and chapter_form.solutions(
        jupytext.reads(chapter("Tiny", "seed = 1", END), fmt="md:myst")
    ) == {"tiny-one": "print(1)\n", "tiny-two": ""}
