from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from lib.judges.base import JudgeError
from lib.judges.layer_graph import OPERATIONS, LayerGraph
from tests.judges.tiny_networks import meta, run, write

ROOT = Path(__file__).resolve().parents[2]
X = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1)


def one(op: str, **more: object) -> list[dict[str, object]]:
    return [{"op": op, "in": ["x"], "out": "y", **more}]


@pytest.mark.parametrize(
    ("nodes", "x", "expected"),
    [
        (one("relu"), [-1.0, 2.0], [0, 2]),
        (one("leaky", alpha=0.01), [-1.0, 2.0], [-0.01, 2]),
        (one("scalar", mul=2.0, add=-1.0), [0.5, 1.0], [0, 1]),
        (one("channels", order=[1, 0]), [3.0, 4.0], [4, 3]),
        (one("slice", **{"from": 1, "to": 2}), [3.0, 4.0], [4]),
        (one("sum"), [3.0, 4.0], [7]),
        (one("softmax"), [0.0, np.log(3)], [0.25, 0.75]),
        (one("sigmoid"), [0.0, np.log(3)], [0.5, 0.75]),
        (one("tanh"), [0.0, np.log(2)], [0, 0.6]),
        (one("l2norm"), [3.0, 4.0], [0.6, 0.8]),
        (one("up2"), [5.0, 6.0], [5, 6, 5, 6, 5, 6, 5, 6]),
        (one("reshape", shape=[2, 1]), [5.0, 6.0], [5, 6]),
        (one("flatten"), [5.0, 6.0], [5, 6]),
    ],
)
def test_operation_on_two_channels(nodes, x, expected) -> None:
    y = run(nodes, np.array(x, np.float32).reshape(1, 1, 1, 2))
    np.testing.assert_allclose(y.ravel(), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("op", "expected"),
    [("add", [6, 8]), ("mul", [9, 16]), ("sub", [0, 0]), ("div", [1, 1]), ("concat", [3, 4, 3, 4])],
)
def test_operation_on_two_inputs(op: str, expected: list[float]) -> None:
    nodes = [{"op": op, "in": ["x", "x"], "out": "y"}]
    y = run(nodes, np.array([3, 4], np.float32).reshape(1, 1, 1, 2))
    np.testing.assert_allclose(y.ravel(), expected)


@pytest.mark.parametrize(
    ("op", "more", "expected"),
    [
        ("maxpool", {"size": [2, 2], "stride": [2, 2], "pad": "same"}, [5, 7, 13, 15]),
        ("avgpool", {"size": [2, 2], "stride": [2, 2], "pad": [0, 0, 0, 0]}, [2.5, 4.5, 10.5, 12.5]),
        ("maxpool", {"size": [3, 3], "stride": [4, 4], "pad": [1, 1, 1, 1]}, [5]),
        ("mean", {}, [7.5]),
    ],
)
def test_pooling(op: str, more: dict[str, object], expected: list[float]) -> None:
    np.testing.assert_allclose(run(one(op, **more), X).ravel(), expected)


def test_sum_of_different_sizes_fills_up_with_zeros() -> None:
    halved = {"op": "maxpool", "in": ["x"], "out": "small", "size": [2, 2], "stride": [2, 2], "pad": [0] * 4}
    twice = {"op": "concat", "in": ["small", "small"], "out": "deep"}
    y = run([halved, twice, {"op": "widest_sum", "in": ["x", "deep"], "out": "y"}], X)[0]
    expected = np.concatenate([X[0], np.zeros_like(X[0])], -1)
    expected[:2, :2] += X[0, 1::2, 1::2]
    np.testing.assert_allclose(y, expected)


def test_maximum_beside_padding_may_be_negative() -> None:
    y = run(one("maxpool", size=[3, 3], stride=[1, 1], pad=[1, 1, 1, 1]), -1 - X)
    assert y.max() == -1 and y.min() == -11


def test_weighted_operations() -> None:
    pair = np.array([2, -3], np.float32).reshape(1, 1, 1, 2)
    weights = {"a": np.array([0.5, 0.1], np.float32), "s": np.array([1, 2], np.float32)}
    affine = one("affine", w={"scale": "s", "shift": "a"})
    np.testing.assert_allclose(run(affine, pair, weights).ravel(), [2.5, -5.9], rtol=1e-6)
    np.testing.assert_allclose(
        run(one("prelu", w={"alpha": "a"}), pair, weights).ravel(), [2, -0.3], rtol=1e-6
    )
    flat = [
        {"op": "flatten", "in": ["x"], "out": "f"},
        {"op": "dense", "in": ["f"], "out": "y", "w": {"k": "k"}},
    ]
    np.testing.assert_allclose(run(flat, pair, {"k": np.eye(2, dtype=np.float16)[::-1]}).ravel(), [-3, 2])


def test_convolution_by_hand() -> None:
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[1, 1], kernel[1, 2] = 1, 10  # the pixel and ten times its right neighbour
    node = one("conv", w={"k": "k", "b": "b"}, stride=[1, 1], pad="same")
    y = run(node, X, {"k": kernel, "b": np.array([0.5], np.float32)})[0, :, :, 0]
    assert y[0, 0] == 0.5 + 0 + 10 and y[1, 2] == 0.5 + 6 + 70 and y[0, 3] == 0.5 + 3
    valid = run(one("conv", w={"k": "k"}, stride=[2, 2], pad=[0, 1, 0, 1]), X, {"k": kernel})[0, :, :, 0]
    np.testing.assert_allclose(valid, [[5 + 60, 7], [13 + 140, 15]])


def test_depthwise_keeps_channels_apart() -> None:
    kernel = np.array([2, 3], np.float32).reshape(1, 1, 2, 1)
    x = np.concatenate([X, X + 1], -1)
    y = run(one("dwconv", w={"k": "k"}, stride=[2, 2], pad="same"), x, {"k": kernel})
    np.testing.assert_allclose(y[0, :, :, 0], 2 * X[0, ::2, ::2, 0])
    np.testing.assert_allclose(y[0, :, :, 1], 3 * (X[0, ::2, ::2, 0] + 1))


@pytest.mark.parametrize("side", [5, 6])
def test_strided_pointwise_convolution_is_the_usual_one(side: int) -> None:
    generator = np.random.default_rng(0)
    x, kernel = generator.random((2, side, side, 8), np.float32), generator.random((1, 1, 8, 4), np.float32)
    for pad, mode in (("same", "SAME"), ([0, 0, 0, 0], "VALID")):
        y = run(one("conv", w={"k": "k"}, stride=[2, 2], pad=pad), x, {"k": kernel})
        np.testing.assert_allclose(y, tf.nn.conv2d(x, kernel, 2, mode), rtol=1e-5)


def test_every_operation_has_a_value_test() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert not [op for op in OPERATIONS if f'"{op}"' not in text]


def test_several_inputs_and_outputs() -> None:
    nodes = [{"op": "add", "in": ["x", "other"], "out": "a"}, {"op": "relu", "in": ["a"], "out": "b"}]
    table = meta(nodes, [1, 1, 1], inputs={"x": "one", "other": "two"}, outputs={"sum": "a", "positive": "b"})
    y = LayerGraph(table, {}, "test")(np.full((2, 1, 1, 1), -3.0), other=np.ones((2, 1, 1, 1)))
    assert y["sum"].numpy().ravel().tolist() == [-2, -2] and y["positive"].numpy().max() == 0


def test_gradient_reaches_the_picture() -> None:
    graph = LayerGraph(meta(one("scalar", mul=3.0, add=0.0), [4, 4, 1]), {}, "test")
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(graph(x)["y"])
    np.testing.assert_allclose(tape.gradient(loss, x), 3.0)


CRASH = """
import numpy as np, tensorflow as tf
from tests.judges.tiny_networks import meta
from lib.judges.layer_graph import LayerGraph
nodes = [{"op": "conv", "in": ["x"], "out": "y", "w": {"k": "k"}, "stride": [2, 2], "pad": "same"}]
graph = LayerGraph(meta(nodes, [60, 60, 8]), {"k": np.ones((1, 1, 8, 16), np.float32)}, "test")
x = tf.ones((4, 60, 60, 8))
for _ in range(4):
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(graph(x)["y"])
    gradient = tape.gradient(loss, x).numpy()
assert gradient[:, ::2, ::2].min() == 16 and gradient[:, 1::2].max() == 0
"""


def test_gradient_of_eight_channels_does_not_crash_the_process() -> None:
    """The layer by which both mini-Xceptions corrupted memory under oneDNN."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_read_gives_back_what_was_written(tmp_path: Path) -> None:
    weights = {"s": np.array([2], np.float16), "t": np.array([1], np.float32)}
    path = write(
        tmp_path / "n.npz", meta(one("affine", w={"scale": "s", "shift": "t"}), [4, 4, 1]), **weights
    )
    np.testing.assert_allclose(LayerGraph.read(path)(X)["y"], 2 * X + 1)


def test_bad_files_are_named(tmp_path: Path) -> None:
    missing, broken, pickled = (tmp_path / name for name in ("a.npz", "b.npz", "c.npz"))
    broken.write_bytes(b"PK\x03\x04 half a file")
    np.savez(pickled, layers=np.array([{"nodes": []}], dtype=object))
    no_table = tmp_path / "d.npz"
    np.savez(no_table, weights=np.ones(3))
    for path in (missing, broken, pickled, no_table):
        with pytest.raises(JudgeError, match=path.name):
            LayerGraph.read(path)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (one("warp"), "unknown operation 'warp'"),
        ([{"op": "relu", "in": ["z"], "out": "y"}], r"lacks \['z'\]"),
        (one("conv", w={"k": "kernel"}, stride=[1, 1], pad="same"), r"lacks \['kernel'\]"),
    ],
)
def test_a_wrong_table_is_refused(nodes: list[dict[str, object]], words: str) -> None:
    with pytest.raises(JudgeError, match=words):
        LayerGraph(meta(nodes, [4, 4, 1]), {}, "test")
