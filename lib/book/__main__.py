"""Command line of the book: `python -m lib.book VERB ...`, each verb a module of this package."""

from __future__ import annotations

import sys
from importlib import import_module

from lib.book.chapter_text import SourceError
from lib.book.parameters import ProfileError

VERBS = {
    "run": "run",
    "train": "train",
    "pages": "pages",
    "accept": "accept",
    "compare": "comparison",
    "stages": "stages",
    "code-hashes": "code_hashes",
    "build": "build",
    "publish": "publish",
    "inventory": "inventory",
    "pairing": "pairing",
    "form": "chapter_form",
    "check-html": "check_html",
    "check-browser": "check_browser",
}
"""Verb -> module with a `main`."""


def main(arguments: list[str]) -> int:
    """Pass the arguments to the `main` of a verb's module; returns its exit status, 2 for a wrong name."""
    if not arguments or arguments[0] not in VERBS:
        print(f"usage: python -m lib.book {{{','.join(VERBS)}}} ...", file=sys.stderr)
        return 2
    try:
        return int(import_module(f"lib.book.{VERBS[arguments[0]]}").main(arguments[1:]))
    except (ProfileError, SourceError) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
