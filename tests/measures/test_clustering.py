import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from lib.measures import clustering

pytestmark = pytest.mark.numeric

QUICK = settings(max_examples=60, deadline=None)
partition = st.lists(st.integers(0, 3), min_size=2, max_size=12)


def kmeans(k):
    return lambda points, seed: KMeans(k, n_init=2, random_state=seed).fit_predict(points)


@pytest.fixture(scope="module")
def clumps():
    rng = np.random.default_rng(0)
    return np.repeat(rng.normal(size=(3, 4)) * 8, 20, axis=0) + rng.normal(size=(60, 4))


def slow_silhouette(points, labels):
    out = []
    for i, label in enumerate(labels):
        distance = np.linalg.norm(points - points[i], axis=1)
        own = [distance[j] for j in range(len(points)) if labels[j] == label and j != i]
        if not own:
            out.append(0.0)
            continue
        a = np.mean(own)
        b = min(distance[labels == other].mean() for other in set(labels) - {label})
        out.append(0.0 if max(a, b) == 0 else (b - a) / max(a, b))
    return np.array(out)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 3)), min_size=3, max_size=12))
def test_silhouette_by_its_definition(rows):
    table = np.array(rows, dtype=float)
    points, labels = table[:, :2], table[:, 2].astype(int)
    found = clustering.silhouettes(points, labels)
    if 2 <= len(set(labels)) < len(rows):
        np.testing.assert_allclose(found, slow_silhouette(points, labels), atol=1e-9)
    else:
        assert np.isnan(found).all()


def test_noise_is_not_a_cluster_where_scikit_learn_takes_it_for_one():
    points = np.array([[0.0], [0.1], [5], [5.1], [10], [-10]])
    labels = [0, 0, 1, 1, -1, -1]
    found = clustering.silhouette(points, labels, replicates=50)
    assert found.noise_share == pytest.approx(1 / 3) and found.clusters == 2
    assert clustering.silhouettes(points, labels)[4:].tolist() == [0, 0]
    assert found.score.estimate != pytest.approx(silhouette_score(points, labels))
    assert found.without_noise > found.score.estimate


def test_one_cluster_has_no_silhouette():
    found = clustering.silhouette([[0.0], [1], [2]], [0, 0, -1])
    assert not found.score.defined and "2 to n - 1" in found.score.why


def test_binary_patterns_score_high_without_any_structure():
    """Independent bits of rare attributes: the score nears 1 as k nears the number of patterns."""
    bits = (np.random.default_rng(0).random((400, 4)) < 0.15).astype(float)
    labels = kmeans(8)(bits, 0)
    found = clustering.silhouette(bits, labels, replicates=50)
    assert found.score.estimate > 0.8 and found.ratio > 0.4
    assert found.patterns <= 16 and found.dimensions == 4 and found.points == 400
    null = clustering.silhouette_null(bits, kmeans(8), replicates=19)
    assert null.p > 0.05 and abs(null.excess) < 0.1


def test_structure_exceeds_its_null(clumps):
    found = clustering.silhouette_null(clumps, kmeans(3), replicates=19)
    assert found.p == pytest.approx(1 / 20) and found.excess > 0.2
    with pytest.raises(ValueError, match="nothing to test"):
        clustering.silhouette_null(clumps, lambda points, seed: np.zeros(len(points), dtype=int))


def test_shuffling_keeps_every_frequency():
    bits = np.random.default_rng(0).random((50, 3)) < 0.3
    shuffled = clustering.permuted(bits, np.random.default_rng(1))
    assert (shuffled.sum(axis=0) == bits.sum(axis=0)).all() and (shuffled != bits).any()


def test_intervals_redraw_subjects(clumps):
    labels = np.repeat([0, 1, 2], 20)
    points = clustering.silhouette(clumps, labels, replicates=200)
    people = clustering.silhouette(clumps, labels, np.repeat(np.arange(12), 5), replicates=200)
    assert points.score.n == 60 and people.score.n == 12
    assert points.score.estimate == pytest.approx(people.score.estimate)


@QUICK
@given(partition, st.permutations(range(4)))
def test_agreement_does_not_depend_on_names(labels, names):
    renamed = np.array(names)[labels]
    for agreement in (clustering.adjusted_rand, clustering.adjusted_mutual_information):
        assert agreement(labels, renamed) == pytest.approx(1)


def test_trivial_partitions():
    trivial, other = [0, 0, 0, 0], [0, 1, 0, 1]
    for agreement in (clustering.adjusted_rand, clustering.adjusted_mutual_information):
        assert agreement(trivial, trivial) == 1
        assert agreement(trivial, other) == pytest.approx(0)


def test_stability(clumps):
    found = clustering.stability(clumps, kmeans(3), np.arange(60) // 2, times=6)
    assert found.score > 0.95 > found.null
