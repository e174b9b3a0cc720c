"""Training of CLEANIR in this project's loop against a plain float32 loop: images per second.

    python -m benchmarks.cleanir
    CLEANIR_STEPS=20 python -m benchmarks.cleanir

Both train the same networks by the source's three losses on the same pictures, at the width that ships. The
plain loop is float32, `jit_compile=False`, opens JPEG files batch by batch, and its decoder convolves the
enlarged maps. The other takes its batches from a Feed and convolves the small maps to the same effect (the
outputs are compared), in float32 and, where the processor multiplies bfloat16, in that. All are measured in
turns in one run, so that ratios hold where seconds do not; where other work runs beside it, quote neither.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.autoencoder import clocks, policies
from lib.networks.cleanir import EnlargedConv2D, cleanir_decoder, cleanir_encoder
from lib.training.data.feed import Feed
from lib.training.loop.device import best_dtype_policy, use_xla
from lib.training.loop.prefetch import PrefetchedBatches
from lib.training.objectives.cleanir_objective import Cleanir, CleanirWeights

STEPS = int(os.environ.get("CLEANIR_STEPS", "8"))
TURNS, BATCH, FILES, SIZE, IDENTITY, ATTRIBUTES, WIDTH = 3, 16, 256, 64, 128, 128, 0.5
RATE = 1e-3
AIM, AGREE = 2.0, 5e-6


class ConvolvedEnlarged(keras.layers.Conv2D):
    """3 x 3 convolution of the map enlarged by 2, as the source writes it."""

    def __init__(self, filters: int, **options: Any) -> None:
        super().__init__(filters, **{**options, "kernel_size": 3, "padding": "same"})

    def call(self, inputs: Any) -> Any:
        return super().call(keras.ops.repeat(keras.ops.repeat(inputs, 2, axis=1), 2, axis=2))

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, height, width, _ = input_shape
        return batch, 2 * height, 2 * width, self.filters


def network(policy: str, jit: bool, enlarged: type[keras.layers.Layer]) -> Cleanir:
    """A CLEANIR with the source's losses, made and trained under a dtype policy."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    halves = {"identity": IDENTITY, "attributes": ATTRIBUTES, "width": WIDTH}
    with patch("lib.networks.cleanir.EnlargedConv2D", enlarged):
        made = Cleanir(cleanir_encoder(SIZE, **halves), cleanir_decoder(SIZE, **halves))
    made.weights_of_terms = CleanirWeights.of_source(SIZE)
    made.compile(keras.optimizers.Adam(RATE), jit_compile=jit)
    keras.config.set_dtype_policy("float32")
    return made


class Plain:
    """What a loop without this project does: decode, stack, float32."""

    def __init__(self, paths: list[Path], values: dict[str, np.ndarray]) -> None:
        self.paths, self.values = paths, values
        self.network = network("float32", False, ConvolvedEnlarged)

    def train(self, steps: int) -> None:
        for step in range(steps):
            rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(self.paths)
            images = np.stack([np.asarray(Image.open(self.paths[row])) for row in rows])
            told = {name: value[rows] for name, value in self.values.items()}
            self.network.train_on_batch({"image": images.astype(np.float32) / 255, **told})


class Fast:
    """A Feed and the cheaper form under a dtype policy."""

    def __init__(self, images: np.ndarray, values: dict[str, np.ndarray], policy: str) -> None:
        self.feed = Feed(
            {"image": images}, values, inputs=("image", *values), batch=BATCH, scale=True, shuffle=False
        )
        self.network = network(policy, use_xla(), EnlargedConv2D)

    def train(self, steps: int) -> None:
        with PrefetchedBatches(self.feed) as ahead:
            for step in range(steps):
                self.network.train_on_batch(ahead[step % len(ahead)][0])


def difference() -> float:
    """Largest difference of both decoders' outputs from equal weights, in float32; an error above AGREE."""
    plain, ours = (network("float32", False, kind).decoder for kind in (ConvolvedEnlarged, EnlargedConv2D))
    ours.set_weights(plain.get_weights())
    random = np.random.default_rng(0)
    halves = {
        "identity": random.normal(size=(4, IDENTITY)),
        "attributes": random.normal(size=(4, ATTRIBUTES)),
    }
    worst = float(np.abs(plain.predict_on_batch(halves) - ours.predict_on_batch(halves)).max())
    if worst > AGREE:
        raise AssertionError(f"the decoders differ by {worst:.2g}")
    return worst


def pictures(folder: Path) -> tuple[np.ndarray, list[Path]]:
    """Smooth random colour pictures (N, 64, 64, 3) uint8 with some noise, and the same as JPEG files."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (FILES, 8, 8, 3), dtype=np.uint8)
    smooth = [Image.fromarray(one).resize((SIZE, SIZE), Image.Resampling.BICUBIC) for one in coarse]
    images = (np.stack(smooth) + random.normal(0, 6, (FILES, SIZE, SIZE, 3))).clip(0, 255).astype(np.uint8)
    paths = [folder / f"{number:04d}.jpg" for number in range(FILES)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path, quality=90)
    return images, paths


def main() -> dict[str, float | str]:
    """Images per second in both ways, and their ratio."""
    embeddings = np.random.default_rng(1).normal(size=(FILES, IDENTITY)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    values = {"embedding": embeddings, "others": embeddings}
    with tempfile.TemporaryDirectory() as folder:
        images, paths = pictures(Path(folder))
        works: dict[str, Plain | Fast] = {"plain": Plain(paths, values)}
        works |= {policy: Fast(images, values, policy) for policy in policies()}
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for work in works.values():
            work.train(2)
        for _ in tqdm(range(TURNS), desc="turns", file=sys.stderr):
            for name, work in works.items():
                spent[name].append(clocks(work.train, STEPS))
    rates = {name: STEPS * BATCH / np.median(np.array(times), axis=0) for name, times in spent.items()}
    plain = rates.pop("plain")
    shown: dict[str, float | str] = {
        "decoders differ by, float32": difference(),
        "plain float32 loop": f"{plain[0]:.1f} images/s",
    }
    for policy, rate in rates.items():
        shown[f"ours, {policy}"] = (
            f"{rate[0]:.1f} images/s, {rate[0] / plain[0]:.2f} x "
            f"(by processor seconds {rate[1] / plain[1]:.2f} x; aim with AMX or on a GPU: {AIM:g})"
        )
    return shown | {"precision chosen for this machine": best_dtype_policy()}


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(main())
