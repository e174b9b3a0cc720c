"""Read rows of arrays that may be memory maps larger than the memory."""

from __future__ import annotations

import mmap
from collections.abc import Iterable

import numpy as np

MAPPED = 2**28  # bytes read from memory maps before their pages are released
_AROUND = 2**16  # bytes that Linux maps around each row it reads


def read_rows(array: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Read `array[rows]` in ascending order, so that a memory map is read in one pass over the disk."""
    order = np.argsort(rows, kind="stable")
    out = np.empty((len(rows), *array.shape[1:]), array.dtype)
    out[order] = array[rows[order]]
    return out


class Reader:
    """Reads rows of arrays, and releases pages of read-only memory maps after every MAPPED bytes.

    The pages stay in the system's cache as long as there is room; the process alone forgets them. Without
    that an epoch over 200,000 images counts as gigabytes, and a batch system with a limit ends the run.
    """

    def __init__(self, arrays: Iterable[np.ndarray]) -> None:
        found = {id(mapped): mapped for mapped in map(_map_of, arrays) if mapped is not None}
        self.maps = list(found.values())
        self.read = 0

    def __call__(self, array: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Return `array[rows]` as an array in memory."""
        out = read_rows(array, rows)
        self.read += out.nbytes + len(rows) * _AROUND  # not thread-safe: a lost count does no harm
        if self.maps and self.read > MAPPED:
            self.read = 0
            for mapped in self.maps:
                mapped.madvise(mmap.MADV_DONTNEED)
        return out


def _map_of(array: np.ndarray) -> mmap.mmap | None:
    """The memory map (read-only) behind an array or a view of one; None for others."""
    if getattr(array, "mode", None) != "r" or not hasattr(mmap, "MADV_DONTNEED"):
        return None
    base: object = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base
