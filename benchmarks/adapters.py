"""Packing against a plain Pillow loop: images per second and peak memory.

    python -m benchmarks.adapters [--sizes 2000 20000 200000] [--pixels 64] [--workers 2]

The plain loop opens each picture of the tar, resizes it and keeps it in a list, as scripts do. Both run in a
process of their own for each size, one after the other, so that ratios and peaks mean something on a busy
machine. The pictures are synthetic JPEGs of 1.25 times the packed size. At 200,000 of 64 pixels the tar takes
0.7 GB of disk and the packed set 2.4 GB; both are given back.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import _processes
from lib.faces.loading.load import load

PLAIN_MOST = 20_000
"""The plain loop keeps everything in memory, so it is not run for more."""


def write_tar(path: Path, count: int, pixels: int) -> None:
    """`count` pictures in folders of 20, drawn from 64 different JPEGs."""
    generator = np.random.default_rng(0)
    side = pixels * 5 // 4
    pictures = []
    for _ in range(64):
        small = generator.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=75)
        pictures.append(buffer.getvalue())
    with tarfile.open(path, "w") as archive:
        for i in range(count):
            entry = tarfile.TarInfo(f"s{i // 20:05d}/{i:06d}.jpg")
            entry.size = len(pictures[i % 64])
            archive.addfile(entry, io.BytesIO(pictures[i % 64]))


def packed(path: Path, out: Path, pixels: int, workers: int) -> int:
    """Pack with the library; the number of images."""
    return len(load("folder", path, size=pixels, cache=out, workers=workers))


def plain(path: Path, out: Path, pixels: int, workers: int) -> int:
    """The loop of many a script: everything in one list, then one array."""
    images = []
    with tarfile.open(path) as archive:
        for entry in archive:
            data = archive.extractfile(entry)
            if data is None:
                continue
            picture = Image.open(data).convert("RGB").resize((pixels, pixels), Image.Resampling.BICUBIC)
            images.append(np.asarray(picture))
    np.save(out / "images.npy", np.stack(images))
    return len(images)


WAYS = {"pack": packed, "plain": plain}


def here(way: str, path: Path, pixels: int, workers: int) -> dict[str, float]:
    """Run one way in this process: seconds of the clock and of the processor, and peak memory in MB."""
    with tempfile.TemporaryDirectory(dir=path.parent) as out:
        start, cpu = time.perf_counter(), time.process_time()
        count = WAYS[way](path, Path(out), pixels, workers)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    speed = {"images": count, "per_second": count / seconds, "cpu_ms": 1000 * cpu / count}
    return speed | {"peak_mb": _processes.peak_mb()}


def apart(way: str, path: Path, pixels: int, workers: int) -> dict[str, float]:
    """The same in a process of its own; its progress bar shows on stderr."""
    options = ["--tar", path, "--pixels", pixels, "--workers", workers]
    return _processes.apart("benchmarks.adapters", "--way", way, *options)


def main(
    sizes: tuple[int, ...] = (2000, 20_000), pixels: int = 64, workers: int = 2
) -> dict[str, float | str]:
    """Images per second and peak memory of both ways at each size, and their ratios."""
    measured: dict[str, float | str] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pictures.tar"
            write_tar(path, size, pixels)
            pack = apart("pack", path, pixels, workers)
            loop = apart("plain", path, pixels, workers) if size <= PLAIN_MOST else None
        measured[f"{size}: pack, images per second"] = pack["per_second"]
        measured[f"{size}: pack, peak memory"] = f"{pack['peak_mb']:.0f} MB"
        if loop:
            measured[f"{size}: plain, peak memory"] = f"{loop['peak_mb']:.0f} MB"
            measured[f"{size}: pack / plain, images per second"] = pack["per_second"] / loop["per_second"]
            measured[f"{size}: pack / plain, processor time"] = pack["cpu_ms"] / loop["cpu_ms"]
    return measured


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 20_000])
    parser.add_argument("--pixels", type=int, default=64)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--way", choices=list(WAYS), help=argparse.SUPPRESS)
    parser.add_argument("--tar", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    from benchmarks.__main__ import show

    asked = _arguments()
    if asked.way:
        print(json.dumps(here(asked.way, asked.tar, asked.pixels, asked.workers)))
    else:
        show(main(tuple(asked.sizes), asked.pixels, asked.workers))
