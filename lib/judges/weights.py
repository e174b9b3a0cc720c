"""Locate weight files of judges and check their hashes."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from lib.files import sha256_of
from lib.judges.base import JudgeError


def checked(path: Path, expected: str, remedy: str) -> Path:
    """Return `path` if the file exists and its sha256 is `expected`, else raise JudgeError.

    Raises
    ------
    JudgeError : missing, or another file; the message ends with `remedy`.
    """
    if not path.is_file():
        raise JudgeError(f"{path} is missing; {remedy}")
    found = sha256_of(path)
    if found != expected:
        raise JudgeError(
            f"{path} is not the file that was measured: sha256 {found}, not {expected}; {remedy}"
        )
    return path


def package_folder(package: str) -> Path:
    """Folder of an installed Python package, located without importing it.

    Some packages that carry weights cannot be imported with today's setuptools.

    Raises
    ------
    JudgeError : the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise JudgeError(f"the package {package} is not installed; run `make book` once, or install it")
    return Path(next(iter(spec.submodule_search_locations)))
