from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from lib.measures import roc
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=80, deadline=None)
tied = st.lists(st.integers(-4, 4), min_size=1, max_size=14)
counts = st.integers(0, 3)


def slow_auc(impostor, genuine):
    won = [(g > m) + 0.5 * (g == m) for g in genuine for m in impostor]
    return float(np.mean(won))


def slow_eer(impostor, genuine):
    """The definition, vertex by vertex."""
    thresholds = [np.inf, *sorted({*impostor, *genuine}, reverse=True)]
    rates = [(np.mean(np.array(impostor) >= t), np.mean(np.array(genuine) < t)) for t in thresholds]
    for (fmr, fnmr), (next_fmr, next_fnmr) in pairwise(rates):
        before, after = fmr - fnmr, next_fmr - next_fnmr
        if before <= 0 <= after:
            return fmr if before == after else fmr - before / (after - before) * (next_fmr - fmr)
    raise AssertionError


@QUICK
@given(tied, tied)
def test_auc_is_the_share_of_couples_won(impostor, genuine):
    assert roc.auc(impostor, genuine) == pytest.approx(slow_auc(impostor, genuine), abs=1e-12)
    assert roc.curve(impostor, genuine).area() == pytest.approx(slow_auc(impostor, genuine), abs=1e-12)


@QUICK
@given(tied, tied)
def test_scikit_learn_agrees_on_finite_scores(impostor, genuine):
    truth = [0] * len(impostor) + [1] * len(genuine)
    assert roc.auc(impostor, genuine) == pytest.approx(roc_auc_score(truth, impostor + genuine), abs=1e-12)


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_infinite_scores_are_extreme_scores_here_and_an_error_there():
    assert roc.auc([-np.inf, 0.0], [1.0, np.inf]) == 1
    with pytest.raises(ValueError, match="infinity"):
        roc_auc_score([0, 0, 1, 1], [-np.inf, 0, 1, np.inf])


def test_one_vertex_per_distinct_score_where_scikit_learn_drops_some():
    impostor, genuine = [1, 2, 3], [1, 2, 3]
    assert len(roc.curve(impostor, genuine).thresholds) == 4
    assert len(roc_curve([0, 0, 0, 1, 1, 1], impostor + genuine)[2]) == 3


def test_splitting_ties_into_vertices_depends_on_the_order_of_the_data():
    """The wrong variant: one vertex per score, ties broken by position."""

    def wrong(impostor_first):
        truth = [0, 1] if impostor_first else [1, 0]
        tmr, fmr = np.cumsum(truth), np.cumsum(1 - np.array(truth))
        return np.trapezoid([0, *tmr], [0, *fmr])

    assert wrong(True) != wrong(False)
    assert roc.auc([0.5], [0.5]) == 0.5


@QUICK
@given(tied, tied)
def test_monotone_maps_change_nothing(impostor, genuine):
    def bent(scores):
        return [np.exp(0.3 * score) - 7 for score in scores]

    assert roc.auc(bent(impostor), bent(genuine)) == pytest.approx(roc.auc(impostor, genuine))
    assert roc.eer(bent(impostor), bent(genuine)).rate == pytest.approx(roc.eer(impostor, genuine).rate)
    before, after = (
        roc.tmr_at_fmr(m, g, 0.2) for m, g in ((impostor, genuine), (bent(impostor), bent(genuine)))
    )
    assert (before.tmr, before.fmr) == pytest.approx((after.tmr, after.fmr))


@QUICK
@given(tied, tied)
def test_swapped_classes_and_turned_signs(impostor, genuine):
    turned = roc.auc([-s for s in impostor], [-s for s in genuine])
    assert turned == pytest.approx(1 - roc.auc(impostor, genuine), abs=1e-12)
    assert roc.auc(genuine, impostor) == pytest.approx(turned, abs=1e-12)
    both_turned = roc.eer([-s for s in genuine], [-s for s in impostor]).rate
    assert both_turned == pytest.approx(roc.eer(impostor, genuine).rate, abs=1e-12)


@QUICK
@given(tied, tied, st.randoms())
def test_the_order_of_the_scores_does_not_matter(impostor, genuine, random):
    shuffled = impostor[:], genuine[:]
    for part in shuffled:
        random.shuffle(part)
    assert exactly(
        roc.auc(*shuffled),
        roc.auc(impostor, genuine),
        because="the scores are sorted before anything is computed",
    )
    assert exactly(
        roc.eer(*shuffled),
        roc.eer(impostor, genuine),
        because="the scores are sorted before anything is computed",
    )
    assert exactly(
        roc.tmr_at_fmr(*shuffled, 0.3),
        roc.tmr_at_fmr(impostor, genuine, 0.3),
        because="the scores are sorted before anything is computed",
    )


@QUICK
@given(st.data())
def test_weights_are_repetitions(data):
    impostor, genuine = data.draw(tied), data.draw(tied)
    sizes = [
        np.array(data.draw(st.lists(counts, min_size=n, max_size=n))) for n in (len(impostor), len(genuine))
    ]
    repeated = np.repeat(impostor, sizes[0]), np.repeat(genuine, sizes[1])
    weights = {"impostor_weights": sizes[0], "genuine_weights": sizes[1]}
    weighted = roc.auc(impostor, genuine, **weights)
    eer = roc.eer(impostor, genuine, **weights).rate
    if not sizes[0].sum() or not sizes[1].sum():
        assert np.isnan(weighted) and np.isnan(eer)
        return
    assert weighted == pytest.approx(roc.auc(*repeated), abs=1e-12)
    assert eer == pytest.approx(roc.eer(*repeated).rate, abs=1e-12)


@QUICK
@given(tied, tied)
def test_eer_by_its_definition(impostor, genuine):
    assert roc.eer(impostor, genuine).rate == pytest.approx(slow_eer(impostor, genuine), abs=1e-12)


def test_eer_at_its_ends():
    assert roc.eer([0, 1], [2, 3]).rate == 0
    assert roc.eer([2, 3], [0, 1]).rate > 0.5
    assert roc.eer([1, 1], [1, 1]).rate == 0.5
    assert np.isnan(roc.eer([], [1]).rate)
    assert roc.eer([1, 2, 4], [3, 5, 6]).threshold == 4  # the vertex where both rates are 1/3 comes first


@QUICK
@given(tied, tied, st.integers(0, 20))
def test_achieved_fmr_never_exceeds_the_wanted_one(impostor, genuine, twentieth):
    wanted = twentieth / 20
    point = roc.tmr_at_fmr(impostor, genuine, wanted)
    allowed = np.floor(wanted * len(impostor) + 1e-9)
    assert point.fmr * len(impostor) <= allowed + 1e-9
    assert point.tmr == pytest.approx(np.mean(np.array(genuine) > point.threshold))
    assert point.tmr == pytest.approx(roc.curve(impostor, genuine).at(wanted), abs=1e-12)
    assert point.tmr == pytest.approx(np.mean(np.array(genuine) >= point.accept_from), abs=1e-12)
    assert point.fmr == pytest.approx(np.mean(np.array(impostor) >= point.accept_from), abs=1e-12)


def test_accepting_at_the_threshold_would_break_the_promise():
    """The wrong variant: accept if score >= tau."""
    impostor = [0.5] * 5 + [0.1] * 5
    point = roc.tmr_at_fmr(impostor, [0.9], 0.2)
    assert point.fmr == 0
    assert np.mean(np.array(impostor) >= point.threshold) == 0.5


def test_rounding_does_not_lose_an_impostor():
    impostor = np.arange(100) / 100
    assert roc.tmr_at_fmr(impostor, [1], 0.29).fmr == pytest.approx(0.29)
    assert np.floor(0.29 * 100) == 28


def test_the_threshold_comes_from_other_subjects():
    point = roc.tmr_at_fmr([0.6, 0.7], [0.65, 0.9], 0.5, calibration_impostor_scores=[0.1, 0.3, 0.2, 0.5])
    assert (point.threshold, point.fmr, point.tmr) == pytest.approx((0.2, 1, 1))


def test_support_and_the_rule_of_thirty():
    rng = np.random.default_rng(0)
    few, many = (roc.tmr_at_fmr(rng.random(n), rng.random(9), 0.001) for n in (999, 30_000))
    assert not few.supported and not few.stable
    assert many.supported and many.stable


def test_all_equal_scores_give_one_half_exactly():
    assert roc.auc([0.3] * 7, [0.3] * 3) == 0.5


def test_undefined_is_nan_and_nan_is_an_error():
    assert np.isnan(roc.auc([], [1.0]))
    with pytest.raises(ValueError, match="impostor_scores: 1 values are NaN"):
        roc.auc([np.nan, 1], [1])
    with pytest.raises(ValueError, match="needs impostor and genuine"):
        roc.curve([], [1])
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        roc.threshold_at_fmr([1], 1.5)


def test_two_classes():
    impostor, genuine = roc.two_classes([1, 2, 3], [False, True, False])
    assert impostor.tolist() == [1, 3] and genuine.tolist() == [2]
    with pytest.raises(ValueError, match="true or false"):
        roc.two_classes([1, 2], [0, 2])


def test_det_keeps_zeros_and_draws_them_inside():
    det = roc.det([0, 1], [2, 3, 4])
    assert det.fmr[0] == 0 and det.moved[0]
    assert np.isfinite(det.fmr_deviate).all() and np.isfinite(det.fnmr_deviate).all()
    assert det.fmr_deviate[0] == pytest.approx(-0.6744897501960817)
    middle = (det.fmr == 0.5) & ~det.moved
    assert not middle.any() or (det.fmr_deviate[middle] == 0).all()
