"""A generator whose weights are known gives its codes back."""

import numpy as np
import pytest

from lib.deidentify.attacks.code_inversion import invert, linear_guess

D, SIDE = 12, 16


@pytest.fixture(scope="module")
def paint():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 0.35, (D, 40)), rng.normal(0, 0.35, (40, SIDE * SIDE))

    def painter(codes):
        logits = np.tanh(codes @ first) @ second
        return (255 / (1 + np.exp(-logits))).reshape(-1, SIDE, SIDE)

    return painter


def _stored(paint, codes):
    return np.rint(paint(codes)).astype(np.uint8)


def test_codes_come_back_from_8_bit_pictures(paint):
    codes = np.random.default_rng(1).normal(size=(8, D))
    own = np.random.default_rng(2).normal(size=(300, D))
    start = linear_guess(_stored(paint, own), own)(_stored(paint, codes))
    found = invert(paint, _stored(paint, codes), start)
    assert np.median(np.abs(found.codes - codes)) < 0.03
    assert np.median(np.abs(start - codes)) > 0.06, "the first guess alone does not do it"
    assert (found.distances < 0.5).all()


def test_what_is_not_painted_does_not_come_back(paint):
    def blind(codes):
        return paint(np.hstack([codes[:, :-1], np.zeros((len(codes), 1))]))

    codes = np.random.default_rng(3).normal(size=(4, D))
    found = invert(blind, _stored(blind, codes), np.zeros((4, D)))
    assert np.allclose(found.codes[:, -1], 0, atol=1e-6)
    assert np.median(np.abs(found.codes[:, :-1] - codes[:, :-1])) < 0.05


def test_guesses_are_needed_for_all(paint):
    with pytest.raises(ValueError, match="as many first guesses"):
        invert(paint, np.zeros((2, SIDE, SIDE), np.uint8), np.zeros((1, D)))
