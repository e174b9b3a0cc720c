"""Line breaks in table cells: figures break before their interval only, long result keys anywhere."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_CELL = re.compile(r"(<td [^>]*>)([^<]+)")
_KEY = re.compile(r"\b[A-Za-z][\w.]{15,}")
"""Names such as `celeba.published_tinyxception.op.auc`, which would push other columns off the page."""


def unbroken(body: str) -> str:
    """HTML of a page with controlled line breaks in its tables.

    A cell of the class `interval` (`figures.tables`) may stand in two lines, `0.98` over `[0.97, 0.99]`, not
    in three; a long name may break after its dots and underscores.
    """
    return _CELL.sub(lambda found: found[1] + _mended(found[1], found[2]), body)


def _mended(tag: str, text: str) -> str:
    if re.search(r'class="[^"]*\binterval\b', tag):
        return text.replace(", ", ",&nbsp;")
    return _KEY.sub(lambda found: re.sub(r"([._])(?=\w)", r"\1<wbr>", found[0]), text)


def mend(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Sphinx event handler: apply `unbroken` to a page as it is written."""
    if "body" in context:
        context["body"] = unbroken(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the filter with Sphinx."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
