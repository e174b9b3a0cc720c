"""Sphinx directive `thesis`: draws front/claims.yml with the current results."""

from __future__ import annotations

import io
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lib.book import paths, real_results, results

log = logging.getLogger(__name__)
CLAIMS = paths.ROOT / "front" / "claims.yml"


def look_up(address: str | None) -> dict[str, Any] | None:
    """The estimate at `profile/chapter.key` as a dict; None for no address.

    Raises
    ------
    KeyError, ResultError : the address names nothing; the message says which.
    """
    if address is None:
        return None
    named = results.Reference.parse(address)
    return results.read(named.profile, named.chapter)[named.key].to_dict()


def draw(claims: list[dict[str, Any]]) -> str:
    """SVG of the thesis figure, for claims whose `measured` and `attacked` are addresses or None."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from lib.figures import style
    from lib.figures.thesis import thesis

    style.use()
    known = [claim | {kind: look_up(claim[kind]) for kind in ("measured", "attacked")} for claim in claims]
    drawing = thesis(known)
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None}, bbox_inches="tight")
    plt.close(drawing)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


class Thesis(SphinxDirective):
    """Directive: the thesis figure with its text alternative."""

    def run(self) -> list[nodes.Node]:
        """Draw the figure and register its dependencies."""
        self.env.note_dependency(str(CLAIMS))
        claims = yaml.safe_load(CLAIMS.read_text(encoding="utf-8"))
        try:
            named = results.quoted(claims)
            for one in named:
                self.env.note_dependency(str(paths.ROOT / "results" / one.profile / f"{one.chapter}.json"))
            svg = draw(claims)
        except (KeyError, results.ResultError) as error:
            log.warning("thesis: %r", error, location=self.get_location(), type="thesis")
            return []
        told = "; ".join(
            f"{c['protection']}: claimed {c['claimed']} instead of {c['unprotected']}" for c in claims
        )
        picture = f'<div class="thesis" role="img" aria-label="{told}">{svg}</div>'
        real = sorted({one.chapter for one in named if one.profile == real_results.PROFILE})
        old = [chapter for chapter in real if _unnumbered(chapter)]
        return [nodes.raw("", picture + (real_results.box_text(old) if old else ""), format="html")]


def _unnumbered(chapter: str) -> bool:
    record = results.read(real_results.PROFILE, chapter)
    return real_results.check_protocol(chapter, record.provenance) == real_results.UNNUMBERED


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive("thesis", Thesis)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
