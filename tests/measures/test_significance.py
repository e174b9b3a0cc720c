import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, permutation_test

from lib.measures import significance
from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import Estimate, undefined_estimate

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
p_values = st.lists(st.integers(0, 1000).map(lambda k: k / 1000), min_size=1, max_size=12)


def test_mcnemar_without_disagreement():
    found = significance.mcnemar(0, 0)
    assert found.p == 1 and found.mid_p == 1 and np.isnan(found.chi2)


@QUICK
@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_does_not_depend_on_the_order(b, c):
    one, other = significance.mcnemar(b, c), significance.mcnemar(c, b)
    assert (one.p, one.mid_p) == pytest.approx((other.p, other.mid_p))
    assert 0 <= one.mid_p <= one.p <= 1


def test_sign_flip_is_the_permutation_test_of_scipy():
    values = np.array([1.0, 2, -0.5, 3, 0.25, 1.5])
    expected = permutation_test(
        (values,), np.mean, permutation_type="samples", alternative="two-sided", n_resamples=np.inf
    )
    found = significance.sign_flip(values, np.arange(6))
    assert found.exact and found.p == pytest.approx(expected.pvalue)


def test_sign_flip_sees_subjects_where_mcnemar_sees_images():
    """The wrong variant: one subject's hundred images as a hundred witnesses."""
    subjects = np.repeat(["a", "b", "c"], [100, 1, 1])
    differences = np.repeat([1, -1, -1], [100, 1, 1])
    assert significance.mcnemar(100, 2).p < 1e-6
    assert significance.sign_flip(differences, subjects).p == 1
    many = significance.sign_flip(np.ones(40), np.arange(40), flips=999)
    assert not many.exact and many.p == pytest.approx(1 / 1000)


def test_sign_flip_of_no_difference():
    assert significance.sign_flip([0, 0, 0], list("abc")).p == 1


@QUICK
@given(p_values, st.randoms())
def test_adjusted_p_values(p, random):
    adjusted = significance.holm(p)
    assert (adjusted >= np.array(p) - 1e-12).all() and (adjusted <= 1).all()
    order = list(range(len(p)))
    random.shuffle(order)
    np.testing.assert_allclose(significance.holm(np.array(p)[order]), adjusted[order])
    assert (adjusted >= false_discovery_control(p) - 1e-12).all(), "stricter than a screening"


def test_p_values_lie_between_zero_and_one():
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        significance.holm([0.5, 1.2])
    assert len(significance.holm([])) == 0


def figures():
    return st.tuples(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.integers(2, 99)).map(
        lambda made: Estimate(made[0], made[0] - made[1], made[0] + made[2], made[3])
    )


def test_independent_difference_by_hand():
    found = significance.independent_difference(Estimate(0.9, 0.87, 0.92, 40), Estimate(0.5, 0.45, 0.54, 60))
    assert (found.estimate, found.n) == (pytest.approx(0.4), 100)
    assert found.low == pytest.approx(0.4 - 0.05) and found.high == pytest.approx(0.4 + np.hypot(0.02, 0.05))


@given(figures(), figures())
def test_independent_difference_turns_with_its_sides(first, second):
    one, other = (significance.independent_difference(*pair) for pair in ((first, second), (second, first)))
    assert one.low <= one.estimate <= one.high
    assert (one.low, one.high) == (pytest.approx(-other.high), pytest.approx(-other.low))
    assert one.high - one.low <= (first.high - first.low) + (second.high - second.low) + 1e-9
    alone = significance.independent_difference(first, Estimate(0, 0, 0, 1))
    assert (alone.low, alone.high) == (pytest.approx(first.low), pytest.approx(first.high))


def test_a_difference_to_nothing_says_why():
    found = significance.independent_difference(Estimate(0.9, 0.8, 1, 5), undefined_estimate("not measured"))
    assert not found.defined and found.why == "not measured"


def test_independent_difference_agrees_with_the_bootstrap_of_both_sides():
    rng = np.random.default_rng(4)
    sides = [(rng.normal(mean, 1, 150), np.arange(150)) for mean in (1.0, 0.3)]
    found = significance.independent_difference(*(bootstrap_mean(*side) for side in sides))
    drawn = [rng.choice(values, (4000, 150)).mean(axis=1) for values, _ in sides]
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.02) and found.high == pytest.approx(high, abs=0.02)


def system(accepted, threshold: float = 0.5):
    """One comparison with oneself for each subject, and strangers who set the threshold at 0.5."""
    from lib.measures.scored_pairs import ScoredPairs
    from lib.measures.verification import draw_verification

    names = np.array([f"t{at:03}" for at in range(len(accepted))])
    scores = np.concatenate([np.where(accepted, 0.9, 0.1), np.zeros(len(names))])
    test = ScoredPairs(scores, np.concatenate([names, names]), np.concatenate([names, np.roll(names, 1)]))
    many = np.array([f"s{at:03}" for at in range(200)])
    strangers = ScoredPairs(np.full(200, threshold), many, np.roll(many, 1))
    return draw_verification(test, fmrs=(0.01,), calibration=strangers, replicates=60, seed=2)


def test_a_huge_difference_in_tmr_passes_holm_and_none_does_not():
    all_kept, none_kept = system(np.ones(60, bool)), system(np.zeros(60, bool))
    huge = significance.tmr_sign_flip(all_kept, none_kept, 0.01)
    none = significance.tmr_sign_flip(all_kept, all_kept, 0.01)
    assert huge.mean == pytest.approx(1) and none.p == pytest.approx(1)
    adjusted = significance.holm([huge.p] + 59 * [none.p])
    assert adjusted[0] < 0.05 and (adjusted[1:] == 1).all()
    generator = np.random.default_rng(0)
    noise = [
        significance.tmr_sign_flip(*(system(generator.random(60) < 0.8) for _ in range(2)), 0.01).p
        for _ in range(40)
    ]
    assert significance.holm(noise).min() > 0.05


def test_where_nobody_is_decided_differently_the_interval_has_a_width():
    kept = system(np.arange(60) % 3 > 0)
    found = significance.drawn_difference(kept, kept).tmr[0.01]
    bound = 1 - 0.025 ** (1 / 60)
    assert (found.estimate, found.low, found.high) == pytest.approx((0, -bound, bound))
    assert "none of 60 differ: exact bound" in found.why
    whole = significance.drawn_difference(system(np.ones(60, bool)), system(np.zeros(60, bool))).tmr[0.01]
    assert (whole.low, whole.high) == pytest.approx((1 - bound, 1)) and "all of 60" in whole.why
    few = significance.drawn_difference(kept, system(np.arange(60) % 3 > 1)).tmr[0.01]
    assert "exact" not in few.why and 0 < few.low < few.high < 1


def test_the_second_systems_fmr_stands_beside_the_difference():
    found = significance.drawn_difference(system(np.ones(60, bool)), system(np.ones(60, bool), -0.5))
    assert found.reached[0.01].estimate == pytest.approx(1), "its threshold lies below every impostor"


def test_differences_need_the_same_draws():
    one, other = system(np.ones(60, bool)), system(np.ones(50, bool))
    with pytest.raises(ValueError, match="same pairs"):
        significance.drawn_difference(one, other)
