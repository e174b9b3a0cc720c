"""The semi-adversarial autoencoder in its cheaper form against a plain Keras loop: images per second.

    python -m benchmarks.autoencoder [--pixels 112] [--batch 16] [--steps 6] [--turns 3]

The plain loop is float32, `jit_compile=False`, and opens JPEG files batch by batch. The other takes its
batches from a Feed, in float32 and, where the processor multiplies bfloat16, in that. All are measured in
turns in one run, so that the ratios hold on a busy machine; those by processor seconds are steadier, and
so are the shares of the peak taken. Training is pretraining: one output, the full cross-entropy of pixels.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from lib.networks.san import SanAutoencoder
from lib.networks.san_losses import pixel_loss
from lib.networks.san_reference import autoencoder
from lib.training.data.feed import Feed
from lib.training.loop.device import best_dtype_policy, cpu_flags, use_xla
from lib.training.loop.prefetch import PrefetchedBatches

AIMS = {"training": 4.0, "perturbation": 7.0}  # on a CPU with AMX
AGREE = 5e-6
FILES = 256
PLACES = {"sm": 0, "nt": 1, "op": 2}

Work = Callable[[int], None]


def pictures(folder: Path, pixels: int) -> tuple[np.ndarray, list[Path]]:
    """Smooth random grey pictures (N, H, W, 1) uint8 with some noise, and the same as JPEG files."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (FILES, 8, 8), dtype=np.uint8)
    smooth = [Image.fromarray(one).resize((pixels, pixels), Image.Resampling.BICUBIC) for one in coarse]
    images = (np.stack(smooth) + random.normal(0, 6, (FILES, pixels, pixels))).clip(0, 255).astype(np.uint8)
    paths = [folder / f"{i:04d}.jpg" for i in range(FILES)]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image).save(path, quality=90)
    return images[..., None], paths


class Plain:
    """What a loop without this project does: decode, stack, choose prototypes, one pass for each output."""

    def __init__(self, paths: list[Path], labels: np.ndarray, prototypes: np.ndarray, batch: int) -> None:
        self.paths, self.labels, self.prototypes, self.batch = paths, labels, prototypes, batch
        self.model = autoencoder(prototypes.shape[1])
        self.model.compile(keras.optimizers.Adam(), pixel_loss, jit_compile=False)

    def inputs(self, step: int, output: str) -> dict[str, np.ndarray]:
        rows = np.arange(step * self.batch, (step + 1) * self.batch) % len(self.paths)
        images = np.stack([np.asarray(Image.open(self.paths[row])) for row in rows])[..., None]
        own = self.labels[rows].astype(int)
        shown = self.prototypes[{"sm": own, "nt": np.full_like(own, 2), "op": 1 - own}[output]]
        return {"image": images.astype(np.float32) / 255, "same": self.prototypes[own], "shown": shown}

    def train(self, steps: int) -> None:
        for step in range(steps):
            inputs = self.inputs(step, "sm")
            self.model.train_on_batch(inputs, inputs["image"])

    def perturb(self, steps: int, outputs: tuple[str, ...] = ("op",)) -> None:
        for step in range(steps):
            for output in outputs:
                self.model.predict_on_batch(self.inputs(step, output))


class Fast:
    """A Feed and the cheaper form under a dtype policy."""

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, prototypes: np.ndarray, batch: int, policy: str
    ) -> None:
        self.feed = Feed(
            {"image": images},
            {"label": labels},
            inputs=("image", "label"),
            batch=batch,
            scale=True,
            shuffle=False,
        )
        keras.config.set_dtype_policy(policy)
        self.models = {
            outputs: SanAutoencoder(prototypes, prototypes.shape[1], outputs=outputs)
            for outputs in (("sm",), ("op",), tuple(PLACES))
        }
        keras.config.set_dtype_policy("float32")
        for outputs, model in self.models.items():
            model.compile(keras.optimizers.Adam(), dict.fromkeys(outputs, pixel_loss), jit_compile=use_xla())

    def batches(self, steps: int) -> Any:
        with PrefetchedBatches(self.feed) as ahead:
            for step in range(steps):
                yield ahead[step % len(ahead)][0]

    def train(self, steps: int) -> None:
        for inputs in self.batches(steps):
            self.models["sm",].train_on_batch(inputs, {"sm": inputs["image"]})

    def perturb(self, steps: int, outputs: tuple[str, ...] = ("op",)) -> None:
        for inputs in self.batches(steps):
            self.models[outputs].predict_on_batch(inputs)


def peak(policy: str, side: int = 2048, turns: int = 5) -> float:
    """Operations in a processor second of a large matrix product, the best of some turns."""
    dtype = "bfloat16" if policy.endswith("bfloat16") else "float32"
    a = keras.ops.cast(keras.random.normal((side, side)), dtype)
    spent = []
    for _ in range(turns + 1):
        start = time.process_time()
        np.asarray(keras.ops.matmul(a, a)[:1, :1])
        spent.append(time.process_time() - start)
    return 2 * side**3 / min(spent[1:])


def operations(pixels: int) -> float:
    """Operations of one forward pass of the cheaper form at the source's channels: two a multiply-add."""
    full, half, quarter = pixels**2, (pixels // 2) ** 2, (pixels // 4) ** 2
    folded = (pixels // 4 + 1) ** 2 * 4 * 256 * 4 * 128
    return 2 * (full * 9 * 4 * 8 + half * 9 * 8 * 12 + quarter * 9 * 12 * 256 + folded)


def clocks(work: Work, steps: int) -> tuple[float, float]:
    """Wall and processor seconds of so many steps."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(steps)
    return time.perf_counter() - wall, time.process_time() - cpu


def rates(works: dict[str, Work], images: int, steps: int, turns: int) -> dict[str, tuple[float, float]]:
    """Images per wall second and per processor second of each work, medians over turns."""
    for work in works.values():
        work(1)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in tqdm(range(turns), desc="turns", file=sys.stderr):
        for name, work in works.items():
            found[name].append(clocks(work, steps))
    return {name: tuple(steps * images / np.median(np.array(times), axis=0)) for name, times in found.items()}


def check_equal(plain: Plain, fast: Fast) -> float:
    """Largest difference of the outputs from equal weights, on the same batch; an error above AGREE."""
    inputs = plain.inputs(0, "op")
    model = fast.models["op",]
    model.set_weights(plain.model.get_weights())
    ours = model.predict_on_batch({"image": inputs["image"], "label": plain.labels[: plain.batch]})["op"]
    worst = float(np.abs(ours - plain.model.predict_on_batch(inputs)).max())
    if worst > AGREE:
        raise AssertionError(f"the cheaper form differs by {worst:.2g} from the plain one")
    return worst


def policies() -> list[str]:
    """float32, and bfloat16 where the machine multiplies it."""
    multiplies = best_dtype_policy() == "mixed_bfloat16" or bool({"amx_bf16", "avx512_bf16"} & cpu_flags())
    return ["float32", "mixed_bfloat16"] if multiplies else ["float32"]


def main(pixels: int = 112, batch: int = 16, steps: int = 6, turns: int = 3) -> dict[str, float | str]:
    """Ratios to the plain loop, rates, and shares of the peak."""
    random = np.random.default_rng(1)
    prototypes = random.random((3, pixels, pixels, 3), np.float32)
    labels = random.integers(0, 2, FILES).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        images, paths = pictures(Path(folder), pixels)
        plain = Plain(paths, labels, prototypes, batch)
        fast = {policy: Fast(images, labels, prototypes, batch, policy) for policy in policies()}
        shown: dict[str, float | str] = {"outputs differ by, float32": check_equal(plain, fast["float32"])}
        works = {
            "training": lambda one: one.train,
            "perturbation": lambda one: one.perturb,
            "all three outputs": lambda one: lambda n: one.perturb(n, tuple(PLACES)),
        }
        peaks = {policy: peak(policy) for policy in fast}
        for what, of in works.items():
            runs = {"plain": of(plain), **{policy: of(one) for policy, one in fast.items()}}
            found = rates(runs, batch, steps, turns)
            shown |= report(what, found, peaks, operations(pixels) * (3 if what == "training" else 1))
    return shown | {"precision chosen for this machine": best_dtype_policy(), **peak_lines(peaks)}


def report(
    what: str, found: dict[str, tuple[float, float]], peaks: dict[str, float], work: float
) -> dict[str, float | str]:
    """Lines of one kind of work; `work` in operations per image."""
    plain = found["plain"]
    lines: dict[str, float | str] = {f"{what}, plain loop": f"{plain[0]:.1f} images/s"}
    for policy, rate in found.items():
        if policy == "plain":
            continue
        aim = f"; aim with AMX: {AIMS[what]:.0f}" if what in AIMS else ""
        lines[f"{what}, {policy}"] = (
            f"{rate[0]:.1f} images/s, {rate[0] / plain[0]:.1f} x "
            f"(by processor seconds {rate[1] / plain[1]:.1f} x{aim}), "
            f"{100 * rate[1] * work / peaks[policy]:.0f} % of the peak"
        )
    return lines


def peak_lines(peaks: dict[str, float]) -> dict[str, str]:
    return {
        f"matrix product of 2048, {policy}": f"{value / 1e9:.0f} GFLOP in a processor second"
        for policy, value in peaks.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in {"pixels": 112, "batch": 16, "steps": 6, "turns": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    for what, value in main(**vars(parser.parse_args())).items():
        print(f"{what}: {value if isinstance(value, str) else format(value, '.3g')}")
