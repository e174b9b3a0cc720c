"""CPU milliseconds of a rendered subject and of its pictures on one core, and as ratios.

    python -m benchmarks.rendering [--subjects 12] [--images 3]

The kernels are compiled before the clock starts. Yardstick is the decoding of a JPEG photograph's worth of
pixels with Pillow, measured in turns with the rest, so that the ratio holds on a busy machine too.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from lib.faces.rendered import Prepared, prepare, render, sample_shot, sample_subject
from lib.faces.rendered.output.shards import planned_expressions

FIRST = 500_000
PACK = 7  # pictures of a subject in the pack that ships
AIMS = {"subject": 300.0, "picture of 112 px": 60.0}


def clock(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU milliseconds of `work` in all threads, and what it returned."""
    start = time.process_time()
    result = work()
    return (time.process_time() - start) * 1000, result


def photograph(pixels: int = 512) -> bytes:
    """A JPEG of a smooth random picture."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize((pixels, pixels), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def decoded(data: bytes, times: int) -> None:
    """Decode a JPEG so many times."""
    for _ in range(times):
        np.asarray(Image.open(io.BytesIO(data)))


def subject(number: int) -> Prepared:
    """All that the pictures of a subject share."""
    return prepare(sample_subject(number))


def pictures(prepared: Prepared, images: int, size: int) -> None:
    """Some pictures of one subject, drawn and forgotten."""
    own = prepared.subject
    for k, expression in enumerate(planned_expressions(own.number, PACK)[:images]):
        render(prepared, sample_shot(own, k, expression), size)


def measure(subjects: int, images: int) -> dict[str, float]:
    """Median over subjects of the CPU milliseconds of each thing."""
    data = photograph()
    pictures(subject(FIRST - 1), 2, 112)
    turns: dict[str, list[float]] = {}
    for number in tqdm(range(FIRST, FIRST + subjects), desc="subjects", file=sys.stderr):
        spent, prepared = clock(partial(subject, number))
        turns.setdefault("subject", []).append(spent)
        for size in (112, 224):
            spent, _ = clock(partial(pictures, prepared, images, size))
            turns.setdefault(f"picture of {size} px", []).append(spent / images)
        spent, _ = clock(partial(decoded, data, 10))
        turns.setdefault("JPEG of 512 px decoded", []).append(spent / 10)
    return {name: float(np.median(values)) for name, values in turns.items()}


def main(subjects: int = 12, images: int = 3) -> dict[str, float | str]:
    """CPU milliseconds, ratios, and what the aims were."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with threadpool_limits(1):
            spent = measure(subjects, images)
    finally:
        cv2.setNumThreads(threads)
    small, large, once = spent["picture of 112 px"], spent["picture of 224 px"], spent["subject"]
    shown: dict[str, float | str] = {
        f"{name}, CPU ms": f"{value:.1f}" + (f" (aim: {AIMS[name]:.0f})" if name in AIMS else "")
        for name, value in spent.items()
    }
    return shown | {
        "a picture of 224 px over one of 112 px": large / small,
        "a subject over its picture of 112 px": once / small,
        "a picture of 112 px over a decoded JPEG": small / spent["JPEG of 512 px decoded"],
        f"subject's share of {PACK} pictures of 112 px": once / (once + PACK * small),
        f"pictures of 112 px a second and core, {PACK} a subject": 1000 / (small + once / PACK),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subjects", type=int, default=12)
    parser.add_argument("--images", type=int, default=3)
    for what, value in main(**vars(parser.parse_args())).items():
        print(f"{what}: {value if isinstance(value, str) else format(value, '.3g')}")
