"""A short training, step by step: how a loss falls, and where the outputs go with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import pandas as pd


def follow(
    network: keras.Model,
    inputs: Mapping[str, np.ndarray],
    loss: Callable[[Any, Any], Any],
    optimizer: keras.optimizers.Optimizer,
    *,
    steps: int,
    batch: int,
    seed: int = 0,
) -> pd.DataFrame:
    """Train an autoencoder for a few steps and look at its outputs at each.

    Parameters
    ----------
    network : from {`image`, `label`} to {`sm`}; changed in place.
    inputs : `image` (N, H, W, 1) in [0, 1], `label` (N,).
    loss : (target, output) -> scalar, or one value per picture.
    steps, batch, seed : length, pictures a step, and the order of the pictures.

    Returns
    -------
    Table: `step` (from 0), `loss` and `mean_output` of that step's batch, before its update.
    """
    whole = _compiled(network, loss, optimizer)
    random, number = np.random.default_rng(seed), len(inputs["image"])
    rows = []
    for step in range(steps):
        some = random.choice(number, min(batch, number), replace=False)
        part = {name: values[some] for name, values in inputs.items()}
        mean = float(keras.ops.mean(network(part, training=False)["sm"]))
        rows.append(
            {"step": step, "loss": float(whole.train_on_batch(part, part["image"])), "mean_output": mean}
        )
    return pd.DataFrame(rows)


def _compiled(network: keras.Model, loss: Any, optimizer: keras.optimizers.Optimizer) -> keras.Model:
    inputs = {"image": keras.Input((*network.size, 1), name="image"), "label": keras.Input((), name="label")}
    whole = keras.Model(inputs, network(inputs)["sm"])
    whole.compile(optimizer, loss=loss, jit_compile=False)
    return whole
