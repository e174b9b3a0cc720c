"""Cleaning of attributes' halves: what tells persons apart goes, what changes between pictures stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.arrays import WeightsError
from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.protections.base import ProtectionError
from lib.measures.pairs import within
from lib.measures.roc import auc
from lib.measures.scored_pairs import score_pairs

TELLING = 3
"""Directions along which made-up persons differ."""


def halves(people, seed, photos=6, dimension=12):
    """Halves in which persons differ along three directions that are not at right angles."""
    turn = np.random.default_rng(7).normal(size=(dimension, dimension))
    random = np.random.default_rng(seed)
    fixed = np.zeros((people, dimension))
    fixed[:, :TELLING] = 4 * random.normal(size=(people, TELLING))
    rows = np.repeat(fixed, photos, axis=0) + random.normal(size=(people * photos, dimension))
    return rows @ turn, np.repeat(np.arange(people), photos), turn


def told(rows, subjects):
    """AUC with which persons are told apart by the cosine of their halves."""
    pairs = score_pairs(within(subjects), rows - rows.mean(axis=0), subjects)
    return auc(pairs.impostor_scores, pairs.genuine_scores)


def test_other_people_are_no_longer_told_apart():
    cleaner = AttributeCleaner.fit(*halves(60, 1)[:2], removed=TELLING)
    rows, subjects, _ = halves(40, 2)
    assert told(rows, subjects) > 0.9
    assert told(cleaner(rows), subjects) == pytest.approx(0.5, abs=0.06)
    assert told(cleaner.removing(0)(rows), subjects) > 0.9  # the wrong variant: nothing removed


def test_what_changes_between_pictures_stays():
    cleaner = AttributeCleaner.fit(*halves(60, 1)[:2], removed=TELLING, shrinkage=0.0)
    rows, _, turn = halves(40, 2)
    before, after = (one @ np.linalg.inv(turn) for one in (rows, np.asarray(cleaner(rows), float)))
    for place in range(TELLING, 12):
        assert np.corrcoef(before[:, place], after[:, place])[0, 1] > 0.9
    for place in range(TELLING):
        assert after[:, place].std() < 0.3 * before[:, place].std()


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10), st.integers(0, 100))
def test_cleaning_twice_is_cleaning_once(removed, seed):
    rows, subjects, _ = halves(20, seed)
    cleaner = AttributeCleaner.fit(rows, subjects, removed)
    once = cleaner(rows)
    np.testing.assert_allclose(cleaner(once), once, atol=1e-3)
    assert np.linalg.matrix_rank(once - cleaner.mean, tol=1e-2) <= 12 - removed


def test_kept_and_read_again(tmp_path):
    rows, subjects, _ = halves(20, 1)
    cleaner = AttributeCleaner.fit(rows, subjects, 2)
    cleaner.save(tmp_path / "cleaner.npz")
    again = AttributeCleaner.load(tmp_path / "cleaner.npz")
    np.testing.assert_allclose(again(rows), cleaner(rows), atol=1e-3)
    with pytest.raises(WeightsError, match="absent"):
        AttributeCleaner.load(tmp_path / "absent.npz")


def test_what_cannot_be_fitted():
    with pytest.raises(ProtectionError, match="two pictures"):
        AttributeCleaner.fit(np.eye(4), np.arange(4), 1)
    with pytest.raises(ProtectionError, match="can be removed"):
        AttributeCleaner.fit(*halves(5, 1)[:2], removed=40)
