"""Compiled inference, two to three times as fast as calling a network layer by layer."""

from __future__ import annotations

from typing import Any

import keras


def predict(network: keras.Model, inputs: Any) -> Any:
    """Outputs of a network for one batch in inference mode, as NumPy arrays.

    The first call of a network compiles it, a second or so; XLA is left to JAX, as on TensorFlow's CPU it
    loses the gain of bfloat16.

    Parameters
    ----------
    inputs : arrays as the network takes them: one, or several by name.

    Returns
    -------
    NumPy arrays in the structure of the network's outputs.
    """
    network.jit_compile = keras.backend.backend() == "jax"
    return network.predict_on_batch(inputs)
