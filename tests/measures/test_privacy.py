import numpy as np
import pytest

from lib.measures import distance_threshold_table, pairs, privacy, roc, scored_pairs
from lib.measures.estimate import Estimate
from lib.measures.unlinkability import linkability, unlinkability

pytestmark = pytest.mark.numeric


@pytest.fixture(scope="module")
def world_of_scores():
    """Originals and altered embeddings of test subjects, originals of calibration subjects."""
    rng = np.random.default_rng(0)

    def draw(number, prefix):
        subjects = np.repeat([f"{prefix}{i}" for i in range(number)], 3)
        return np.repeat(rng.normal(size=(number, 12)), 3, 0) + 0.4 * rng.normal(
            size=(3 * number, 12)
        ), subjects

    (test, subjects), (other, others) = draw(40, "t"), draw(60, "c")
    altered = test + 1.5 * rng.normal(size=test.shape)
    chosen = pairs.across(
        subjects,
        subjects,
        probe_images=np.arange(120),
        gallery_images=np.arange(120),
        impostors=5000,
    )
    return (
        scored_pairs.score_pairs(chosen, altered, subjects, test, subjects),
        scored_pairs.score_pairs(chosen, test, subjects, test, subjects),
        scored_pairs.score_pairs(pairs.within(others, impostors=None), other, others),
    )


def test_reidentification_lies_between_floor_and_originals(world_of_scores):
    found = privacy.reidentification(*world_of_scores, fmrs=(0.01,), replicates=100)
    rate, originals, floor = (part[0.01].estimate for part in (found.rate, found.originals, found.floor))
    assert floor < rate < originals
    assert found.altered.thresholds == pytest.approx(found.original.thresholds)
    assert "calibration subjects" in found.altered.threshold_from


def test_the_same_photo_is_an_easier_question():
    rng = np.random.default_rng(1)
    subjects = np.repeat(np.arange(50), 2)
    photos = np.repeat(rng.normal(size=(50, 8)), 2, 0) + rng.normal(size=(100, 8))
    altered = photos + 0.3 * rng.normal(size=photos.shape)
    same = distance_threshold_table.cosine_distance(altered, photos)
    other = distance_threshold_table.cosine_distance(altered, photos[np.arange(100) ^ 1])
    assert np.median(same) < np.median(other) / 3
    assert pairs.same_photo(100).mated.all() and len(subjects) == 100


def test_a_turned_attack_is_still_an_attack():
    turned = privacy.direction_free(Estimate(0.1, 0.05, 0.2, 30), 0.2)
    assert turned.turned and (turned.auc.estimate, turned.auc.low, turned.auc.high) == pytest.approx(
        (0.9, 0.8, 0.95)
    )
    straight = privacy.direction_free(Estimate(0.45, 0.4, 0.5), 0.5)
    assert not straight.turned and straight.auc.estimate == pytest.approx(0.45)
    with pytest.raises(ValueError, match="direction is undefined"):
        privacy.direction_free(Estimate(0.5), float("nan"))


def test_over_separation_is_a_leak_on_both_sides():
    rng = np.random.default_rng(0)
    who = [f"s{i}" for i in range(60)]
    others = rng.permutation(who)
    apart = others != np.array(who)
    strangers = rng.normal(1, 0.1, 60)[apart]

    def measured(centre):
        return privacy.over_separation(
            rng.normal(centre, 0.1, 60), who, strangers, np.array(who)[apart], others[apart], replicates=200
        )

    assert measured(1.5).auc.low > 0.9
    assert measured(0.5).auc.high < 0.1
    hidden = measured(1.0)
    assert hidden.auc.low < 0.5 < hidden.auc.high
    assert hidden.mated_median == pytest.approx(hidden.stranger_median, abs=0.05)


def test_suppression_needs_its_control():
    rng = np.random.default_rng(0)
    positive, subjects = np.repeat(rng.random(50) < 0.5, 2), np.repeat(np.arange(50), 2)
    scores = {name: rng.normal(size=100) + shift * positive for name, shift in
              {"original": 3, "fixed": 0.2, "retrained": 2, "control": 2.5}.items()}  # fmt: skip
    found = privacy.suppression(scores, positive, subjects, replicates=50)
    assert found.auc["fixed"].estimate < found.auc["retrained"].estimate < found.auc["original"].estimate
    impostor, genuine = roc.two_classes(scores["control"], positive)
    assert found.eer["control"].estimate == pytest.approx(roc.eer(impostor, genuine).rate)
    del scores["control"]
    with pytest.raises(ValueError, match="missing: \\['control'\\]"):
        privacy.suppression(scores, positive, subjects)


# --- unlinkability


def test_disjoint_and_equal_densities():
    assert linkability([0, 1], [1, 0])[1] == 1
    assert linkability([0.5, 0.5], [0.5, 0.5])[1] == 0


def test_linked_and_unlinked_scores():
    rng = np.random.default_rng(0)
    subjects = np.repeat(np.arange(60), 3)
    chosen = pairs.within(subjects, impostors=2000)
    first, second = subjects[chosen.first], subjects[chosen.second]
    noise = rng.normal(size=len(chosen))
    linked = unlinkability(noise + 3 * chosen.mated, first, second, replicates=100)
    hidden = unlinkability(noise, first, second, replicates=100)
    assert linked.d_sys.estimate > 0.7 and hidden.d_sys.estimate < 0.15
    assert 0 < hidden.zero < 0.15
    assert hidden.d_sys.estimate == pytest.approx(hidden.zero, abs=0.06)
    assert len(linked.local) == 20 and len(linked.edges) == 21
    turned = unlinkability(-noise - 3 * chosen.mated, first, second, replicates=100)
    assert turned.d_sys.estimate == pytest.approx(linked.d_sys.estimate, abs=0.01)


def test_counts_are_smoothed_by_one():
    """Mated counts (0, 2), non-mated (2, 0): densities (1/4, 3/4) and (3/4, 1/4)."""
    found = unlinkability([1, 1, 0, 0], list("abab"), list("abba"), bins=2, replicates=10)
    assert found.local.tolist() == [0, 0.5] and found.d_sys.estimate == 0.375


def test_tied_scores_need_fewer_bins():
    found = unlinkability([0, 0, 1, 1, 1], list("abcde"), list("abcea"), replicates=10)
    assert len(found.local) == len(found.edges) - 1
    only = unlinkability([0.1, 0.2], ["a", "b"], ["a", "b"], replicates=10)
    assert not only.d_sys.defined and np.isnan(only.zero) and np.isnan(only.ceiling)


def test_a_few_mated_pairs_that_lie_apart_are_nearly_certain():
    """50 mated among 2,450 others: in equal-count bins of all scores they would share one, and D be .67."""
    first, second = np.divmod(np.arange(2500), 50)
    noise = np.random.default_rng(0).normal(size=2500)
    apart = unlinkability(noise + 100 * (first == second), first, second, replicates=20)
    near = unlinkability(noise + (first == second), first, second, replicates=20)
    assert apart.d_sys.estimate == pytest.approx(apart.ceiling) and apart.ceiling > 0.8
    assert near.zero < near.d_sys.estimate < near.ceiling == pytest.approx(apart.ceiling)


def test_the_interval_of_unlinkability_holds_its_estimate():
    """With few subjects every draw repeats some, which raises D: all replicates lie above the estimate."""
    for seed in range(5):
        people = np.repeat(np.arange(5), 5)
        scores = np.random.default_rng(seed).normal(size=25) + (people == np.tile(np.arange(5), 5))
        found = unlinkability(scores, people, np.tile(np.arange(5), 5), replicates=60).d_sys
        assert 0 <= found.low <= found.estimate <= found.high <= 1 and found.low < found.high
