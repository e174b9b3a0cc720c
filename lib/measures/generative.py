"""Generated images against real ones: Frechet and kernel distance of features, and memorisation.

Features of real and generated images must come from the same extractor after the same crop and resize; the
table prints both, the size and N.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh
from sklearn.metrics import pairwise_distances_argmin

from lib.measures.bootstrap_intervals import bootstrap_auc, clopper_pearson
from lib.measures.estimate import Estimate
from lib.measures.resampling import (
    REPLICATES,
    BootstrapOptions,
    ResamplingUnits,
    Statistic,
    bootstrap_replicates,
)
from lib.measures.ties import round_lengths_for_ties
from lib.measures.validation import as_floats, check_lengths


def _features(real: ArrayLike, generated: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    one, other = as_floats(real, "real", 2), as_floats(generated, "generated", 2)
    if one.shape[1] != other.shape[1]:
        raise ValueError(f"features differ in length: {one.shape[1]} and {other.shape[1]}")
    return one, other


def frechet(
    first_mean: ArrayLike, first_covariance: ArrayLike, second_mean: ArrayLike, second_covariance: ArrayLike
) -> float:
    """Squared Frechet distance of two normal distributions with means (D,) and covariances (D, D).

    The trace of the root of the product is that of the root of a symmetric matrix, which keeps its
    eigenvalues real and not negative.
    """
    gap = np.asarray(first_mean, dtype=np.float64) - np.asarray(second_mean, dtype=np.float64)
    one, other = np.atleast_2d(first_covariance), np.atleast_2d(second_covariance)
    values, vectors = eigh(one)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    shared = eigh(root @ other @ root, eigvals_only=True)
    return float(gap @ gap + np.trace(one) + np.trace(other) - 2 * np.sqrt(np.clip(shared, 0, None)).sum())


def _frechet_of(first: np.ndarray, second: np.ndarray) -> float:
    (mean, spread), (other_mean, other_spread) = (
        (part.mean(axis=0), np.cov(part, rowvar=False)) for part in (first, second)
    )
    return frechet(mean, spread, other_mean, other_spread)


@dataclass(frozen=True)
class FrechetDistance:
    """Frechet distance (FID); biased upwards at small N, so compare only at equal N, and with `floor`.

    Attributes
    ----------
    value : the distance. floor : that of two random halves of the real data.
    n, dimension : samples on each side, length of a feature.
    why : empty, or why the value is not to be trusted.
    """

    value: float
    floor: float
    n: int
    dimension: int
    why: str


def fid(real: ArrayLike, generated: ArrayLike, *, seed: int = 0) -> FrechetDistance:
    """Frechet distance of features (N, D) of equally many real and generated images.

    Raises
    ------
    ValueError : numbers or lengths differ, or there are fewer than four samples.
    """
    one, other = _features(real, generated)
    if len(one) != len(other) or len(one) < 4:
        raise ValueError(f"FID needs as many real as generated samples, 4 or more: {len(one)}, {len(other)}")
    order = np.random.default_rng(seed).permutation(len(one))
    half = len(one) // 2
    floor = _frechet_of(one[order[:half]], one[order[half : 2 * half]])
    few = len(one) <= one.shape[1]
    why = f"{len(one)} samples for {one.shape[1]} dimensions: the covariances are singular" if few else ""
    return FrechetDistance(_frechet_of(one, other), floor, len(one), one.shape[1], why)


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first @ second.T / first.shape[1] + 1) ** 3


def _within_mean(kernel: np.ndarray, people: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean kernel over pairs of different samples, (R,); pair weight w_u w_v, or w_u within one subject."""
    same = people[:, None] == people[None]
    inner = same & ~np.eye(len(people), dtype=bool)
    total = np.einsum("rn,rn->r", counts @ (kernel * ~same), counts) + counts @ (kernel * inner).sum(axis=1)
    pairs = np.einsum("rn,rn->r", counts @ (~same).astype(np.float64), counts) + counts @ inner.sum(axis=1)
    return np.divide(total, pairs, out=np.full(len(counts), np.nan), where=pairs > 0)


def _mmd_of(one: np.ndarray, other: np.ndarray, people: np.ndarray, others: np.ndarray) -> Statistic:
    within, beyond, across = _kernel(one, one), _kernel(other, other), _kernel(one, other)

    def statistic(weights: np.ndarray, other_weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1) * other_weights.sum(axis=1)
        mean = np.einsum("rn,rn->r", weights @ across, other_weights) / total
        return _within_mean(within, people, weights) + _within_mean(beyond, others, other_weights) - 2 * mean

    return statistic


def kid(
    real: ArrayLike,
    generated: ArrayLike,
    real_subjects: ArrayLike | None = None,
    *,
    most: int = 4000,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Kernel distance (KID): unbiased squared MMD with the kernel (x.y / D + 1)^3; may be negative.

    Parameters
    ----------
    real, generated : features (N, D), (M, D); numbers may differ.
    real_subjects : (N,) subjects of the real images; every image its own if not given. Generated images are
        always units of their own.
    most : samples of each side used at most, drawn with `seed` (memory grows with the square).
    """
    one, other = _features(real, generated)
    people = np.arange(len(one)) if real_subjects is None else np.asarray(real_subjects)
    check_lengths(len(one), real_subjects=people)
    generator = np.random.default_rng(seed)
    chosen, others = (generator.permutation(len(part))[:most] for part in (one, other))
    units = ResamplingUnits.of(people[chosen]), ResamplingUnits.of(np.arange(len(others)))
    statistic = _mmd_of(one[chosen], other[others], units[0].first, units[1].first)
    drawn = bootstrap_replicates(statistic, *units, replicates=replicates, seed=seed)
    return drawn.figure(why="two samples or more are needed on each side")


def nearest(points: ArrayLike, others: ArrayLike) -> np.ndarray:
    """Euclidean distance of each of `points` (N, D) to the nearest of `others` (M, D), (N,).

    scikit-learn searches by products, which lose half of the digits of a small distance; it is computed anew
    from the two points and rounded, so that equal distances tie.
    """
    one, other = as_floats(points, "points", 2), as_floats(others, "others", 2)
    at = pairwise_distances_argmin(one, other)
    return round_lengths_for_ties(np.linalg.norm(one - other[at], axis=1))


@dataclass(frozen=True)
class Memorisation:
    """Test of whether generated images lie nearer to the training images than to held-out ones.

    Attributes
    ----------
    nearer : share of generated images nearer to a training than to a held-out image; 0.5 expected.
    close : share of them nearer to a training image than 99 % of the held-out images are; 0.01 expected.
        Its interval takes that limit as known, so it wants many hundred held-out images.
    membership : AUC of telling training from held-out images by their distance to the generated ones.
    ties : generated images at equal distance of both, which do not count as nearer.
    """

    nearer: Estimate
    close: Estimate
    membership: Estimate
    ties: int


def memorisation(
    generated: ArrayLike,
    train: ArrayLike,
    held_out: ArrayLike,
    train_subjects: ArrayLike,
    held_out_subjects: ArrayLike,
    *,
    quantile: float = 0.01,
    **draws: Unpack[BootstrapOptions],
) -> Memorisation:
    """Compare distances of generated images to training images with those to as many held-out images.

    Parameters
    ----------
    generated, train, held_out : (G, D), (N, D), (N, D): pixels, and once more a face embedding (a copied
        identity need not be a copied picture).
    train_subjects, held_out_subjects : (N,) each.

    Raises
    ------
    ValueError : the halves differ in size, which would favour the larger one.
    """
    sizes = len(np.asarray(train)), len(np.asarray(held_out))
    if sizes[0] != sizes[1]:
        raise ValueError(f"training and held-out images must be equally many: {sizes}")
    to_train, to_held_out = nearest(generated, train), nearest(generated, held_out)
    limit = np.quantile(nearest(held_out, train), quantile)
    member = np.repeat([True, False], sizes[0])
    scores = -np.concatenate([nearest(train, generated), nearest(held_out, generated)])
    people = np.concatenate([np.asarray(train_subjects), np.asarray(held_out_subjects)])
    return Memorisation(
        nearer=clopper_pearson(int((to_train < to_held_out).sum()), len(to_train)),
        close=clopper_pearson(int((to_train < limit).sum()), len(to_train)),
        membership=bootstrap_auc(scores, member, people, **draws),
        ties=int((to_train == to_held_out).sum()),
    )
