"""CLEANIR's networks: counts of table 1, the cheaper form against the plain one, and the losses."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from lib.networks.cleanir import EnlargedConv2D, cleanir_decoder, cleanir_encoder, scaled
from lib.networks.cleanir_losses import cosine_distance, kl_divergence
from tests.networks.both_backends import pictures, seeded

pytestmark = pytest.mark.numeric


def test_counts_of_table_1():
    encoder, decoder = cleanir_encoder(), cleanir_decoder()
    assert encoder.count_params() == 7_258_240
    assert cleanir_encoder(vae=False).count_params() == 5_159_040
    assert decoder.count_params() == 13_893_187
    sides = [encoder.get_layer(f"enc{number}_active").output.shape[1:] for number in range(5)]
    assert sides == [(32, 32, 64), (16, 16, 64), (8, 8, 128), (4, 4, 192), (2, 2, 256)]
    sides = [decoder.get_layer(f"dec{number}_active").output.shape[1:] for number in range(5)]
    assert sides == [(4, 4, 512), (8, 8, 256), (16, 16, 128), (32, 32, 64), (64, 64, 32)]
    counts = {layer.name: layer.count_params() for layer in decoder.layers}
    assert counts["dec1_first"] == 2 * 1_179_904 and counts["dec1_first_norm"] == 2 * 1_024
    assert counts["decl"] == 867


def test_outputs():
    encoder, decoder = (make(identity=128, width=0.25) for make in (cleanir_encoder, cleanir_decoder))
    told = encoder(pictures(2, 64, 64, 3))
    assert {name: tuple(one.shape) for name, one in told.items()} == dict.fromkeys(
        ("mean", "log_variance"), (2, 640)
    )
    halves = {"identity": told["mean"][:, :128], "attributes": told["mean"][:, 128:]}
    face = decoder(halves)
    assert face.shape == (2, 64, 64, 3) and ops.min(face) >= 0 and ops.max(face) <= 1
    longer = decoder({**halves, "identity": 7 * halves["identity"]})
    np.testing.assert_allclose(longer, face, atol=1e-5)
    other = decoder({**halves, "identity": -halves["identity"]})
    assert ops.max(ops.abs(other - face)) > 1e-4, "else nothing depends on the identity"


@pytest.mark.parametrize(("make", "size"), [(cleanir_encoder, 48), (cleanir_decoder, 40)])
def test_sizes_that_do_not_divide(make, size):
    with pytest.raises(ValueError, match=f"{size} px is not"):
        make(size)


def test_a_width_without_channels():
    assert scaled((512, 32), 1 / 32) == (16, 1)
    with pytest.raises(ValueError, match="leaves"):
        scaled((512, 32), 0.01)


def test_enlarged_convolution_is_the_plain_one():
    cheap, plain = EnlargedConv2D(6), layers.Conv2D(6, 3, padding="same")
    x = pictures(2, 5, 7, 4)
    enlarged = np.repeat(np.repeat(x, 2, axis=1), 2, axis=2)
    cheap(x), plain(enlarged)
    kernel = np.random.default_rng(0).normal(size=(3, 3, 4, 6)).astype(np.float32)
    for layer in (cheap, plain):
        layer.set_weights([kernel, np.arange(6, dtype=np.float32)])
    np.testing.assert_allclose(cheap(x), plain(enlarged), atol=1e-4)
    assert np.abs(np.asarray(cheap(x)) - np.asarray(plain(enlarged[:, ::-1]))).max() > 0.1


def two_convolutions(size, filters):
    """A residual block of the encoder's table, written with a convolution for each path."""
    image = keras.Input((size, size, 3))
    made = {name: layers.Conv2D(filters, 3, 2, padding="same") for name in "as"}
    norms = {name: layers.BatchNormalization() for name in "as"}
    ways = {name: norms[name](made[name](image)) for name in "as"}
    return keras.Model(image, ops.concatenate(list(ways.values()), axis=-1)), made, norms


def test_two_paths_are_one_convolution():
    """Splitting a convolution of twice the channels gives what two convolutions give."""
    apart, made, norms = two_convolutions(8, 4)
    image = keras.Input((8, 8, 3))
    joint = layers.Conv2D(8, 3, 2, padding="same")
    norm = layers.BatchNormalization()
    together = keras.Model(image, norm(joint(image)))
    seeded(together)
    for at, name in enumerate("as"):
        mine = slice(4 * at, 4 * at + 4)
        made[name].set_weights([joint.get_weights()[0][..., mine], joint.get_weights()[1][mine]])
        norms[name].set_weights([one[mine] for one in norm.get_weights()])
    x = pictures(2, 8, 8, 3)
    for training in (False, True):
        np.testing.assert_allclose(apart(x, training=training), together(x, training=training), atol=1e-5)


def test_divergence_by_hand():
    mean, log_variance = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([[0.0, 0.0], [0.0, np.log(4)]])
    expected = [0, 4.5 + (4 - 1 - np.log(4)) / 2]
    np.testing.assert_allclose(kl_divergence(mean, log_variance), expected, rtol=1e-6, atol=1e-7)


def test_cosine_distance_by_hand():
    target, found = np.array([[2.0, 0], [1, 0], [1, 0]]), np.array([[5.0, 0], [0, 3], [-1, 0]])
    np.testing.assert_allclose(cosine_distance(target, found), [0, 1, 2], atol=1e-6)
