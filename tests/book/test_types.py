"""Types of all of lib; as a test they are checked beside the others."""

import subprocess
import sys

import pytest

from lib.book.paths import ROOT

pytestmark = pytest.mark.slow


def test_types_agree():
    done = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
