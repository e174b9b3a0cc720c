"""Published files of VGG16-face, as tiny fakes: kernels, channels and biases land where they belong."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from lib.faces.loading.align import crop_template
from lib.judges.base import Judge, JudgeError
from lib.judges.vgg_face_judge import VggFace, read_vgg_face
from lib.networks import vgg_face as architecture

NAMES = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1", "fc6", "fc7", "fc8"]


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """The same five poolings with one convolution of two maps each."""
    monkeypatch.setattr(architecture, "GROUPS", ((2, 1),) * 5)
    monkeypatch.setattr(architecture, "UNITS", 6)
    monkeypatch.setattr(architecture, "CLASSES", 5)


@pytest.fixture
def pairs():
    """Kernels (height, width, in, out), the first for blue, green, red."""
    rng = np.random.default_rng(0)
    shapes = [(3, 3, 3, 2), *[(3, 3, 2, 2)] * 4, (7, 7, 2, 6), (1, 1, 6, 6), (1, 1, 6, 5)]
    kernels = [np.abs(rng.normal(size=shape)).astype(np.float32) for shape in shapes]
    return [(kernel, rng.normal(size=kernel.shape[-1]).astype(np.float32)) for kernel in kernels]


def write_mat(path, pairs, *, old=False, wrapped=False):
    layers = np.empty((1, 2 * len(pairs)), object)
    for place, (name, (kernel, bias)) in enumerate(zip(NAMES, pairs, strict=True)):
        kernel = kernel[:, :, ::-1] if place == 0 else kernel  # MatConvNet: red first
        both = np.empty((1, 2), object)
        both[0, 0], both[0, 1] = kernel, bias[:, None]
        new = {"name": name, "type": "conv", "weights": both}
        layers[0, 2 * place] = {**new, "filters": kernel, "biases": bias[:, None]} if old else new
        if old:
            del layers[0, 2 * place]["weights"]
        layers[0, 2 * place + 1] = {"name": f"relu{place}", "type": "relu"}
    savemat(path, {"net": {"layers": layers}} if wrapped else {"layers": layers})


def write_h5(path, pairs):
    """As Keras' ports: dense layers on the flattened map; blue first."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in ["input_1", *NAMES, "pool"]]
        file.create_group("input_1")
        file.create_group("pool")
        for name, (kernel, bias) in zip(NAMES, pairs, strict=True):
            flat = kernel.reshape(-1, kernel.shape[-1]) if name.startswith("fc") else kernel
            file.create_dataset(f"{name}/{name}/kernel:0", data=flat)
            file.create_dataset(f"{name}/{name}/bias:0", data=bias)


def pictures(count=2):
    return np.random.default_rng(1).random((count, 224, 224, 1), dtype=np.float32)


def by_hand(pairs):
    network = architecture.vgg_face()
    holders = [layer for layer in network.layers if layer.weights]
    for layer, pair in zip(holders, pairs, strict=True):
        layer.set_weights(pair)
    return np.asarray(network(pictures()))


def test_every_format_gives_the_same_network(tmp_path, pairs):
    wanted = by_hand(pairs)
    assert np.ptp(wanted, axis=1).min() > 0.01
    write_mat(tmp_path / "new.mat", pairs)
    write_mat(tmp_path / "old.mat", pairs, old=True)
    write_mat(tmp_path / "wrapped.mat", pairs, wrapped=True)
    write_h5(tmp_path / "keras.h5", pairs)
    for name in ("new.mat", "old.mat", "wrapped.mat", "keras.h5"):
        network = read_vgg_face(tmp_path / name)
        np.testing.assert_allclose(network(pictures()), wanted, atol=1e-6, err_msg=name)
        assert not network.trainable_variables
    wrong = read_vgg_face(tmp_path / "new.mat", channels="bgr")
    assert not np.allclose(wrong(pictures()), wanted, atol=1e-6)


def test_red_first_of_the_file_becomes_blue_first(tmp_path, pairs):
    """By hand: a file whose first kernel reads red alone must put it last."""
    kernel = np.zeros((3, 3, 3, 2), np.float32)
    kernel[:, :, 2] = 1  # `pairs` are blue first: red is last here and first in the file
    write_mat(tmp_path / "a.mat", [(kernel, pairs[0][1]), *pairs[1:]])
    found = read_vgg_face(tmp_path / "a.mat", embedding="fc7")
    stored = np.asarray(found.get_layer("conv1a").kernel)
    assert (stored[:, :, 2] == 1).all() and (stored[:, :, :2] == 0).all()
    assert found.output_shape == (None, 6)


def test_the_judge(tmp_path, pairs):
    write_mat(tmp_path / "vgg_face.mat", pairs)
    judge = VggFace(tmp_path / "vgg_face.mat")
    assert isinstance(judge, Judge) and len(judge.card.sha256[0]) == 64
    assert judge.card.output == "scores, 5 numbers of length 1"
    images = np.random.default_rng(2).integers(0, 256, (3, 64, 64, 3), dtype=np.uint8)
    points = np.repeat(crop_template(0.3, 0.5, (64, 64)).points[None], 3, axis=0)
    points[1] = np.nan
    said = judge(images, points)
    assert said.acquired.tolist() == [True, False, True]
    np.testing.assert_allclose(np.linalg.norm(said.values[[0, 2]], axis=1), 1, atol=1e-5)
    grey = np.repeat(images.mean(-1, keepdims=True).astype(np.uint8), 3, axis=-1)
    assert np.allclose(judge(grey, points).values[0], judge(grey[..., ::-1], points).values[0])
    assert np.allclose(judge.template.points, crop_template(0.32, 0.49, (224, 224)).points, rtol=1e-6)
    with pytest.raises(JudgeError, match="needs five points"):
        judge(images)


def test_other_files_are_named(tmp_path, pairs):
    with pytest.raises(JudgeError, match=r"absent\.mat is missing"):
        read_vgg_face(tmp_path / "absent.mat")
    (tmp_path / "a.pkl").write_bytes(b"x")
    with pytest.raises(JudgeError, match=r"none of \.mat, \.h5"):
        read_vgg_face(tmp_path / "a.pkl")
    for name in ("broken.mat", "broken.h5"):
        (tmp_path / name).write_bytes(b"no weights" * 50)
        with pytest.raises(JudgeError, match="cannot be read"):
            read_vgg_face(tmp_path / name)
    write_h5(tmp_path / "other.h5", [*pairs[:5], (pairs[5][0][:6], pairs[5][1]), *pairs[6:]])
    with pytest.raises(JudgeError, match=r"layer fc6 has kernel \(84, 6\)"):
        read_vgg_face(tmp_path / "other.h5")
