"""Gains over who does not look, and their ratios, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures.bootstrap_intervals import bootstrap
from lib.measures.kept_share import attribute_gain_of, number_gain_of, ratio_of_two

TRUE = np.array([True] * 4 + [False] * 6)
HALF = np.array([True, True, False, False] + [False] * 6)


def whole(statistic) -> float:
    return float(statistic(np.ones((1, len(statistic.columns))))[0])


def test_the_majority_gains_nothing_and_the_truth_gains_one_half():
    assert whole(attribute_gain_of(TRUE, np.zeros(10, bool))) == pytest.approx(0)
    assert whole(attribute_gain_of(TRUE, TRUE)) == pytest.approx(0.5)
    assert whole(attribute_gain_of(TRUE, HALF)) == pytest.approx(0.25)
    assert whole(attribute_gain_of(TRUE, ~TRUE)) == pytest.approx(-0.5)


def test_a_gain_on_one_label_alone_is_undefined():
    """Plain balanced accuracy over the classes that are there would call it one half, or all."""
    assert np.isnan(whole(attribute_gain_of(np.ones(5, bool), np.ones(5, bool))))


def test_numbers_gain_the_error_that_they_save():
    true = np.array([0.0, 10.0, 20.0, 30.0])
    assert whole(number_gain_of(true, true, 15)) == pytest.approx(1)
    assert whole(number_gain_of(true, np.full(4, 15.0), 15)) == pytest.approx(0)
    assert whole(number_gain_of(true, true + 5, 15)) == pytest.approx(0.5)
    assert whole(number_gain_of(true, true + 20, 15)) == pytest.approx(-1)


def test_the_kept_share_is_one_gain_over_the_other_on_the_same_pictures():
    share = ratio_of_two(attribute_gain_of(TRUE, HALF), attribute_gain_of(TRUE, TRUE))
    assert whole(share) == pytest.approx(0.5)
    turned = ratio_of_two(attribute_gain_of(TRUE, ~TRUE), attribute_gain_of(TRUE, TRUE))
    assert whole(turned) == pytest.approx(-1)


def test_nothing_is_a_share_of_what_was_not_read():
    blind = attribute_gain_of(TRUE, np.zeros(10, bool))
    assert np.isnan(whole(ratio_of_two(attribute_gain_of(TRUE, HALF), blind)))
    weak = ratio_of_two(attribute_gain_of(TRUE, HALF), attribute_gain_of(TRUE, HALF), least=0.3)
    assert np.isnan(whole(weak))


def test_both_sides_see_the_same_draws():
    """Ratios of separate draws would spread; of the same picture the ratio is one in every draw."""
    own = attribute_gain_of(TRUE, HALF)
    found = bootstrap(ratio_of_two(own, own), np.arange(10), replicates=200, seed=1)
    assert (found.low, found.high) == (pytest.approx(1), pytest.approx(1))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=4, max_size=30), st.integers(0, 2**31))
def test_weights_are_copies(said, seed):
    """A picture of weight two counts as two pictures."""
    told = np.array(said)
    true = np.arange(len(told)) % 2 == 0
    weights = np.random.default_rng(seed).integers(1, 4, len(told))
    rows = np.repeat(np.arange(len(told)), weights)
    weighted = attribute_gain_of(true, told)(weights[None].astype(float))[0]
    assert weighted == pytest.approx(whole(attribute_gain_of(true[rows], told[rows])))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="rows where"):
        ratio_of_two(attribute_gain_of(TRUE, TRUE), attribute_gain_of(TRUE[:5], TRUE[:5]))
