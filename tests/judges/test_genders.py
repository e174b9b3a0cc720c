from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.judges.genders import OwnGender
from lib.judges.interface import Judge, JudgeError


def brightness() -> keras.Model:
    """A network whose logit is the mean of its picture less one half."""
    image = keras.Input((16, 16, 1))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, keras.layers.Rescaling(1.0, -0.5)(mean), name="brightness")


def test_it_sees_the_whole_grey_picture_in_order_and_needs_no_points() -> None:
    levels = np.arange(130, dtype=np.uint8)
    images = np.broadcast_to(levels[:, None, None, None], (130, 16, 16, 3))
    judge = OwnGender("unseen_brightness", brightness(), trained_on="nothing")
    judgement = judge(images)
    np.testing.assert_allclose(judgement.values, levels / 255 - 0.5, atol=1e-6)
    assert judgement.failures == 0 and isinstance(judge, Judge)
    unknown = np.full((130, 5, 2), np.nan)
    np.testing.assert_array_equal(judge(images, unknown).values, judgement.values)
    assert judge.card.task == "gender" and judge.card.size == (16, 16) and judge.card.threshold == 0


def test_pictures_of_another_size_are_refused() -> None:
    judge = OwnGender("unseen_brightness", brightness(), trained_on="nothing")
    with pytest.raises(JudgeError, match="unseen_brightness takes pictures of"):
        judge(np.zeros((2, 32, 32, 3), np.uint8))
