"""Comparisons of probes with galleries: known scores, thresholds of strangers, attackers of either side."""

import numpy as np
import pytest

from lib.evaluation.rotation.comparisons import (
    Comparisons,
    plain_auc,
    plain_tmr,
    reached,
    threshold_of,
    verified,
)

DRAWS = {"replicates": 60, "seed": 1}


def crowd(count, prefix, *, pull=0.0, photos=1, seed=0, dimension=64):
    """Probes and gallery of `count` subjects; `pull` is how far a probe leans to its own gallery photo."""
    random = np.random.default_rng([seed, count])
    gallery = random.normal(size=(count, photos, dimension))
    probes = pull * gallery[:, 0] + random.normal(size=(count, dimension))
    return Comparisons.of(probes, gallery, np.array([f"{prefix}{one}" for one in range(count)]))


def test_cosines_of_known_vectors_and_their_order():
    gallery = np.array([[[1.0, 0], [0, 2]], [[-3, 0], [1, 1]]])
    one = Comparisons.of(np.array([[2.0, 0], [0, 1]]), gallery, np.array(["a", "b"]))
    np.testing.assert_allclose(one.scores, [[1, 0, -1, 0.5**0.5], [0, 1, 0, 0.5**0.5]], atol=1e-9)
    assert one.gallery_subjects.tolist() == ["a", "a", "b", "b"]
    np.testing.assert_allclose(one.first(1).scores, [[1, -1], [0, 0]], atol=1e-9)
    assert one.first(1).pairs().mated.tolist() == [True, False, False, True]
    with pytest.raises(ValueError, match="2 photos"):
        one.first(3)


def test_a_missing_reading_is_nobody():
    probes = np.array([[np.nan, np.nan], [1.0, 0]])
    one = Comparisons.of(probes, np.array([[1.0, 1], [1, 0]]), np.array(["a", "b"]))
    assert not one.scores[0].any() and one.scores[1].all()


def test_scores_need_a_row_for_each_subject():
    with pytest.raises(ValueError, match="as many rows"):
        Comparisons(np.zeros((2, 3)), np.array(list("abc")))
    with pytest.raises(ValueError, match="equally many"):
        Comparisons(np.zeros((2, 3)), np.array(list("ab")))


def test_the_threshold_of_strangers_holds_for_others():
    strangers = crowd(80, "s", seed=3)
    cut = threshold_of(strangers)
    known = strangers.pairs().impostor_scores
    assert (known > cut).mean() <= 0.01 < (known >= np.nextafter(cut, -1)).mean() + 0.001
    found = reached(crowd(60, "t", seed=4), strangers, **DRAWS)
    assert found.fmr.low < 0.01 < found.fmr.high
    assert found.tmr.estimate < 0.1  # a stranger's probe matches no more often than another stranger's


def share_of_false_matches(test, strangers):
    return float((test.first(1).pairs().impostor_scores > threshold_of(strangers)).mean())


def test_who_leans_to_their_own_photo_is_found():
    strangers, test = crowd(60, "s", pull=2, seed=5), crowd(40, "t", pull=2, photos=2, seed=6)
    found = reached(test, strangers, photos=(1, 2, 5), **DRAWS)
    assert found.tmr.estimate > 0.9 and found.auc.estimate > 0.99 and found.auc.low > 0.9
    assert found.fmr.estimate == pytest.approx(share_of_false_matches(test, strangers))
    assert set(found.rank_one) == {1, 2} and found.rank_one[1].estimate > 0.9
    whole, free = verified(test, strangers, **DRAWS)
    assert whole.tmr[0.01].estimate == pytest.approx(found.tmr.estimate)
    assert free.auc.estimate == pytest.approx(found.auc.estimate)
    assert whole.fmr[0.01].estimate == pytest.approx(found.fmr.estimate)


def test_too_far_identifies_as_surely_as_too_near():
    strangers, test = crowd(60, "s", pull=-2, seed=5), crowd(40, "t", pull=-2, seed=6)
    assert plain_tmr(test, strangers) < 0.05  # whoever looks for the nearest sees nobody
    assert plain_auc(test, strangers) > 0.99  # whoever learned the direction sees everybody
    found = reached(test, strangers, **DRAWS)
    assert found.auc.estimate > 0.99 and found.auc.low > 0.9 and found.tmr.estimate < 0.05
    middle = strangers.stranger_median
    assert plain_tmr(test.two_sided(middle), strangers.two_sided(middle)) > 0.9


def test_the_same_subjects_may_not_set_the_threshold():
    one = crowd(10, "s")
    with pytest.raises(ValueError, match="both set and judge"):
        verified(one, one, **DRAWS)
