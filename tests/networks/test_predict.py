"""Compiled inference says what the network says layer by layer."""

import keras
import numpy as np
import pytest

from lib.networks.gender_classifier import gender_classifier
from lib.networks.predict import predict
from lib.networks.san import SanAutoencoder

pytestmark = pytest.mark.numeric


def test_a_compiled_network_says_the_same_and_follows_its_weights():
    keras.utils.set_random_seed(1)
    network, pictures = gender_classifier(32), np.random.default_rng(0).random((5, 32, 32, 1), np.float32)
    assert np.allclose(predict(network, pictures), network(pictures, training=False), atol=1e-5)
    assert np.allclose(predict(network, pictures), predict(network, pictures), atol=1e-6)  # no dropout
    network.set_weights([2 * weight for weight in network.get_weights()])
    assert np.allclose(predict(network, pictures), network(pictures, training=False), rtol=1e-4, atol=1e-4)
    assert not network.jit_compile or keras.backend.backend() == "jax"


def test_inputs_and_outputs_may_have_names():
    prototypes = np.random.default_rng(1).random((3, 16, 16, 3), np.float32)
    network = SanAutoencoder(prototypes, 16, decoder=(4, 4), outputs=("sm", "op"))
    inputs = {"image": np.full((3, 16, 16, 1), 0.5, np.float32), "label": np.array([0, 1, 1], np.float32)}
    found, wanted = predict(network, inputs), network(inputs)
    assert set(found) == {"sm", "op"}
    assert all(np.allclose(found[name], wanted[name], atol=1e-5) for name in found)
