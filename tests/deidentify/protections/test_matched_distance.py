"""Pictures at a distance asked for: fewer pixels, and a change that is scaled."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lib.deidentify.protections.matched_distance import at_distance, resampling_control
from lib.measures.image_quality import rmse
from tests.exact import exactly


@pytest.fixture(scope="module")
def pictures():
    noise = np.random.default_rng(0).normal(0, 60, (5, 32, 32))
    smooth = np.stack([gaussian_filter(one, 1.5) for one in noise])
    return np.clip(128 + 3 * smooth, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("distance", [2.0, 6.0, 12.0])
def test_fewer_pixels_meet_the_distance_of_the_protection(pictures, distance):
    protected = at_distance(pictures, 255 - pictures, np.full(5, distance))
    coarse = resampling_control(pictures, protected)
    assert np.allclose(rmse(coarse, pictures), rmse(protected, pictures), atol=0.3)
    # It loses detail: neighbours differ less than in the original.
    assert np.abs(np.diff(coarse.astype(int))).mean() < np.abs(np.diff(pictures.astype(int))).mean()


def test_a_distance_out_of_reach_gives_the_coarsest_picture(pictures):
    far = resampling_control(pictures, np.where(pictures > 127, 0, 255).astype(np.uint8))
    nearer = resampling_control(pictures, np.clip(pictures.astype(int) + 4, 0, 255).astype(np.uint8))
    assert (rmse(far, pictures) > rmse(nearer, pictures)).all()


def test_no_distance_is_the_picture_itself(pictures):
    same = at_distance(pictures, 255 - pictures, np.zeros(5))
    assert exactly(same, pictures, because="nothing is added")


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_change_is_scaled(pictures, factor):
    changed = np.clip(pictures.astype(int) + 10, 0, 255).astype(np.uint8)
    wanted = factor * rmse(changed, pictures)
    assert np.allclose(rmse(at_distance(pictures, changed, wanted), pictures), wanted, atol=0.6)
