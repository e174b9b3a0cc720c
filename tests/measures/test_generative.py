import numpy as np
import pytest
from scipy.linalg import sqrtm
from sklearn.metrics.pairwise import polynomial_kernel

from lib.measures import generative, prevalence

pytestmark = pytest.mark.numeric


def draw(n, d, seed, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, d)) + shift


def test_frechet_by_its_definition():
    rng = np.random.default_rng(0)
    one, other = (np.cov(rng.normal(size=(40, 5)) @ rng.normal(size=(5, 5)), rowvar=False) for _ in range(2))
    means = rng.normal(size=(2, 5))
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(one + other - 2 * sqrtm(one @ other).real)
    assert generative.frechet(means[0], one, means[1], other) == pytest.approx(expected)
    assert generative.frechet(means[1], other, means[0], one) == pytest.approx(expected)


def test_fid_of_the_same_distribution_lies_near_its_floor():
    real, same, far = draw(600, 4, 0), draw(600, 4, 1), draw(600, 4, 2, shift=1)
    near = generative.fid(real, same)
    assert near.value < near.floor * 2 + 0.05 and generative.fid(real, far).value == pytest.approx(
        4, rel=0.15
    )
    assert near.why == "" and (near.n, near.dimension) == (600, 4)


def test_fid_is_biased_upwards_with_few_samples():
    few = generative.fid(draw(40, 32, 0), draw(40, 32, 1))
    many = generative.fid(draw(2000, 32, 0), draw(2000, 32, 1))
    assert few.value > 5 * many.value
    assert "singular" in generative.fid(draw(20, 32, 0), draw(20, 32, 1)).why


def test_fid_survives_singular_covariances():
    flat = np.repeat(draw(50, 1, 0), 3, axis=1)
    assert generative.fid(flat, flat).value == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("n", "d"), [(5, 4), (6, 3)])
def test_fid_asks_for_equal_samples(n, d):
    with pytest.raises(ValueError):
        generative.fid(draw(6, 4, 0), draw(n, d, 1))


def test_kid_by_its_definition():
    real, generated = draw(30, 5, 0), draw(25, 5, 1, shift=0.5)

    def kernel(a, b):
        return polynomial_kernel(a, b, degree=3, gamma=1 / 5, coef0=1)

    def off(k):
        return (k.sum() - np.trace(k)) / (len(k) * (len(k) - 1))

    expected = (
        off(kernel(real, real)) + off(kernel(generated, generated)) - 2 * kernel(real, generated).mean()
    )
    found = generative.kid(real, generated, replicates=100)
    assert found.estimate == pytest.approx(expected)
    assert found.low < expected < found.high and found.n == 30


def test_kid_is_unbiased():
    values = [
        generative.kid(draw(20, 3, k), draw(20, 3, 1000 + k), replicates=2).estimate for k in range(200)
    ]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)
    assert min(values) < 0


def test_kid_with_several_images_of_a_subject():
    real = np.repeat(draw(10, 3, 0), 3, axis=0)
    wide = generative.kid(real, draw(30, 3, 1), np.repeat(np.arange(10), 3), replicates=300)
    narrow = generative.kid(real, draw(30, 3, 1), replicates=300)
    assert wide.estimate == pytest.approx(narrow.estimate) and wide.n == 10
    assert wide.high - wide.low > narrow.high - narrow.low


def test_copies_are_found_and_independent_samples_are_not():
    train, held_out, fresh = draw(800, 4, 0), draw(800, 4, 1), draw(200, 4, 2)
    people = [f"t{i}" for i in range(800)], [f"h{i}" for i in range(800)]
    copies = generative.memorisation(train + 0.01, train, held_out, *people, replicates=100)
    assert copies.nearer.estimate > 0.95 and copies.close.estimate > 0.9 and copies.membership.low > 0.9
    honest = generative.memorisation(fresh, train, held_out, *people, replicates=100)
    assert honest.nearer.low < 0.5 < honest.nearer.high
    assert honest.close.low < 0.01
    assert honest.membership.low < 0.5 < honest.membership.high
    with pytest.raises(ValueError, match="equally many"):
        generative.memorisation(fresh, train, held_out[:5], people[0], people[1][:5])


def test_ties_do_not_count_as_nearer():
    points = np.array([[0.0], [1.0]])
    found = generative.memorisation(points, points, points, list("ab"), list("cd"), replicates=10)
    assert found.nearer.estimate == 0 and found.ties == 2


# --- prevalence


def test_a_perfect_classifier_needs_no_correction():
    found = prevalence.prevalence(prevalence.Rate(0.3, 100), prevalence.Rate(1, 50), prevalence.Rate(1, 50))
    assert found.raw == pytest.approx(0.3) and found.figure.low < 0.3 < found.figure.high


def test_the_raw_estimate_may_leave_the_unit_interval():
    found = prevalence.prevalence(
        prevalence.Rate(0.02, 100), prevalence.Rate(0.9, 50), prevalence.Rate(0.9, 50)
    )
    assert found.raw < 0 and found.shown == 0


def test_a_classifier_that_says_nothing():
    found = prevalence.prevalence(
        prevalence.Rate(0.5, 10), prevalence.Rate(0.5, 10), prevalence.Rate(0.5, 10)
    )
    assert np.isnan(found.raw) and not found.figure.defined
    with pytest.raises(ValueError, match="share in"):
        prevalence.Rate(62, 100)


def test_the_better_interval_covers_where_the_other_fails():
    """At high specificity and low prevalence; 95 % is nominal."""
    rng = np.random.default_rng(0)
    true, se, sp, held = 0.02, 0.9, 0.98, np.zeros(2)
    for _ in range(400):
        rates = [
            prevalence.Rate(rng.binomial(n, p) / n, n)
            for p, n in ((true * se + (1 - true) * (1 - sp), 400), (se, 40), (sp, 60))
        ]
        found = prevalence.prevalence(*rates)
        held += [f.low <= true <= f.high for f in (found.wald, found.figure)]
    assert held[1] / 400 > 0.93 and held[1] > held[0]
