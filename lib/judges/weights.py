"""Weight files: where they are, and whether they are the ones the cards speak of."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from lib.judges.base import JudgeError


def sha256(path: Path) -> str:
    """Hash of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked(path: Path, expected: str, remedy: str) -> Path:
    """`path`, if it is there and its sha256 is `expected`.

    Raises
    ------
    JudgeError : missing, or another file; the message ends with `remedy`.
    """
    if not path.is_file():
        raise JudgeError(f"{path} is missing; {remedy}")
    found = sha256(path)
    if found != expected:
        raise JudgeError(
            f"{path} is not the file that was measured: sha256 {found}, not {expected}; {remedy}"
        )
    return path


def package_folder(package: str) -> Path:
    """Folder of an installed package, found without importing it.

    Some packages that carry weights cannot be imported with today's setuptools.

    Raises
    ------
    JudgeError : the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise JudgeError(f"the package {package} is not installed; run `make book` once, or install it")
    return Path(next(iter(spec.submodule_search_locations)))
