"""Named arrays in npz files: reproducible bytes, no pickle; their hash."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lib.files import atomic_write, sha256_of


class WeightsError(ValueError):
    """A file of arrays that does not fit or cannot be trusted; the message names file and remedy."""


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of named arrays: names, dtypes, shapes and values."""
    out = hashlib.sha256()
    for name, array in arrays.items():
        out.update(f"{name} {array.dtype.str} {array.shape};".encode())
        out.update(np.ascontiguousarray(array).tobytes())
    return out.hexdigest()


def write_arrays(path: str | Path, arrays: Mapping[str, np.ndarray]) -> str:
    """Write arrays to an npz file atomically; returns the file's sha256.

    NumPy dates every member of the zip 1980, so equal arrays give equal bytes.
    """
    with atomic_write(path) as part:
        with open(part, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]
        return sha256_of(part)


def read_arrays(path: str | Path) -> dict[str, np.ndarray]:
    """Read all arrays of an npz file in the order written; pickled objects are refused.

    Raises
    ------
    WeightsError : not an npz, damaged, or with pickled objects inside.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{path} cannot be read as npz ({error}): fetch or make the file again") from error
