"""A network as a table: what a diagram of it is drawn from."""

from __future__ import annotations

import keras


def outline(model: keras.Model) -> list[dict[str, object]]:
    """One row per layer with an output: `layer`, `output` (shape without the batch) and `parameters`."""
    return [
        {
            "layer": layer.name,
            "output": " x ".join(str(side) for side in layer.output.shape[1:]),
            "parameters": layer.count_params(),
        }
        for layer in model.layers
    ]
