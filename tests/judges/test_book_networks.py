from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.faces.grey import to_grey
from lib.judges.base import BATCH, Judge, JudgeError
from lib.judges.book_networks import GenderJudge, MatcherJudge
from lib.networks.gender_classifier import gender_classifier
from lib.networks.matcher import matcher


def brightness() -> keras.Model:
    """A network whose logit is the mean of its picture less one half."""
    image = keras.Input((16, 16, 1))
    mean = keras.layers.GlobalAveragePooling2D()(image)
    return keras.Model(image, keras.layers.Rescaling(1.0, -0.5)(mean), name="brightness")


def test_it_sees_the_whole_grey_picture_in_order_and_needs_no_points() -> None:
    levels = np.arange(130, dtype=np.uint8)
    images = np.broadcast_to(levels[:, None, None, None], (130, 16, 16, 3))
    judge = GenderJudge("unseen_brightness", brightness(), trained_on="nothing")
    judgement = judge(images)
    np.testing.assert_allclose(judgement.values, levels / 255 - 0.5, atol=1e-6)
    assert judgement.failures == 0 and isinstance(judge, Judge)
    unknown = np.full((130, 5, 2), np.nan)
    np.testing.assert_allclose(judge(images, unknown).values, judgement.values, rtol=1e-5, atol=1e-6)
    assert judge.card.task == "gender" and judge.card.size == (16, 16) and judge.card.threshold == 0


def test_pictures_of_another_size_are_refused() -> None:
    judge = GenderJudge("unseen_brightness", brightness(), trained_on="nothing")
    with pytest.raises(JudgeError, match="unseen_brightness takes pictures of"):
        judge(np.zeros((2, 32, 32, 3), np.uint8))


def test_both_say_bit_for_bit_what_their_networks_say_of_each_batch() -> None:
    images = np.random.default_rng(0).integers(0, 256, (BATCH + 6, 32, 32, 3), dtype=np.uint8)
    grey = to_grey(images)[..., None].astype(np.float32) / np.float32(255)
    classifier, embedder = gender_classifier(32), matcher(32, dimensions=8, widths=(4, 8))
    gender = GenderJudge("unseen_own", classifier, trained_on="nothing")
    identity = MatcherJudge(embedder, trained_on="nothing")
    parts = grey[:BATCH], grey[BATCH:]
    logits = np.concatenate([classifier.predict_on_batch(part) for part in parts])[:, 0]
    rows = np.concatenate([keras.ops.convert_to_numpy(embedder(part, training=False)) for part in parts])
    assert np.allclose(gender(images).values, logits, rtol=0.0001, atol=1e-5)
    assert np.allclose(
        identity(images).values, rows, rtol=0.0001, atol=1e-5
    ) and identity.card.output.startswith("8 numbers")
