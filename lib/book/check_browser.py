"""Check all built pages in a headless Chromium: `python -m lib.book check-browser _build/html`.

At 1280 and 390 pixels: no script error, no request to another host, nothing missing, no sideways scrolling,
every picture loaded; the search finds something. Screenshots go to build/shots. Playwright drives the
system's Chromium; where there is none this says so and passes, or fails under CI=true.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page, TimeoutError, sync_playwright

from lib.book.paths import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
SIZES = ((1280, 900), (390, 844))
SHOTS = ROOT / "build" / "shots"
_HIGHEST = 8000  # pixels of one screenshot
_QUIET = ("gpu", "quic", "background-networking", "component-update", "sync")
_ARGUMENTS = [
    "--no-sandbox",
    "--no-first-run",
    *(f"--disable-{name}" for name in _QUIET),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no other host can be reached
]
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
_FOUND = "#search-results ul.search li"


def find_chromium() -> str | None:
    """Path of a Chromium: environment variable CHROMIUM, else the first on the PATH; None without any."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


class Tab:
    """A browser tab, and the faults it reported since the last `open`."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.faults: list[str] = []
        page.on("request", lambda request: self._requested(request.url))
        page.on("response", lambda response: self._answered(response.status, response.url))
        page.on("pageerror", lambda error: self.faults.append(f"script error: {str(error).splitlines()[0]}"))
        page.on("console", lambda message: self._logged(message.type, message.text))

    def open(self, name: str, size: tuple[int, int]) -> None:
        """Open a page of the folder in a window of `size` (width, height) pixels."""
        self.faults.clear()
        self._resize(*size)
        try:
            self.page.goto(self.base + name, wait_until="load", timeout=40_000)
        except (TimeoutError, Error) as error:
            self.faults.append(f"does not finish loading: {str(error).splitlines()[0]}")

    def picture(self, folder: Path, name: str) -> None:
        """Save screenshots of the whole page as PNG files, in slices of at most 8000 pixels.

        The window grows and scrolls, as what lies outside a window is laid out otherwise.
        """
        width, high = self.page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
        for number, top in enumerate(range(0, high, _HIGHEST), 1):
            self._resize(width, min(_HIGHEST, high - top))
            self.page.evaluate(f"scrollTo({{top: {top}, behavior: 'instant'}})")
            self.page.screenshot(path=folder / (f"{name}-{number}.png" if number > 1 else f"{name}.png"))

    def _resize(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})

    def _requested(self, address: str) -> None:
        if not address.startswith((self.base, "data:", "blob:", "about:")):
            self.faults.append(f"asks another host for {address}")

    def _answered(self, status: int, address: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} for {address}")

    def _logged(self, kind: str, text: str) -> None:
        if kind in ("error", "assert"):
            self.faults.append(f"console: {text}")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing."""


@contextmanager
def _serve(root: Path) -> Iterator[str]:
    """Context manager: serve a folder on 127.0.0.1; yields its address, which ends with a slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


@contextmanager
def browse(root: Path, program: str) -> Iterator[Tab]:
    """Context manager: serve a folder and start Chromium with a fresh profile; yields a Tab."""
    with _serve(root) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        try:
            yield Tab(browser.new_page(), base)
        finally:
            browser.close()


def look(tab: Tab, name: str, size: tuple[int, int], shots: Path | None = None) -> list[str]:
    """Check one page at one size, with a screenshot if `shots` is a folder; returns its faults."""
    tab.open(name, size)
    tab.page.evaluate(_LOAD_ALL)
    found = []
    if (too_wide := tab.page.evaluate(_TOO_WIDE)) > 0:
        widest = ", ".join(tab.page.evaluate(_WIDEST)) or "outside the article"
        found.append(f"{too_wide} pixels too wide: {widest}")
    found += [f"picture not loaded: {source}" for source in tab.page.evaluate(_BROKEN)]
    if shots:
        tab.picture(shots, f"{name.removesuffix('.html').replace('/', '-')}-{size[0]}")
    return found + tab.faults


def search(tab: Tab, word: str) -> list[str]:
    """Check that a search for a word finds something; returns the faults."""
    tab.open(f"search.html?q={word}", SIZES[0])
    try:
        tab.page.locator(_FOUND).first.wait_for(state="attached", timeout=20_000)
    except TimeoutError:
        return [f"search for {word!r} finds nothing", *tab.faults]
    return tab.faults


def pages(root: Path) -> list[str]:
    """Names of the pages that people wrote (not Sphinx)."""
    names = (path.relative_to(root).as_posix() for path in root.rglob("*.html"))
    made = ("search.html", "genindex.html", "index.html")
    return sorted(name for name in names if not name.startswith("_") and name not in made)


def _search_word(root: Path) -> str:
    """A word that the search index contains."""
    text = (root / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    return next((word for word in ("face", "book", "chapter") if word in index["terms"]), "the")


def check(root: Path, program: str, shots: Path | None = None) -> list[str]:
    """Check every page at every size; returns the faults, one line each.

    Pictures go to `shots`, if given: they take two thirds of the time.
    """
    wrong: list[str] = []
    with browse(root, program) as tab:
        for name in pages(root):
            found = [f"{size[0]} px: {line}" for size in SIZES for line in look(tab, name, size, shots)]
            print(f"  {name:36} {'good' if not found else f'{len(found)} faults'}", flush=True)
            wrong += [f"{name}: {line}" for line in dict.fromkeys(found)]
        wrong += [f"search: {line}" for line in search(tab, _search_word(root))]
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Command line: check the pages; exit status 1 for faults, or without Chromium under CI."""
    parser = argparse.ArgumentParser(
        prog="python -m lib.book check-browser", description=__doc__.splitlines()[0]
    )
    parser.add_argument("root", type=Path, nargs="?", default=Path("_build/html"))
    root = parser.parse_args(arguments).root.resolve()
    program = find_chromium()
    if program is None:
        print("no Chromium here: the pages were not opened (name one in CHROMIUM to have them looked at)")
        return int(os.environ.get("CI") == "true")
    shutil.rmtree(SHOTS, ignore_errors=True)
    wrong = check(root, program, SHOTS)
    print("\n".join(wrong) or "browser: every page is whole at both widths, the search works")
    print(f"screenshots: {SHOTS}")
    return int(bool(wrong))
