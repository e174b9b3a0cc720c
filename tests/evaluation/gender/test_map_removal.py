"""A fixed map is taken off by the sign that was read."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.mask_removal import remove_map
from lib.evaluation.gender.map_removal import MapRemoval


def test_a_map_is_taken_off_by_the_sign_that_was_read():
    rng = np.random.default_rng(0)
    fixed = rng.normal(size=(16, 16))
    true = np.where(np.arange(8) % 2, 1, -1)
    sm = rng.integers(80, 170, (8, 16, 16)).astype(np.uint8)
    op = remove_map(sm, fixed, -true)  # minus minus: the map added
    removal = MapRemoval(fixed, op, true * 2.0)
    subjects = np.array([f"s{k}" for k in range(8)])
    right = removal.share_right(np.arange(8), true > 0, subjects, replicates=20)
    assert right.estimate == 1 and 0.5 < right.low < 1  # eight of eight are no certainty
    assert np.abs(removal.taken_off().astype(int) - sm).mean() < 1
    found = removal.distances(np.arange(8), sm, true > 0, subjects, replicates=20)
    assert found["guessed"].estimate == pytest.approx(found["true"].estimate)
    assert found["guessed"].estimate < 2 < found["left on"].estimate
    assert found["wrong"].estimate > found["left on"].estimate
