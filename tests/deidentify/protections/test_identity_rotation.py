"""Rotation of identities: the properties that eq. (5) and (6) promise, and what spans no plane."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.deidentify.protections.identity_rotation import perpendicular, random_axes, rotate_identity

dimensions, seeds = st.integers(2, 600), st.integers(0, 2**32 - 1)
angles = st.floats(-720, 720)


def drawn(dimension, seed, count=3):
    """Identities of unlike lengths, their directions, and axes."""
    random = np.random.default_rng(seed)
    identity = random_axes(count, dimension, random)
    return identity * np.array([[1e-3], [1.0], [1e3]]), identity, random_axes(count, dimension, random)


@given(dimensions, seeds, angles)
def test_length_and_angle(dimension, seed, degrees):
    identity, unit, axis = drawn(dimension, seed)
    turned = rotate_identity(identity, axis, degrees)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(np.sum(turned * unit, axis=1), np.cos(np.deg2rad(degrees)), atol=1e-6)


@given(dimensions, seeds)
def test_ends_of_the_circle(dimension, seed):
    identity, unit, axis = drawn(dimension, seed)
    for degrees, expected in ((0, unit), (180, -unit), (360, unit)):
        np.testing.assert_allclose(rotate_identity(identity, axis, degrees), expected, atol=1e-9)
    np.testing.assert_allclose(rotate_identity(identity, axis, 90), perpendicular(identity, axis), atol=1e-9)


@given(dimensions, seeds, st.floats(1, 179))
def test_turned_back_in_the_same_plane(dimension, seed, degrees):
    identity, unit, axis = drawn(dimension, seed)
    turned = rotate_identity(identity, axis, degrees)
    back = rotate_identity(turned, unit, degrees)  # the plane of both; towards where it came from
    np.testing.assert_allclose(back, unit, atol=1e-6)


@given(dimensions, seeds, angles)
def test_batch_and_single_agree(dimension, seed, degrees):
    identity, _, axis = drawn(dimension, seed)
    together = rotate_identity(identity, axis, degrees)
    for one, whole in enumerate(together):
        np.testing.assert_allclose(rotate_identity(identity[one], axis[one], degrees), whole, atol=1e-9)
    many = rotate_identity(identity, axis, np.array([0.0, degrees, 180.0]))
    np.testing.assert_allclose(many[1], together[1], atol=1e-9)


def test_an_axis_that_spans_no_plane():
    identity = np.array([3.0, 4.0])
    for axis, why in (([6, 8], "parallel"), ([-3, -4], "parallel"), ([0, 0], "an axis of length 0")):
        with pytest.raises(ValueError, match=why):
            rotate_identity(identity, np.array(axis), 30)
    with pytest.raises(ValueError, match="an identity of length 0"):
        rotate_identity(np.zeros(2), identity, 30)
    with pytest.raises(ValueError, match="no plane"):
        random_axes(1, 1, 0)


def test_axes_that_are_not_perpendicular_would_be_seen():
    """Without the projection of eq. (5) neither length nor angle would be right."""
    _, unit, axis = drawn(8, 0)
    wrong = np.cos(1.0) * unit + np.sin(1.0) * axis
    assert np.abs(np.linalg.norm(wrong, axis=1) - 1).max() > 1e-3
    assert np.abs(np.sum(wrong * unit, axis=1) - np.cos(1.0)).max() > 1e-3


def test_random_axes_have_no_preferred_direction():
    axes = random_axes(20_000, 3, 0)
    np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1)
    assert np.abs(axes.mean(axis=0)).max() < 0.02
    assert np.abs(axes.T @ axes / len(axes) - np.eye(3) / 3).max() < 0.01
