"""Fixtures of the pipeline's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.book.tiny import STAGES, Project, lay_out


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A tiny book that has not run yet."""
    return lay_out(tmp_path / "project")


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A tiny book in git whose stages have run once by `dvc repro`; a test that changes it puts it back."""
    project = lay_out(tmp_path_factory.mktemp("executed") / "project")
    project.write(".gitignore", "/build/\n/pages/\n/_build/\n__pycache__/\n")
    project.write("profiles/real/params.yaml", "alpha:\n  people: 6\n")
    project.write("profiles/real/dvc.yaml", "stages:\n  alpha:\n    cmd:\n    deps: [data.txt]\n")
    project.write("dvc.yaml", STAGES)
    project.python("-m", "lib.book", "pairing")
    project.begin()
    project.repro = project.run("dvc", "repro")
    project.commit()
    return project
