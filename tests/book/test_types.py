"""Types of all of lib; as a test they are checked beside the others."""

import os
import subprocess
import sys

import pytest

from lib.book.paths import ROOT

pytestmark = pytest.mark.slow


def test_types_agree():
    cache = ROOT / ".mypy_cache"  # where there is none, to write one takes a third longer than to check alone
    place = cache if cache.is_dir() else os.devnull
    command = [sys.executable, "-m", "mypy", f"--cache-dir={place}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
