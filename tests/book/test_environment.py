"""The files that say which versions are used agree with each other."""

from __future__ import annotations

import re
import subprocess
import tomllib
from itertools import chain

import pytest
import yaml

from lib.book.paths import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")


def _tracked() -> list[str]:
    shown = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if shown.returncode:
        pytest.skip("no git here")
    return shown.stdout.splitlines()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-gpu.lock"])
def test_locks_pin_hashes_and_name_no_index(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    unpinned = [
        entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry
    ]
    assert unpinned == []


def test_conda_installs_what_the_lock_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["--require-hashes", "-r requirements.lock"]
    assert {item.split("=")[0] for item in plain} == {"python", "pip"}, "all else comes from the lock"
    (python,) = [item.partition("=")[2] for item in plain if item.startswith("python=")]
    needed = re.search(r'requires-python = "([^"]+)"', (ROOT / "pyproject.toml").read_text()).group(1)
    assert needed == ">=3.11,<3.13" and python in ("3.11", "3.12")


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *chain(*project["dependency-groups"].values())]
    locked = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([\w.-]+)==", LOCK, re.M)}
    for line in asked:
        name = re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line).group()).lower()
        assert name in locked, f"{name}: run `uv lock` and `make export`"


def test_the_makefile_pins_the_uv_of_the_lock_or_none():
    pinned = re.search(r"^UV_VERSION := (\S+)$", (ROOT / "Makefile").read_text(), re.M)
    assert pinned and re.fullmatch(r"\d+\.\d+\.\d+", pinned.group(1))


def test_no_tracked_file_carries_a_path_of_one_machine():
    folder = re.compile(r"(?<![\w.~}/$])/(work|home|root|Users)/\w")
    for name in _tracked():
        path = ROOT / name
        if name.startswith("storage/") or not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        lines = [line for line in text.splitlines() if folder.search(line)]
        assert not lines or name.startswith("tests/"), f"{name}: {lines[:2]}"


def test_large_files_live_in_storage():
    large = [
        name for name in _tracked() if (ROOT / name).is_file() and (ROOT / name).stat().st_size > 1_500_000
    ]
    assert [name for name in large if not name.startswith("storage/")] == []
