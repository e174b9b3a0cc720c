"""Two classes as Gaussians: what lies half way between them, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

RIDGE = 1e-4
"""Added to the diagonal of each class's covariance, of rows of unit length."""
SHRINKAGE = 0.1
"""Share of the mean variance added to the diagonal of the metric in which covariances are compared."""


def root(matrix: np.ndarray, power: float = 0.5) -> np.ndarray:
    """Power of a symmetric positive definite matrix (d, d)."""
    values, vectors = eigh(matrix)
    return (vectors * np.maximum(values, 1e-15) ** power) @ vectors.T


def barycentre(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Covariance (d, d) half way between two, in the Bures-Wasserstein distance.

    Half of the optimal map carries there (McCann's interpolation; Takatsu, Osaka J. Math. 2011).
    """
    half_way = (np.eye(len(first)) + transport_map(first, second)) / 2
    return half_way @ first @ half_way


def transport_map(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Symmetric A (d, d) with A source A = target: optimal transport of centred Gaussians."""
    half, inverse = root(source), root(source, -0.5)
    return inverse @ root(half @ target @ half) @ inverse


def class_moments(
    rows: np.ndarray, positive: np.ndarray, subjects: np.ndarray | None = None, *, ridge: float = RIDGE
) -> tuple[np.ndarray, np.ndarray]:
    """Means (2, d) and covariances (2, d, d) of rows (N, d), of the negative, then of the positive class.

    `positive` is (N,) bool.

    With `subjects` (N,) each subject counts once, however many rows it has: moments of a picture of somebody.
    """
    means, covariances = [], []
    for mine in (~positive, positive):
        weights = np.ones(mine.sum()) if subjects is None else once_each(subjects[mine])
        means.append(np.average(rows[mine], axis=0, weights=weights))
        spread = np.cov(rows[mine].T, bias=True, aweights=weights)
        covariances.append(spread + ridge * np.eye(rows.shape[1]))
    return np.stack(means), np.stack(covariances)


def once_each(subjects: np.ndarray) -> np.ndarray:
    """Weight (N,) of each row, one over the number of its subject's rows."""
    _, codes, counts = np.unique(subjects, return_inverse=True, return_counts=True)
    return 1 / counts[codes]


@dataclass(frozen=True)
class Axes:
    """Directions in which two covariances differ, the most different first.

    Attributes
    ----------
    values : (d,) generalised eigenvalues of C_1 - C_0 plus the part of the means, by falling absolute value.
    vectors : (d, d) columns, v_i' metric v_j is 1 for i = j, else 0.
    metric : (d, d) mean covariance with SHRINKAGE.
    """

    values: np.ndarray
    vectors: np.ndarray
    metric: np.ndarray


def removal(axes: np.ndarray, count: int) -> np.ndarray:
    """Orthogonal projection P (d, d) with P v = 0 for the first `count` of `axes` v (d, d; columns).

    Nothing of a row along these axes is left, and it moves no further than it must. A projection orthogonal
    in the metric of the axes left attackers more at equal matching (measured on photographs).
    """
    basis = np.linalg.qr(np.asarray(axes[:, :count], np.float64))[0]
    return np.eye(len(axes)) - basis @ basis.T


def differing_axes(means: np.ndarray, covariances: np.ndarray, *, shrinkage: float = SHRINKAGE) -> Axes:
    """Axes of classes with means (2, d) and covariances (2, d, d).

    Where a recogniser codes the attribute in the means too, their difference counts as a matrix of rank 1, an
    excess of the second class; alone it has one eigenvalue, the square of Mahalanobis' distance.
    """
    mean = covariances.mean(axis=0)
    metric = mean + shrinkage * np.trace(mean) / len(mean) * np.eye(len(mean))
    apart = means[1] - means[0]
    values, vectors = eigh(covariances[1] - covariances[0] + np.outer(apart, apart), metric)
    order = np.argsort(-np.abs(values), kind="stable")
    return Axes(values[order], vectors[:, order], metric)
