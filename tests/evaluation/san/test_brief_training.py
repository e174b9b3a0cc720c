"""A few steps with pictures of the way: half a cross-entropy ends in white, the whole one does not."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.evaluation.san.brief_training import LabelledImages, steps_to_show, train_briefly
from lib.networks.san import SanAutoencoder
from lib.networks.san_losses import half_cross_entropy, pixel_loss
from lib.training.loop.device import set_determinism
from tests.exact import exactly


def _train(loss):
    random = np.random.default_rng(0)
    images = random.integers(50, 160, (20, 16, 16, 3), dtype=np.uint8)
    set_determinism(0)
    network = SanAutoencoder(
        random.random((3, 16, 16, 3), dtype=np.float32), 16, decoder=(8, 8), outputs=("sm",)
    )
    learn, show = (LabelledImages(part, np.zeros(len(part))) for part in (images[:16], images[16:]))
    optimizer = keras.optimizers.Adadelta(1.0)
    return train_briefly(network, loss, optimizer, learn=learn, show=show, steps=25, batch=8)


def test_half_a_cross_entropy_goes_white_and_the_whole_one_does_not():
    half, whole = _train(half_cross_entropy), _train(pixel_loss)
    assert half.course["mean_output"].iloc[-1] > 0.95 > 0.7 > whole.course["mean_output"].iloc[-1]
    assert list(half.pictures) == steps_to_show(25)
    assert half.pictures[25].shape == (4, 16, 16) and half.pictures[25].dtype == np.uint8
    assert half.pictures[25].mean() > 240 > 180 > whole.pictures[25].mean()
    assert exactly(half.pictures[0], whole.pictures[0], because="both start with the same weights")


def test_steps_are_dense_at_the_beginning():
    assert steps_to_show(20, 6) == [0, 1, 2, 4, 9, 20]
    assert steps_to_show(1) == [0, 1]
    with pytest.raises(ValueError, match="0 steps"):
        steps_to_show(0)
