"""TensorFlow and JAX give the same outputs from equal weights, and the same first step."""

import numpy as np
import pytest

pytestmark = pytest.mark.slow


def difference(a, b):
    return np.abs(a - b).max() / np.abs(a).max()


def test_outputs_agree(backends):
    tensorflow, jax = backends["tensorflow"], backends["jax"]
    assert tensorflow.keys() == jax.keys()
    names = [name for name in tensorflow if "/" not in name]
    assert len(names) == 11
    far = {name: difference(tensorflow[name], jax[name]) for name in names}
    assert {name: d for name, d in far.items() if d > 1e-5} == {}


def test_a_step_is_the_same(backends):
    tensorflow, jax = backends["tensorflow"], backends["jax"]
    losses = [name for name in tensorflow if name.endswith("/loss")]
    assert len(losses) == 7
    for name in losses:
        np.testing.assert_allclose(jax[name], tensorflow[name], rtol=1e-4, err_msg=name)
        moved = name.replace("loss", "moved")
        assert tensorflow[moved] > 0 and jax[moved] > 0, name
        np.testing.assert_allclose(jax[moved], tensorflow[moved], rtol=0.05, err_msg=name)


def test_the_comparison_can_fail(backends):
    """Another output of the same network is far away."""
    found = backends["tensorflow"]
    assert difference(found["plain_pointwise"], found["fast_hidden"]) > 1e-3
    assert difference(found["plain_pointwise"], found["fast_pointwise"]) < 1e-6
