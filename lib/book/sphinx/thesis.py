"""Sphinx directive `thesis`: draws front/claims.yml with the current results."""

from __future__ import annotations

import html
import io
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lib.book import chapter_text, paths, real_results, results
from lib.judges.names import judge_name

log = logging.getLogger(__name__)
CLAIMS = paths.ROOT / "front" / "claims.yml"


def look_up(address: str | float | None) -> Any:
    """The estimate at `profile/chapter.key` as a dict; a number as it is.

    Returns
    -------
    None for no address, and for a result on photographs that its chapter's present protocol has not made yet:
    the next run on photographs brings it.

    Raises
    ------
    KeyError, ResultError : the address names nothing although the chapter has run; the message says which.
    """
    if not isinstance(address, str):
        return address
    named = results.Reference.parse(address)
    record = _record(named)
    if record is None:
        return None
    if named.key not in record and _is_old(named, record):
        return None
    return record[named.key].to_dict()


def attacker_of(address: str | None) -> str:
    """Name, in words, that stands beside the result at an address; empty where there is none."""
    if not address:
        return ""
    named = results.Reference.parse(address)
    record, beside = _record(named), f"{named.key.rpartition('.')[0]}.name"
    return judge_name(str(record[beside])) if record is not None and beside in record else ""


def _record(named: results.Reference) -> results.Record | None:
    """The result of a chapter; None where photographs have not been run through it."""
    if named.profile == real_results.PROFILE and not _path(named).exists():
        return None
    return results.read(named.profile, named.chapter)


def _path(named: results.Reference) -> Path:
    return paths.ROOT / "results" / named.profile / f"{named.chapter}.json"


def _is_old(named: results.Reference, record: results.Record) -> bool:
    made = int(record.provenance.get("protocol", real_results.UNNUMBERED))
    return named.profile == real_results.PROFILE and made != chapter_text.protocol(named.chapter)


def known_claims(claims: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Claims with their figures in place of addresses, and with the name of who attacked.

    Raises
    ------
    KeyError, ResultError : as `look_up`.
    """
    found = []
    for claim in claims:
        figures = {kind: look_up(claim[kind]) for kind in ("unprotected", "measured", "attacked")}
        attacker = attacker_of(claim["attacked"])
        who = ({"attacked": attacker} if attacker else {}) | (claim.get("who") or {})
        found.append(claim | figures | {"who": who})
    return found


def told(claims: list[dict[str, Any]]) -> str:
    """The figure in words, for who does not see it.

    Parameters
    ----------
    claims : of `known_claims`.
    """

    def words(kind: str, figure: Any) -> str:
        value = figure["estimate"] if isinstance(figure, dict) else figure
        return f"{kind} {value:.2f}" if value is not None else f"{kind}: none yet"

    kinds = ("unprotected", "claimed", "measured", "attacked")
    return "; ".join(
        f"{claim['protection']}: " + ", ".join(words(kind, claim[kind]) for kind in kinds) for claim in claims
    )


def draw(claims: list[dict[str, Any]]) -> str:
    """SVG of the thesis figure, for claims as `known_claims` gives them."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from lib.figures import style
    from lib.figures.thesis import thesis

    style.use()
    drawing = thesis(claims)
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
                self.env.note_dependency(str(_path(one)))
            known = known_claims(claims)
            svg = draw(known)
        except (KeyError, results.ResultError) as error:
            log.warning("thesis: %r", error, location=self.get_location(), type="thesis")
            return []
        picture = f'<div class="thesis" role="img" aria-label="{html.escape(told(known))}">{svg}</div>'
        there = [one for one in named if one.profile == real_results.PROFILE and _path(one).exists()]
        real = sorted({one.chapter for one in there})
        old = [chapter for chapter in real if _unnumbered(chapter)]
        return [nodes.raw("", picture + (real_results.box_text(old) if old else ""), format="html")]


def _unnumbered(chapter: str) -> bool:
    record = results.read(real_results.PROFILE, chapter)
    return real_results.check_protocol(chapter, record.provenance) == real_results.UNNUMBERED


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive with Sphinx."""
    app.add_directive("thesis", Thesis)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
