"""Sphinx directives of the status page: `book-versions`, `book-times`, `book-pipeline`.

They read results/<profile>/ and dvc.yaml when the book is built, so the page cannot go stale.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lib.book import durations, paths, stages
from lib.book.parameters import profiles, section
from lib.book.sphinx.graph import Graph, draw


def shipped() -> list[str]:
    """Profiles with results in results/, the default first."""
    return [name for name in profiles() if (paths.ROOT / "results" / name).is_dir()]


def _records(profile: str) -> dict[str, dict[str, Any]]:
    found = sorted((paths.ROOT / "results" / profile).glob("[0-9]*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a MyST table."""
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def version_rows(names: Sequence[str]) -> list[list[str]]:
    """Table rows: library, then its versions in each profile's results."""
    found: dict[str, dict[str, set[str]]] = {}
    for profile in names:
        for record in _records(profile).values():
            for library, version in record["provenance"]["versions"].items():
                found.setdefault(library, {}).setdefault(profile, set()).add(version)
    return [
        [library, *(", ".join(sorted(by_profile.get(name, {"-"}))) for name in names)]
        for library, by_profile in sorted(found.items())
    ]


def in_words(seconds: float) -> str:
    """Seconds as text: `90 s`, `5 min`, `2.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def time_rows(names: Sequence[str]) -> list[list[str]]:
    """Table rows: chapter, profile, run time, machine."""
    rows = []
    for profile in names:
        for chapter, took in sorted(durations.load(profile, paths.ROOT).items()):
            rows.append([chapter, profile, in_words(took["seconds"]), took["machine"]])
    return rows


def pipeline_graph(listed: dict[str, Any]) -> Graph:
    """Graph of the stages of one dvc.yaml and their inputs."""
    made = {stages.path_in(out): name for name, stage in listed.items() for out in stages.outputs(stage)}
    graph = Graph([], [])
    for name, stage in listed.items():
        for dep in map(stages.path_in, stage.get("deps", [])):
            if stages.is_code(dep):
                continue
            start = made.get(dep, dep)
            if start not in graph.names and start not in listed:
                graph.names.append(start)
            if (start, name) not in graph.arrows:
                graph.arrows.append((start, name))
        graph.names.append(name)
    return graph


class _Status(SphinxDirective):
    """Directive whose content is generated."""

    def depends_on(self, *paths_: Path) -> None:
        """Rebuild the page when one of these files changes."""
        for path in paths_:
            self.env.note_dependency(str(path))

    def markdown(self, lines: Iterable[str]) -> list[nodes.Node]:
        """Docutils nodes of MyST text."""
        container = nodes.container(classes=["status"])
        self.state.nested_parse(StringList(list(lines), source="status"), self.content_offset, container)
        return [container]


class Versions(_Status):
    """Directive: table of library versions by profile."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        names = shipped()
        self.depends_on(
            *(path for name in names for path in (paths.ROOT / "results" / name).glob("[0-9]*.json"))
        )
        rows = version_rows(names)
        if not rows:
            return self.markdown(["No chapter has run yet."])
        return self.markdown(markdown_table(["library", *(f"`{name}`" for name in names)], rows))


class Times(_Status):
    """Directive: table of run time and machine per chapter."""

    def run(self) -> list[nodes.Node]:
        """Build the table."""
        names = shipped()
        self.depends_on(*(paths.ROOT / "results" / name / "times.json" for name in names))
        rows = time_rows(names)
        if not rows:
            return self.markdown(["No chapter has run yet."])
        linked = [[self._linked(chapter), *rest] for chapter, *rest in rows]
        return self.markdown(markdown_table(["chapter", "profile", "time", "machine"], linked))

    def _linked(self, chapter: str) -> str:
        page = f"pages/{chapter}"
        return f"{{doc}}`/{page}`" if page in self.env.found_docs else chapter


class Pipeline(_Status):
    """Directive: drawing of the stages of dvc.yaml."""

    def run(self) -> list[nodes.Node]:
        """Draw the stages; chapters link to their pages."""
        self.depends_on(paths.ROOT / "dvc.yaml")
        graph = pipeline_graph(stages.load(paths.DEFAULT_PROFILE))
        links = {}
        for docname in self.env.found_docs:
            if docname.startswith("pages/"):
                name = section(docname.removeprefix("pages/"))
                links[name] = self.env.app.builder.get_relative_uri(self.env.docname, docname)
        return [nodes.raw("", draw(graph, links), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directives with Sphinx."""
    app.add_directive("book-versions", Versions)
    app.add_directive("book-times", Times)
    app.add_directive("book-pipeline", Pipeline)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
