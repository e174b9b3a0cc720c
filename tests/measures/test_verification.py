import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures import (
    distance_threshold_table,
    identification,
    lfw_protocol,
    pairs,
    roc,
    scored_pairs,
    significance,
    verification,
)
from tests.exact import exactly

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def people():
    """Embeddings of 40 subjects with 4 images each, subjects and their group."""
    rng = np.random.default_rng(2)
    subjects = np.repeat([f"p{i:02d}" for i in range(40)], 4)
    centres = np.repeat(rng.normal(size=(40, 16)), 4, axis=0)
    return centres + rng.normal(size=(160, 16)), subjects, np.repeat(np.arange(40) % 2, 4)


def all_pairs(subjects, groups):
    return {
        (i, j)
        for i in range(len(subjects))
        for j in range(i + 1, len(subjects))
        if subjects[i] != subjects[j] and groups[i] == groups[j]
    }


# --- pairs


@QUICK
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1, max_size=12), st.integers(0, 20))
def test_pairs_within_a_set(rows, wanted):
    subjects, groups = (np.array(part) for part in zip(*rows, strict=True))
    expected = all_pairs(subjects, groups)
    listed = pairs.within(subjects, groups=groups, impostors=None)
    found = list(zip(listed.first[~listed.mated], listed.second[~listed.mated], strict=True))
    assert set(found) == expected and len(found) == len(expected)
    mated = set(zip(listed.first[listed.mated], listed.second[listed.mated], strict=True))
    assert mated == {
        (i, j) for i in range(len(rows)) for j in range(i + 1, len(rows)) if subjects[i] == subjects[j]
    }
    drawn = pairs.within(subjects, groups=groups, impostors=wanted)
    some = list(zip(drawn.first[~drawn.mated], drawn.second[~drawn.mated], strict=True))
    assert len(set(some)) == len(some) == min(wanted, len(expected)) and set(some) <= expected


def test_drawn_impostors_are_even_and_reproducible(people):
    _, subjects, _ = people
    one, other = (pairs.within(subjects, impostors=2000, seed=4) for _ in range(2))
    assert exactly(one.first, other.first, because="row numbers are integers") and exactly(
        one.second, other.second, because="row numbers are integers"
    )
    share = np.bincount(one.first[~one.mated], minlength=160) + np.bincount(
        one.second[~one.mated], minlength=160
    )
    assert share.std() / share.mean() < 0.3
    assert one.how == "all cross pairs, 2000 of 12480 drawn with seed 4"
    assert pairs.within(subjects, groups=subjects, impostors=None).how == "pairs of the same group only"


def test_pairs_across_sets_leave_out_the_same_photo():
    images = ["a1", "a2", "b1"]
    found = pairs.across(["a", "a", "b"], ["a", "a", "b"], probe_images=images, gallery_images=images)
    mated = set(zip(found.first[found.mated], found.second[found.mated], strict=True))
    assert mated == {(0, 1), (1, 0)}
    assert (~found.mated).sum() == 4
    assert pairs.same_photo(3).mated.all() and "same photo" in pairs.same_photo(3).how


def test_few_mated_pairs_of_a_subject_with_many_images():
    found = pairs.within(["a"] * 30 + ["b"] * 2, mated_per_subject=5, impostors=None)
    assert found.mated.sum() == 6


def test_too_many_pairs_to_list():
    with pytest.raises(ValueError, match="give a number of them to draw"):
        pairs.within(np.arange(7000), impostors=None)


def test_scores_of_pairs_and_missing_embeddings(people):
    embeddings, subjects, _ = people
    broken = embeddings.copy()
    broken[0], broken[5] = np.nan, 0
    chosen = pairs.within(subjects, impostors=3000)
    cosine = pairs.pair_scores(chosen, broken)
    lost = np.isin(chosen.first, (0, 5)) | np.isin(chosen.second, (0, 5))
    assert np.array_equal(np.isnan(cosine), lost)
    expected = 1 - distance_threshold_table.cosine_distance(broken[chosen.first], broken[chosen.second])
    np.testing.assert_allclose(cosine, expected, atol=1e-12)
    euclidean = pairs.pair_scores(chosen, embeddings, metric="euclidean")
    np.testing.assert_allclose(
        -euclidean, np.linalg.norm(embeddings[chosen.first] - embeddings[chosen.second], axis=1)
    )
    compared = scored_pairs.score_pairs(chosen, broken, subjects)
    assert compared.failed == lost.sum() and len(compared.scores) == (~lost).sum()


# --- verification


def test_verification_of_scores(people):
    embeddings, subjects, _ = people
    chosen = pairs.within(subjects, impostors=5000)
    scores = pairs.pair_scores(chosen, embeddings)
    found = verification.verification(
        scores, subjects[chosen.first], subjects[chosen.second], fmrs=(0.01, 0.0001), replicates=200
    )
    impostor, genuine = scores[~chosen.mated], scores[chosen.mated]
    point = roc.tmr_at_fmr(impostor, genuine, 0.01)
    assert found.auc.estimate == pytest.approx(roc.auc(impostor, genuine))
    assert found.eer.estimate == pytest.approx(roc.eer(impostor, genuine).rate)
    assert (found.tmr[0.01].estimate, found.thresholds[0.01]) == pytest.approx((point.tmr, point.threshold))
    assert found.fmr[0.01].estimate == pytest.approx(point.fmr)
    assert found.tmr[0.01].low < point.tmr < found.tmr[0.01].high
    assert found.auc.n == 40 and found.auc.items == 5240
    assert not found.tmr[0.0001].defined and found.tmr[0.0001].why.startswith("n/a")
    assert "test subjects themselves" in found.threshold_from


def test_few_false_matches_are_named(people):
    embeddings, subjects, _ = people
    found = verification.verify_embeddings(embeddings, subjects, impostors=1000, fmrs=(0.01,), replicates=20)
    assert "10 false matches" in found.tmr[0.01].why


def test_pair_weights_by_a_plain_loop(people):
    """Each replicate equals the AUC of pairs repeated w_u or w_u w_v times."""
    embeddings, subjects, _ = people
    compared = scored_pairs.score_pairs(pairs.within(subjects, impostors=500), embeddings, subjects)
    units = compared.units
    statistic = verification.verification_statistic(compared, (0.1,), None, True)
    rng = np.random.default_rng(0)
    counts = np.stack([np.bincount(rng.integers(0, 40, 40), minlength=40) for _ in range(5)]).astype(float)
    values = statistic(units.weights(counts))
    for row, value in zip(counts.astype(int), values, strict=True):
        times = np.where(compared.mated, row[units.first], row[units.first] * row[units.second])
        impostor, genuine = (
            np.repeat(compared.scores[k], times[k]) for k in (~compared.mated, compared.mated)
        )
        point = roc.tmr_at_fmr(impostor, genuine, 0.1)
        expected = [roc.auc(impostor, genuine), roc.eer(impostor, genuine).rate, point.tmr, point.fmr]
        np.testing.assert_allclose(value, expected, atol=1e-12)


def test_threshold_from_calibration_subjects(people):
    embeddings, subjects, _ = people
    half = np.arange(160) < 80
    test, calibration = (
        scored_pairs.score_pairs(
            pairs.within(subjects[rows], impostors=None), embeddings[rows], subjects[rows]
        )
        for rows in (half, ~half)
    )
    redrawn = verification.verify(test, fmrs=(0.05,), calibration=calibration, replicates=300)
    fixed = verification.verify(
        test, fmrs=(0.05,), calibration=calibration, redraw_threshold=False, replicates=300
    )
    point = roc.tmr_at_fmr(
        test.impostor_scores,
        test.genuine_scores,
        0.05,
        calibration_impostor_scores=calibration.impostor_scores,
    )
    for found in (redrawn, fixed):
        assert found.tmr[0.05].estimate == pytest.approx(point.tmr)
        assert found.fmr[0.05].estimate == pytest.approx(point.fmr)
        assert found.tmr[0.05].n == 20
    widths = [found.fmr[0.05].high - found.fmr[0.05].low for found in (redrawn, fixed)]
    assert widths[0] > widths[1]
    assert "set anew" in redrawn.threshold_from and "held fixed" in fixed.threshold_from
    with pytest.raises(ValueError, match="40 subjects both set and judge|20 subjects both set and judge"):
        verification.verify(test, calibration=test)


def test_failures_to_acquire_are_counted_apart(people):
    embeddings, subjects, _ = people
    broken = embeddings.copy()
    broken[::8] = np.nan
    found = verification.verify_embeddings(broken, subjects, impostors=2000, replicates=50)
    assert found.fta.estimate == 20 / 160
    assert found.failed > 0 and found.genuines == 240 - 60
    assert verification.system_errors(0.1, 0.02, 0.3) == pytest.approx((0.018, 0.37))


def test_nan_scores_are_an_error():
    with pytest.raises(ValueError, match="count them as failures"):
        verification.verification([np.nan, 1], ["a", "a"], ["a", "b"])


def test_without_impostors_nothing_is_defined():
    found = verification.verification([0.5, 0.6], ["a", "b"], ["a", "b"], replicates=10)
    assert not found.auc.defined and not found.tmr[0.01].defined


def test_paired_difference_of_two_matchers(people):
    embeddings, subjects, _ = people
    chosen = pairs.within(subjects, impostors=3000)
    noise = np.random.default_rng(0).normal(size=embeddings.shape)
    better, worse = (
        scored_pairs.score_pairs(chosen, rows, subjects) for rows in (embeddings, embeddings + 2 * noise)
    )
    found = significance.verification_difference(better, worse, fmrs=(0.05,), replicates=200)
    alone = [verification.verify(part, fmrs=(0.05,), replicates=10) for part in (better, worse)]
    assert found.auc.estimate == pytest.approx(alone[0].auc.estimate - alone[1].auc.estimate)
    assert found.tmr[0.05].estimate == pytest.approx(
        alone[0].tmr[0.05].estimate - alone[1].tmr[0.05].estimate
    )
    assert found.auc.low > 0
    with pytest.raises(ValueError, match="same pairs"):
        significance.verification_difference(
            better, scored_pairs.score_pairs(pairs.same_photo(160), embeddings, subjects)
        )


def test_fifty_thousand_pairs_in_seconds():
    rng = np.random.default_rng(0)
    subjects = np.repeat(np.arange(500), 4)
    embeddings = np.repeat(rng.normal(size=(500, 8)), 4, axis=0) + rng.normal(size=(2000, 8))
    start = time.process_time()
    verification.verify_embeddings(embeddings, subjects, impostors=50_000, replicates=200)
    assert time.process_time() - start < 5


# --- matching rates


def test_the_grid_is_made_of_integers():
    """The wrong variant: adding 0.1 again and again moves the grid across ties."""
    grid = distance_threshold_table.distance_thresholds()
    assert exactly(
        grid.tolist(),
        [k / 10 for k in range(1, 18)],
        because="one division each, which every processor rounds alike",
    )
    assert np.cumsum(np.full(17, 0.1))[2] != grid[2]


def test_distance_threshold_table():
    distances = [0.1, 0.3, np.nan, 0.3, 0.9]
    first, second = list("abcab"), list("abcbc")
    table = distance_threshold_table.distance_threshold_table(
        distances, first, second, [0.3, 0.4], fmrs=(0.5,), replicates=50
    )
    assert [figure.estimate for figure in table.mated] == [0.5, 1]
    assert [figure.estimate for figure in table.nonmated] == [0, 0.5]
    assert table.failures == 1
    assert table.eta_at_fmr[0.5] == pytest.approx(0.9)


def test_cosine_distance():
    distance = distance_threshold_table.cosine_distance(
        [[1, 0], [1, 0], [0, 0], [np.nan, 1]], [[2, 0], [-3, 0], [1, 0], [1, 0]]
    )
    assert distance[:2].tolist() == [0, 2] and np.isnan(distance[2:]).all()


# --- identification


def test_ranks_take_the_worst_of_a_tie():
    scores = [[0.9, 0.9, 0.1], [0.2, 0.5, 0.3]]
    found = identification.identification(scores, ["a", "c"], ["a", "b", "c"], replicates=10)
    assert found.ranks.tolist() == [2, 2]
    assert found.rank_one.estimate == 0 and found.chance == pytest.approx(1 / 3)
    assert found.cmc.estimate.tolist() == [0, 1, 1]


def test_the_best_image_speaks_for_its_subject():
    scores = [[0.1, 0.9, 0.5]]
    found = identification.identification(scores, ["a"], ["a", "a", "b"], replicates=10)
    assert found.ranks.tolist() == [1] and found.enrolled == 2


def test_open_set():
    scores = [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.1, 0.2]]
    found = identification.open_set(scores, ["a", "a", "x", "y"], ["a", "b"], 0.5, replicates=10)
    assert found.fpir.estimate == 0.5
    assert found.fnir.estimate == 0.5
    lenient = identification.open_set(scores, ["a", "a", "x", "y"], ["a", "b"], 0.3, rank=2, replicates=10)
    assert lenient.fnir.estimate == 0
    at = identification.open_set([[0.5, 0.1]], ["a"], ["a", "b"], 0.5, replicates=10)
    assert at.fnir.estimate == 0
    with pytest.raises(ValueError, match="the set is open"):
        identification.identification(scores, ["a", "a", "x", "y"], ["a", "b"])
    assert not identification.open_set([[1.0]], ["a"], ["a"], 0.5).fpir.defined


# --- the protocol of LFW


def test_threshold_is_the_middle_of_the_widest_interval():
    assert lfw_protocol.best_threshold([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]) == 0.5
    # Accuracy 3/4 in (0.1, 0.2] and in (0.3, 0.9]: the second is wider.
    assert lfw_protocol.best_threshold([0.1, 0.2, 0.3, 0.9], [0, 1, 0, 1]) == pytest.approx(0.6)
    assert lfw_protocol.best_threshold([0.1, 0.2], [1, 1]) == -np.inf
    assert lfw_protocol.best_threshold([0.1, 0.2], [0, 0]) == np.inf


@QUICK
@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=12))
def test_no_threshold_is_better(rows):
    scores, same = (np.array(part) for part in zip(*rows, strict=True))
    best = np.mean((scores >= lfw_protocol.best_threshold(scores, same)) == same)
    every = [np.mean((scores >= t) == same) for t in np.arange(-1, 8) + 0.5]
    assert best == pytest.approx(max(every))


def test_folded_accuracy_counts_failures_as_errors():
    scores = np.array([0.9, 0.1, 0.8, 0.2, 0.7, np.nan])
    found = lfw_protocol.folded_accuracy(scores, [1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 2, 2])
    assert found.accuracies.tolist() == [1, 1, 0.5]
    assert found.mean == pytest.approx(5 / 6)
    assert found.standard_error == pytest.approx(np.std([1, 1, 0.5], ddof=1) / np.sqrt(3))
    assert found.failed == 1 and found.pairs == 6
    with pytest.raises(ValueError, match="at least two"):
        lfw_protocol.folded_accuracy([1.0], [1], [0])
    with pytest.raises(ValueError, match="no threshold can be chosen"):
        lfw_protocol.folded_accuracy([1.0, np.nan], [1, 0], [0, 1])


def test_the_threshold_never_sees_its_own_fold():
    """The wrong variant chooses on the fold that it judges, and finds itself better."""
    scores, same, folds = [0.9, 0.5, 0.4, 0.1], [1, 0, 1, 0], [0, 0, 1, 1]
    assert lfw_protocol.folded_accuracy(scores, same, folds).mean == 0.5
    own = [np.mean((np.array(scores[k : k + 2]) >= t) == same[k : k + 2]) for k, t in ((0, 0.7), (2, 0.25))]
    assert np.mean(own) == 1


@given(st.lists(st.floats(0, 50), min_size=4, max_size=40), st.sampled_from([0.1, 1, 10]))
def test_closeness_keeps_the_order_and_so_the_roc(distances, scale):
    values = np.round(np.array(distances), 3)
    mapped = pairs.closeness(scale * values)
    assert ((mapped > 0) & (mapped <= 1)).all()
    half = len(values) // 2
    plain = roc.auc(-values[half:], -values[:half])
    assert roc.auc(mapped[half:], mapped[:half]) == pytest.approx(plain, abs=1e-12)
    with pytest.raises(ValueError, match="negative"):
        pairs.closeness(-1 - values)


def test_closeness_by_hand():
    assert pairs.closeness([0, 1, 2]).tolist() == pytest.approx([1, 0.5, 0.2])
    assert pairs.closeness([0.1])[0] != pairs.closeness([1.0])[0], (
        "another unit of the distance, another probability"
    )
