"""Dependency graph as inline SVG: one row per name, arcs at the left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

ROW, LEFT, RADIUS = 34, 110, 5


@dataclass
class Graph:
    """Names in order, and arrows from one name to another."""

    names: list[str]
    arrows: list[tuple[str, str]]

    def in_words(self) -> str:
        """Text alternative: the arrows as a sentence."""
        needs: dict[str, list[str]] = {}
        for start, end in self.arrows:
            needs.setdefault(end, []).append(start)
        return "; ".join(f"{end} needs {' and '.join(starts)}" for end, starts in needs.items())


def _y(row: int) -> float:
    return ROW * (row + 0.5)


def _arc(start: int, end: int) -> str:
    """SVG arc from one row down to another, wider for longer distances."""
    bow, x, top, bottom = min(LEFT - 12, 18 + 14 * abs(end - start)), LEFT - RADIUS, _y(start), _y(end)
    path = f"M{x} {top:g} C{x - bow} {top:g} {x - bow} {bottom:g} {x - 4} {bottom:g}"
    return f'<path d="{path}" marker-end="url(#pipeline-arrow)"/>'


def _label(row: int, name: str, link: str | None) -> str:
    kind = "chapter" if link else "input"
    text = f'<text x="{LEFT + 14}" y="{_y(row) + 5:g}" class="{kind}">{escape(name)}</text>'
    dot = f'<circle cx="{LEFT}" cy="{_y(row):g}" r="{RADIUS}" class="{kind}"/>'
    return dot + (f'<a href="{escape(link)}">{text}</a>' if link else text)


def draw(graph: Graph, links: Mapping[str, str]) -> str:
    """The graph as HTML with an inline SVG; names in `links` become links."""
    rows = {name: row for row, name in enumerate(graph.names)}
    width = LEFT + 24 + 9 * max((len(name) for name in graph.names), default=0)
    height = ROW * max(len(rows), 1)
    arcs = "".join(_arc(rows[start], rows[end]) for start, end in graph.arrows)
    labels = "".join(_label(row, name, links.get(name)) for name, row in rows.items())
    return (
        f'<figure class="pipeline"><svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="group" aria-label="{escape(graph.in_words())}" xmlns="http://www.w3.org/2000/svg">'
        '<defs><marker id="pipeline-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
        f"{arcs}{labels}</svg></figure>"
    )
