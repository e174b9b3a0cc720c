"""New identities are distributed as those of strangers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.deidentify.cleanir.identities import IdentityDistribution, centred
from tests.exact import exactly

SPREAD = np.array([3.0, 2.0, 1.0, 0.0])


def strangers(count: int) -> np.ndarray:
    rows = np.random.default_rng(0).normal(size=(count, 4)) * SPREAD
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_draws_have_the_second_moments_of_strangers_and_length_one():
    known = strangers(4000)
    drawn = IdentityDistribution.of(np.zeros(4), known).draw(4000, 1)
    assert np.allclose(np.linalg.norm(drawn, axis=1), 1)
    moments = [one.T @ one / len(one) for one in (known, drawn)]
    assert np.allclose(*moments, atol=0.1)
    assert np.abs(drawn[:, 3]).max() < 1e-6, "where strangers do not differ, nobody new does"
    uniform = np.random.default_rng(2).normal(size=(4000, 4))
    uniform /= np.linalg.norm(uniform, axis=1, keepdims=True)
    assert not np.allclose(moments[0], uniform.T @ uniform / 4000, atol=0.1), (
        "a uniform direction is nobody's"
    )


def test_a_seed_gives_one_identity_and_another_seed_another():
    known = IdentityDistribution.of(np.zeros(4), strangers(100))
    first, again, other = (known.draw(1, seed) for seed in (5, 5, 6))
    assert exactly(first, again, because="the same draw")
    assert not np.allclose(first, other)


@given(st.integers(2, 6), st.integers(0, 100))
def test_centred_rows_have_length_one_and_the_mean_is_gone(dimension, seed):
    rng = np.random.default_rng(seed)
    rows, mean = rng.normal(size=(5, dimension)), rng.normal(size=dimension)
    found = centred(rows, mean)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found * np.linalg.norm(rows - mean, axis=1, keepdims=True) + mean, rows, atol=1e-4)


def test_a_face_that_was_not_found_stays_unknown_and_files_are_kept(tmp_path):
    assert np.isnan(centred(np.array([[np.nan, 1.0]]), np.zeros(2))).all()
    known = IdentityDistribution.of(np.arange(4.0), strangers(50))
    known.save(tmp_path / "known.npz")
    read = IdentityDistribution.load(tmp_path / "known.npz")
    assert read.draw(2, 0) == pytest.approx(known.draw(2, 0), abs=1e-5)
    assert np.allclose(read.mean, known.mean)
