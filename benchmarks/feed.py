"""The feed against a plain loop that opens JPEG files with Pillow: images per second and memory.

    python -m benchmarks.feed [--sizes 2000 20000 200000] [--pixels 64]

Both are measured in turns in one run, so that their ratio means something on a busy machine. The images are
synthetic; at 200,000 the memory map takes 2.4 GB of disk, which is given back.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from PIL import Image
from tqdm import tqdm

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from lib.training.data.feed import Feed
from lib.training.loop.prefetch import PrefetchedBatches

BATCH = 64
STEPS = 120  # of the loop in one turn
TURNS = 5
FILES = 2000  # JPEG files; at larger sizes the loop goes round them, as decoding takes as long for any file


def synthetic(folder: Path, count: int, pixels: int) -> Path:
    """A memory map of smooth random pictures with some noise, which compress as photographs do."""
    path = folder / f"images-{count}.npy"
    images = open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, pixels, pixels, 3))
    some = pictures(pixels)
    for start in tqdm(range(0, count, FILES), desc=f"{count} images", unit="block"):
        images[start : start + FILES] = some[: count - start]
    images.flush()
    return path


def pictures(pixels: int) -> np.ndarray:
    """FILES different pictures, uint8."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (FILES, 8, 8, 3), dtype=np.uint8)
    smooth = [Image.fromarray(image).resize((pixels, pixels), Image.Resampling.BICUBIC) for image in coarse]
    noisy = np.stack(smooth) + random.normal(0, 6, (FILES, pixels, pixels, 3)).astype(np.float32)
    return noisy.clip(0, 255).astype(np.uint8)


def as_jpeg(images: np.ndarray, folder: Path) -> list[Path]:
    """The first images as JPEG files."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{i:06d}.jpg" for i in range(min(FILES, len(images)))]
    for path, image in zip(paths, images, strict=False):
        if not path.exists():
            Image.fromarray(image).save(path, quality=90)
    return paths


def plain_loop(paths: list[Path], steps: int, turn: int) -> None:
    """What a training loop without a feed does: open, decode, stack, scale, batch by batch."""
    order = np.random.default_rng(turn).permutation(len(paths))
    for step in range(steps):
        rows = np.take(order, range(step * BATCH, (step + 1) * BATCH), mode="wrap")
        np.stack([np.asarray(Image.open(paths[row])) for row in rows]).astype(np.float32) / np.float32(255)


def from_feed(feed: Feed, steps: int, turn: int) -> None:
    """The same batches from the memory map."""
    with PrefetchedBatches(feed) as ahead:
        ahead.epoch = turn
        for step in range(steps):
            ahead[step % len(ahead)]


def clocks(work: Callable[[], None]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def memory() -> dict[str, float]:
    """Memory of this process in MiB: its own, and pages of files, which the system takes back at need."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {}
    found = dict(line.split(":", 1) for line in lines)
    return {name: int(found[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile") if name in found}


def forget(path: Path) -> None:
    """Ask the system to drop the file from its cache, so that the first pass reads the disk."""
    if hasattr(os, "posix_fadvise"):
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(folder: Path, count: int, pixels: int) -> dict[str, float]:
    """Images per second of both, medians of turns, and what a whole epoch adds to the memory."""
    path = synthetic(folder, count, pixels)
    paths = as_jpeg(np.load(path, mmap_mode="r")[:FILES], folder / "jpeg")
    forget(path)
    before = memory()
    feed = Feed({"image": np.load(path, mmap_mode="r")}, batch=BATCH, scale=True)
    first, _ = clocks(lambda: from_feed(feed, len(feed), TURNS))
    after = memory()
    rounds = {"feed": [], "jpeg": []}  # type: dict[str, list[tuple[float, float]]]
    for turn in range(TURNS):
        rounds["feed"].append(clocks(lambda turn=turn: from_feed(feed, STEPS * 8, turn)))
        rounds["jpeg"].append(clocks(lambda turn=turn: plain_loop(paths, STEPS, turn)))
    path.unlink()
    feed_rate, jpeg_rate = rate(rounds["feed"], STEPS * 8), rate(rounds["jpeg"], STEPS)
    return {
        "images": count,
        "feed/s": feed_rate[0],
        "jpeg/s": jpeg_rate[0],
        "ratio": feed_rate[0] / jpeg_rate[0],
        "ratio of cpu": feed_rate[1] / jpeg_rate[1],
        "first epoch/s": len(feed) * BATCH / first,
        **{f"{name} MiB": after[name] - before[name] for name in after},
    }


def rate(turns: list[tuple[float, float]], steps: int) -> tuple[float, float]:
    """Images per wall second and per processor second, medians over the turns."""
    wall, cpu = np.median(np.array(turns), axis=0)
    return steps * BATCH / wall, steps * BATCH / cpu


def table(rows: Iterator[dict[str, float]]) -> None:
    for number, row in enumerate(rows):
        if number == 0:
            print("  ".join(f"{name:>13}" for name in row))
        print("  ".join(f"{value:13,.1f}" for value in row.values()), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000, 200_000])
    parser.add_argument("--pixels", type=int, default=64)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table(measure(Path(folder), size, given.pixels) for size in given.sizes)
    print(
        "Images per second; the first epoch reads from the disk. RssAnon is what the feed holds, RssFile the"
    )
    print("pages of the memory map, given back every 256 MiB.")


if __name__ == "__main__":
    main()
