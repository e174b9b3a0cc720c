"""A judge that is asked once about each picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.judges.base import Judgement
from lib.judges.cached_judge import CachedJudge
from lib.judges.packaged_catalogue import DLIB_RECOGNISER


class Slow:
    """Says the mean of the picture and where the nose is, and counts how often it is asked."""

    def __init__(self, card=DLIB_RECOGNISER):
        self.card, self.asked = card, 0

    def __call__(self, images, points=None):
        self.asked += len(images)
        values = np.stack([images.mean((1, 2, 3)), points[:, 2, 0]], 1).astype(np.float32)
        return Judgement(values, np.ones(len(images), bool))


@pytest.fixture
def shown():
    random = np.random.default_rng(0)
    points = random.uniform(0, 8, (6, 5, 2)).astype(np.float32)
    points[3] = np.nan
    return random.integers(0, 255, (6, 8, 8, 3), dtype=np.uint8), points


def test_the_same_is_said_and_nobody_is_asked_twice(shown, tmp_path):
    images, points = shown
    slow, plain = Slow(), Slow()
    first = CachedJudge(slow, tmp_path)(images[:4], points[:4])
    assert slow.asked == 3 and list(first.acquired) == [True, True, True, False]
    later = CachedJudge(slow, tmp_path)(images, points)
    assert slow.asked == 5
    known = later.acquired
    np.testing.assert_allclose(later.values[known], plain(images[known], points[known]).values, rtol=1e-5)
    assert np.isnan(later.values[~known]).all()


def test_other_points_other_pictures_other_weights_are_asked_about(shown, tmp_path):
    images, points = (array[:1] for array in shown)
    slow = Slow()
    remembered = CachedJudge(slow, tmp_path)
    remembered(images, points)
    remembered(images, points + 1)
    remembered(255 - images, points)
    other = Slow(replace(DLIB_RECOGNISER, sha256=("other",)))
    CachedJudge(other, tmp_path)(images, points)
    assert (slow.asked, other.asked) == (3, 1)
