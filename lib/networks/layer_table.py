"""Layers of a built network as plain rows, for tables and diagrams that do not import Keras."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras


class LayerRow(NamedTuple):
    """One layer of a network.

    Attributes
    ----------
    name : of the layer.
    shape : of its output without the batch; None where it is not fixed.
    parameters : number of its variables' values, trained or not.
    kind : class of the layer, such as `Conv2D`.
    sources : names of the layers that it reads, in order; steps that are no layers are passed over.
    """

    name: str
    shape: tuple[int | None, ...]
    parameters: int
    kind: str
    sources: tuple[str, ...]


def layer_table(model: keras.Model) -> list[LayerRow]:
    """Rows of a built functional or sequential model, in the order of its layers.

    Raises
    ------
    ValueError : a layer has no output of its own, as in a subclassed or an unbuilt model.
    """
    if not model.layers:
        raise ValueError(f"{model.name} has no layers")
    return [_row(model, layer) for layer in model.layers]


def _row(model: keras.Model, layer: keras.layers.Layer) -> LayerRow:
    try:
        output = layer.output
    except AttributeError as error:
        why = f"{model.name}: layer {layer.name} has no fixed output; give a built functional model"
        raise ValueError(why) from error
    first = keras.tree.flatten(output)[0]
    sources: list[str] = []
    if not isinstance(layer, keras.layers.InputLayer):
        sources = [name for tensor in keras.tree.flatten(layer.input) for name in _layers_behind(tensor)]
    named = tuple(dict.fromkeys(sources))
    return LayerRow(layer.name, tuple(first.shape[1:]), layer.count_params(), type(layer).__name__, named)


def _layers_behind(tensor: Any) -> list[str]:
    """Names of the layers that produce a tensor, passing over operations that are no layers."""
    operation = tensor._keras_history.operation
    if isinstance(operation, keras.layers.Layer):
        return [operation.name]
    return [name for given in keras.tree.flatten(operation.input) for name in _layers_behind(given)]
