"""The generator of faces from codes: shapes, independence of the batch, and what may not be built."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.networks.face_decoder import face_decoder

pytestmark = pytest.mark.numeric

TINY = {"widths": (8, 8, 8, 4, 4), "seed": 4}


def told(count: int, code: int, nuisance: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(count)
    inputs = {"code": rng.normal(size=(count, code)).astype(np.float32)}
    return inputs | ({"nuisance": rng.normal(size=(count, nuisance)).astype(np.float32)} if nuisance else {})


@pytest.mark.parametrize("size", [32, 64, 112])
def test_a_grey_picture_in_the_range_at_any_size(size):
    network = face_decoder(size, 12, **TINY)
    picture = keras.ops.convert_to_numpy(network(told(2, 12)))
    assert picture.shape == (2, size, size, 1) and picture.dtype == np.float32
    assert 0 <= picture.min() < picture.max() <= 1


def test_parameters_are_those_of_the_docstring():
    assert face_decoder(64).count_params() == 1_342_625
    assert face_decoder(112).count_params() == 1_751_297
    assert face_decoder(64, linear_face=True).count_params() == 1_871_009


def test_a_face_does_not_depend_on_those_beside_it():
    network, inputs = face_decoder(32, 12, 3, **TINY), told(5, 12, 3)
    together = keras.ops.convert_to_numpy(network(inputs, training=True))
    alone = network({name: array[2:3] for name, array in inputs.items()}, training=True)
    np.testing.assert_allclose(together[2:3], keras.ops.convert_to_numpy(alone), atol=1e-5)
    assert np.abs(together[2] - together[3]).max() > 1e-4  # but on its code


def test_the_nuisance_counts():
    network, inputs = face_decoder(32, 12, 3, **TINY), told(2, 12, 3)
    changed = {**inputs, "nuisance": inputs["nuisance"] + 1}
    apart = keras.ops.convert_to_numpy(network(inputs) - network(changed))
    assert np.abs(apart).max() > 1e-4


@pytest.mark.bfloat16
def test_float32_out_under_any_policy():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = face_decoder(32, 12, **TINY)
    finally:
        keras.config.set_dtype_policy("float32")
    assert network.get_layer("conv2").compute_dtype == "bfloat16"
    assert keras.backend.standardize_dtype(network(told(1, 12)).dtype) == "float32"


@pytest.mark.parametrize("wrong", [{"size": 100}, {"size": 0}, {"widths": (8, 8)}])
def test_what_cannot_be_doubled_four_times_is_refused(wrong):
    with pytest.raises(ValueError, match="not"):
        face_decoder(**wrong)
