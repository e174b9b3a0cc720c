"""One grey for the whole book."""

import cv2
import numpy as np
import pytest
from PIL import Image

from lib.faces.grey import WEIGHTS, as_rgb, to_grey, unit_grey
from tests.exact import exactly


def test_weights_by_hand():
    pure = np.eye(3, dtype=np.uint8)[None, None] * 255
    assert to_grey(pure).tolist() == [[[76, 150, 29]]]
    assert sum(WEIGHTS) == pytest.approx(1)


def test_one_rounding_whoever_converts():
    images = np.random.default_rng(0).integers(0, 256, (3, 8, 9, 3), dtype=np.uint8)
    exact = images @ np.array(WEIGHTS)
    assert np.abs(to_grey(images) - exact).max() <= 0.5 + 1e-2
    assert exactly(
        to_grey(images)[1],
        cv2.cvtColor(images[1], cv2.COLOR_RGB2GRAY),
        because="OpenCV counts in integers, both times",
    )
    pillow = np.asarray(Image.fromarray(images[0]).convert("L")).astype(int)
    assert np.abs(to_grey(images[0]) - pillow).max() <= 1


def test_grey_stays():
    grey = np.random.default_rng(0).integers(0, 256, (2, 4, 4, 1), dtype=np.uint8)
    assert np.array_equal(to_grey(grey), grey[..., 0])
    assert np.array_equal(to_grey(np.repeat(grey, 3, -1)), grey[..., 0])
    assert to_grey(np.zeros((0, 4, 4, 3), np.uint8)).shape == (0, 4, 4)


def test_what_networks_take():
    levels = np.arange(6, dtype=np.uint8).reshape(1, 2, 3) * 51
    found = unit_grey(as_rgb(levels))
    assert found.dtype == np.float32 and found.shape == (1, 2, 3, 1)
    assert np.allclose(found[..., 0], levels.astype(np.float32) / np.float32(255), rtol=1e-6)
    assert np.allclose(unit_grey(levels[..., None]), found, rtol=1e-6)


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8)]
)
def test_anything_else_stops(wrong):
    with pytest.raises(ValueError, match="uint8"):
        to_grey(wrong)
