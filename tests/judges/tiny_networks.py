"""Network files of a few weights, written by the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from lib.judges.layer_graph import LayerGraph


def meta(nodes: list[dict[str, Any]], size: list[int | None], **more: Any) -> dict[str, Any]:
    """A layer table whose only output `y` is the last node."""
    return {
        "input": {"size": size, "color": "rgb", "range": [0, 1]},
        "nodes": nodes,
        "outputs": {"y": nodes[-1]["out"]},
        "source": "a test",
        **more,
    }


def write(path: Path, table: dict[str, Any], **weights: np.ndarray) -> Path:
    """An .npz as the published networks are."""
    np.savez(path, layers=np.array(json.dumps(table)), **weights)
    return path


def run(
    nodes: list[dict[str, Any]], x: np.ndarray, weights: dict[str, np.ndarray] | None = None
) -> np.ndarray:
    """Output of a table of layers for `x` (n, height, width, channels)."""
    table = meta(nodes, list(x.shape[1:]))
    return LayerGraph(table, weights or {}, "test")(x)["y"].numpy()


def reddest(path: Path) -> Path:
    """A network that answers [1 - r, r], r the mean red of its 64 x 64 RGB input: male is red."""
    nodes = [
        {"op": "mean", "in": ["x"], "out": "m"},
        {"op": "dense", "in": ["m"], "out": "y", "w": {"k": "k", "b": "b"}},
    ]
    table = meta(nodes, [64, 64, 3], outputs={"gender": "y"})
    kernel = np.zeros((3, 2), np.float32)
    kernel[0] = [-1, 1]
    return write(path, table, k=kernel, b=np.array([1, 0], np.float32))
