"""The control meets the distance that is asked for, wherever a blur can."""

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lib.deidentify.protections.matched_blur_control import (
    TOLERANCE,
    _blurred,
    _cosines,
    blur_to_distance,
)
from lib.faces.grey import to_grey
from lib.measures.image_quality import rmse

pytestmark = pytest.mark.numeric


def pictures(seed: int, count: int = 4, side: int = 24) -> np.ndarray:
    """Smooth, noisy, high-contrast and faint pictures."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 256, (count, 5, 6), dtype=np.uint8)
    smooth = np.stack([cv2.resize(one, (side + 3, side), interpolation=cv2.INTER_CUBIC) for one in coarse])
    noise = random.normal(0, random.uniform(0, 40, (count, 1, 1)), smooth.shape)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def gaussian_blur(images: np.ndarray, widths) -> np.ndarray:
    """Each image blurred by a width of its own, as the search does it; not rounded."""
    return _blurred(_cosines(images), np.asarray(widths, np.float32))


def farthest(images: np.ndarray) -> np.ndarray:
    """Distance of each image from its mean, rounded: no blur goes farther."""
    flat = np.rint(images.mean((1, 2), keepdims=True)).astype(np.uint8)
    return rmse(images, np.broadcast_to(flat, images.shape))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(0.08, 0.98), min_size=4, max_size=4))
def test_within_two_percent_wherever_it_can_be(seed, parts):
    images = pictures(seed)
    assume(farthest(images).min() > 8)
    wanted = farthest(images) * parts
    found = blur_to_distance(images, wanted)
    assert found.reached.all()
    assert (np.abs(found.distances / wanted - 1) <= TOLERANCE).all()
    assert np.allclose(found.distances, rmse(found.images, images)), "of the 8-bit images that are returned"
    remade = np.clip(np.rint(gaussian_blur(images, found.widths)), 0, 255).astype(int)
    assert np.abs(remade - found.images).max() <= 1, "the widths say what was done"


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_wider_blur_is_never_nearer(seed):
    image = pictures(seed, count=1)
    widths = np.geomspace(0.05, 100, 24)
    blurred = gaussian_blur(np.repeat(image, 24, 0), widths)
    distances = rmse(blurred, np.repeat(image, 24, 0).astype(float))
    assert (np.diff(distances) >= -1e-3).all()


def test_farther_means_wider():
    images = np.repeat(pictures(3, count=1, side=48), 12, 0)
    wanted = np.linspace(0.1, 0.95, 12) * farthest(images)
    assert (np.diff(blur_to_distance(images, wanted).widths) > 0).all()


def test_each_image_has_a_width_of_its_own_whatever_the_batch():
    images = pictures(1, count=300, side=16)
    wanted = 0.4 * farthest(images)
    found = blur_to_distance(images, wanted)
    assert len(np.unique(found.widths.round(6))) > 20
    alone = blur_to_distance(images[290:291], wanted[290:291])
    assert alone.widths == pytest.approx(found.widths[290:291], rel=1e-5)


def test_what_no_blur_reaches_is_said():
    images = pictures(2, count=2)
    found = blur_to_distance(images, farthest(images) * [1.5, 0.5])
    assert found.reached.tolist() == [False, True]
    assert len(np.unique(found.images[0])) == 1, "as far as a blur can go: one tone"
    assert found.distances[0] == pytest.approx(farthest(images)[0], rel=1e-3)
    flat = blur_to_distance(np.full((1, 8, 8), 90, np.uint8), [5])
    assert not flat.reached[0] and flat.distances[0] == 0
    # A fine chequerboard turns over all at once: no width lies between.
    board = ((np.indices((16, 16)).sum(0) % 2) * 1 + 100).astype(np.uint8)[None]
    assert not blur_to_distance(board, [0.2]).reached[0]


def test_distance_nought_is_the_image_itself():
    images = pictures(0)
    found = blur_to_distance(images, np.zeros(4))
    assert np.array_equal(found.images, images) and found.reached.all() and not found.widths.any()


def test_like_opencv():
    image = pictures(5, count=1, side=40)
    ours = gaussian_blur(image, [2.0])[0]
    theirs = cv2.GaussianBlur(image[0].astype(np.float32), (25, 25), 2.0, borderType=cv2.BORDER_REFLECT)
    assert np.abs(ours - theirs).max() < 0.2


def test_colours_become_grey_and_nothing_is_an_answer(world):
    some = np.asarray(world.images[:3])
    found = blur_to_distance(some, [8, 9, 10])
    assert found.images.shape == (3, 64, 64) and found.reached.all()
    assert rmse(found.images, to_grey(some)) == pytest.approx([8, 9, 10], rel=TOLERANCE)
    assert len(blur_to_distance(some[:0], []).images) == 0


def test_one_width_for_all_would_fail():
    images = pictures(7)
    wanted = 0.5 * farthest(images)
    middle = np.full(len(images), np.median(blur_to_distance(images, wanted).widths))
    distances = rmse(np.rint(gaussian_blur(images, middle)), images.astype(float))
    assert (np.abs(distances / wanted - 1) > TOLERANCE).any()


@pytest.mark.parametrize("wrong", [[-1.0], [np.inf], [np.nan], [1.0, 2.0]])
def test_impossible_distances_stop(wrong):
    with pytest.raises(ValueError, match="distances"):
        blur_to_distance(pictures(0, count=1), wrong)
