"""Open every built page in a headless Chromium: `python -m lib.book.check_browser _build/html`.

At 1280 and 390 pixels: no script error, no request to another host, nothing missing, no sideways scrolling,
every picture loaded; the search finds something. Screenshots go to build/shots. Where there is no Chromium
this says so and passes.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.book import browser
from lib.book.paths import ROOT

SIZES = ((1280, 900), (390, 844))
SHOTS = ROOT / "build" / "shots"
_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_WIDEST = """(() => { const limit = document.documentElement.clientWidth;
  const scrolls = e => { for (; e && e !== document.body; e = e.parentElement)
    if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(e).overflowX)) return true; return false; };
  return [...document.querySelectorAll('article *')]
    .filter(e => e.getBoundingClientRect().right > limit + 1 && !scrolls(e.parentElement))
    .slice(0, 3).map(e => e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + '.' + e.classList); })()"""
_LOAD_ALL = """(async () => { const all = [...document.images];
  for (const picture of all) picture.loading = 'eager';
  const loaded = picture => picture.complete ||
    new Promise(done => { picture.onload = picture.onerror = done; });
  const late = new Promise(done => setTimeout(done, 8000));
  await Promise.race([Promise.all(all.map(loaded)), late]); return true; })()"""
_BROKEN = "[...document.images].filter(p => !p.naturalWidth).map(p => p.outerHTML.slice(0, 120))"
_FOUND = "document.querySelectorAll('#search-results ul.search li').length > 0"


def reported(events: list[dict[str, Any]], base: str) -> Iterator[str]:
    """What the browser complained of while a page was open."""
    for event in events:
        kind, told = event.get("method"), event.get("params", {})
        if kind == "Network.requestWillBeSent":
            address = told["request"]["url"]
            if not address.startswith((base, "data:", "blob:", "about:")):
                yield f"asks another host for {address}"
        elif kind == "Network.responseReceived" and told["response"]["status"] >= 400:
            yield f"{told['response']['status']} for {told['response']['url']}"
        elif kind == "Runtime.exceptionThrown":
            thrown = told["exceptionDetails"]
            text = thrown.get("exception", {}).get("description") or thrown.get("text", "")
            yield f"script error: {text.splitlines()[0]}"
        elif kind == "Runtime.consoleAPICalled" and told["type"] in ("error", "assert"):
            said = (str(part.get("value", part.get("description"))) for part in told["args"])
            yield f"console: {' '.join(said)}"
        elif kind == "Log.entryAdded" and told["entry"]["level"] == "error":
            yield f"log: {told['entry']['text']}"


def look(
    tab: browser.Tab, base: str, name: str, size: tuple[int, int], shots: Path | None = None
) -> Iterator[str]:
    """Open one page at one size, take its picture if there is a folder for it; yields what is wrong."""
    if not tab.open(base + name, *size):
        yield "does not finish loading"
    tab.ask(_LOAD_ALL)
    if (too_wide := tab.ask(_TOO_WIDE) or 0) > 0:
        yield f"{too_wide} pixels too wide: {', '.join(tab.ask(_WIDEST) or []) or 'outside the article'}"
    yield from (f"picture not loaded: {source}" for source in tab.ask(_BROKEN) or [])
    if shots:
        tab.picture(shots, f"{name.removesuffix('.html').replace('/', '-')}-{size[0]}")
    yield from reported(tab.events, base)


def search(tab: browser.Tab, base: str, word: str) -> Iterator[str]:
    """Search for a word that stands in the book."""
    tab.open(f"{base}search.html?q={word}", *SIZES[0])
    if not tab.wait_for(_FOUND, 20):
        yield f"search for {word!r} finds nothing"
    yield from reported(tab.events, base)


def pages(root: Path) -> list[str]:
    """Names of the pages that people wrote."""
    names = (path.relative_to(root).as_posix() for path in root.rglob("*.html"))
    made = ("search.html", "genindex.html", "index.html")
    return sorted(name for name in names if not name.startswith("_") and name not in made)


def _search_word(root: Path) -> str:
    """A word of the search index, so that finding nothing is a fault of the search."""
    text = (root / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    return next((word for word in ("face", "book", "chapter") if word in index["terms"]), "the")


def check(root: Path, program: str, shots: Path | None = None) -> list[str]:
    """Open every page at every size; returns what is wrong, one line each.

    Pictures go to `shots`, if given: they take two thirds of the time.
    """
    wrong: list[str] = []
    with browser.serve(root) as base, browser.launch(program) as tab:
        for name in pages(root):
            found = [f"{size[0]} px: {line}" for size in SIZES for line in look(tab, base, name, size, shots)]
            print(f"  {name:36} {'good' if not found else f'{len(found)} faults'}", flush=True)
            wrong += [f"{name}: {line}" for line in dict.fromkeys(found)]
        wrong += [f"search: {line}" for line in search(tab, base, _search_word(root))]
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book.check_browser", description=__doc__.splitlines()[0]
    )
    parser.add_argument("root", type=Path, nargs="?", default=Path("_build/html"))
    root = parser.parse_args(arguments).root.resolve()
    program = browser.find()
    if program is None:
        print("no Chromium here: the pages were not opened (name one in CHROMIUM to have them looked at)")
        return 0
    shutil.rmtree(SHOTS, ignore_errors=True)
    wrong = check(root, program, SHOTS)
    print("\n".join(wrong) or "browser: every page is whole at both widths, the search works")
    print(f"screenshots: {SHOTS}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
