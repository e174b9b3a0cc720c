"""Rotation of the identity half of CLEANIR's latent vector, eq. (5) and (6) of Cho, Lee and Suh (2020).

An identity u of length 1 and a random vector r span a plane. The part of r that is perpendicular to u, scaled
to length 1, is the identity at 90 degrees; every angle m lies on the circle through both. At 180 degrees the
result is -u, whatever r was: nothing is random there, and to change the sign undoes it.
"""

from __future__ import annotations

import numpy as np

PARALLEL = 1e-6
"""Least sine of the angle between an identity and a vector that is to span a plane with it."""


def random_axes(count: int, dimension: int, seed: int | np.random.Generator) -> np.ndarray:
    """Random vectors (count, dimension) of uniform direction, length 1, float64.

    Raises
    ------
    ValueError : fewer than two dimensions: there is no plane to turn in.
    """
    if dimension < 2:
        raise ValueError(f"an identity of {dimension} number has no plane to turn in")
    drawn = np.random.default_rng(seed).normal(size=(count, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def perpendicular(identity: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """The identity at 90 degrees, z_90 of eq. (5), (..., D) of length 1, float64.

    Parameters
    ----------
    identity : (..., D), of any length above 0.
    axis : r, of a shape that broadcasts with it; only its direction counts.

    Raises
    ------
    ValueError : an identity or an axis of length 0, or an axis parallel to its identity: they span no plane,
        draw another.
    """
    unit, towards = _unit(identity, "an identity"), _unit(axis, "an axis")
    rest = towards - np.sum(towards * unit, axis=-1, keepdims=True) * unit
    length = np.linalg.norm(rest, axis=-1, keepdims=True)
    if length.size and length.min() < PARALLEL:
        raise ValueError("an axis is parallel to its identity and spans no plane with it: draw another")
    return np.asarray(rest / length)


def rotate_identity(identity: np.ndarray, axis: np.ndarray, degrees: float | np.ndarray) -> np.ndarray:
    """Identities turned by an angle in the plane that each spans with its axis, eq. (6).

    Parameters
    ----------
    identity : (..., D), of any length above 0.
    axis : r, (D,) for all or one for each, of a shape that broadcasts with the identities.
    degrees : the angle m; one, or an array whose shape broadcasts with (...).

    Returns
    -------
    (..., D) float64 of length 1. 0 degrees gives the identity's direction, 180 degrees its opposite.

    Raises
    ------
    ValueError : as for `perpendicular`.
    """
    unit, away = _unit(identity, "an identity"), perpendicular(identity, axis)
    angle = np.deg2rad(np.asarray(degrees, np.float64))[..., None]
    return np.asarray(np.cos(angle) * unit + np.sin(angle) * away)


def _unit(vectors: np.ndarray, what: str) -> np.ndarray:
    given = np.asarray(vectors, np.float64)
    length = np.linalg.norm(given, axis=-1, keepdims=True)
    if length.size and not length.min() > 0:
        raise ValueError(f"{what} of length 0 has no direction")
    return np.asarray(given / length)
