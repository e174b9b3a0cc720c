from __future__ import annotations

import keras
import numpy as np
import pytest

from lib.faces.grey import as_rgb, to_grey
from lib.judges.base import BATCH, Judge, JudgeError
from lib.judges.book_networks import GenderJudge, MatcherJudge
from lib.networks.gender_classifier import gender_classifier
from lib.networks.matcher import matcher
from lib.training.inference import predict_images


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


def test_a_label_is_read_above_the_threshold_and_certainty_is_that_of_the_logit_alone() -> None:
    grey = np.repeat(np.array([51, 127, 204], np.uint8), 256).reshape(3, 16, 16)
    strict = GenderJudge("unseen_brightness", brightness(), trained_on="nothing", threshold=0.1)
    plain = GenderJudge("unseen_brightness", brightness(), trained_on="nothing")
    certain = 1 / (1 + np.exp(0.5 - np.array([0.2, 127 / 255, 0.8])))
    for images in (grey, grey[..., None], as_rgb(grey)):
        np.testing.assert_allclose(strict.certainty(images), certain, rtol=1e-5)
        np.testing.assert_allclose(plain.certainty(images), certain, rtol=1e-5)
        assert strict.predicted(images).tolist() == [False, False, True]
    assert plain.predicted(grey + 2).tolist() == [False, True, True], "129 of 255 is above one half"
    assert plain.male_from == 0.5 and strict.male_from == pytest.approx(1 / (1 + np.exp(-0.1)))


def test_a_stored_classifier_brings_its_threshold() -> None:
    class Shelf:
        def __init__(self, **facts) -> None:
            self.facts = facts

        def get(self, name: str) -> keras.Model:
            return {"classifier": brightness()}[name]

        def about(self, name: str) -> dict:
            return {"kind": "brightness", **self.facts}

    judge = GenderJudge.stored(Shelf(trained_on="tiny faces", threshold=0.25))
    assert judge.threshold == judge.card.threshold == 0.25 and judge.card.trained_on == "tiny faces"
    assert judge.card.name == "trained_gender"
    assert GenderJudge.stored(Shelf(), name="unseen_own").threshold == 0


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


def test_a_matcher_says_nothing_of_a_picture_in_which_no_face_was_found(world) -> None:
    network = matcher(64, dimensions=8, widths=(4, 8))
    judge = MatcherJudge(network, trained_on="nothing")
    faces = world.take(np.arange(5))
    points = faces.points
    points[2] = np.nan
    said = judge(faces.images, points)
    assert said.failures == 1 and np.isnan(said.values[2]).all()
    some = [0, 1, 3, 4]
    assert np.allclose(said.values[some], predict_images(network, faces.images)[some], atol=1e-5)
    assert judge(faces.images).failures == 0
    with pytest.raises(JudgeError, match="takes pictures of"):
        judge(faces.images[:, :32, :32])
