"""Protecting a set of faces: images per second and peak memory.

    python -m benchmarks.perturbing [--sizes 2000 20000 200000] [--pixels 112] [--protection san]

The protection is one that costs nothing, unless another is named. So what is measured is what `perturb` adds
to any protection: reading, grey, distances, writing. Beside it a plain loop that opens a JPEG for each image,
alters it and saves it again, as scripts do. Each runs in a process of its own. The cost per image at each
size over that at the smallest shows whether it is linear. The sets are synthetic; 200,000 images of 112 px
take 15 GB of disk, which is given back.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import _processes
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.protections.protect_set import protect_faceset
from lib.deidentify.protections.registry import PROTECTIONS, protection_named
from lib.faces.faceset import FaceSet, write_description
from lib.faces.resumable_array import npy_header

DIFFERENT = 64
PLAIN = 2000
"""Images of the plain loop, whose cost per image does not depend on their number."""


@dataclass(frozen=True)
class Inverted(SolidFill):
    """The negative."""

    def __call__(self, faces: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        return 255 - faces


def pictures(pixels: int) -> np.ndarray:
    """DIFFERENT smooth random pictures, uint8."""
    coarse = np.random.default_rng(0).integers(0, 256, (DIFFERENT, 12, 12, 3), dtype=np.uint8)
    large = [Image.fromarray(one).resize((pixels, pixels), Image.Resampling.BICUBIC) for one in coarse]
    return np.stack(large)


def write_set(folder: Path, count: int, pixels: int) -> None:
    """A packed FaceSet of `count` images, seven of each subject."""
    folder.mkdir()
    some = pictures(pixels)
    with open(folder / "images.npy", "wb") as out:  # no memory map: its pages would count as ours
        out.write(npy_header((count, pixels, pixels, 3)))
        for start in range(0, count, DIFFERENT):
            out.write(some[: count - start].tobytes())
    numbers = np.arange(count)
    labels = pd.DataFrame({"image": numbers.astype(str), "subject": (numbers // 7).astype(str)})
    write_description(folder, labels.assign(split="test"), "synthetic", {}, True)


def streamed(protection: Protection, folder: Path, count: int, pixels: int) -> None:
    """With the library."""
    write_set(folder / "in", count, pixels)
    measure_from_here()
    protect_faceset(FaceSet.open(folder / "in"), protection, folder / "out")


def plain(folder: Path, count: int, pixels: int) -> None:
    """File by file."""
    some = pictures(pixels)
    for i in range(count):
        Image.fromarray(some[i % DIFFERENT]).save(folder / f"{i:06d}.jpg", quality=90)
    (folder / "out").mkdir()
    measure_from_here()
    for path in sorted(folder.glob("*.jpg")):
        altered = 255 - np.asarray(Image.open(path))
        Image.fromarray(altered).save(folder / "out" / path.name, quality=90)


FREE = "inverted"
"""The protection that costs nothing."""
_clock: dict[str, float] = {}


def measure_from_here() -> None:
    """Start the clocks: what was made for the measurement does not count."""
    _clock.update(wall=time.perf_counter(), cpu=time.process_time())


def way_of(name: str) -> Callable[[Path, int, int], None]:
    """`plain`, FREE, or a protection of the library."""
    return (
        plain
        if name == "plain"
        else partial(streamed, Inverted() if name == FREE else protection_named(name))
    )


def here(way: str, count: int, pixels: int) -> dict[str, float]:
    """Run one way in this process: CPU milliseconds and images per second, and peak memory in MB."""
    with tempfile.TemporaryDirectory() as folder:
        way_of(way)(Path(folder), count, pixels)
        seconds, cpu = time.perf_counter() - _clock["wall"], time.process_time() - _clock["cpu"]
    speed = {"per_second": count / seconds, "cpu_ms": 1000 * cpu / count}
    return speed | {"peak_mb": _processes.peak_mb()}


def apart(way: str, count: int, pixels: int) -> dict[str, float]:
    """The same in a process of its own; its progress bar shows on stderr."""
    return _processes.apart("benchmarks.perturbing", "--way", way, "--pixels", pixels, "--sizes", count)


def main(
    sizes: tuple[int, ...] = (2000, 20_000), pixels: int = 112, protection: str = FREE
) -> dict[str, float | str]:
    """Images per second, ratios to the plain loop and to the smallest size, and peak memory."""
    loop = apart("plain", PLAIN, pixels)
    measured: dict[str, float | str] = {"plain loop, images per second": loop["per_second"]}
    first = 0.0
    for size in sizes:
        ours = apart(protection, size, pixels)
        first = first or ours["cpu_ms"]
        measured[f"{size}: images per second"] = ours["per_second"]
        measured[f"{size}: peak memory"] = f"{ours['peak_mb']:.0f} MB (aim: 1500)"
        measured[f"{size}: times the plain loop's images per CPU second"] = loop["cpu_ms"] / ours["cpu_ms"]
        measured[f"{size}: CPU per image over that at {sizes[0]}"] = ours["cpu_ms"] / first
    return measured


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 20_000])
    parser.add_argument("--pixels", type=int, default=112)
    parser.add_argument("--protection", choices=[FREE, *sorted(PROTECTIONS)], default=FREE)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    from benchmarks.__main__ import show

    asked = _arguments()
    if asked.way:
        print(json.dumps(here(asked.way, asked.sizes[0], asked.pixels)))
    else:
        show(main(tuple(asked.sizes), asked.pixels, asked.protection))
