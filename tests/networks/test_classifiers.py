"""Readings of the gender classifier, other designs, matchers: counts, shapes, outputs."""

import keras
import numpy as np
import pytest

from lib.networks.classifiers import patch_classifier, residual_classifier, transformer_classifier
from lib.networks.gender_classifier import OUTPUTS, gender_classifier
from lib.networks.matcher import MarginHead, matcher, patch_matcher, unit_length, with_head
from lib.networks.vgg_face import CLASSES, MEAN_BGR, FacePixels, vgg_face
from lib.training.store.weights import load, save
from tests.networks.both_backends import pictures, seeded

PARAMETERS = [
    (224, "same", 1_622_210, [112, 56, 28, 14, 7, 4]),
    (112, "same", 835_778, [56, 28, 14, 7, 4, 2]),
    (64, "same", 639_170, [32, 16, 8, 4, 2, 1]),
    (224, "valid", 639_170, [110, 54, 26, 12, 5, 1]),
    (224, "original", 2_159_618, [112, 56, 28, 14, 7]),
]


@pytest.mark.parametrize(("size", "reading", "parameters", "maps"), PARAMETERS)
def test_readings(size, reading, parameters, maps):
    net = gender_classifier(size, reading=reading)
    assert net.count_params() == parameters
    pools = [layer for layer in net.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    assert [layer.output.shape[1] for layer in pools] == maps
    counts = [layer.count_params() for layer in net.layers if layer.count_params()]
    if (size, reading) == (224, "same"):
        assert counts == [832, 18_496, 36_928, 73_856, 147_584, 295_168, 1_048_832, 514]
    assert net.output_shape == (None, 1)


def test_what_cannot_be_read_is_named():
    with pytest.raises(ValueError, match="112 px end at 0 px"):
        gender_classifier(112, reading="valid")
    with pytest.raises(ValueError, match="reading must be"):
        gender_classifier(reading="full")
    with pytest.raises(ValueError, match="output must be"):
        gender_classifier(output="probability")
    with pytest.raises(ValueError, match="divisible by 16"):
        patch_classifier(40)
    with pytest.raises(ValueError, match="patches of 8"):
        transformer_classifier(36)


def test_the_forms_of_output_share_weights_and_decisions(tmp_path):
    x = pictures(16, 32, 32, 1)
    nets = {output: gender_classifier(32, output=output) for output in OUTPUTS}
    save(seeded(nets["logit"]), tmp_path / "weights.npz")
    found = {}
    for output, net in nets.items():
        load(net, tmp_path / "weights.npz")
        found[output] = net.predict_on_batch(x).astype(np.float64)
    logit, softmax, sigmoids = (found[output] for output in OUTPUTS)
    np.testing.assert_allclose(softmax[:, 1], 1 / (1 + np.exp(-logit[:, 0])), rtol=1e-5)
    np.testing.assert_allclose(softmax.sum(1), 1, rtol=1e-6)
    assert np.abs(sigmoids.sum(1) - 1).max() > 0.01, "two sigmoids are no distribution"
    assert ((logit[:, 0] > 0) == (softmax[:, 1] > softmax[:, 0])).all()
    assert ((logit[:, 0] > 0) == (sigmoids[:, 1] > sigmoids[:, 0])).all()


@pytest.mark.parametrize(
    ("make", "parameters"),
    [
        (residual_classifier, 559_290),
        (patch_classifier, 993_442),
        (transformer_classifier, 268_226),
        (matcher, 1_562_872),
        (patch_matcher, 2_598_944),
    ],
)
def test_other_designs(make, parameters):
    assert make(112).count_params() == parameters


def test_an_untrained_classifier_is_undecided():
    """The residual and the patch network start near the identity; no output is stuck."""
    x = pictures(4, 32, 32, 1)
    for make in (gender_classifier, residual_classifier, patch_classifier, transformer_classifier):
        keras.utils.set_random_seed(3)
        logits = make(32)(x)
        assert logits.dtype == "float32" and np.abs(logits).max() < 5
        assert len(np.unique(logits)) == 4


def test_patches_do_not_mix_early():
    """A changed pixel moves one patch of the first stage only."""
    net = seeded(patch_classifier(32))
    early = keras.Model(net.input, net.get_layer("stage0_block1_add").output)
    one, other = pictures(1, 32, 32, 1), pictures(1, 32, 32, 1)
    other[0, 9, 13] += 0.5
    moved = np.abs(early(one) - early(other)).max(axis=-1)[0]
    assert np.argwhere(moved > 0).tolist() == [[2, 3]]


def test_embeddings_have_length_one():
    body = seeded(matcher(32))
    embedding = body(pictures(3, 32, 32, 1)).numpy()
    assert embedding.shape == (3, 128)
    np.testing.assert_allclose(np.linalg.norm(embedding, axis=1), 1, rtol=1e-5)
    assert np.abs(np.linalg.norm(matcher(32, unit=False)(pictures(3, 32, 32, 1)), axis=1) - 1).max() > 0.1
    assert (unit_length(np.zeros((1, 4), np.float32)).numpy() == 0).all()


def test_the_margin_is_for_training_alone():
    head = MarginHead(3, scale=10.0, margin=0.2)
    embedding, subject = unit_length(pictures(2, 8)), np.array([2, 0])
    plain, trained = head(embedding, subject).numpy(), head(embedding, subject, training=True).numpy()
    np.testing.assert_allclose(plain - trained, 10 * 0.2 * np.eye(3)[subject], atol=1e-5)
    assert np.abs(plain).max() <= 10


def test_the_head_is_separable():
    body = matcher(32, widths=(8, 16))
    net = with_head(body, 5)
    before = body(pictures(2, 32, 32, 1)).numpy()
    assert {id(v) for v in body.variables} < {id(v) for v in net.variables}
    assert net.count_params() - body.count_params() == 5 * 128
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.Adam(0.01), entropy, run_eagerly=True)
    net.train_on_batch({"image": pictures(2, 32, 32, 1), "subject": np.array([0, 4])}, np.array([0, 4]))
    assert np.abs(body(pictures(2, 32, 32, 1)) - before).max() > 1e-4


def test_the_pixels_of_vgg_face():
    grey = FacePixels()(np.full((1, 1, 1, 1), 0.5, np.float32))
    np.testing.assert_allclose(np.ravel(grey), 127.5 - np.array(MEAN_BGR), rtol=1e-4)
    colour = FacePixels()(np.array([1.0, 0.5, 0.0], np.float32).reshape(1, 1, 1, 3))
    np.testing.assert_allclose(np.ravel(colour), np.array([0, 127.5, 255]) - MEAN_BGR, rtol=1e-4)
    with pytest.raises(ValueError, match="1 or 3"):
        vgg_face(channels=4)
    with pytest.raises(ValueError, match="scores or fc7"):
        vgg_face(embedding="fc6")


def test_vgg_face():
    """Built once, with zeros, which take the least memory."""
    net = vgg_face(initializer="zeros")
    assert net.count_params() == 145_002_878
    counts = {layer.name: layer.count_params() for layer in net.layers if layer.count_params()}
    assert counts.pop("fc6") == 102_764_544
    assert counts.pop("fc7") == 16_781_312
    assert counts.pop("fc8") == 10_742_334
    assert sum(counts.values()) == 14_714_688 and len(counts) == 13
    assert [net.get_layer(f"pool{i}").output.shape[1] for i in range(1, 6)] == [112, 56, 28, 14, 7]
    assert net.output_shape == (None, CLASSES)
