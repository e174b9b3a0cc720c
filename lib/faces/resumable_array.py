"""Partial folder of a packing run: images written so far, from which a killed run resumes."""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet, FaceSetError, write_description
from lib.files import atomic_write

_CHUNK_BYTES = 24 * 2**20
_CHUNK_MOST = 1024
_RESULTS = ["record", "row", "reason", "notes", "faces", *POINT_COLUMNS, *BOX_COLUMNS]
NAN_POINTS = np.full((5, 2), np.nan)
NAN_BOX = np.full(4, np.nan)


@dataclass(frozen=True)
class PackedFace:
    """One packed crop, or the reason why there is none; coordinates in pixels of `image`."""

    image: np.ndarray | None
    reason: str = ""
    notes: tuple[str, ...] = ()
    points: np.ndarray = field(default_factory=lambda: NAN_POINTS)
    box: np.ndarray = field(default_factory=lambda: NAN_BOX)
    faces: float = np.nan


def npy_header(shape: tuple[int, ...]) -> bytes:
    """Header of a uint8 .npy file; its length does not depend on the number of rows."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


_FILES = ("images.npy", "chunk-*.csv", ".facevalue-chunk-*.part", "labels.csv", "faceset.json", "skipped.csv")


def goes_on(folder: Path, state: str, key: str, names: Sequence[str]) -> bool:
    """Whether a partial folder is that of a run with this key; else it is emptied, or made.

    The file `state` is there from the first to the last, so that a partial folder is known as one.

    Parameters
    ----------
    folder : the partial folder.
    state : name of the file in it that holds the key; the caller writes it once all else is there.
    key : text of what decides the bytes.
    names : patterns of the names of all other files that a run leaves there.

    Raises
    ------
    FileExistsError : what lies there was not left by such a run, or not by it alone; nothing is removed.
    """
    if os.path.lexists(folder):
        there = sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else None
        if there is None or not all(_left_by_a_run(path, (state, *names)) for path in there):
            raise FileExistsError(f"{folder} holds what no run left there: move it away")
        if there and folder / state not in there:
            raise FileExistsError(f"{folder} has no {state}, so no run left it: move it away")
        if there and (folder / state).read_text(encoding="utf-8") == key:
            return True
    folder.mkdir(parents=True, exist_ok=True)
    (folder / state).write_bytes(b"")
    for path in folder.iterdir():
        if path.name != state:
            path.unlink()
    return False


def _left_by_a_run(path: Path, names: Sequence[str]) -> bool:
    return path.is_file() and not path.is_symlink() and any(fnmatchcase(path.name, one) for one in names)


@dataclass
class ResumableArray:
    """Partial folder `<folder>.part`: `images.npy` with rows so far, and a table per finished chunk.

    Attributes
    ----------
    total : records of the source.
    done : records that are finished, packed or not.
    rows : images that are packed.
    chunk : records between two points at which the state is kept.
    """

    folder: Path
    final: Path
    total: int
    size: tuple[int, int]
    done: int = 0
    rows: int = 0

    @property
    def chunk(self) -> int:
        """Number of records per chunk, so that their crops take a few megabytes."""
        return int(np.clip(_CHUNK_BYTES // (3 * math.prod(self.size)), 16, _CHUNK_MOST))

    @classmethod
    def open(cls, final: Path, total: int, size: tuple[int, int], key: str) -> ResumableArray:
        """Resume a run with the same `key`, or start a new one.

        Raises
        ------
        FileExistsError : the partial folder is not one of a run, see `goes_on`.
        """
        part = cls(final.with_name(final.name + ".part"), final, total, size)
        if not goes_on(part.folder, "key.json", json.dumps(key), _FILES):
            (part.folder / "images.npy").write_bytes(npy_header((total, *size, 3)))
            (part.folder / "key.json").write_text(json.dumps(key))
        results = part.results()
        part.done, part.rows = len(results), int((results["row"] >= 0).sum())
        return part

    def _tables(self) -> list[Path]:
        return sorted(self.folder.glob("chunk-*.csv"))

    def results(self) -> pd.DataFrame:
        """Outcome of the records so far, one row each."""
        kinds: Any = {"reason": str, "notes": str}
        tables = [
            pd.read_csv(path, dtype=kinds, keep_default_na=False, na_values=[""]) for path in self._tables()
        ]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_RESULTS)

    def add(self, cuts: Iterable[PackedFace]) -> None:
        """Write the images of one chunk, then mark it as done."""
        start = len(npy_header((self.total, *self.size, 3))) + self.rows * 3 * math.prod(self.size)
        with open(self.folder / "images.npy", "r+b") as out:
            out.seek(start)
            table = pd.DataFrame(self._written(cuts, out), columns=_RESULTS)
        path = self.folder / f"chunk-{self.done:09d}.csv"
        with atomic_write(path) as half:
            table.to_csv(half, index=False, float_format="%.4f")
        self.done += len(table)
        self.rows += int((table["row"] >= 0).sum())

    def _written(self, cuts: Iterable[PackedFace], out: BinaryIO) -> Iterator[list[Any]]:
        row = self.rows
        for record, cut in enumerate(cuts, start=self.done):
            packed = cut.image is not None
            if cut.image is not None:
                out.write(np.ascontiguousarray(cut.image).data)
            values = [*cut.points.ravel(), *cut.box]
            yield [record, row if packed else -1, cut.reason, ";".join(cut.notes), cut.faces, *values]
            row += packed

    def finish(
        self, labels: pd.DataFrame, skipped: pd.DataFrame, name: str, about: dict[str, Any], publishable: bool
    ) -> FaceSet:
        """Truncate the file to its rows, write labels, rename the folder; returns the FaceSet."""
        if not self.rows:
            reasons = ", ".join(f"{count} x {reason}" for reason, count in about["skipped"].items())
            raise FaceSetError(f"{name}: no picture could be packed into {self.final}: {reasons}")
        head = npy_header((self.rows, *self.size, 3))
        with open(self.folder / "images.npy", "r+b") as out:
            out.write(head)
            out.truncate(len(head) + self.rows * 3 * math.prod(self.size))
        write_description(self.folder, labels, name, about, publishable)
        skipped.to_csv(self.folder / "skipped.csv", index=False, lineterminator="\n")
        state = self.folder / "key.json"
        state.write_bytes(b"")  # against a kill: no run goes on here, but it may be emptied
        for path in [*self._tables(), state]:
            path.unlink()
        os.replace(self.folder, self.final)
        return FaceSet.open(self.final)
