"""Sphinx role `csv`: a link to the numbers behind a figure or table.

{csv}`01_faces.reality` links to results/<profile>/01_faces.reality.csv, which the build copies to _downloads;
`real/05_gender_roc.claims` names another profile, `sources/...` what a source printed. A table that does not
exist is a warning, which under -W fails the build.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from lib.book.results import Reference
from lib.book.sphinx.result_role import result_file

log = logging.getLogger(__name__)


def table_file(address: str) -> Path:
    """Path of the CSV that `profile/chapter.table` names, for the book being built.

    Raises
    ------
    ResultError : the address has another form.
    FileNotFoundError : no chapter wrote such a table.
    """
    named = Reference.parse(address)
    path = result_file(named.profile, f"{named.chapter}.{named.key}").with_name(
        f"{named.chapter}.{named.key}.csv"
    )
    if not path.is_file():
        raise FileNotFoundError(f"results/{named.profile}/{path.name} does not exist")
    return path


class Table(SphinxRole):
    """The role `csv`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """A download link with the name of the file, or its address and a warning."""
        try:
            path = table_file(self.text)
        except (OSError, ValueError) as error:
            log.warning("csv `%s`: %s", self.text, error, location=self.get_location(), type="csv")
            return [nodes.literal(self.text, self.text)], []
        target = "/" + Path(os.path.relpath(path, self.env.srcdir)).as_posix()
        link = addnodes.download_reference("", "", reftarget=target, refdoc=self.env.docname)
        link["classes"] = ["csv"]
        link += nodes.inline(path.name, path.name)
        return [link], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role with Sphinx."""
    app.add_role("csv", Table())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
