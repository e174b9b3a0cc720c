"""Exercises with folded solutions: loads sphinx-exercise and mends what its pages would fail on.

sphinx-exercise gives the body of each exercise and solution of a page the same id; ours have one each, which
follows from the label.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_SHARED = {"exercise-content", "solution-content"}


def own_ids(app: Sphinx, doctree: nodes.document) -> None:
    """Sphinx event handler: give the body of each exercise and solution an id of its own."""
    for section in doctree.findall(nodes.section):
        if _SHARED & set(section["ids"]):
            section["ids"] = [f"{section.parent['label']}-text"]


def setup(app: Sphinx) -> dict[str, Any]:
    """Load sphinx-exercise and register the mending."""
    app.setup_extension("sphinx_exercise")
    app.connect("doctree-read", own_ids)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
