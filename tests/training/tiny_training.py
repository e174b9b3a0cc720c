"""A tiny network with all that a checkpoint must hold, and its training as a command that can be killed.

    python tiny_training.py FOLDER

Writes two.npz, a run on one device and one on two. TensorFlow then ends by kill -9 in the middle of an epoch.
Under JAX the run on one device is one that was broken off and resumed, so one comparison shows both.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.exact import exactly

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras  # noqa: E402
import numpy as np  # noqa: E402

from lib.networks.variables import to_numpy  # noqa: E402
from lib.training.data.augmentations import RandomFlip  # noqa: E402
from lib.training.data.feed import Feed, unit  # noqa: E402
from lib.training.loop.checkpoint import CheckpointOptions  # noqa: E402
from lib.training.loop.device import distribute, set_determinism, use_xla  # noqa: E402
from lib.training.loop.fit import fit  # noqa: E402

EPOCHS = 4


class Interrupted(Exception):
    """Stands for a kill where the process must live on."""


class Break(keras.callbacks.Callback):
    """Ends the process, or raises, at a step of an epoch."""

    def __init__(self, epoch, step, kill=False):
        super().__init__()
        self.at, self.kill, self.epoch = (epoch, step), kill, 0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if exactly((self.epoch, batch), self.at, because="batches are counted"):
            if self.kill:
                os.kill(os.getpid(), signal.SIGKILL)
            raise Interrupted


class Unit(keras.layers.Layer):
    def call(self, images):
        return unit(images)


def network(dropout=0.3, normalise=True, **optimizer):
    """Dropout has a random state, batch normalisation moving means, Adam moments, averages and a schedule."""
    net = keras.Sequential(
        [
            keras.layers.Input((8, 8, 3), dtype="uint8"),
            Unit(),
            keras.layers.Conv2D(4, 3, strides=2, use_bias=False),
            keras.layers.BatchNormalization() if normalise else keras.layers.Identity(),
            keras.layers.Activation("relu"),
            keras.layers.Flatten(),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1, dtype="float32"),
        ]
    )
    schedule = keras.optimizers.schedules.CosineDecay(0.01, EPOCHS * 5)
    net.compile(
        keras.optimizers.Adam(schedule, use_ema=True, ema_momentum=0.8, **optimizer),
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
        jit_compile=use_xla(),
    )
    return net


def feeds(batch=8):
    """Forty images whose label is whether they are bright, the last twelve for validation."""
    random = np.random.default_rng(5)
    bright = random.integers(0, 2, 40)
    images = (random.integers(0, 160, (40, 8, 8, 3)) + 60 * bright[:, None, None, None]).astype(np.uint8)
    values = {"bright": bright.astype(np.float32)[:, None]}
    common = {"inputs": "image", "targets": "bright", "batch": batch, "seed": 3}
    train = Feed({"image": images}, values, rows=np.arange(28), augment=(RandomFlip(),), **common)
    return train, Feed({"image": images}, values, rows=np.arange(28, 40), shuffle=False, **common)


def run(folder, *, seed=1, batch=8, settings=None, remove=True, **options):
    """One training from its seed; returns the network and its history."""
    set_determinism(seed)
    net = network(**(settings or {}))
    train, validation = feeds(batch)
    checkpoint = CheckpointOptions(folder, {"test": "tiny"}, remove)
    return net, fit(net, train, validation, **{"epochs": EPOCHS, "checkpoint": checkpoint, **options})


def everything(net):
    """All variables, random states and moments included."""
    return [to_numpy(v) for v in (*net.variables, *net.optimizer.variables)]


def assert_equal(variables, others):
    """Two lists of arrays agree to rounding."""
    assert len(variables) == len(others)
    for a, b in zip(variables, others, strict=True):
        np.testing.assert_allclose(np.float64(a), np.float64(b), rtol=1e-5, atol=1e-6)


def broken_and_resumed(folder, **options):
    """A run that stops within the third epoch, and the same call again."""
    try:
        run(folder, callbacks=[Break(2, 3)], **options)
    except Interrupted:
        return run(folder, **options)
    raise AssertionError("the run was not interrupted")


def on_two_devices(folder, **settings):
    """A run whose result is the same on two devices as on one."""
    with distribute(["cpu:0", "cpu:1"]) as devices:
        assert devices == 2
        return run(folder, settings=settings)


def write(path, one, two, **more):
    """Weights and losses of both runs."""
    found = dict(more)
    for name, (net, history) in {"one": one, "two": two}.items():
        found |= {f"{name}{i}": to_numpy(variable) for i, variable in enumerate(net.weights)}
        found[f"{name}_loss"] = history.table["loss"].to_numpy()
    np.savez(path, **found)


def on_tensorflow(folder):
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    # Each device draws its own dropout and normalises its own part of the batch: without both they agree.
    settings = {"dropout": 0.0, "normalise": False}
    write(folder / "two.npz", run(None, settings=settings), on_two_devices(folder / "two", **settings))
    run(folder / "resume", callbacks=[Break(2, 3, kill=True)])


def on_jax(folder):
    two = on_two_devices(folder / "two")
    with distribute():
        try:
            run(None, batch=7)
        except ValueError as error:
            refused = str(error)
    write(folder / "two.npz", broken_and_resumed(folder / "resume"), two, refused=refused)


if __name__ == "__main__":
    {"tensorflow": on_tensorflow, "jax": on_jax}[keras.backend.backend()](Path(sys.argv[1]))
