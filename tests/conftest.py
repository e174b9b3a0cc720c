"""The one fixture world: a few rendered subjects that every test shares."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable, ROOT / default))


@pytest.fixture(scope="session")
def photographs() -> Path:
    """Folder with the publishers' photographs, or the test is skipped."""
    folder = _folder("FACEVALUE_PHOTOGRAPHS", "photographs")
    if not folder.is_dir():
        pytest.skip("no photographs here: name their folder in FACEVALUE_PHOTOGRAPHS")
    return folder


@pytest.fixture(scope="session")
def published() -> Path:
    """Folder with the published networks, or the test is skipped."""
    folder = _folder("FACEVALUE_PUBLISHED", "published")
    if not folder.is_dir():
        pytest.skip("no published networks here: name their folder in FACEVALUE_PUBLISHED")
    return folder
