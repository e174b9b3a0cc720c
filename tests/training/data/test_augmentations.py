"""Augmentations that move pictures and points alike, and change tone and sharpness."""

from __future__ import annotations

import numpy as np
import pytest

from lib.training.data.augmentations import RandomAffine, RandomBrightnessContrast, RandomDownscale
from lib.training.data.feed import Batch

pytestmark = pytest.mark.numeric


def spots(points: np.ndarray, size: int = 64) -> np.ndarray:
    """Black pictures with a soft white spot at each point."""
    y, x = np.mgrid[:size, :size]
    near = np.exp(-((x - points[:, :1, None]) ** 2 + (y - points[:, 1:, None]) ** 2) / 8)
    return np.rint(255 * near).astype(np.uint8)[..., None]


def centre(picture: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    weight = picture[..., 0].astype(float)
    return np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()


def test_points_stay_on_what_they_mark():
    random = np.random.default_rng(0)
    at = random.uniform(24, 40, (6, 2))
    points = np.repeat(at[:, None], 5, axis=1)
    moved = RandomAffine(turn=20, scale=0.2, shift=0.1)(
        Batch({"image": spots(at)}, {"points": points}, np.arange(6)), random
    )
    found = np.stack([centre(picture) for picture in moved.pictures["image"]])
    np.testing.assert_allclose(found, moved.values["points"][:, 0], atol=0.3)
    assert np.abs(found - at).max() > 2


def test_no_movement_is_the_identity_and_boxes_are_refused():
    picture = np.random.default_rng(1).integers(0, 256, (2, 16, 16, 3), np.uint8)
    batch = Batch({"image": picture}, {}, np.arange(2))
    still = RandomAffine(0, 0, 0)(batch, np.random.default_rng(0))
    np.testing.assert_array_equal(still.pictures["image"], picture)
    with pytest.raises(ValueError, match="boxes"):
        RandomAffine()(
            Batch({"image": picture}, {"boxes": np.zeros((2, 4))}, np.arange(2)), np.random.default_rng(0)
        )


def test_tone_keeps_the_order_of_grey_levels():
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    toned = RandomBrightnessContrast(contrast=0.5, brightness=0.2)(
        Batch({"image": ramp}, {}, np.arange(1)), np.random.default_rng(3)
    )
    levels = toned.pictures["image"].ravel().astype(int)
    assert (np.diff(levels) >= 0).all() and (levels != ramp.ravel()).any()


def test_coarse_pictures_lose_detail_and_keep_their_mean():
    noise = np.random.default_rng(4).integers(0, 256, (8, 32, 32, 1), np.uint8)
    batch = Batch({"image": noise}, {}, np.arange(8))
    coarse = RandomDownscale(probability=1.0, least=0.3)(batch, np.random.default_rng(5)).pictures["image"]
    assert coarse.std() < 0.8 * noise.std()
    assert np.abs(coarse.mean() - noise.mean()) < 2
    np.testing.assert_array_equal(
        RandomDownscale(probability=0.0)(batch, np.random.default_rng(5)).pictures["image"], noise
    )
