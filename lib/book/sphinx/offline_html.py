"""Pages that work offline: formulas as MathML, no launch scripts."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)


def mathml(tex: str, block: bool) -> str:
    """Convert TeX to MathML.

    Raises
    ------
    SyntaxError : something that the converter does not know.
    """
    try:
        return latex2mathml.tex2mathml(tex, as_block=block)
    except Exception as error:  # the converter raises many types
        raise SyntaxError(f"formula {tex!r}: {error}") from error


def _converted(node: nodes.Element, block: bool) -> str:
    try:
        return mathml(node.astext(), block)
    except SyntaxError as error:
        log.warning("%s", error, location=node, type="math")
        return node.astext()


def visit_inline(self: HTML5Translator, node: nodes.math) -> None:
    """HTML of an inline formula."""
    self.body.append(_converted(node, block=False))
    raise nodes.SkipNode


def visit_block(self: HTML5Translator, node: nodes.math_block) -> None:
    """HTML of a displayed formula, with its number if it has one."""
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({node["number"]})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_converted(node, block=True) + "</div>\n")
    raise nodes.SkipNode


def _launches(script: Any) -> bool:
    attributes = getattr(script, "attributes", {})
    return "thebe" in f"{getattr(script, 'filename', '')} {attributes.get('body', '')} {script}".lower()


def drop_launchers(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Remove the scripts of sphinx_thebe, which fail offline."""
    for kind in ("script_files", "css_files"):
        context[kind] = [item for item in context.get(kind, []) if not _launches(item)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the math renderer and the filter with Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    app.connect("html-page-context", drop_launchers, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
