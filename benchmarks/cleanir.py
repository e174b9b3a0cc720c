"""Training of CLEANIR in this project's loop against a plain float32 loop: images per second.

    python -m benchmarks.cleanir
    CLEANIR_STEPS=20 python -m benchmarks.cleanir

Both train the same networks by the source's three losses on the same pictures, at the width that ships. The
plain loop is float32, `jit_compile=False`, and opens JPEG files batch by batch. The other takes its batches
from a Feed, and its dtype policy and XLA are those chosen for the machine. They are measured in turns in one
run, so that the ratio holds where seconds do not; where other work runs beside it, quote neither.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.autoencoder import clocks
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder
from lib.training.data.feed import Feed
from lib.training.loop.device import best_dtype_policy, use_xla
from lib.training.loop.prefetch import PrefetchedBatches
from lib.training.objectives.cleanir_objective import Cleanir, CleanirWeights

STEPS = int(os.environ.get("CLEANIR_STEPS", "8"))
TURNS, BATCH, FILES, SIZE, IDENTITY, ATTRIBUTES, WIDTH = 3, 16, 256, 64, 128, 128, 0.5
RATE = 1e-3
AIM = 2.0


def network(policy: str, jit: bool) -> Cleanir:
    """A CLEANIR with the source's losses, made and trained under a dtype policy."""
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy(policy)
    halves = {"identity": IDENTITY, "attributes": ATTRIBUTES, "width": WIDTH}
    made = Cleanir(cleanir_encoder(SIZE, **halves), cleanir_decoder(SIZE, **halves))
    made.weights_of_terms = CleanirWeights.of_source(SIZE)
    made.compile(keras.optimizers.Adam(RATE), jit_compile=jit)
    keras.config.set_dtype_policy("float32")
    return made


class Plain:
    """What a loop without this project does: decode, stack, float32."""

    def __init__(self, paths: list[Path], values: dict[str, np.ndarray]) -> None:
        self.paths, self.values, self.network = paths, values, network("float32", False)

    def train(self, steps: int) -> None:
        for step in range(steps):
            rows = np.arange(step * BATCH, (step + 1) * BATCH) % len(self.paths)
            images = np.stack([np.asarray(Image.open(self.paths[row])) for row in rows])
            told = {name: value[rows] for name, value in self.values.items()}
            self.network.train_on_batch({"image": images.astype(np.float32) / 255, **told})


class Fast:
    """A Feed, and the precision chosen for this machine."""

    def __init__(self, images: np.ndarray, values: dict[str, np.ndarray]) -> None:
        self.feed = Feed(
            {"image": images}, values, inputs=("image", *values), batch=BATCH, scale=True, shuffle=False
        )
        self.network = network(best_dtype_policy(), use_xla())

    def train(self, steps: int) -> None:
        with PrefetchedBatches(self.feed) as ahead:
            for step in range(steps):
                self.network.train_on_batch(ahead[step % len(ahead)][0])


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
        works = {"plain": Plain(paths, values), "ours": Fast(images, values)}
        spent: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for work in works.values():
            work.train(2)
        for _ in tqdm(range(TURNS), desc="turns", file=sys.stderr):
            for name, work in works.items():
                spent[name].append(clocks(work.train, STEPS))
    rates = {name: STEPS * BATCH / np.median(np.array(times), axis=0) for name, times in spent.items()}
    wall, cpu = rates["ours"] / rates["plain"]
    return {
        "plain float32 loop": f"{rates['plain'][0]:.1f} images/s",
        f"ours, {best_dtype_policy()}": f"{rates['ours'][0]:.1f} images/s",
        "times faster": f"{wall:.2f} (aim with AMX or on a GPU: {AIM:g}), by processor seconds {cpu:.2f}",
    }


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(main())
