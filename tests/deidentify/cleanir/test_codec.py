"""A face goes into two halves and back."""

import numpy as np
import pytest

from lib.arrays import WeightsError
from lib.deidentify.cleanir.codec import CleanirCodec
from lib.training.store.model_store import ModelStore
from tests.deidentify.cleanir.small_codec import HALVES, SIZE, pictures, small_codec


def test_halves_have_their_shapes_and_identity_has_length_one():
    codec = small_codec()
    assert (codec.size, codec.dimension) == (SIZE, HALVES["identity"])
    halves = codec.encode(pictures(70))
    assert halves.identity.shape == (70, 6) and halves.attributes.shape == (70, 10) and len(halves) == 70
    assert np.allclose(np.linalg.norm(halves.identity, axis=1), 1, atol=1e-6)
    assert len(halves.take(np.array([3, 5]))) == 2


def test_batches_change_nothing_and_nothing_is_drawn():
    codec, images = small_codec(), pictures(70)
    whole, part = codec.encode(images), codec.encode(images[66:])
    assert np.allclose(whole.identity[66:], part.identity, atol=1e-5)
    painted = codec.decode(whole.identity, whole.attributes)
    again = codec.decode(part.identity, part.attributes)
    assert painted.dtype == np.uint8 and painted.shape == (70, SIZE, SIZE, 3)
    assert np.abs(painted[66:].astype(int) - again).max() <= 1


def test_only_the_direction_of_an_identity_counts_and_nobody_is_allowed():
    codec = small_codec()
    halves = codec.encode(pictures(3))
    far = codec.decode(7 * halves.identity, halves.attributes)
    assert np.abs(far.astype(int) - codec.decode(halves.identity, halves.attributes)).max() <= 1
    assert len(codec.encode(pictures(0))) == 0
    assert codec.decode(np.zeros((0, 6)), np.zeros((0, 10))).shape == (0, SIZE, SIZE, 3)


def test_what_a_training_left_is_read_or_missed(tmp_path):
    codec, store = small_codec(), ModelStore(tmp_path)
    settings = {"size": SIZE, **HALVES, "width": 1 / 16}
    store.put("a_encoder", codec.encoder, "cleanir_encoder", {**settings, "vae": True})
    store.put("a_decoder", codec.decoder, "cleanir_decoder", settings)
    with pytest.raises(WeightsError, match="a_identities"):
        CleanirCodec.stored(store, "a")
    codec.identities.save(tmp_path / "a_identities.npz")
    read, images = CleanirCodec.stored(store, "a"), pictures(4)
    assert np.allclose(read.encode(images).identity, codec.encode(images).identity, atol=1e-5)
    assert np.allclose(read.identities.root, codec.identities.root)
