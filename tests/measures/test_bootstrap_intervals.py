import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures import bootstrap_intervals as intervals
from lib.measures import resampling, roc
from lib.measures.estimate import Estimate
from lib.measures.resampling import ResamplingUnits, bootstrap_replicates, draw_counts
from lib.measures.statistics import auc_of, correlation_of, difference_of, mean_of, ratio_of
from lib.measures.thresholds import SortedScores
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=40, deadline=None)


@pytest.fixture
def data():
    rng = np.random.default_rng(3)
    subjects = np.repeat([f"s{i:02d}" for i in range(30)], 4)
    positive = np.repeat(rng.random(30) < 0.5, 4)
    scores = np.round(rng.normal(size=120) + positive, 1)
    return scores, positive, subjects


def repeated(values, subjects, counts):
    names = np.unique(subjects)
    return np.repeat(values, counts[np.searchsorted(names, subjects)])


def test_auc_equals_the_plain_loop(data):
    """Each replicate equals the AUC of the images of the subjects drawn, repeated as often as drawn."""
    scores, positive, subjects = data
    units = ResamplingUnits.of(subjects)
    found = bootstrap_replicates(auc_of(scores, positive), units, replicates=50, seed=5)
    counts = draw_counts(30, 50, np.random.default_rng([5, 0])).astype(int)
    for row, value in zip(counts, found.values[:, 0], strict=True):
        drawn = [repeated(part, subjects, row) for part in (scores, positive)]
        assert value == pytest.approx(roc.auc(drawn[0][~drawn[1]], drawn[0][drawn[1]]), abs=1e-12)


@QUICK
@given(st.data())
def test_every_weighted_rate_equals_repetition(data):
    """AUC, EER, threshold and TMR of rows of counts, ties and empty rows included."""
    sizes = [data.draw(st.integers(1, 8)) for _ in range(2)]
    scores = [np.array(data.draw(st.lists(st.integers(0, 5), min_size=n, max_size=n))) for n in sizes]
    rows = [
        np.array(
            data.draw(st.lists(st.lists(st.integers(0, 3), min_size=n, max_size=n), min_size=3, max_size=3))
        )
        for n in sizes
    ]
    fmr = data.draw(st.integers(0, 10)) / 10
    weighted = SortedScores.of(*scores).weighted(*(row.astype(float) for row in rows))
    thresholds = weighted.threshold_at_fmr(fmr)
    values = [weighted.auc(), weighted.eer(), weighted.tmr_above(thresholds), weighted.fmr_above(thresholds)]
    for at in range(3):
        impostor, genuine = (np.repeat(s, row[at]) for s, row in zip(scores, rows, strict=True))
        point = roc.tmr_at_fmr(impostor, genuine, fmr) if len(impostor) else None
        if point is None:
            assert np.isnan(values[0][at]) and np.isnan(thresholds[at])
            continue
        expected = [roc.auc(impostor, genuine), roc.eer(impostor, genuine).rate, point.tmr, point.fmr]
        assert exactly(thresholds[at], point.threshold, because="a threshold is one of the scores")
        np.testing.assert_allclose([value[at] for value in values], expected, atol=1e-12)


def test_pair_weights_never_match_two_copies_of_one_subject():
    units = ResamplingUnits.of(["a", "a", "b"], ["a", "b", "c"])
    weights = units.weights(np.array([[2.0, 1.0, 0.0], [3.0, 0.0, 0.0]]))
    assert weights.tolist() == [[2, 2, 0], [3, 0, 0]]


def test_draws_are_whole_samples():
    counts = draw_counts(7, 100, np.random.default_rng(0))
    assert (counts.sum(axis=1) == 7).all()
    assert counts.mean() == 1
    assert counts.var() == pytest.approx(6 / 7, rel=0.1)


def test_chunks_do_not_change_the_draws(data, monkeypatch):
    scores, positive, subjects = data
    whole = intervals.bootstrap_auc(scores, positive, subjects, replicates=300)
    monkeypatch.setattr(resampling, "CELLS", 1000)
    assert intervals.bootstrap_auc(scores, positive, subjects, replicates=300).to_dict() == pytest.approx(
        whole.to_dict()
    )


def test_order_and_names_of_subjects_do_not_matter(data):
    scores, positive, subjects = data
    order = np.random.default_rng(1).permutation(len(scores))
    first = intervals.bootstrap_auc(scores, positive, subjects, replicates=200)
    second = intervals.bootstrap_auc(scores[order], positive[order], subjects[order], replicates=200)
    assert first.estimate == pytest.approx(second.estimate)
    assert (first.low, first.high) == pytest.approx((second.low, second.high), abs=1e-12)
    numbered = [int(name[1:]) for name in subjects]
    assert exactly(
        intervals.bootstrap_auc(scores, positive, numbered, replicates=200),
        first,
        because="names become the same numbers before anything is computed",
    )


def test_turned_scores_turn_the_interval(data):
    scores, positive, subjects = data
    one = intervals.bootstrap_auc(scores, positive, subjects, replicates=200)
    other = intervals.bootstrap_auc(-scores, positive, subjects, replicates=200)
    assert (other.estimate, other.low, other.high) == pytest.approx(
        (1 - one.estimate, 1 - one.high, 1 - one.low)
    )


def test_the_image_bootstrap_would_be_too_sure():
    """The wrong variant: images as units, where a subject's images all say the same."""
    rng = np.random.default_rng(0)
    subjects = np.repeat(np.arange(40), 25)
    values = np.repeat(rng.normal(size=40), 25)
    right = intervals.bootstrap_mean(values, subjects)
    wrong = intervals.bootstrap_mean(values, np.arange(1000))
    assert (right.high - right.low) > 4 * (wrong.high - wrong.low)
    assert (right.n, right.items, wrong.n) == (40, 1000, 1000)


def test_intervals_cover_the_truth():
    rng = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        effects = rng.normal(size=60)
        values = (effects[:, None] + rng.normal(size=(60, 3))).ravel()
        figure = intervals.bootstrap_mean(values, np.repeat(np.arange(60), 3), replicates=400, seed=seed)
        held += figure.low <= 0 <= figure.high
    assert 0.89 <= held / 200 <= 0.985


def test_replicates_without_a_class_are_dropped_and_counted():
    figure = intervals.bootstrap_auc([0.1, 0.9, 0.8], [True, False, False], ["a", "b", "c"])
    assert figure.why.startswith("unstable: ")
    assert figure.defined
    none = intervals.bootstrap_auc([0.1, 0.9], [True, True], ["a", "b"])
    assert not none.defined and none.why == "one class is missing"


def test_one_subject_has_no_interval():
    figure = intervals.bootstrap_mean([1.0, 2.0], ["a", "a"])
    assert figure.estimate == 1.5 and np.isnan(figure.low) and "one subject" in figure.why


def test_the_fast_path_of_sums_gives_what_weights_give(data):
    scores, positive, subjects = data
    statistic = correlation_of(scores, positive)
    fast = intervals.bootstrap(statistic, subjects, replicates=100)
    slow = intervals.bootstrap(lambda weights: statistic(weights), subjects, replicates=100)
    assert (fast.estimate, fast.low, fast.high) == pytest.approx(
        (slow.estimate, slow.low, slow.high), abs=1e-12
    )
    assert fast.estimate == pytest.approx(np.corrcoef(scores, positive)[0, 1])


def test_a_function_of_one_row_of_weights(data):
    scores, _, subjects = data
    row = intervals.bootstrap(
        lambda weights: float(np.average(scores, weights=weights)), subjects, replicates=50, vectorised=False
    )
    mean = intervals.bootstrap_mean(scores, subjects, replicates=50)
    assert (row.estimate, row.low, row.high) == pytest.approx((mean.estimate, mean.low, mean.high))


def test_correlation_of_a_constant_is_undefined():
    assert not intervals.bootstrap_correlation([1e6, 1e6, 1e6], [1, 2, 3], list("abc")).defined


def test_paired_differences_are_narrower_than_separate_intervals(data):
    scores, positive, subjects = data
    better = scores + 0.3 * positive
    paired = intervals.bootstrap_auc_difference(better, scores, positive, subjects, replicates=500)
    alone = [intervals.bootstrap_auc(s, positive, subjects, replicates=500) for s in (better, scores)]
    assert paired.estimate == pytest.approx(alone[0].estimate - alone[1].estimate)
    assert paired.high - paired.low < alone[0].high - alone[0].low
    nothing = intervals.bootstrap(difference_of(auc_of(scores, positive), auc_of(scores, positive)), subjects)
    assert (nothing.estimate, nothing.low, nothing.high) == (0, 0, 0)


def test_ratio_and_proportion():
    ratio = ratio_of([1, 0, 2], [2, 2, 4])
    assert intervals.bootstrap(ratio, list("abc"), replicates=100).estimate == 3 / 8
    assert not intervals.bootstrap(ratio_of([1, 1], [0, 0]), list("ab")).defined
    assert intervals.bootstrap_proportion([True, False], list("ab"), replicates=50).estimate == 0.5


def test_a_proportion_of_all_or_none_keeps_an_honest_interval():
    all_found = intervals.bootstrap_proportion([True] * 50, np.repeat(np.arange(10), 5))
    assert all_found.estimate == 1 and all_found.low < 0.75 and "Wilson" in all_found.why
    assert (all_found.n, all_found.items) == (10, 50)
    none = intervals.bootstrap_proportion([0] * 50, np.repeat(np.arange(10), 5))
    assert none.low == 0 and none.high > 0.25


def test_groups_and_their_gap(data):
    scores, positive, subjects = data
    halves = np.where(np.arange(120) < 60, "first", "second")
    found = intervals.bootstrap_groups(auc_of(scores, positive), halves, subjects, replicates=200)
    for name, rows in (("first", slice(0, 60)), ("second", slice(60, 120))):
        assert found.figures[name].estimate == pytest.approx(
            roc.auc(*roc.two_classes(scores[rows], positive[rows]))
        )
        assert found.figures[name].n == 15
    values = [figure.estimate for figure in found.figures.values()]
    assert found.gap.estimate == pytest.approx(max(values) - min(values))
    assert exactly(
        found.figures[found.worst].estimate, min(values), because="the estimate of one of these groups"
    )
    errors = intervals.bootstrap_groups(
        mean_of(scores), halves, subjects, higher_is_better=False, replicates=20
    )
    assert exactly(
        errors.figures[errors.worst].estimate,
        max(f.estimate for f in errors.figures.values()),
        because="the estimate of one of these groups",
    )


def test_roc_band(data):
    scores, positive, subjects = data
    band = intervals.bootstrap_roc(scores, positive, subjects, [0.05, 0.2, 0.5, 1], replicates=200)
    whole = roc.curve(*roc.two_classes(scores, positive))
    assert band.estimate.tolist() == pytest.approx(np.interp(band.x, whole.fmr, whole.tmr).tolist())
    assert (band.low <= band.estimate).all() and (band.estimate <= band.high).all()
    assert (np.diff(band.estimate) >= 0).all() and band.n == 30


@QUICK
@given(st.integers(1, 6), st.integers(0, 99))
def test_the_area_below_a_drawn_curve_is_the_auc_however_many_scores_are_equal(levels, seed):
    rng = np.random.default_rng(seed)
    positive = np.arange(60) % 2 == 0
    scores = rng.integers(0, levels, 60) + positive * rng.integers(0, 2, 60)
    rates = np.linspace(0, 1, 3001)
    band = intervals.bootstrap_roc(scores, positive, np.arange(60), rates, replicates=2)
    sides = roc.two_classes(scores, positive)
    assert np.trapezoid(band.estimate, rates) == pytest.approx(roc.auc(*sides), abs=1e-3)
    if levels == 1:  # as steps, the same curve has another area
        assert np.trapezoid(roc.curve(*sides).at(rates), rates) < roc.auc(*sides) - 0.1


def test_planning():
    needed = [intervals.subjects_needed(0.9, width) for width in (0.02, 0.01, 0.005)]
    assert needed == [865, 3458, 13830]


def test_a_rate_that_never_varies_is_not_certain():
    whole = intervals.wilson(0, 50)
    nobody = intervals.never_certain(Estimate(0.0, 0.0, 0.0, 50, "few", 100))
    assert (nobody.low, nobody.high) == pytest.approx((0, whole.high)) and nobody.high > 0.05
    assert nobody.why == "few; all alike: Wilson over subjects" and nobody.items == 100
    assert intervals.never_certain(Estimate(1.0, 1.0, 1.0, 50)).low < 0.95
    for other in (Estimate(0.0, 0.0, 0.1, 50), Estimate(0.5, 0.5, 0.5, 50), Estimate(0.0)):
        assert intervals.never_certain(other) is other


def test_wilson_and_exact_at_the_ends():
    assert not intervals.wilson(0, 0).defined
    assert intervals.clopper_pearson(0, 10).low == 0
    assert intervals.clopper_pearson(10, 10).high == 1
    assert intervals.wilson(5, 10).low == pytest.approx(1 - intervals.wilson(5, 10).high)


def test_sums_of_other_rows_than_the_subjects_are_refused():
    for statistic in (
        mean_of(np.ones(3)),
        ratio_of(np.ones(3), np.ones(3)),
        correlation_of([1, 2, 3], [3, 1, 2]),
    ):
        with pytest.raises(ValueError, match="subjects: 4 rows where 3 are needed"):
            intervals.bootstrap(statistic, ["a", "a", "b", "b"])


def test_number_and_seed_of_the_draws_reach_the_draws(data):
    scores, positive, subjects = data
    few, more, other = (
        intervals.bootstrap_auc(scores, positive, subjects, **draws)
        for draws in ({"replicates": 50}, {"replicates": 90}, {"replicates": 50, "seed": 1})
    )
    assert [more.estimate, other.estimate] == pytest.approx([few.estimate] * 2)
    assert len({few.low, more.low, other.low}) == 3
    plain = bootstrap_replicates(
        auc_of(scores, positive), ResamplingUnits.of(subjects), replicates=50, seed=1
    ).figure()
    assert (other.low, other.high) == pytest.approx((plain.low, plain.high))
    with pytest.raises(TypeError, match="draws"):
        intervals.bootstrap_auc(scores, positive, subjects, draws=9)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="subjects: 2 rows where 3 are needed"):
        intervals.bootstrap_mean([1, 2, 3], ["a", "b"])
    with pytest.raises(ValueError, match="some are missing"):
        intervals.bootstrap_mean([1, 2], ["a", None])
    with pytest.raises(ValueError, match="no rows"):
        intervals.bootstrap_mean([], [])
    with pytest.raises(ValueError, match="expected numbers"):
        ratio_of(["x"], [1])


def test_two_thousand_replicates_of_twenty_thousand_scores_within_five_seconds():
    rng = np.random.default_rng(0)
    positive = rng.random(20_000) < 0.5
    scores = rng.normal(size=20_000) + positive
    start = time.process_time()
    figure = intervals.bootstrap_auc(scores, positive, rng.integers(0, 2500, 20_000), replicates=2000)
    assert time.process_time() - start < 5
    assert isinstance(figure, Estimate) and 0.005 < figure.high - figure.low < 0.02


def test_classes_that_do_not_overlap_in_few_subjects_are_no_certainty():
    scores, positive = np.arange(12.0), np.arange(12) >= 8
    apart = intervals.bootstrap_auc(scores, positive, np.arange(12), replicates=50, seed=0)
    turned = intervals.bootstrap_auc(-scores, positive, np.arange(12), replicates=50, seed=0)
    wanted = intervals.wilson(4, 4)  # four subjects in the smaller class
    assert apart.estimate == 1 and np.isclose(apart.low, wanted.low) and apart.n == 12
    assert turned.estimate == 0 and np.isclose(turned.high, 1 - wanted.low)
    mixed = np.where(np.arange(12) == 8, 0.5, scores)
    assert intervals.bootstrap_auc(mixed, positive, np.arange(12), replicates=50, seed=0).low < 1
