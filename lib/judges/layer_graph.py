"""LayerGraph: runs a published network from a table of its layers, without its authors' code.

The file is an .npz: weights as arrays, and under `layers` a JSON text with the table (operation, inputs,
kernel, stride, padding), the input's size and colour, the outputs, source and licence. Nothing is unpickled.
Tensors are (n, height, width, channels). Everything is differentiable.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from lib.judges.base import JudgeError

Tensors = list[tf.Tensor]
Operation = Callable[[Tensors, dict[str, Any], dict[str, tf.Tensor]], tf.Tensor]


def _padded(x: tf.Tensor, node: dict[str, Any], value: float = 0.0) -> tuple[tf.Tensor, str]:
    """The tensor padded by the node's own zeros, and TensorFlow's padding mode for the rest."""
    if node["pad"] == "same":
        return x, "SAME"
    top, bottom, left, right = node["pad"]
    if any(node["pad"]):
        x = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]], constant_values=value)
    return x, "VALID"


def _biased(y: tf.Tensor, w: dict[str, tf.Tensor]) -> tf.Tensor:
    return y + w["b"] if "b" in w else y


def _conv(ins: Tensors, node: dict[str, Any], w: dict[str, tf.Tensor]) -> tf.Tensor:
    """Convolution layer.

    A 1 x 1 kernel with a stride looks at every second pixel only, so those are taken first: the same result,
    and oneDNN's gradient of the strided form corrupts the memory of the process where there are 8 channels
    (TensorFlow 2.21, processors with AVX-512).
    """
    x, mode = _padded(ins[0], node)
    down, right = stride = node["stride"]
    if tuple(w["k"].shape[:2]) == (1, 1) and stride != [1, 1]:
        x, stride = x[:, ::down, ::right], [1, 1]
    return _biased(tf.nn.conv2d(x, w["k"], stride, mode), w)


def _dwconv(ins: Tensors, node: dict[str, Any], w: dict[str, tf.Tensor]) -> tf.Tensor:
    x, mode = _padded(ins[0], node)
    return _biased(tf.nn.depthwise_conv2d(x, w["k"], [1, *node["stride"], 1], mode), w)


def _maxpool(ins: Tensors, node: dict[str, Any], w: dict[str, tf.Tensor]) -> tf.Tensor:
    x, mode = _padded(ins[0], node, ins[0].dtype.min)
    return tf.nn.max_pool2d(x, node["size"], node["stride"], mode)


def _avgpool(ins: Tensors, node: dict[str, Any], w: dict[str, tf.Tensor]) -> tf.Tensor:
    x, mode = _padded(ins[0], node)
    return tf.nn.avg_pool2d(x, node["size"], node["stride"], mode)


def _widest_sum(ins: Tensors, node: dict[str, Any], w: dict[str, tf.Tensor]) -> tf.Tensor:
    """Sum of two tensors, each padded with zeros below, right and in further channels to the larger size."""
    largest = tf.maximum(tf.shape(ins[0]), tf.shape(ins[1]))
    first, second = (tf.pad(x, tf.stack([tf.zeros(4, tf.int32), largest - tf.shape(x)], 1)) for x in ins)
    return first + second


OPERATIONS: dict[str, Operation] = {
    "conv": _conv,
    "dwconv": _dwconv,
    "dense": lambda x, n, w: _biased(tf.matmul(x[0], w["k"]), w),
    "affine": lambda x, n, w: x[0] * w["scale"] + w["shift"],
    "scalar": lambda x, n, w: x[0] * n["mul"] + n["add"],
    "channels": lambda x, n, w: tf.gather(x[0], n["order"], axis=-1),
    "relu": lambda x, n, w: tf.nn.relu(x[0]),
    "leaky": lambda x, n, w: tf.nn.leaky_relu(x[0], n["alpha"]),
    "prelu": lambda x, n, w: tf.nn.relu(x[0]) - w["alpha"] * tf.nn.relu(-x[0]),
    "tanh": lambda x, n, w: tf.tanh(x[0]),
    "sigmoid": lambda x, n, w: tf.sigmoid(x[0]),
    "softmax": lambda x, n, w: tf.nn.softmax(x[0]),
    "maxpool": _maxpool,
    "avgpool": _avgpool,
    "mean": lambda x, n, w: tf.reduce_mean(x[0], [1, 2], keepdims=n.get("keep", False)),
    "flatten": lambda x, n, w: tf.reshape(x[0], [tf.shape(x[0])[0], -1]),
    "reshape": lambda x, n, w: tf.reshape(x[0], [-1, *n["shape"]]),
    "add": lambda x, n, w: x[0] + x[1],
    "widest_sum": _widest_sum,
    "sub": lambda x, n, w: x[0] - x[1],
    "mul": lambda x, n, w: x[0] * x[1],
    "div": lambda x, n, w: x[0] / x[1],
    "sum": lambda x, n, w: tf.reduce_sum(x[0], -1, keepdims=True),
    "concat": lambda x, n, w: tf.concat(x, -1),
    "up2": lambda x, n, w: tf.repeat(tf.repeat(x[0], 2, axis=1), 2, axis=2),
    "l2norm": lambda x, n, w: tf.math.l2_normalize(x[0], axis=-1, epsilon=1e-12),
    "slice": lambda x, n, w: x[0][..., n["from"] : n["to"]],
}


class LayerGraph:
    """A network that is run from its table of layers; differentiable.

    Attributes
    ----------
    meta : `input` (size, colour, range), `outputs` (name to node), `nodes`, `source`, `licence`, ...
    name : for messages, the file's.
    """

    def __init__(self, meta: dict[str, Any], weights: dict[str, np.ndarray], name: str) -> None:
        """Check the layer table against the weights.

        Parameters
        ----------
        meta : the layer table; `nodes` in the order in which they run, the picture is the value `x`.
        weights : by name; float16 is used as float32.
        name : for messages.

        Raises
        ------
        JudgeError : an unknown operation, or a value or weight that nothing provides.
        """
        self.meta, self.name = meta, name
        self._check(weights)
        self._weights = {key: tf.constant(value, tf.float32) for key, value in weights.items()}
        shapes = {name: [None] * 4 for name in meta.get("inputs", {})} | {"x": [None, *meta["input"]["size"]]}
        inputs = {name: tf.TensorSpec(shape, tf.float32) for name, shape in shapes.items()}
        self._traced = tf.function(self._run, input_signature=[inputs])

    def _check(self, weights: dict[str, np.ndarray]) -> None:
        values = {"x", *self.meta.get("inputs", {})}
        for node in self.meta["nodes"]:
            if node["op"] not in OPERATIONS:
                raise JudgeError(f"{self.name}: unknown operation {node['op']!r} in the layer table")
            lost = (set(node["in"]) - values) | (set(node.get("w", {}).values()) - set(weights))
            if lost:
                raise JudgeError(f"{self.name}: the layer {node['out']} lacks {sorted(lost)}")
            values.add(node["out"])
        lost = set(self.meta["outputs"].values()) - values
        if lost:
            raise JudgeError(f"{self.name}: no layer gives the outputs {sorted(lost)}")

    @classmethod
    def read(cls, path: str | Path) -> LayerGraph:
        """Read a network from an .npz with weights and layer table; no code in it is run.

        Raises
        ------
        JudgeError : the file is missing, damaged, pickled or has no layer table.
        """
        path = Path(path)
        try:
            with np.load(path, allow_pickle=False) as file:
                meta = json.loads(str(file["layers"]))
                weights = {key: file[key] for key in file.files if key != "layers"}
        except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise JudgeError(f"{path}: not a network with a layer table ({error}); fetch it again") from error
        return cls(meta, weights, path.name)

    def _run(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        values = dict(inputs)
        for node in self.meta["nodes"]:
            weights = {key: self._weights[name] for key, name in node.get("w", {}).items()}
            values[node["out"]] = OPERATIONS[node["op"]]([values[i] for i in node["in"]], node, weights)
        return {key: values[name] for key, name in self.meta["outputs"].items()}

    def __call__(self, x: Any, **more: Any) -> dict[str, tf.Tensor]:
        """Outputs of the network by name.

        Parameters
        ----------
        x : (n, height, width, channels) in [0, 1], grey or RGB as `meta["input"]` says.
        more : further inputs by name, where the table has them.
        """
        inputs = {"x": x, **more}
        return self._traced({key: tf.cast(value, tf.float32) for key, value in inputs.items()})
