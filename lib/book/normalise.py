"""Normalise an executed notebook, so that equal inputs give equal bytes."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat import NotebookNode

from lib.book.paths import anonymous

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}
KEPT_CELL_METADATA = ("tags", "mystnb")
_VOLATILE = [
    (re.compile(r"\b0x[0-9a-fA-F]{6,16}\b"), "0x…"),  # memory addresses in a repr
    (re.compile(r"\b\d+(\.\d+)?\s?(us|µs|ms|s)/(step|epoch|it|sample)\b"), "…/step"),  # Keras' timings
    (re.compile(r"\b(Wall time|CPU times):.*"), r"\1: …"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"), "…"),
]
_STYLER = re.compile(r"\bT_[0-9a-f]{5}(?=_|\b)")
_DRAWN = re.compile(r"(?<=[\"#])([a-z])[0-9a-f]{10}(?=[\")])")
"""Matplotlib names clip paths and markers after their coordinates, which differ in the last digit from run to
run of the layout."""
_WIDGET = "application/vnd.jupyter.widget-view+json"


def number_cells(notebook: NotebookNode) -> NotebookNode:
    """Set constant metadata and cell ids `c000`, `c001`, ...; keep only the cell metadata that pages need.

    Drops papermill's record (dates, paths) and the widget state (random ids).
    """
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"c{number:03d}"
        kept = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
        cell.metadata = nbformat.from_dict(kept)
    return notebook


def scrub(text: str) -> str:
    """Remove memory addresses, timings, dates and this machine's folders from `text`."""
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return anonymous(text)


def _last_of_each_line(text: str) -> str:
    """Text as a terminal shows it after carriage returns."""
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.replace("\r\n", "\n").split("\n"))


def _streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs without stderr, and with all of stdout joined, as its chunks depend on timing."""
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and output.name == "stderr":
            continue
        if output.output_type == "stream" and kept and kept[-1].output_type == "stream":
            kept[-1].text += output.text
        else:
            kept.append(output)
    for output in kept:
        if output.output_type == "stream":
            output.text = scrub(_last_of_each_line(output.text))
    return [output for output in kept if output.output_type != "stream" or output.text.strip()]


def _scrubbed(mime: str, value: Any) -> Any:
    if not isinstance(value, str) or not mime.startswith(("text/", "image/svg")):
        return value
    return anonymous(value) if "<svg" in value else scrub(value)  # digits in a drawing may look like dates


def _outputs(cell: NotebookNode) -> list[NotebookNode]:
    outputs, tables, drawn = _streams(cell.outputs), dict[str, str](), dict[str, str]()

    def table_id(found: re.Match[str]) -> str:
        """Replace a Styler's random id by one that follows from its position."""
        return tables.setdefault(found[0], f"T_{cell.id}_{len(tables)}")

    def drawn_id(found: re.Match[str]) -> str:
        """Replace an SVG's random id by one that follows from its position."""
        return drawn.setdefault(found[0], f"{found[1]}_{cell.id}_{len(drawn)}")

    for output in outputs:
        if "execution_count" in output:
            output.execution_count = cell.execution_count
        data = output.get("data", {})
        data.pop(_WIDGET, None)  # refers to a kernel that has ended
        for mime in data:
            data[mime] = _scrubbed(mime, data[mime])
            if mime == "text/html":
                data[mime] = _STYLER.sub(table_id, data[mime])
            if mime == "image/svg+xml":
                data[mime] = _DRAWN.sub(drawn_id, data[mime])
    return outputs


def normalise(notebook: NotebookNode) -> NotebookNode:
    """The executed notebook without dates, run times, paths and random ids; idempotent."""
    count = 0
    for cell in number_cells(notebook).cells:
        if cell.cell_type != "code":
            continue
        if cell.execution_count:
            count += 1
            cell.execution_count = count
        cell.outputs = _outputs(cell)
    return notebook


def dumps(notebook: NotebookNode) -> str:
    """Notebook as JSON text with sorted keys, checked against the notebook format."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
