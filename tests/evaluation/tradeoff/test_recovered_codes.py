"""Codes that come back from 8-bit pictures, and what counts as coming back."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.private.encoder import FaceCodes
from lib.evaluation.tradeoff.recovered_codes import Inversion, invert_pictures, painter, random_codes
from tests.exact import exactly

SIZE, CODE, NUISANCE = 16, 3, 2


class Linear:
    """A generator whose pictures are linear in what it is told."""

    input = ("code", "nuisance")
    output_shape = (None, SIZE, SIZE, 1)

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.weights = random.normal(0, 0.02, (CODE + NUISANCE, SIZE * SIZE))

    def predict_on_batch(self, inputs):
        told = np.hstack([inputs["code"], inputs["nuisance"]])
        return (0.5 + told @ self.weights).reshape(-1, SIZE, SIZE, 1)


class Coder:
    dimension = CODE


class Tiny:
    """What of `Private` is needed here; `blind` numbers are told and not painted."""

    def __init__(self, blind: bool = False, side: int = SIZE) -> None:
        self.generator, self.coder, self.size = Linear(), Coder(), (side, side)
        if blind:
            self.generator.weights[0] = 0

    def picture(self, codes: FaceCodes) -> np.ndarray:
        exact = painter(self)(codes.told)
        return np.rint(exact).astype(np.uint8)[..., None]


TOLD = np.random.default_rng(1).normal(size=(6, CODE + NUISANCE)).astype(np.float32)
OWN = np.random.default_rng(2).normal(size=(400, CODE + NUISANCE)).astype(np.float32)


def test_all_numbers_come_back_from_rounded_pictures():
    found = invert_pictures(Tiny(), TOLD, OWN, guesses=200)
    assert found.median_error < 0.02 and found.directions == pytest.approx(1)
    assert found.numbers(replicates=20).estimate == pytest.approx(1) and found.numbers().low < 1
    assert found.distances.max() < 1, "grey levels"
    assert found.results(replicates=20)["pictures"] == len(TOLD)


def test_a_number_that_is_not_painted_does_not_come_back():
    found = invert_pictures(Tiny(blind=True), TOLD, OWN, guesses=200)
    assert found.directions == pytest.approx(1 - 1 / (CODE + NUISANCE))
    assert np.median(found.errors[:, 0]) > 0.3 and np.median(found.errors[:, 1:]) < 0.05


def test_pictures_are_enlarged_as_photographs_are():
    large = painter(Tiny(side=2 * SIZE))(TOLD)
    assert large.shape == (len(TOLD), 2 * SIZE, 2 * SIZE) and large.min() >= 0 and large.max() <= 255


def test_random_codes_have_the_moments_of_the_known_ones():
    drawn = random_codes(3 * OWN + 1, 5000, 0)
    assert np.allclose(drawn.mean(axis=0), 3 * OWN.mean(axis=0) + 1, rtol=0, atol=0.2)
    assert np.allclose(drawn.std(axis=0), 3 * OWN.std(axis=0), rtol=0.1)


def test_an_inversion_comes_back_from_its_file(tmp_path):
    one = Inversion(TOLD.astype(float), TOLD + 0.05, np.ones(CODE + NUISANCE), np.zeros(len(TOLD)), CODE)
    one.save(tmp_path / "inversion.npz")
    back = Inversion.load(tmp_path / "inversion.npz")
    assert exactly(back.found, one.found, because="float64 as it was written") and back.dimension == CODE
