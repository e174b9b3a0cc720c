"""Networks that one chapter leaves for another."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.arrays import WeightsError
from lib.networks.gender_classifier import gender_classifier
from lib.networks.san import SanAutoencoder
from lib.training.store import weights
from lib.training.store.model_store import ModelStore


@pytest.fixture
def shelf(tmp_path):
    return ModelStore(tmp_path)


def test_a_classifier_comes_back_with_its_settings(shelf):
    rng = np.random.default_rng(0)
    network = gender_classifier(32, slope=0.1)
    shelf.put("trained", network, "gender_classifier", {"size": 32, "slope": 0.1}, about={"trained_on": "x"})
    picture = rng.random((2, 32, 32, 1), dtype=np.float32)
    again = shelf.get("trained")
    np.testing.assert_allclose(again(picture), network(picture), rtol=1e-5, atol=1e-6)
    assert shelf.about("trained")["trained_on"] == "x" and not again.trainable_variables


def test_autoencoders_share_the_prototypes(shelf):
    rng = np.random.default_rng(1)
    prototypes = rng.random((3, 16, 16, 3), dtype=np.float32)
    network = SanAutoencoder(prototypes, 16, decoder=(4, 4), outputs=("sm",))
    shelf.put_prototypes(prototypes)
    shelf.put("san", network, "autoencoder", {"size": 16, "decoder": [4, 4], "outputs": ["sm"]})
    again = shelf.get("san", outputs=("sm", "op"))
    inputs = {"image": rng.random((2, 16, 16, 1), dtype=np.float32), "label": np.array([0.0, 1.0])}
    np.testing.assert_allclose(again(inputs)["sm"], network(inputs)["sm"], atol=1e-6)
    assert set(again(inputs)) == {"sm", "op"}


def test_a_missing_or_strange_file_is_named(shelf):
    with pytest.raises(WeightsError, match=r"absent\.npz is missing"):
        shelf.get("absent")
    weights.save(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]), shelf.folder / "odd.npz")
    with pytest.raises(WeightsError, match="no architecture None; there are autoencoder"):
        shelf.get("odd")
