"""The generator learns what frozen matchers should read, and every term is what it says."""

from __future__ import annotations

import cv2
import keras
import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSet
from lib.networks.face_decoder import face_decoder
from lib.networks.matcher import matcher, patch_matcher
from lib.networks.matcher_features import enlargement_layer, feature_maps
from lib.training.inference import predict_images
from lib.training.loop.device import set_determinism
from lib.training.objectives.generator_losses import EMBEDDING_SCALE
from lib.training.objectives.generator_objective import GeneratorObjective, GeneratorWeights
from lib.training.objectives.generator_training import EmbeddingTarget, fit_generator, subject_means
from lib.training.objectives.linear_face import solve_linear_face
from lib.training.objectives.weighted import Phase
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly

TINY = {"widths": (16, 16, 12, 8, 8), "seed": 8}


SIZE, NUMBERS = 32, 6


@pytest.fixture(scope="module")
def setting():
    """Patterns that a code of each subject says, twelve subjects to train with and four to validate with."""
    set_determinism(1)
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(16, NUMBERS)).repeat(4, axis=0).astype(np.float32)
    coarse = codes @ rng.normal(size=(NUMBERS, 16)) + rng.normal(scale=0.3, size=(64, 16))
    pattern = 1 / (1 + np.exp(-coarse.reshape(64, 4, 4).repeat(8, axis=1).repeat(8, axis=2)))
    images = np.rint(255 * pattern)[..., None].repeat(3, axis=-1).astype(np.uint8)
    subject = np.arange(64) // 4
    split = np.where(subject < 12, "train", "validation")
    labels = pd.DataFrame(
        {"image": np.arange(64).astype(str), "subject": subject.astype(str), "split": split}
    )
    faces = FaceSet(images, labels, "patterns")
    network = matcher(SIZE, dimensions=8, widths=(8, 8))
    rows = [np.flatnonzero(split == name) for name in ("train", "validation")]
    return faces, rows, network, predict_images(network, images), codes


def test_the_linear_face_is_solved_from_what_the_generator_is_told():
    rng = np.random.default_rng(3)
    told = rng.normal(size=(400, NUMBERS + 2)).astype(np.float32)
    logits = told @ rng.normal(scale=0.3, size=(NUMBERS + 2, SIZE * SIZE)) + rng.normal(size=SIZE * SIZE)
    pictures = np.rint(255 / (1 + np.exp(-logits))).astype(np.uint8).reshape(-1, SIZE, SIZE, 1)
    painter = face_decoder(SIZE, NUMBERS, 2, linear_face=True, **TINY)
    fresh = {"code": told[300:, :NUMBERS], "nuisance": told[300:, NUMBERS:]}

    def levels_apart():
        painted = keras.ops.convert_to_numpy(painter(fresh)) * 255
        return float(np.abs(painted - pictures[300:]).mean())

    unsolved = levels_apart()
    solve_linear_face(painter, told[:300], pictures[:300])
    assert levels_apart() < 3 < 30 < unsolved
    linear = painter.get_layer("linear_face")
    assert not linear.trainable_weights  # solved, not trained


def test_pixels_first_then_the_matcher_reads_its_targets(setting, tmp_path):
    faces, rows, network, embeddings, codes = setting
    set_determinism(2)
    before = network.get_weights()
    net = face_decoder(SIZE, NUMBERS, **TINY)
    phases = [
        Phase(TrainingPlan(12, 16, 5e-3), GeneratorWeights()),
        Phase(TrainingPlan(8, 16, 3e-3), GeneratorWeights(0.2, 1.0, 0.02)),
    ]
    targets = [EmbeddingTarget(network, embeddings)]
    first, second = fit_generator(net, faces, *rows, codes, phases, tmp_path, targets=targets)
    pixels = first.table["pixel"]
    assert pixels.iloc[-1] < 0.75 * pixels.iloc[0] and (first.table["matching"] == 0).all()
    assert second.table["matching"].iloc[-1] < 0.8 * second.table["matching"].iloc[0]
    last = second.table.iloc[-1]
    expected = 0.2 * last["val_pixel"] + last["val_matching"] + 0.02 * last["val_subject"]
    assert last["val_loss"] == pytest.approx(expected, rel=1e-4)
    assert (
        0 < last["val_subject"] < np.log(4) + EMBEDDING_SCALE
    )  # the softmax knows the four of validation only
    assert all(
        exactly(a, b, because="weights that nothing may touch")
        for a, b in zip(before, network.get_weights(), strict=True)
    )


def flat(pictures):
    """A function, not a network, takes part: the mean of the left and of the right half."""
    halves = [keras.ops.mean(part, axis=(1, 2, 3)) for part in keras.ops.split(pictures, 2, axis=2)]
    return keras.ops.stack(halves, axis=1)


def test_terms_by_hand():
    pictures = np.zeros((2, 16, 16, 1), np.float32)
    pictures[0, :, :8], pictures[1, :, 8:] = 1, 1  # read as (1, 0) and (0, 1)
    centres = np.eye(2, dtype=np.float32)[[0, 1, 0]]  # the third subject is there to validate with
    net = GeneratorObjective(face_decoder(16, 2, **TINY), [flat], [centres], np.array([0, 0, 1]))
    net.weights_of_terms = GeneratorWeights(1, 1, 1)
    told = {
        "image": np.zeros_like(pictures),
        "subject": np.array([0, 0]),
        "target0": np.float32([[1, 0], [1, 0]]),
    }
    found = {name: float(value) for name, value in net.term_values(told, pictures).items()}
    right, wrong = np.log1p(np.exp(-EMBEDDING_SCALE)), EMBEDDING_SCALE + np.log1p(np.exp(-EMBEDDING_SCALE))
    expected = {"pixel": 0.5, "matching": 0.5, "subject": (right + wrong) / 2, "features": 0.0}
    assert found == pytest.approx(expected, rel=1e-5)


def test_each_of_two_matchers_sees_its_half_of_a_training_batch():
    seen = []

    def watching(pictures):
        seen.append(len(pictures))
        return flat(pictures)

    centres = np.eye(2, dtype=np.float32)
    net = GeneratorObjective(
        face_decoder(16, 2, **TINY), [watching] * 2, [centres] * 2, np.zeros(2), jitter=False
    )
    net.weights_of_terms = GeneratorWeights(matching=1)
    pictures, target = np.ones((5, 16, 16, 1), np.float32), np.ones((5, 2), np.float32)
    told = {"image": pictures, "subject": np.zeros(5, int), "target0": target, "target1": target}
    net.term_values(told, pictures, training=True)
    net.term_values(told, pictures)
    assert seen == [3, 2, 5, 5]


def test_a_small_picture_is_read_as_the_enlarged_one():
    network = matcher(32, dimensions=8, widths=(8, 8))
    small = np.random.default_rng(0).random((2, 16, 16, 1)).astype(np.float32)
    large = np.stack([cv2.resize(one, (32, 32), interpolation=cv2.INTER_LINEAR) for one in small])[..., None]
    found = keras.ops.convert_to_numpy(enlargement_layer(network, 16)(small, training=False))
    np.testing.assert_allclose(found, keras.ops.convert_to_numpy(network(large, training=False)), atol=1e-5)


def test_features_are_zero_for_the_photograph_itself_and_grow_where_edges_are_lost():
    network = matcher(32, dimensions=8, widths=(8, 8))
    features = feature_maps(network, 32)
    picture = np.random.default_rng(0).random((4, 32, 32, 1)).astype(np.float32)
    blurred = np.stack([cv2.GaussianBlur(one, (0, 0), 2) for one in picture])[..., None]
    net = GeneratorObjective(face_decoder(32, 2, **TINY), features=[features])
    net.weights_of_terms = GeneratorWeights(features=1)
    values = [float(net.term_values({"image": picture}, one)["features"]) for one in (picture, blurred)]
    assert values[0] == pytest.approx(0, abs=1e-6) and values[1] > 0.05


def test_a_matcher_of_another_design_gives_no_maps():
    assert feature_maps(patch_matcher(32, dimensions=8, width=8), 32) is None
    small = feature_maps(matcher(32, dimensions=8, widths=(8, 8)), 16)
    assert [one.shape[1] for one in small.outputs] == [16, 16, 8]


def test_the_mean_of_each_subject():
    means = subject_means(np.array([[1.0, 0], [0, 1], [0, 2]]), np.array(["b", "b", "a"]))
    np.testing.assert_allclose(means, [[0, 1], [0.5**0.5, 0.5**0.5]], rtol=1e-6)


def test_wrong_uses_stop(setting):
    faces, rows, network, embeddings, codes = setting
    net, targets = face_decoder(SIZE, NUMBERS, **TINY), [EmbeddingTarget(network, embeddings)]
    phases = [Phase(TrainingPlan(1), GeneratorWeights(matching=1))]
    with pytest.raises(ValueError, match="need matchers"):
        fit_generator(net, faces, *rows, codes, phases, None)
    with pytest.raises(ValueError, match="inner maps"):
        fit_generator(net, faces, *rows, codes, [Phase(TrainingPlan(1), GeneratorWeights(features=1))], None)
    lost = np.where(np.arange(len(faces))[:, None] == rows[0][0], np.nan, codes)
    with pytest.raises(ValueError, match="code must have"):
        fit_generator(net, faces, *rows, lost, phases, None, targets=targets)
    with pytest.raises(ValueError, match="are in training and in validation"):
        fit_generator(net, faces, rows[0], rows[0], codes, phases, None, targets=targets)
    with pytest.raises(ValueError, match="tables of centres"):
        GeneratorObjective(net, [network])
