"""Device settings: dtype policy, XLA, determinism, several devices; by Keras, TensorFlow or JAX."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import keras

CPUINFO = Path("/proc/cpuinfo")
_BF16_CAPABILITY = (8, 0)  # first NVIDIA generation with bfloat16 products


def best_dtype_policy(*, depthwise: bool = False) -> str:
    """Name of the fastest dtype policy here, for `keras.config.set_dtype_policy`.

    GPUs that multiply bfloat16, and CPUs with AMX tiles under TensorFlow (oneDNN), gain four to eight times
    by mixed_bfloat16; CPUs with AVX-512's bfloat16 products gain 1.6 to 1.8 times (`benchmarks.autoencoder`).
    Everywhere else bfloat16 is emulated, and under JAX a CPU has no gain.

    Parameters
    ----------
    depthwise : the network is made of depthwise convolutions (MobileNetV2), which lose by bfloat16 on CPUs.

    Returns
    -------
    `mixed_bfloat16` or `float32`.
    """
    capabilities = gpu_capabilities()
    if capabilities:
        return "mixed_bfloat16" if min(capabilities) >= _BF16_CAPABILITY else "float32"
    flags = cpu_flags()
    products = {"amx_tile", "amx_bf16"} <= flags or "avx512_bf16" in flags
    gains = keras.backend.backend() == "tensorflow" and products and not depthwise
    return "mixed_bfloat16" if gains else "float32"


def use_xla() -> bool:
    """Value of `jit_compile` for `compile`: True on GPUs and for JAX, False on TensorFlow's CPU.

    JAX is nothing but XLA, so there it is always true.
    XLA on a CPU loses the gain of bfloat16.
    """
    return keras.backend.backend() == "jax" or bool(gpu_capabilities())


def cpu_flags(cpuinfo: Path = CPUINFO) -> set[str]:
    """Instruction sets of the first CPU from /proc/cpuinfo; empty where there is none."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return next((set(line.split(":", 1)[1].split()) for line in lines if line.startswith("flags")), set())


def gpu_capabilities() -> list[tuple[int, int]]:
    """Compute capability of every GPU that the backend sees; (99, 0) where it is unknown."""
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        return [
            tf.config.experimental.get_device_details(gpu).get("compute_capability", (99, 0)) for gpu in gpus
        ]
    if backend == "jax":
        import jax

        texts = [getattr(d, "compute_capability", "99.0") for d in jax.devices() if d.platform == "gpu"]
        return [_version(str(text)) for text in texts]
    import torch

    return [torch.cuda.get_device_capability(i) for i in range(torch.cuda.device_count())]


def _version(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return (int(major), int(minor or 0)) if major.isdigit() and (minor or "0").isdigit() else (99, 0)


def set_determinism(seed: int, threads: int | None = None) -> None:
    """Seed Python, NumPy and the backend, and switch to deterministic operations.

    oneDNN stays on. Another processor or another number of threads may round otherwise.

    Parameters
    ----------
    seed : of everything random; call this before the network is built.
    threads : of TensorFlow; None leaves its choice. Only before TensorFlow's first operation.
    """
    keras.utils.set_random_seed(seed)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        tf.get_logger().setLevel("ERROR")  # else warnings about retracing end up on the page
        if threads is not None:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(threads)
    elif keras.backend.backend() == "jax" and "xla_gpu_deterministic_ops" not in os.environ.get(
        "XLA_FLAGS", ""
    ):
        # Takes effect only before JAX starts. A CPU is deterministic without it.
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true"


@contextlib.contextmanager
def distribute(devices: Sequence[str] | None = None) -> Iterator[int]:
    """Context manager: train on several devices, each with a part of every batch (data parallel).

    Build, compile and fit inside the `with`. JAX goes through `keras.distribution.DataParallel`, TensorFlow
    through `tf.distribute.MirroredStrategy`. Every batch must divide by the number of devices (a Feed with
    remainder="fill" or "drop" sees to the last one). With one device nothing changes.

    Parameters
    ----------
    devices : names such as `gpu:0`, as `keras.distribution.list_devices()` gives them; None takes all of the
        best kind.

    Yields
    ------
    Number of devices in use.
    """
    backend = keras.backend.backend()
    if backend not in ("jax", "tensorflow"):
        yield 1
        return
    names = list(devices) if devices is not None else keras.distribution.list_devices()
    if len(names) < 2:
        yield 1
        return
    with _scope(backend, names):
        yield len(names)


def _scope(backend: str, names: list[str]) -> contextlib.AbstractContextManager:
    if backend == "jax":
        return keras.distribution.DataParallel(devices=names, auto_shard_dataset=False).scope()
    import tensorflow as tf

    return tf.distribute.MirroredStrategy([name.upper() for name in names]).scope()
