"""Epochs of a training through Keras' pipeline, which tunes itself, and through ours, which does not.

    python -m benchmarks.epochs

Each runs in a process of its own with one thread on one core, as trainings beside each other do
(`training.beside`). Seconds on the clock over seconds of the processor say how long nothing was computed.
"""

from __future__ import annotations

import argparse
import json
import os
import time

import numpy as np

from benchmarks import _processes

EPOCHS, IMAGES, PIXELS = 4, 1600, 64
WAYS = ("tuned", "prompt")


def here(way: str) -> dict[str, float]:
    """Train here: seconds on the clock and of the processor, after an epoch that does not count."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    import keras

    from lib.networks.gender_classifier import gender_classifier
    from lib.training.data.feed import Feed
    from lib.training.loop.device import set_determinism, use_xla
    from lib.training.loop.prefetch import PrefetchedBatches, without_autotune

    set_determinism(0, threads=1)
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (IMAGES, PIXELS, PIXELS, 1), np.uint8)
    values = {"male": random.integers(0, 2, (IMAGES, 1)).astype(np.float32)}
    shared = {"targets": "male", "batch": 32, "scale": True}
    feed, check = (
        Feed({"image": pictures}, values, **shared),
        Feed({"image": pictures[:400]}, {"male": values["male"][:400]}, shuffle=False, **shared),
    )
    network = gender_classifier(PIXELS)
    network.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=use_xla())
    handed = without_autotune if way == "prompt" else lambda batches: batches
    with PrefetchedBatches(feed) as ahead:
        network.fit(handed(ahead), validation_data=handed(check), epochs=1, verbose=0)
        wall, cpu = time.perf_counter(), time.process_time()
        network.fit(handed(ahead), validation_data=handed(check), epochs=EPOCHS, verbose=0)
        return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def main() -> dict[str, float]:
    """Seconds an epoch, the share in which nothing was computed, and how many times faster ours is."""
    found = {way: _processes.apart("benchmarks.epochs", "--way", way) for way in WAYS}
    measured = {f"{way}: seconds an epoch": one["wall"] / EPOCHS for way, one in found.items()}
    measured |= {
        f"{way}: share of waiting": max(0.0, 1 - one["cpu"] / one["wall"]) for way, one in found.items()
    }
    return measured | {"times faster": found["tuned"]["wall"] / found["prompt"]["wall"]}


if __name__ == "__main__":
    from benchmarks.__main__ import show

    parser = argparse.ArgumentParser()
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args().way
    if asked:
        print(json.dumps(here(asked)))
    else:
        show(main())
