"""Sphinx role `res`: inserts a number of results/ into the text.

{res}`rendered/01_faces.reality.mtcnn.found:.1%` is the figure with its interval; without `rendered/` it is
the profile that the book is built for; `...found.estimate:.1%` is the estimate alone. A wrong name is a
warning, which under -W fails the build.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from lib.book import paths, real_results
from lib.book.results import Record, Reference
from lib.measures.estimate import Estimate, as_estimate

log = logging.getLogger(__name__)


def result_file(profile: str, chapter: str) -> Path:
    """Path of a result for the book being built: the shipped one, or the built profile's."""
    own = os.environ.get("FACEVALUE_OUT")
    root = Path(own) if own and profile == paths.profile() else paths.ROOT
    return root / "results" / profile / f"{chapter}.json"


def written(value: Any, form: str) -> str:
    """`value` as text in the given format.

    Raises
    ------
    ValueError : nothing that fits a sentence (a table of values, nothing), or a format it does not take.
    """
    if isinstance(value, dict | list) or value is None:
        raise ValueError(f"{value!r:.60} is no single value")
    if isinstance(value, Estimate):
        return format(value, form)
    return format(value, form or (",.4g" if isinstance(value, float) else ""))


class Result(SphinxRole):
    """The role `res`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The number as text, or a question mark and a warning."""
        address, _, form = self.text.partition(":")
        try:
            named = Reference.parse(address)
            path = result_file(named.profile, named.chapter)
            self.env.note_dependency(str(path))  # else an incremental build keeps old numbers
            record = json.loads(path.read_text(encoding="utf-8"))
            if named.profile == real_results.PROFILE:
                real_results.check_protocol(named.chapter, record["provenance"])
            text = written(as_estimate(Record(record["values"], {})[named.key]), form.strip())
        except (OSError, KeyError, ValueError) as error:
            log.warning("res `%s`: %s", self.text, error, location=self.get_location(), type="res")
            text = "?"
        return [nodes.inline(text, text, classes=["res"])], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role with Sphinx."""
    app.add_role("res", Result())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
