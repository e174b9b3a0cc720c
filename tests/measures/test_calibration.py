import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from lib.measures import ages, calibration

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
rows = st.lists(st.tuples(st.integers(0, 20).map(lambda k: k / 20), st.booleans()), min_size=1, max_size=30)


def slow_ece(p, y, bins):
    total = 0.0
    for m in range(bins):
        inside = [(pi >= m / bins) and (pi < (m + 1) / bins or m == bins - 1) for pi in p]
        if any(inside):
            total += np.mean(inside) * abs(np.mean(p[inside]) - np.mean(y[inside]))
    return total


@QUICK
@given(rows, st.integers(1, 20))
def test_calibration_error_by_its_definition(pairs, bins):
    p, y = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    assert calibration.ece(p, y, bins=bins) == pytest.approx(slow_ece(p, y, bins), abs=1e-12)


@QUICK
@given(rows)
def test_brier_and_log_loss_are_those_of_scikit_learn(pairs):
    p, y = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    assert calibration.brier(p, y) == pytest.approx(brier_score_loss(y, p, labels=[0, 1]))
    inside = (p > 0) & (p < 1)
    if inside.any():
        expected = log_loss(y[inside], p[inside], labels=[0, 1])
        assert calibration.nll(p[inside], y[inside]) == pytest.approx(expected)


def test_the_clip_is_ours():
    assert calibration.nll([0.0], [1]) == pytest.approx(-np.log(1e-12))
    assert log_loss([1], [0.0], labels=[0, 1]) > 30


@QUICK
@given(rows)
def test_the_other_class_has_the_same_brier_and_log_loss(pairs):
    p, y = (np.array(part, dtype=float) for part in zip(*pairs, strict=True))
    for measure in (calibration.brier, calibration.nll):
        assert measure(1 - p, 1 - y) == pytest.approx(measure(p, y), abs=1e-9)


def test_calibrated_probabilities_lie_at_their_zero():
    rng = np.random.default_rng(0)
    p = rng.random(3000)
    honest = calibration.calibration(p, rng.random(3000) < p, np.arange(3000) // 3, replicates=100)
    assert honest.ece.estimate == pytest.approx(honest.ece_zero, abs=0.015)
    sure = calibration.calibration(
        np.where(p > 0.5, 0.99, 0.01), rng.random(3000) < p, np.arange(3000) // 3, replicates=100
    )
    assert sure.ece.low > 5 * sure.ece_zero
    assert sure.ece_equal_count.estimate == pytest.approx(sure.ece.estimate, abs=1e-9)
    assert honest.brier.n == 1000


def test_equal_counts():
    at = calibration.equal_count(np.arange(30) / 30, 3)
    assert np.bincount(at).tolist() == [10, 10, 10]
    assert len(np.unique(calibration.equal_count(np.full(9, 0.4), 3))) == 1


def test_reliability_leaves_empty_bins_out():
    found = calibration.reliability([0.1, 0.1, 1.0], [0, 1, 1], bins=4)
    assert found.probability.tolist() == pytest.approx([0.1, 1.0])
    assert found.outcome.tolist() == [0.5, 1.0] and found.count.tolist() == [2, 1]


def test_several_classes():
    confidence, right = calibration.confidences([[0.7, 0.3], [0.4, 0.6]], [0, 0])
    assert confidence.tolist() == pytest.approx([0.7, 0.6]) and right.tolist() == [True, False]


def test_entropy_floor():
    assert calibration.entropy_floor([0.5]) == pytest.approx(np.log(2))
    assert calibration.entropy_floor([0.0, 1.0]) == 0
    x = np.random.default_rng(0).random(50)
    assert calibration.entropy_floor(x) == pytest.approx(-np.mean(x * np.log(x) + (1 - x) * np.log(1 - x)))
    with pytest.raises(ValueError, match="targets"):
        calibration.entropy_floor([255.0])


def test_percentages_are_not_probabilities():
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        calibration.brier([50], [1])


# --- ages


def test_age_errors():
    true = np.array([5.0, 25, 35, 65, 66])
    guess = true + np.array([1, -2, 5, -10, -6])
    found = ages.age_errors(guess, true, list("abcde"), 35, replicates=100)
    assert found.mae.estimate == pytest.approx(24 / 5)
    assert found.bias.estimate == pytest.approx(-12 / 5)
    assert found.cumulative_score.estimate == pytest.approx(3 / 5)
    assert found.baseline.estimate == pytest.approx(np.mean([30, 10, 0, 30, 31]))
    assert found.mae_of_bands.estimate == pytest.approx((1 + 2 + 5 + 8) / 4)
    assert found.band_bias["60-70"].estimate == -8 and found.band_bias["60-70"].n == 2
    assert not found.band_mae["10-20"].defined
    assert found.correlation.estimate == pytest.approx(np.corrcoef(guess, true)[0, 1])


def test_ages_outside_the_bands_are_an_error():
    with pytest.raises(ValueError, match="outside 0 to 200"):
        ages.age_errors([30.0], [1980.0], ["a"], 30)


def test_expectation():
    assert ages.expectation([[0.5, 0, 0.5], [0, 1, 0]]).tolist() == [1, 1]
    assert ages.expectation([[0.25, 0.75]], [10, 20]).tolist() == [17.5]
    with pytest.raises(ValueError, match="sum to 1"):
        ages.expectation([[1.0, 2.0]])


def test_conformal_intervals_cover_new_faces():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(300):
        errors = rng.standard_t(3, size=41)
        held.append(abs(errors[0]) <= ages.conformal(errors[1:], np.zeros(40), level=0.9))
    assert 0.86 <= np.mean(held) <= 0.95
    mae = np.mean(np.abs(rng.standard_t(3, size=4000)))
    assert np.mean(np.abs(rng.standard_t(3, size=4000)) <= mae) < 0.8
    assert ages.conformal([1, 2], [0, 0], level=0.9) == np.inf
    assert ages.conformal([1, 2, 3], [0, 0, 0], level=0.75) == 3
