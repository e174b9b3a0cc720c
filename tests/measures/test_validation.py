"""Values computed independently of this code; one test each."""

import numpy as np
import pytest
from scipy.stats import norm

from lib.measures import (
    bootstrap_intervals,
    calibration,
    classification,
    clustering,
    detection,
    prevalence,
    roc,
    significance,
)
from lib.measures.generative import frechet
from lib.measures.unlinkability import linkability

pytestmark = pytest.mark.numeric

GENUINE = [0.9, 0.8, 0.7, 0.7, 0.4]
IMPOSTOR = [0.8, 0.6, 0.5, 0.4, 0.3, 0.1]
MATRIX = np.array([[342, 17], [63, 220]])


def close(value, expected, digits=6):
    assert value == pytest.approx(expected, abs=0.5 * 10**-digits)


def test_auc():
    assert roc.auc(IMPOSTOR, GENUINE) == pytest.approx(24 / 30)


def test_eer():
    close(roc.eer(IMPOSTOR, GENUINE).rate, 0.2, 12)


@pytest.mark.parametrize(
    ("alpha", "threshold", "tmr", "fmr"),
    [(0, 0.8, 0.2, 0), (0.1, 0.8, 0.2, 0), (0.2, 0.6, 0.8, 1 / 6), (0.5, 0.4, 0.8, 0.5)],
)
def test_tmr_at_fmr(alpha, threshold, tmr, fmr):
    point = roc.tmr_at_fmr(IMPOSTOR, GENUINE, alpha)
    assert (point.threshold, point.tmr, point.fmr) == pytest.approx((threshold, tmr, fmr))


@pytest.mark.parametrize(
    ("interpolation", "expected"), [("all-point", 0.55), ("none", 0.525), ("11-point", 0.545455)]
)
def test_average_precision(interpolation, expected):
    scores, right = [0.95, 0.9, 0.8, 0.8, 0.6, 0.3], [1, 0, 1, 0, 1, 0]
    close(detection.average_precision(scores, right, 4, interpolation=interpolation), expected)


def test_wilson():
    share = bootstrap_intervals.wilson(235, 240)
    close(share.low, 0.952167)
    close(share.high, 0.991069)
    close(bootstrap_intervals.wilson(0, 3000).high, 0.00127885, 8)
    close(bootstrap_intervals.zero_error_bound(3000), 0.00099808, 8)


def test_prevalence():
    """The Wald limits were computed with z = 1.96, the others with 1.959964."""
    rates = prevalence.Rate(0.62, 600), prevalence.Rate(0.89, 283), prevalence.Rate(0.90, 359)
    found = prevalence.prevalence(*rates)
    close(found.raw, 0.658228)
    close(found.standard_error, 0.0302696, 7)
    close(found.figure.low, 0.599967)
    close(found.figure.high, 0.719422)
    rounded = prevalence.prevalence(*rates, level=2 * norm.cdf(1.96) - 1)
    close(rounded.wald.low, 0.598899)
    close(rounded.wald.high, 0.717556)


def test_mcnemar():
    found = significance.mcnemar(9, 21)
    close(found.p, 0.0427739, 7)
    close(found.mid_p, 0.0294494, 7)
    close(found.chi2, 4.03333, 5)
    close(found.chi2_p, 0.0446097, 7)


def test_probabilities():
    p = [0.05, 0.15, 0.25, 0.35, 0.62, 0.68, 0.81, 0.84, 0.93, 0.97]
    y = [0, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    close(calibration.ece(p, y, bins=5), 0.135)
    close(calibration.brier(p, y), 0.13843)
    close(calibration.nll(p, y), 0.413646)


def test_confusion_matrix():
    close(classification.accuracy(MATRIX), 0.875389)
    close(classification.balanced_accuracy(MATRIX), 0.865016)
    close(classification.majority_accuracy(MATRIX, 0), 0.559190)
    close(classification.skill(MATRIX, 0), 0.717314)
    close(classification.mcc(MATRIX), 0.751070)
    share = bootstrap_intervals.wilson(342 + 220, 642)
    close(share.low, 0.847587)
    close(share.high, 0.898726)


def test_silhouette():
    points = [(0, 0), (0, 0), (0, 1), (4, 4), (4, 5), (9, 9)]
    each = clustering.silhouettes(points, [0, 0, 0, 1, 1, 2])
    close(each.mean(), 0.716685)
    assert each[-1] == 0


def test_partitions():
    first, second = [0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 0, 1, 1, 1, 1, 2, 2, 0]
    close(clustering.adjusted_rand(first, second), 0.357143)
    close(clustering.adjusted_mutual_information(first, second), 0.408671)


def test_many_comparisons():
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]
    np.testing.assert_allclose(significance.holm(p), [0.008, 0.056] + [0.234] * 6)


def test_unlinkability():
    local, whole = linkability([0.2, 0.8], [0.8, 0.2])
    np.testing.assert_allclose(local, [0, 0.6])
    close(whole, 0.48)


def test_frechet():
    close(frechet([0], [[1]], [1], [[4]]), 2, 12)
