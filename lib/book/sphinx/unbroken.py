"""In tables a figure may stand above its interval, but neither is broken: `0.98` over `[0.97, 0.99]`."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_CELL = re.compile(r'(<td [^>]*class="[^"]*\binterval\b[^"]*"[^>]*>)([^<]*)')


def unbroken(body: str) -> str:
    """HTML in which cells of the class `interval` (`figures.tables`) break before their bracket only."""
    return _CELL.sub(lambda found: found[1] + found[2].replace(", ", ",&nbsp;"), body)


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Do so in the page that is being written."""
    if "body" in context:
        context["body"] = unbroken(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the filter."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
