"""dlib's matcher as a LayerGraph, read from dlib's own file (King 2017, ResNet of 29 layers).

dlib computes the network on one core without the processor's matrix kernels. The same layers in TensorFlow
are ten times as fast and differentiable; embeddings differ by rounding (a test compares them).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lib.judges.base import JudgeError
from lib.judges.layer_graph import LayerGraph
from lib.judges.packaged_catalogue import DLIB_CHIP

_BLOCKS: tuple[tuple[int, bool], ...] = (
    *((32, False), (32, False), (32, False), (64, True), (64, False), (64, False), (64, False)),
    *((128, True), (128, False), (128, False), (256, True), (256, False), (256, False), (256, True)),
)
"""Residual blocks from the picture on: channels, and whether the block halves height and width."""


class _Reader:
    """Reads dlib's serialised numbers in the order in which they stand."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._place, self._name = data, 0, name

    def seek(self, layer: bytes) -> None:
        """Go behind the next layer's name, a text with its length before it."""
        mark = b"\x01" + bytes([len(layer)]) + layer
        found = self._data.find(mark, self._place)
        if found < 0:
            raise JudgeError(f"{self._name} has no further layer {layer.decode()!r}: fetch it again")
        self._place = found + len(mark)

    def whole(self) -> int:
        """An integer: a byte with its sign (bit 7) and size (bits 0 to 3), then its bytes, lowest first."""
        control = self._data[self._place]
        size = control & 15
        value = int.from_bytes(self._data[self._place + 1 : self._place + 1 + size], "little")
        self._place += 1 + size
        return -value if control & 128 else value

    def real(self) -> float:
        """A number as mantissa and exponent of 2."""
        mantissa = self.whole()
        return math.ldexp(mantissa, self.whole())

    def tensor(self) -> np.ndarray:
        """A tensor, float32 (count,): version 2, four sizes, then its numbers in four bytes each."""
        version, *sizes = (self.whole() for _ in range(5))
        count = math.prod(sizes)
        if version != 2 or not 0 < count <= (len(self._data) - self._place) // 4:
            raise JudgeError(
                f"{self._name}: a tensor of version {version} with sizes {sizes}: fetch it again"
            )
        values = np.frombuffer(self._data, "<f4", count, self._place)
        self._place += 4 * count
        return values


def dlib_network(path: Path) -> LayerGraph:
    """Read dlib's matcher; its output `embedding` is (N, 128), not of unit length.

    Parameters
    ----------
    path : dlib_face_recognition_resnet_model_v1.dat, whose hash the caller has checked.

    Raises
    ------
    JudgeError : the file holds other layers.
    """
    reader = _Reader(path.read_bytes(), path.name)
    nodes: list[dict[str, Any]] = []
    weights: dict[str, np.ndarray] = {}

    def add(operation: str, *inputs: str, **facts: Any) -> str:
        name = f"{operation}{len(nodes)}"
        nodes.append({"op": operation, "in": list(inputs), "out": name, **facts})
        return name

    def convolution(x: str, before: int, channels: int, side: int, stride: int, pad: int) -> str:
        """Convolution and the affine layer that stands for its batch normalisation, in one."""
        reader.seek(b"con_4")
        kernel, bias = _split(reader.tensor(), channels, before * side * side)
        reader.seek(b"affine_")
        scale, shift = np.split(reader.tensor(), 2)
        number = len(nodes)
        kernel = (kernel * scale[:, None]).reshape(channels, before, side, side)
        weights[f"k{number}"] = kernel.transpose(2, 3, 1, 0)
        weights[f"b{number}"] = bias * scale + shift
        keys = {"k": f"k{number}", "b": f"b{number}"}
        return add("conv", x, stride=[stride, stride], pad=[pad] * 4, w=keys)

    reader.seek(b"input_rgb_image_sized")
    means = [reader.real() for _ in range(3)]
    weights["scale"] = np.full(3, 255 / 256, np.float32)
    weights["shift"] = -np.array(means, np.float32) / 256
    x = add("affine", "x", w={"scale": "scale", "shift": "shift"})
    x = add("relu", convolution(x, 3, 32, 7, 2, 0))
    x = add("maxpool", x, size=[3, 3], stride=[2, 2], pad=[0] * 4)
    before = 32
    for channels, halves in _BLOCKS:
        y = add("relu", convolution(x, before, channels, 3, *((2, 0) if halves else (1, 1))))
        y = convolution(y, channels, channels, 3, 1, 1)
        if halves:
            x = add("avgpool", x, size=[2, 2], stride=[2, 2], pad=[0] * 4)
        x = add("relu", add("widest_sum", x, y))
        before = channels
    reader.seek(b"fc_2")
    outputs, inputs = reader.whole(), reader.whole()
    weights["dense"] = reader.tensor().reshape(inputs, outputs)
    add("dense", add("mean", x), w={"k": "dense"})
    size = [*DLIB_CHIP, 3]
    table = {"input": {"size": size}, "outputs": {"embedding": nodes[-1]["out"]}, "nodes": nodes}
    return LayerGraph(table, weights, path.name)


def _split(values: np.ndarray, channels: int, each: int) -> Iterator[np.ndarray]:
    """Kernels (channels, each) and biases (channels,) of a convolution's tensor."""
    if len(values) != channels * (each + 1):
        raise JudgeError(f"{len(values)} numbers for {channels} kernels of {each} and their biases")
    return iter((values[: channels * each].reshape(channels, each), values[channels * each :]))
