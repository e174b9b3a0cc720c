"""Protections whose networks lie in a folder: known by their hash, read once in each process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras

from lib.arrays import WeightsError
from lib.deidentify.protections.base import ProtectionError
from lib.files import sha256_of

SHIPPED = Path(__file__).resolve().parents[3] / "weights"
"""Where `weights.dvc` puts the networks that ship."""
REMEDY = "fetch the weights with `dvc pull weights.dvc`, or train them with `make real`"


@dataclass(frozen=True)
class StoredProtection:
    """What such protections share: cheap to hand to another process, which reads the networks for itself.

    Attributes
    ----------
    folder : with the networks.
    sha256 : of all files together, when this object was made; a run never mixes weights.

    Raises
    ------
    ProtectionError : files are missing.
    """

    folder: Path | str = SHIPPED
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hash_files(self.files()))

    def files(self) -> list[Path]:
        """All that the protection is made of."""
        raise NotImplementedError

    def read(self) -> Any:
        """The networks, from the folder."""
        raise NotImplementedError

    @property
    def policy(self) -> str:
        """Dtype policy to read them under: pictures do not depend on the machine's own."""
        return "float32"

    @property
    def networks(self) -> Any:
        """What `read` gave, once in each process and never pickled.

        Raises
        ------
        ProtectionError : damaged files, or files that changed since this object was made.
        """
        return _read(self)


@lru_cache(maxsize=4)
def _read(one: StoredProtection) -> Any:
    with reading_unchanged(one.files(), one.sha256, one.policy):
        return one.read()


@contextmanager
def reading_unchanged(files: list[Path], sha256: str, policy: str = "float32") -> Iterator[None]:
    """Networks are read here: only from files with this hash, and under this dtype policy.

    Raises
    ------
    ProtectionError : damaged or missing files, or files with another hash.
    """
    if hash_files(files) != sha256:
        raise ProtectionError(
            f"{files[0].parent}: the weights changed since this protection was made: make it anew"
        )
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    except WeightsError as error:
        raise ProtectionError(f"{error}; {REMEDY}") from error
    finally:
        keras.config.set_dtype_policy(before)


def hash_files(files: list[Path]) -> str:
    """One sha256 for several files; raises ProtectionError where one is missing."""
    missing = [str(path) for path in files if not path.is_file()]
    if missing:
        raise ProtectionError(f"{', '.join(missing)} missing: {REMEDY}")
    return hashlib.sha256("".join(sha256_of(path) for path in files).encode()).hexdigest()
