"""Clustering: silhouette against data without structure, agreement of two clusterings, stability."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, silhouette_samples

from lib.measures.bootstrap_intervals import bootstrap_mean
from lib.measures.estimate import NAN, Estimate, undefined_estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.ties import TIE
from lib.measures.validation import as_floats, check_lengths, encode_labels

NOISE = -1

Clusterer = Callable[[np.ndarray, int], np.ndarray]
"""Takes points (N, D) and a seed, gives labels (N,) int, -1 for noise."""


@dataclass(frozen=True)
class Silhouette:
    """Mean silhouette of a clustering, with what must be read beside it.

    Attributes
    ----------
    score : over all points; each noise point is a cluster of its own and scores 0.
    without_noise : over the other points; read it with `noise_share` only.
    noise_share : share of noise points.
    points, patterns, clusters, dimensions : n, number u of distinct points, k, and of columns. On binary
        vectors the score nears 1 as k nears u, with no structure at all.
    """

    score: Estimate
    without_noise: float
    noise_share: float
    points: int
    patterns: int
    clusters: int
    dimensions: int

    @property
    def ratio(self) -> float:
        """Number of clusters over number of distinct points, k / u."""
        return self.clusters / self.patterns


def silhouettes(points: ArrayLike, labels: ArrayLike, *, metric: str = "euclidean") -> np.ndarray:
    """Silhouette coefficient of each point, (N,); each noise point (-1) is a cluster of its own.

    NaN everywhere unless there are 2 clusters or more, and fewer clusters than points.
    """
    data, given = as_floats(points, "points", 2), np.asarray(labels)
    check_lengths(len(data), labels=given)
    noise = given == NOISE
    real = np.unique(given[~noise])
    own = given.astype(np.int64)
    own[noise] = own.max(initial=0) + 1 + np.arange(noise.sum())
    if len(real) < 2 or len(np.unique(own)) >= len(data):
        return np.full(len(data), NAN)
    return np.asarray(silhouette_samples(data, own, metric=metric))


def silhouette(
    points: ArrayLike,
    labels: ArrayLike,
    subjects: ArrayLike | None = None,
    *,
    metric: str = "euclidean",
    **draws: Unpack[BootstrapOptions],
) -> Silhouette:
    """Mean silhouette; the interval redraws subjects (or points) and keeps the clusters fixed.

    Parameters
    ----------
    points : (N, D). labels : (N,) int, -1 for noise. metric : of scikit-learn.
    """
    data, given = np.asarray(points), np.asarray(labels)
    each = silhouettes(data, given, metric=metric)
    people = np.arange(len(data)) if subjects is None else np.asarray(subjects)
    defined = not np.isnan(each).any()
    n = encode_labels(people)[1]
    why = "a silhouette needs 2 to n - 1 clusters"
    score = bootstrap_mean(each, people, **draws) if defined else undefined_estimate(why, n)
    noise = given == NOISE
    return Silhouette(
        score=score,
        without_noise=float(each[~noise].mean()) if defined else NAN,
        noise_share=float(noise.mean()),
        points=len(data),
        patterns=len(np.unique(data, axis=0)),
        clusters=len(np.unique(given[~noise])),
        dimensions=data.shape[1],
    )


def permuted(points: ArrayLike, generator: np.random.Generator) -> np.ndarray:
    """Points with every column shuffled on its own: frequencies stay, dependence between columns goes."""
    return generator.permuted(np.asarray(points), axis=0)


@dataclass(frozen=True)
class NullTest:
    """Permutation test of a silhouette against column-wise shuffled data, which has no structure.

    Attributes
    ----------
    score : of the data. null : (B,) of the shuffled data, NaN where the clusterer found no 2 clusters.
    p : (1 + number of null scores at or above the score) / (B + 1).
    excess : score minus the mean null score.
    """

    score: float
    null: np.ndarray
    p: float
    excess: float


def silhouette_null(
    points: ArrayLike, cluster: Clusterer, *, metric: str = "euclidean", replicates: int = 99, seed: int = 0
) -> NullTest:
    """Test a clusterer's silhouette against `replicates` column-wise shuffles of the same points.

    Raises
    ------
    ValueError : the data themselves have no silhouette.
    """
    data, generator = np.asarray(points), np.random.default_rng(seed)

    def scored(rows: np.ndarray) -> float:
        return float(silhouettes(rows, cluster(rows, seed), metric=metric).mean())

    score = scored(data)
    if np.isnan(score):
        raise ValueError("the clusterer found no 2 to n - 1 clusters: there is nothing to test")
    null = np.array([scored(permuted(data, generator)) for _ in range(replicates)])
    p = (1 + int((null >= score - TIE).sum())) / (replicates + 1)
    mean = float(np.nanmean(null)) if not np.isnan(null).all() else NAN
    return NullTest(score, null, p, score - mean)


def adjusted_rand(first: ArrayLike, second: ArrayLike) -> float:
    """Adjusted Rand index of two clusterings; 1 if equal, 0 if exactly one of them is trivial."""
    return float(adjusted_rand_score(np.asarray(first), np.asarray(second)))


def adjusted_mutual_information(first: ArrayLike, second: ArrayLike) -> float:
    """Adjusted mutual information of two clusterings (arithmetic mean of the entropies)."""
    return float(adjusted_mutual_info_score(np.asarray(first), np.asarray(second)))


@dataclass(frozen=True)
class Stability:
    """Stability of a clustering: mean adjusted Rand index between clusterings of random subsets of subjects.

    Attributes
    ----------
    score : on the data; null : on column-wise shuffled data. times, share : subsets and their size.
    """

    score: float
    null: float
    times: int
    share: float


def _stability(
    points: np.ndarray, people: np.ndarray, cluster: Clusterer, times: int, share: float, seed: int
) -> float:
    generator = np.random.default_rng(seed)
    number = people.max() + 1
    found = np.full((times, len(points)), np.iinfo(np.int64).min)
    for at in range(times):
        chosen = generator.permutation(number)[: round(share * number)]
        rows = np.isin(people, chosen)
        found[at, rows] = cluster(points[rows], seed + at)
    there = found != np.iinfo(np.int64).min
    scores = [
        adjusted_rand(found[one, both], found[other, both])
        for one, other in combinations(range(times), 2)
        if (both := there[one] & there[other]).any()
    ]
    return float(np.mean(scores))


def stability(
    points: ArrayLike,
    cluster: Clusterer,
    subjects: ArrayLike | None = None,
    *,
    times: int = 50,
    share: float = 0.8,
    seed: int = 0,
) -> Stability:
    """Measure how alike random subsets of `share` of the subjects cluster, on real and on shuffled data."""
    data = np.asarray(points)
    (people,), _ = encode_labels(np.arange(len(data)) if subjects is None else subjects)
    check_lengths(len(data), subjects=people)
    shuffled = permuted(data, np.random.default_rng(seed))
    score, null = (_stability(rows, people, cluster, times, share, seed) for rows in (data, shuffled))
    return Stability(score, null, times, share)
