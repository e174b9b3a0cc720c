"""Check built pages without a browser: `python -m lib.book check-html _build/html`.

Dead links and anchors, pictures without alt text, leftovers of a failed run or a typo in a role, pages that
ask for something from another host, doubled ids, pages that are too heavy.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

PAGE_LIMIT = 3_000_000
"""Bytes of one page with its own pictures; scripts and styles are shared by all pages."""
LEFTOVERS = (
    "Traceback (most recent call last)",
    "WARNING:",
    "{glue:",
    "{res}",
    "{numref}",
    "{doc}",
    "{cite",
    "Loading widget",
    "<Figure size",
    "[0m",
)
_MADE_BY_SPHINX = ("search.html", "genindex.html")
_SKIPPED_TEXT = ("script", "style", "code", "pre")


@dataclass
class Page(HTMLParser):
    """Links, assets, ids, images and text of one page, collected by parsing its HTML."""

    html: str
    ids: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    silent: int = 0
    words: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect ids, links and assets."""
        given = {key: value or "" for key, value in attrs}
        if tag in _SKIPPED_TEXT:
            self.inside.append(tag)
        if name := given.get("id"):
            (self.doubled if name in self.ids else self.ids).add(name)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        self._note_asset(tag, given)
        if tag == "img" and not given.get("alt", "").strip():
            self.silent += 1

    def _note_asset(self, tag: str, given: dict[str, str]) -> None:
        source = given.get("src", "")
        if tag == "script" and source:
            self.assets.append(source)
        elif tag in ("img", "source", "video", "iframe") and source:
            self.pictures.append(source)
        elif tag == "link" and {"stylesheet", "preload"} & set(given.get("rel", "").split()):
            self.assets.append(given.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        """Leave a script, style or code element."""
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        """Collect text outside code."""
        if not self.inside:
            self.words.append(data)


def read(root: Path) -> dict[Path, Page]:
    """Parse all pages below `root`, by path."""
    found = sorted(path for path in root.rglob("*.html") if "_static" not in path.parts)
    return {path: Page(path.read_text(encoding="utf-8")) for path in found}


def _behind(link: str, page: Path) -> Path | None:
    """File that a link points to; None for another host or inline data."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return target / "index.html" if target.is_dir() else target


def _dead(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for link in [*page.links, *page.assets, *page.pictures]:
        target, anchor = _behind(link, path), unquote(urlsplit(link).fragment)
        if target is None:
            continue
        if not target.exists():
            yield f"no file behind {link}"
        elif anchor and target in pages and anchor not in pages[target].ids:
            yield f"no anchor {link}"


def _foreign(page: Page) -> Iterator[str]:
    for address in [*page.assets, *page.pictures]:
        if urlsplit(address).netloc:
            yield f"asks another host for {address}"


def weight(path: Path, page: Page) -> int:
    """Size in bytes of a page with its own images."""
    own = {_behind(picture, path) for picture in page.pictures}
    return path.stat().st_size + sum(file.stat().st_size for file in own if file and file.exists())


def leftovers(text: str, folders: list[str]) -> Iterator[str]:
    """Faults in a page's text: tracebacks, unresolved roles, folders of this machine."""
    for mark in [*LEFTOVERS, *folders]:
        if mark in text:
            yield f"holds {mark!r}"
    if re.search(r"(?<![\w.~/])/(home|tmp|root|Users)/\w", text):
        yield "holds an absolute path"


def faults(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    """All faults of one page."""
    yield from dict.fromkeys([*_dead(path, page, pages), *_foreign(page)])
    if page.silent:
        yield f"{page.silent} pictures without alt text"
    if path.name not in _MADE_BY_SPHINX:
        yield from leftovers(" ".join(page.words), [os.getcwd() + "/"])
        yield from (f"the id {name!r} stands twice" for name in sorted(page.doubled))
    if weight(path, page) > PAGE_LIMIT:
        yield f"weighs {weight(path, page) / 1e6:.1f} MB, more than {PAGE_LIMIT / 1e6:.0f}"


def check(root: Path) -> list[str]:
    """Check all pages below `root` and print their sizes; returns the faults, one line each."""
    root = root.resolve()
    pages = read(root)
    if not pages:
        return [f"{root}: no pages; build the book first"]
    for path, page in pages.items():
        print(f"  {path.relative_to(root).as_posix():36} {weight(path, page) / 1e3:8.0f} kB")
    return [
        f"{path.relative_to(root)}: {line}"
        for path, page in pages.items()
        for line in faults(path, page, pages)
    ]


def main(arguments: list[str] | None = None) -> int:
    """Command line: check the pages; exit status 1 where there are faults."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book check-html", description=__doc__.splitlines()[0]
    )
    parser.add_argument("root", type=Path, nargs="?", default=Path("_build/html"))
    wrong = check(parser.parse_args(arguments).root)
    print("\n".join(wrong) or "pages: all links, anchors and pictures are there")
    return int(bool(wrong))
