"""A short training, step by step."""

from __future__ import annotations

import keras
import numpy as np

from lib.networks.san import SanAutoencoder
from lib.networks.san_losses import half_cross_entropy, pixel_loss
from lib.training.loop.device import set_determinism
from lib.training.loop.fit import trace_steps


def course(loss):
    random = np.random.default_rng(0)
    inputs = {
        "image": random.uniform(0.2, 0.6, (16, 16, 16, 1)).astype("float32"),
        "label": np.zeros(16, "float32"),
    }
    set_determinism(0)
    prototypes = random.random((3, 16, 16, 3), dtype=np.float32)
    network = SanAutoencoder(prototypes, 16, decoder=(8, 8), outputs=("sm",))
    return trace_steps(network, inputs, loss, keras.optimizers.Adadelta(1.0), steps=25, batch=8)


def test_half_a_cross_entropy_goes_white_and_the_whole_one_does_not():
    half, whole = course(half_cross_entropy), course(pixel_loss)
    assert list(half["step"]) == list(range(25))
    assert half["mean_output"].iloc[-1] > 0.95 > 0.7 > whole["mean_output"].iloc[-1]
    assert half["loss"].iloc[-1] < half["loss"].iloc[0] / 10
