"""Each guard passes the right variant and stops the wrong one, most of all the collapse to white."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.measures.calibration import entropy_floor
from lib.training.data.feed import Feed
from lib.training.loop import guards
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.device import set_determinism
from lib.training.loop.fit import fit
from lib.training.loop.guards import GuardError, LossBounds

pytestmark = pytest.mark.numeric

FULL = keras.losses.BinaryCrossentropy()


def one_sided(target, output):
    """Half of the cross-entropy, -t log p: least where p is 1 everywhere."""
    return -keras.ops.mean(target * keras.ops.log(keras.ops.clip(output, 1e-7, 1 - 1e-7)))


def pictures(count=48, seed=0):
    """Two blobs of brightness on a grey ground: something to learn, in [0, 1]."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:8, 0:8]
    centres = random.uniform(1, 6, (count, 2, 1, 1))
    blob = np.exp(-((y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2) / 6)
    return (0.15 + 0.7 * blob)[..., None].astype(np.float32)


def autoencoder(loss, rate=0.02):
    set_determinism(2)
    net = keras.Sequential(
        [
            keras.layers.Input((8, 8, 1)),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
        ]
    )
    net.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    return net


def trained(loss, **options):
    feed = Feed({"image": pictures()}, targets="image", batch=16, seed=1)
    net = autoencoder(loss)
    return net, fit(net, feed, epochs=25, checkpoint=CheckpointOptions(None, {}), **options)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=20), st.floats(0.01, 0.99))
def test_no_output_is_below_the_floor(targets, output):
    t = np.array(targets)
    value = -(t * np.log(output) + (1 - t) * np.log(1 - output)).mean()
    assert value >= entropy_floor(t) - 1e-12


def test_values_at_constants_by_hand():
    t = np.array([[0.25], [0.75]], np.float32)
    bounds = guards.loss_bounds(keras.losses.MeanSquaredError(), t)
    assert bounds.floor == 0
    assert bounds.constants == pytest.approx(
        {"0": 0.3125, "0.5": 0.0625, "1": 0.3125, "mean": 0.0625, "mean_picture": 0.0625}
    )
    full = guards.loss_bounds(FULL, pictures())
    assert full.floor == pytest.approx(entropy_floor(pictures()), abs=1e-5)
    assert full.constants["0.5"] == pytest.approx(math.log(2), abs=1e-5)
    full.check_loss()


def test_the_one_sided_loss_is_refused_before_training():
    with pytest.raises(GuardError, match=r"lower at a constant output \(.*1: .*\) than at a perfect one"):
        guards.loss_bounds(one_sided, pictures()).check_loss()


def test_the_full_cross_entropy_trains_and_passes():
    bounds = guards.loss_bounds(FULL, pictures())
    _, history = trained(FULL, guards=guards.Guards({"loss": bounds}))
    assert bounds.floor < history.last("loss") < min(bounds.constants.values())


def test_the_collapse_to_white_is_stopped():
    """Trained all the same, the one-sided loss ends below the floor with an all-white output."""
    net, history = trained(one_sided)
    floor = entropy_floor(pictures())
    with pytest.raises(GuardError, match="below what is possible"):
        guards.loss_bounds(FULL, pictures(), floor=floor).check(history.last("loss"))
    outputs = net.predict_on_batch(pictures())
    assert outputs.mean() > 0.98 and history.last("loss") < 0.02
    with pytest.raises(GuardError, match="nothing was learned"):
        guards.loss_bounds(one_sided, pictures(), floor=0.0).check(history.last("loss"))


def test_where_a_loss_may_end():
    bounds = LossBounds(0.5, {"0": 9.0, "mean": 0.7})
    bounds.check(0.55)
    for value, reason in [
        (0.4, "below"),
        (0.699, "constant output, the network"),
        (8.999, "constant output, the network"),
        (0.9, "nothing was learned"),
        (math.nan, "diverged"),
    ]:
        with pytest.raises(GuardError, match=reason):
            bounds.check(value)


def test_validation_better_than_train():
    random = np.random.default_rng(0)
    subjects = np.repeat(np.arange(60), 4)
    train = random.normal(1.0, 0.2, 240)
    worse = guards.check_validation(train, train + 0.1, subjects, subjects)
    assert worse.low < worse.estimate < worse.high and worse.n == 120
    assert worse.estimate == pytest.approx(0.1)
    guards.check_validation(train, random.permutation(train) - 0.001, subjects, subjects)
    with pytest.raises(GuardError, match="validation is better than train"):
        guards.check_validation(train, train - 0.2, subjects, subjects)
    few = guards.check_validation(train, train - 1, subjects, subjects % 9)
    assert "fewer than 10 subjects" in few.why and math.isnan(few.high)


def test_the_interval_is_over_subjects_not_images():
    """A hundred copies of twelve subjects prove no more than the twelve."""
    random = np.random.default_rng(1)
    values = random.normal(1, 0.3, 12), random.normal(1.1, 0.3, 12), np.arange(12), np.arange(12)
    few = guards.check_validation(*values)
    many = guards.check_validation(*(np.repeat(x, 100) for x in values))
    assert many.high == pytest.approx(few.high)
