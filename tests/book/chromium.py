"""The browser that tests look at pages with."""

from __future__ import annotations

import os

import pytest

from lib.book.check_browser import find_chromium


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and fails under CI=true."""
    program = find_chromium()
    if program is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("no Chromium here: the pages were not opened")
    assert program is not None
    return program
