"""Memory of the folder tool on a folder of any length, and whether a Dask cluster makes the same copies.

    python -m benchmarks.many_photographs
    MANY_PHOTOGRAPHS=2000 python -m benchmarks.many_photographs

Photographs are small (96 px), their one face is a dark square that a stand-in for a detector finds at once,
and the protection needs no network, so that what is measured is the tool itself: lists, hashes, records,
manifest. Peaks are of processes of their own, after 500 photographs and after 10,000. What grows is the
record of each photograph, which the manifest needs. The same photographs go through this process, through two
worker processes and through a Dask cluster of two; copies and manifests must be equal byte by byte.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import _processes
from lib.deidentify.photos.folder import protect_folder
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.detections import Detections

FEW, MANY = 500, int(os.environ.get("MANY_PHOTOGRAPHS", "10000"))
SIDE, ALIKE = 96, 60
"""Pixels of a photograph, and photographs that are made in each way and compared."""


def dark_square(image: np.ndarray) -> Detections:
    """A detector of the photographs' dark square."""
    rows, columns = np.nonzero(image[..., 1] < 60)
    if len(rows) < 100:
        return Detections.none()
    x, y = columns.mean(), rows.mean()
    points = np.array([[x - 9, y - 8], [x + 9, y - 8], [x, y], [x - 8, y + 9], [x + 8, y + 9]])
    return Detections(np.array([[x - 20, y - 20, x + 20, y + 20]]), points[None], np.ones(1))


def fill(folder: Path, count: int) -> Path:
    """A folder of photographs, 1,000 to a subfolder; ten different ones, again and again."""
    files = []
    for number in range(10):
        image = np.full((SIDE, SIDE, 3), 120 + 10 * number, np.uint8)
        image[30:64, 25 + number : 59 + number] = 20
        file = io.BytesIO()
        Image.fromarray(image).save(file, "PNG")
        files.append(file.getvalue())
    for number in range(count):
        place = folder / f"{number // 1000:03d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:06d}.png").write_bytes(files[number % 10])
    return folder


def here(count: int) -> dict[str, float]:
    """Protect a folder in this process: the process's peak in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = fill(Path(scratch) / "in", count)
        manifest = protect_folder(folder, Path(scratch) / "out", SolidFill(), dark_square, progress=False)
    assert manifest.complete and len(manifest.records) == count
    return {"peak": _processes.peak_mb()}


def copies(folder: Path, out: Path, **how: Any) -> dict[str, bytes]:
    """All files that a run leaves, by their paths."""
    protect_folder(folder, out, SolidFill(), dark_square, progress=False, **how)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def equal_everywhere(scratch: Path) -> bool:
    """Whether this process, two workers and a cluster of two leave the same bytes."""
    from distributed import Client, LocalCluster

    folder = fill(scratch / "in", ALIKE)
    here_made = copies(folder, scratch / "here")
    workers = copies(folder, scratch / "workers", workers=2)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        clustered = copies(folder, scratch / "cluster", client=client)
    return len(here_made) == ALIKE + 2 and here_made == workers == clustered


def main() -> dict[str, float | str]:
    """Measure."""
    few, many = (_processes.apart("benchmarks.many_photographs", "--count", one) for one in (FEW, MANY))
    with tempfile.TemporaryDirectory() as scratch:
        same = equal_everywhere(Path(scratch))
    kilobytes = 1000 * (many["peak"] - few["peak"]) / (MANY - FEW)
    return {
        f"memory after {MANY} photographs over that after {FEW}": (
            f"{many['peak'] / few['peak']:.2f} (aim: 1.2), {kilobytes:.1f} kB more for each photograph"
        ),
        "copies and manifest here, by two workers and on a cluster": "the same" if same else "DIFFER",
    }


if __name__ == "__main__":
    from benchmarks.__main__ import show

    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args().count
    if asked:
        print(json.dumps(here(asked)))
    else:
        show(main())
