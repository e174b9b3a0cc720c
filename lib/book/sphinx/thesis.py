"""Directive `thesis`: draws front/claims.yml with the results that chapters have when the page is built."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[3]
CLAIMS = ROOT / "front" / "claims.yml"


def look_up(address: str | None, results: Path) -> dict[str, Any] | None:
    """The figure of merit at `profile/chapter.key`, or None for no address.

    Raises
    ------
    KeyError, OSError : the address names nothing; the message says which.
    """
    if address is None:
        return None
    file, _, key = address.partition(".")
    value = json.loads((results / f"{file}.json").read_text(encoding="utf-8"))["values"]
    for part in key.split("."):
        value = value[part]
    return value


def draw(claims: list[dict[str, Any]], results: Path) -> str:
    """The figure as SVG text, for claims whose `measured` and `attacked` are addresses or None."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from lib.figures import style
    from lib.figures.thesis import thesis

    style.use()
    known = [
        claim | {kind: look_up(claim[kind], results) for kind in ("measured", "attacked")} for claim in claims
    ]
    drawing = thesis(known)
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(drawing)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


class Thesis(SphinxDirective):
    """The figure with its description for those who cannot see it."""

    def run(self) -> list[nodes.Node]:
        """Draw the figure and note what it depends on."""
        self.env.note_dependency(str(CLAIMS))
        claims = yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))
        for address in (claim[kind] for claim in claims for kind in ("measured", "attacked")):
            if address:
                self.env.note_dependency(str(ROOT / "results" / (address.partition(".")[0] + ".json")))
        try:
            svg = draw(claims, ROOT / "results")
        except (KeyError, OSError) as error:
            log.warning("thesis: %r", error, location=self.get_location(), type="thesis")
            return []
        told = "; ".join(
            f"{c['protection']}: claimed {c['claimed']} instead of {c['unprotected']}" for c in claims
        )
        picture = f'<div class="thesis" role="img" aria-label="{told}">{svg}</div>'
        return [nodes.raw("", picture, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("thesis", Thesis)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
