"""A place for a name, the same wherever and with whomever: for splits and roles of subjects."""

from __future__ import annotations

import hashlib

PLACES = 2**64
"""So many places there are."""


def place_of(name: str) -> int:
    """Place of a name, 0 to PLACES - 1, evenly spread: the first eight bytes of its sha256.

    Parameters
    ----------
    name : with a word before it that says what the place is for, so that two uses do not go together.
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
