"""Where a tie decides a rate, the order in which a sum is taken must not: equal inputs give equal rates."""

import itertools

import numpy as np
import pytest

from lib.measures import (
    ages,
    claims,
    classification,
    clustering,
    detection,
    distance_threshold_table,
    generative,
    lfw_protocol,
    pairs,
    prevalence,
    privacy,
    roc,
)
from lib.measures.estimate import Estimate, strongest
from lib.measures.identification import identification, open_set
from lib.measures.thresholds import SortedScores
from lib.measures.ties import round_for_ties, round_lengths_for_ties, tie_width
from tests.exact import exactly

pytestmark = pytest.mark.numeric

THIRDS = 0.1 + 0.2
"""0.3 and one rounding more."""


def in_every_order(vector):
    """Rows (N, D): the terms of all their sums are those of `vector`, in every order."""
    return np.array(list(itertools.permutations(vector)))


def test_there_is_a_tie_to_break():
    """Without rounding, one sum in another order is another number."""
    rows = in_every_order([0.1, 0.7, 0.3, 0.9, 0.6])
    assert THIRDS > 0.3
    assert len({float(sum(row)) for row in rows}) > 1


def test_settled_values():
    assert exactly(
        round_for_ties(np.array([THIRDS, 1 - 0.7, -1e-17])).tolist(),
        [0.3, 0.3, 0],
        because="decimals of 12 digits are rounded to what is written here",
    )
    lengths = round_lengths_for_ties(np.array([0, 3 * 1e8 * THIRDS, 1e-20 * THIRDS / 3, np.inf]))
    assert lengths == pytest.approx([0, 9e7, 1e-21, np.inf], rel=1e-11)
    assert len(set(round_lengths_for_ties(np.array([THIRDS, 0.3])))) == 1
    assert round_lengths_for_ties(np.array([1.0, 1 + 1e-11])).tolist()[0] < 1 + 1e-11, (
        "what differs stays apart"
    )
    assert len(set(round_lengths_for_ties(np.array([1.0, 1 + 1e-11])))) == 2


def test_scores_tie_as_far_as_their_data_type_goes():
    assert tie_width([1, 2]) == 0
    assert 1e-15 < tie_width([0.5, -1.0, np.inf]) < 1e-12
    assert 1e-6 < tie_width(np.ones(3, np.float32)) < 1e-4
    assert tie_width(np.zeros(0)) == 0


@pytest.fixture(scope="module")
def turned():
    """120 pairs of vectors with one score: both rows of a pair are turned together."""
    return in_every_order([0.1, 0.7, 0.3, 0.9, 0.6]), in_every_order([0.4, 0.2, 0.8, 0.5, 0.35])


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_equal_embeddings_in_another_order_tie(turned, metric):
    scores = pairs.pair_scores(pairs.same_photo(120), *turned, metric=metric)
    assert len(set(scores)) == 1
    assert roc.auc(scores[:60], scores[60:]) == 0.5


def test_a_distance_lies_on_one_side_of_eta(turned):
    assert len(set(distance_threshold_table.cosine_distance(*turned))) == 1
    distances = [THIRDS, 0.3, 0.7 - 0.4]
    assert distances[2] < 0.3
    table = distance_threshold_table.distance_threshold_table(
        distances, list("abc"), list("abc"), [0.3, 0.4], replicates=10
    )
    assert [figure.estimate for figure in table.mated] == [0, 1]


def test_a_mate_that_ties_takes_the_worst_rank():
    scores = [[0.3, THIRDS], [THIRDS, 0.3]]
    found = identification(scores, ["a", "a"], ["a", "b"], replicates=10)
    assert found.ranks.tolist() == [2, 2]
    coarse = np.array([[1, 1 + 1e-6], [1, 1 + 1e-3]], np.float32)
    assert identification(coarse, ["b", "b"], ["a", "b"], replicates=10).ranks.tolist() == [2, 1]
    missed = open_set([[0.3, 0.1], [0.1, 0.3]], ["a", "x"], ["a", "b"], THIRDS, replicates=10)
    assert (missed.fnir.estimate, missed.fpir.estimate) == (0, 1)


def test_the_lowest_of_equally_wide_intervals():
    """0.8 - 0.7 is wider than 0.2 - 0.1 by a rounding."""
    assert 0.8 - 0.7 > 0.2 - 0.1
    chosen = lfw_protocol.best_threshold([0.1, 0.2, 0.7, 0.8], [0, 1, 0, 1])
    assert chosen == pytest.approx(0.15)


def test_a_score_on_the_threshold_of_the_other_folds_is_accepted():
    """The middle of 0.1 and 0.2 is 0.15 and a rounding."""
    assert (0.1 + 0.2) / 2 > 0.15
    found = lfw_protocol.folded_accuracy([0.1, 0.2, 0.15, 0.0], [0, 1, 1, 0], [0, 0, 1, 1])
    assert found.accuracies[1] == 1


def test_the_lowest_of_equally_balanced_cuts():
    """Above 3.5 lie all 3 positives and 1 of 3 negatives, above 4.5 two and none: 2/3 - 0 is 1 - 1/3."""
    scores, positive = [1.0, 5, 4, 3, 5, 4], [False, True, True, False, True, False]
    assert classification.balanced_threshold(scores, positive) == 3.5


def test_weights_that_add_up_to_the_allowance():
    """Ten weights of 0.1 are one impostor, though they add up to less than 1."""
    ranked = SortedScores.of(np.arange(20.0), [5.0])
    found = ranked.weighted(np.full((1, 20), 0.1), np.ones((1, 1))).threshold_at_fmr(0.5)
    assert ranked.weighted(np.ones((1, 20)), np.ones((1, 1))).threshold_at_fmr(0.5)[0] == 9
    assert found[0] == 9
    for scale in (0.1, 0.3, 0.7, 1.1):
        at = [roc.eer([0, 1, 3], [2, 4, 5], impostor_weights=[one] * 3, genuine_weights=[one] * 3).threshold
              for one in (1, scale)]  # fmt: skip
        assert at[0] == at[1]


def test_copies_in_both_halves_are_ties():
    rng = np.random.default_rng(0)
    points = 1e3 + rng.random((40, 9))
    order = rng.permutation(40)
    found = generative.memorisation(
        points, points, points[order], np.arange(40), 40 + np.arange(40), replicates=10
    )
    assert found.ties == 40
    assert found.nearer.estimate == 0
    assert generative.nearest(points, points[order]).max() == 0


def test_an_attacker_at_chance_is_not_turned():
    assert not privacy.direction_free(Estimate(0.4), 0.5 - 1e-16).turned
    assert strongest({"first": Estimate(0.3), "second": Estimate(THIRDS)}) == "first"


def test_no_difference_counts_on_both_sides():
    """1 - 0.9 - 0.1 is no difference, and a little below 0."""
    assert 1 - 0.9 - 0.1 < 0
    assert claims.p_value(np.full(99, 1 - 0.9 - 0.1)) == 1


def test_shuffles_that_tie_with_the_data_count():
    """A clusterer that does not look at its points: silhouettes of a shuffled column differ by rounding."""
    points = np.tile([0.1, 0.7, 0.3], 4)[:, None]

    def by_value(rows, _):
        return (rows[:, 0] > 0.5).astype(int)

    assert clustering.silhouette_null(points, by_value, replicates=19).p == 1


def test_off_by_exactly_the_years_allowed():
    found = ages.age_errors(np.array([THIRDS * 10, 3.0]), [0, 0], list("ab"), 30, within=3, replicates=10)
    assert found.cumulative_score.estimate == 1


def test_an_overlap_of_exactly_the_limit():
    """The box covers half of the true one, and a rounding less."""
    half, whole = (0.0, 0.0, 0.1, 1.0), (0.0, 0.0, 0.2, 1.0)
    assert detection.iou([half], [whole])[0, 0] < 0.5
    assert detection.match([[half]], [[0.9]], [[whole]], overlap=0.5).true_positive.tolist() == [True]


def test_a_classifier_of_no_information_by_a_rounding():
    shares = prevalence.Rate(0.5 + 2e-16, 10), prevalence.Rate(0.5, 10)
    assert shares[0].share + shares[1].share > 1
    assert np.isnan(prevalence.prevalence(prevalence.Rate(0.5, 10), *shares).raw)
