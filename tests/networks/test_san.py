"""The autoencoder as its sources have it, and its cheaper form."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lib.networks.san import (
    SanAutoencoder,
    boost_prototype_weights,
    fixed_map,
    fold_upsampling,
    interleave_phases,
)
from lib.networks.san_reference import autoencoder
from lib.training.store.weights import load, save, short_name
from tests.networks.both_backends import pictures, seeded

pytestmark = pytest.mark.numeric

SIZES = [32, (24, 40)]
DECODER = (32, 16)
COMBINERS = ["pointwise", "hidden"]


def test_layers_of_the_source():
    net = autoencoder()
    assert net.count_params() == 324_248
    counts = {layer.name: layer.count_params() for layer in net.layers if layer.count_params()}
    assert counts == {
        "encoder1": 296,
        "encoder2": 876,
        "decoder1": 27_904,
        "decoder2": 295_040,
        "combiner": 132,
    }
    shapes = [
        net.get_layer(name).output.shape[1:]
        for name in (
            "encoder_input",
            "encoder1_pool",
            "encoder2_pool",
            "decoder1_up",
            "decoder2_up",
            "combiner",
        )
    ]
    assert shapes == [
        (224, 224, 4),
        (112, 112, 8),
        (56, 56, 12),
        (112, 112, 256),
        (224, 224, 128),
        (224, 224, 1),
    ]
    assert autoencoder(64, combiner="hidden").count_params() == 326_245
    assert autoencoder(112, decoder=(64, 32)).count_params() < 30_000
    assert net.get_layer("encoder1_relu").negative_slope == pytest.approx(0.3)


def test_wrong_settings_are_named():
    with pytest.raises(ValueError, match="30 x 32 is not divisible by 4"):
        autoencoder((30, 32))
    with pytest.raises(ValueError, match="pointwise or hidden"):
        SanAutoencoder(None, 32, combiner="wide")
    with pytest.raises(ValueError, match=r"prototypes must be \(3, 32, 32, 3\)"):
        SanAutoencoder(np.zeros((3, 16, 16, 3)), 32)
    with pytest.raises(ValueError, match="outputs"):
        SanAutoencoder(None, 32, outputs=("xx",))


def pair(size, combiner, **options):
    """Both forms with equal weights, their prototypes, and inputs of each form for four faces."""
    plain = seeded(autoencoder(size, decoder=DECODER, combiner=combiner))
    height, width = plain.output_shape[1:3]
    prototypes = pictures(3, height, width, 3, seed=5)
    fast = SanAutoencoder(prototypes, size, decoder=DECODER, combiner=combiner, **options)
    fast.set_weights(plain.get_weights())
    image, label = pictures(4, height, width, 1, seed=6), np.array([0, 1, 1, 1])
    places = {"sm": label, "nt": [2] * 4, "op": 1 - label}
    common = {"image": image, "same": prototypes[label]}
    apart = {name: {**common, "shown": prototypes[place]} for name, place in places.items()}
    return plain, fast, prototypes, apart, {"image": image, "label": label.astype(np.float32)}


def slopes(model, function):
    with tf.GradientTape() as tape:
        outputs = function()
        goal = {name: pictures(*outputs[name].shape, seed=7) for name in outputs}
        loss = sum(tf.reduce_mean((outputs[name] - goal[name]) ** 2) for name in outputs)
    return outputs, tape.gradient(loss, model.trainable_variables)


def worst(gradients, others):
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(gradients, others, strict=True))


@pytest.mark.parametrize("combiner", COMBINERS)
@pytest.mark.parametrize("size", SIZES)
def test_the_cheaper_form_is_equal(size, combiner):
    plain, fast, _, apart, inputs = pair(size, combiner)
    outputs, gradients = slopes(fast, lambda: fast(inputs))
    expected, others = slopes(plain, lambda: {name: plain(given) for name, given in apart.items()})
    for name in ("sm", "nt", "op"):
        np.testing.assert_allclose(outputs[name], expected[name], atol=5e-6)
    assert worst(gradients, others) <= 1e-5
    assert np.abs(outputs["sm"] - outputs["op"]).max() > 0.01, "else the comparison would prove nothing"


def test_a_wrong_prototype_or_fold_is_seen():
    plain, fast, _, apart, inputs = pair(32, "pointwise")
    wrong = fast({**inputs, "label": inputs["label"][::-1]})
    assert np.abs(wrong["op"] - plain(apart["op"])).max() > 1e-3
    kernel = pictures(3, 3, 2, 5) - 0.5
    x = pictures(2, 4, 6, 2)
    large = np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)
    expected = tf.nn.conv2d(large, kernel, 1, "SAME")
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    folded = interleave_phases(tf.nn.conv2d(padded, fold_upsampling(kernel), 1, "VALID"))
    np.testing.assert_allclose(folded, expected, atol=1e-6)
    turned = interleave_phases(tf.nn.conv2d(padded, fold_upsampling(kernel[::-1]), 1, "VALID"))
    assert np.abs(turned - expected).max() > 0.1


@pytest.mark.parametrize("combiner", COMBINERS)
def test_prototypes_of_each_face(combiner):
    """Given with the inputs, they may differ by face; equal ones give what the constants give."""
    _, fast, prototypes, _, inputs = pair(32, combiner)
    warped = SanAutoencoder(None, 32, decoder=DECODER, combiner=combiner)
    warped.set_weights(fast.get_weights())
    several = np.stack([prototypes, prototypes[::-1], 1 - prototypes, prototypes])
    expected, found = fast(inputs), warped({**inputs, "prototypes": several})
    for name in expected:
        np.testing.assert_allclose(found[name][::3], expected[name][::3], atol=1e-6)
        assert np.abs(found[name][2] - expected[name][2]).max() > 1e-3


@pytest.mark.parametrize("combiner", COMBINERS)
def test_weights_move_between_both(tmp_path, combiner):
    plain, fast, _, apart, inputs = pair(32, combiner)
    names = [short_name(variable) for variable in plain.weights]
    assert names == [short_name(variable) for variable in fast.weights]
    assert names[:2] == ["encoder1/kernel", "encoder1/bias"] and names[-1] == "combiner/bias"
    save(plain, tmp_path / "plain.npz")
    other = SanAutoencoder(fast.fixed, 32, decoder=DECODER, combiner=combiner)
    load(other, tmp_path / "plain.npz")
    np.testing.assert_allclose(other(inputs)["op"], plain(apart["op"]), atol=5e-6)
    assert save(other, tmp_path / "fast.npz") == save(plain, tmp_path / "plain.npz")


def test_opposite_is_same_plus_one_map():
    plain, fast, prototypes, _, inputs = pair(32, "pointwise")
    logits = fast.logits(inputs)
    found = (logits["op"] - logits["sm"])[..., 0].numpy()
    male, female = fixed_map(plain, prototypes, 1), fixed_map(fast, prototypes, 0)
    assert male.shape == (32, 32) and np.abs(male).max() > 0.01
    np.testing.assert_allclose(male, -female, atol=1e-6)
    for row, label in enumerate(inputs["label"]):
        np.testing.assert_allclose(found[row], male if label else female, atol=1e-5)
    with pytest.raises(ValueError, match="no fixed map"):
        fixed_map(pair(32, "hidden")[1], prototypes, 1)
    hidden = pair(32, "hidden")[1].logits(inputs)
    difference = (hidden["op"] - hidden["sm"])[..., 0].numpy()
    assert np.abs(difference[1] - difference[2]).max() > 1e-4, "both male, yet not one map"


@pytest.mark.bfloat16
def test_it_trains_in_bfloat16_with_float32_outputs():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        plain, fast, prototypes, apart, inputs = pair(32, "pointwise", outputs=("sm", "op"))
    finally:
        keras.config.set_dtype_policy("float32")
    assert {variable.dtype for variable in fast.weights} == {"float32"}
    outputs = fast(inputs)
    assert set(outputs) == {"sm", "op"} and outputs["op"].dtype == "float32"
    assert plain(apart["op"]).dtype == "float32"
    np.testing.assert_allclose(outputs["op"], plain(apart["op"]), atol=0.02)
    logits = fast.logits(inputs)
    difference = (logits["op"] - logits["sm"])[1, ..., 0]
    np.testing.assert_allclose(difference, fixed_map(fast, prototypes, 1), atol=1e-5)
    fast.compile(keras.optimizers.Adam(0.01), {"sm": "mse", "op": "mse"}, jit_compile=False)
    target = {name: 0.1 * inputs["image"] + 0.8 for name in ("sm", "op")}
    first, *_, last = (fast.train_on_batch(inputs, target)[0] for _ in range(12))
    assert last < 0.8 * first


def test_it_is_remade_from_its_config():
    _, fast, _, _, inputs = pair(32, "hidden", outputs=("nt",))
    again = SanAutoencoder.from_config(fast.get_config())
    again.set_weights(fast.get_weights())
    np.testing.assert_allclose(again(inputs)["nt"], fast(inputs)["nt"], atol=1e-6)


def test_emphasis_adds_to_the_prototypes_weights_alone():
    prototypes = np.random.default_rng(2).random((3, 16, 16, 3), dtype=np.float32)
    network = SanAutoencoder(prototypes, 16, decoder=(4, 4))
    before, map_before = np.array(network.combiner.kernel), fixed_map(network, prototypes, 1)
    boost_prototype_weights(network, 0.5)
    change = np.array(network.combiner.kernel) - before
    np.testing.assert_allclose(change[0, 0, :, 0], [0, 0, 0, 0, 0.5, 0.5, 0.5], atol=1e-6)
    added = 0.5 * (prototypes[0] - prototypes[1]).sum(axis=-1)
    np.testing.assert_allclose(fixed_map(network, prototypes, 1) - map_before, added, atol=1e-5)
    with pytest.raises(ValueError, match="hidden layer"):
        boost_prototype_weights(SanAutoencoder(prototypes, 16, decoder=(4, 4), combiner="hidden"), 0.5)
