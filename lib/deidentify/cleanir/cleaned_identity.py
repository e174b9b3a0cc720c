"""CLEANIR with a new identity and attributes that are cleaned of the old one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.protection import NewIdentity
from lib.deidentify.protections.base import ProtectionError


@dataclass(frozen=True)
class CleanedNewIdentity(NewIdentity):
    """A new identity, and attributes that are cleaned of the old one.

    Attributes
    ----------
    cleaner : fitted on other subjects.

    Raises
    ------
    ProtectionError : no cleaner.
    """

    cleaner: AttributeCleaner | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cleaner is None:
            raise ProtectionError("a cleaned identity needs a cleaner; without one it is `NewIdentity`")

    @property
    def name(self) -> str:
        """With what shares a draw, key, weights and cleaner."""
        assert self.cleaner is not None
        return f"{super().name} cleaned {self.cleaner.mark}"

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        """Repaint `faces`, uint8 (N, size, size, 3)."""
        assert self.cleaner is not None
        attributes = self.cleaner(self.codec.encode(faces).attributes)
        return self.codec.decode(self.identities(faces, **labels), attributes)
