"""Partial folder of a packing run: images written so far, from which a killed run resumes."""

from __future__ import annotations

import io
import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
        """Resume a run with the same `key`, or start a new one."""
        part = cls(final.with_name(final.name + ".part"), final, total, size)
        state = part.folder / "key.json"
        if not state.exists() or json.loads(state.read_text()) != key:
            shutil.rmtree(part.folder, ignore_errors=True)
            part.folder.mkdir(parents=True)
            (part.folder / "images.npy").write_bytes(npy_header((total, *size, 3)))
            state.write_text(json.dumps(key))
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
        for path in [self.folder / "key.json", *self._tables()]:  # the key first, against a kill
            path.unlink()
        os.replace(self.folder, self.final)
        return FaceSet.open(self.final)
