"""Losses by hand, their chance values, and the two wrong forms of the source."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures.calibration import entropy_floor
from lib.networks import san_losses as losses
from tests.networks.both_backends import pictures

pytestmark = pytest.mark.numeric


def test_pixels_by_hand():
    target = np.array([0.25, 1.0], np.float32).reshape(1, 1, 2, 1)
    output = np.array([0.5, 0.8], np.float32).reshape(1, 1, 2, 1)
    values = [math.log(2), -math.log(0.8)]
    assert losses.pixel_loss(target, output).numpy() == pytest.approx([np.mean(values)], rel=1e-6)
    assert losses.pixel_loss(target, output, "sum").numpy() == pytest.approx([np.sum(values)], rel=1e-6)


def test_the_floor_of_pixels():
    target = pictures(3, 8, 8, 1)
    floor = losses.pixel_floor(target).numpy()
    assert floor.mean() == pytest.approx(entropy_floor(target), rel=1e-5)
    assert (losses.pixel_loss(target, pictures(3, 8, 8, 1, seed=8)).numpy() > floor).all()
    half = losses.pixel_loss(target, np.full_like(target, 0.5)).numpy()
    assert half == pytest.approx([math.log(2)] * 3, rel=1e-6) and (floor < half).all()


def test_white_is_the_minimum_of_half_a_cross_entropy():
    """The 0.1764 of the source's log, and that a perfect output costs more than white."""
    assert losses.half_cross_entropy_of_white(0.4608, 224 * 224, 64) == pytest.approx(0.1764, abs=5e-5)
    assert losses.half_cross_entropy_of_white(0.4598, 224 * 224, 64) == pytest.approx(0.1760, abs=5e-5)
    target = np.full((64, 224, 224, 1), 0.4608, np.float32)
    white = float(losses.half_cross_entropy(target, np.ones_like(target)))
    assert white == pytest.approx(0.1764, abs=1e-4)
    assert float(losses.half_cross_entropy(target[:1], target[:1])) > 1e4
    few = target[:1]
    assert (losses.pixel_loss(few, np.ones_like(few)) > losses.pixel_floor(few)).numpy().all()


def adds_to_one(opposite):
    """Whether label and opposite label add to 1 in every row of an uneven batch."""
    label = np.array([0, 1, 1, 0, 1], np.float32)
    return bool((label + losses.opposite_label(label, opposite).numpy() == 1).all())


def test_an_opposite_label_is_one_minus_the_label():
    assert adds_to_one("opposite")
    assert not adds_to_one("reversed"), "the reversed batch gives another picture's label"
    with pytest.raises(ValueError, match="opposite or reversed"):
        losses.opposite_label(np.zeros(2), "other")


def test_gender_by_hand():
    label, sm, op = np.array([1, 0]), np.array([[2.0], [-1.0]]), np.array([[0.5], [3.0]])

    def cost(label, logit):
        p = 1 / (1 + math.exp(-logit))
        return -math.log(p if label else 1 - p)

    expected = [cost(1, 2) + cost(0, 0.5), cost(0, -1) + cost(1, 3)]
    np.testing.assert_allclose(losses.gender_loss(label, sm, op), expected, rtol=1e-5)
    turned = [cost(1, 2) + cost(0, 0.5), cost(0, -1) + cost(1, 3)]
    np.testing.assert_allclose(losses.gender_loss(label, sm, op, "reversed"), turned, rtol=1e-5)
    assert float(losses.label_loss([1.0], [-200.0])[0]) == pytest.approx(200)


def test_chance_of_the_gender_loss():
    assert losses.gender_chance(0.4148, "reversed") == pytest.approx(1.357, abs=1e-3)
    assert losses.gender_chance(0.4148) == pytest.approx(1.386, abs=1e-3)
    assert losses.gender_chance(0.4148, answer=0.4148) == pytest.approx(1.416, abs=1e-3)
    assert losses.entropy(0.4148) == pytest.approx(0.6786, abs=2e-4)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_no_constant_answer_beats_chance(share, answer):
    for opposite in ("opposite", "reversed"):
        assert losses.gender_chance(share, opposite, answer) >= losses.gender_chance(share, opposite) - 1e-12


def test_chance_is_what_the_loss_gives():
    """One answer to all, over many labels."""
    label = np.random.default_rng(0).random(40_000) < 0.4148
    logit = np.full(len(label), math.log(0.4148 / 0.5852))
    for opposite, answer in (("opposite", 0.4148), ("reversed", None)):
        value = float(np.mean(losses.gender_loss(label, logit, logit, opposite)))
        assert value == pytest.approx(losses.gender_chance(label.mean(), opposite, answer), abs=5e-3)


def test_matching():
    a, b = np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[4.0, 3.0], [1.0, 0.0]])
    np.testing.assert_allclose(losses.matching_loss(a, b), [0.08, 1], atol=1e-6)
    np.testing.assert_allclose(losses.matching_loss(a, b, unit=False), [2, 1], atol=1e-6)
    vectors = np.random.default_rng(0).normal(size=(7, 5)).astype(np.float32)
    for unit in (True, False):
        pairs = [
            float(losses.matching_loss(vectors[[i]], vectors[[j]], unit=unit)[0])
            for i in range(7)
            for j in range(7)
            if i != j
        ]
        assert float(losses.matching_chance(vectors, unit=unit)) == pytest.approx(np.mean(pairs), rel=1e-4)
    many = np.random.default_rng(1).normal(size=(400, 64))
    assert float(losses.matching_chance(many)) == pytest.approx(2, abs=0.02)


def test_keras_takes_them():
    """A loss of one value per picture is averaged over the batch."""
    net = keras.Sequential([keras.layers.Input((4, 4, 1)), keras.layers.Activation("linear")])
    net.compile("sgd", losses.pixel_loss, jit_compile=False)
    x, y = pictures(3, 4, 4, 1), pictures(3, 4, 4, 1, seed=3)
    assert net.evaluate(x, y, verbose=0) == pytest.approx(float(np.mean(losses.pixel_loss(y, x))), rel=1e-5)
