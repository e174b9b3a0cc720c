"""RMSE and PSNR by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lib.measures.image_quality import mean_psnr, psnr, rmse

pytestmark = pytest.mark.numeric


def test_by_hand():
    first = np.zeros((3, 2, 2), np.uint8)
    second = first.copy()
    second[1, 0, 0] = 255
    second[2] = 10
    assert rmse(first, second) == pytest.approx([0, 127.5, 10])
    assert rmse(second, first) == pytest.approx([0, 127.5, 10]), "unsigned differences must not wrap round"
    assert psnr([255, 25.5, 0]) == pytest.approx([0, 20, np.inf])
    assert psnr([0.1], peak=1) == pytest.approx([20])


@given(arrays(np.uint8, (5, 3, 4, 1)), arrays(np.uint8, (5, 3, 4, 1)))
def test_like_the_plain_formula(first, second):
    plain = np.sqrt(((first.astype(float) - second) ** 2).mean((1, 2, 3)))
    assert np.allclose(rmse(first, second), plain)
    assert np.allclose(rmse(first / 255, second / 255), plain / 255)


@given(st.integers(0, 700))
def test_in_blocks_as_in_one(count):
    images = np.arange(count * 4).reshape(count, 2, 2) % 256
    assert rmse(images.astype(np.uint8), np.zeros((count, 2, 2), np.uint8)).shape == (count,)


def test_mean_of_decibels_is_not_the_decibel_of_a_mean():
    figure = mean_psnr([25.5, 2.55], ["a", "b"])
    assert figure.estimate == pytest.approx(30)
    assert figure.estimate != pytest.approx(psnr([(25.5 + 2.55) / 2])[0])
    assert (figure.low, figure.high, figure.n) == (pytest.approx(20), pytest.approx(40), 2)


def test_an_unaltered_image_is_not_averaged_away():
    figure = mean_psnr([25.5, 0], ["a", "b"])
    assert not figure.defined and math.isnan(figure.low)
    assert figure.why == "1 of 2 images are unaltered, their PSNR is infinite"


def test_what_cannot_be_compared_stops():
    with pytest.raises(ValueError, match="one shape"):
        rmse(np.zeros((2, 3, 3)), np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match="negative"):
        psnr([-1.0])
