"""Whoever only names judges waits for none of their libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lib.book.paths import ROOT

LOADED = """
import sys
from lib.judges import registry
{more}
print(*sorted({{"tensorflow", "keras", "dlib", "mtcnn"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("more", "loaded"),
    [
        ("registry.CARDS", []),
        ("registry.MAKERS['mtcnn']()", []),
        ("registry.MAKERS['dlib_frontal']()", ["dlib"]),
        ("registry.scorers(registry.packaged_judges(), 'identity')", ["dlib", "keras", "tensorflow"]),
    ],
)
def test_a_library_is_imported_with_the_judge_that_needs_it(more: str, loaded: list[str]) -> None:
    code = LOADED.format(more=more)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == loaded
