"""A reader learns all its heads at once, and a mirrored head turns to the other side."""

import numpy as np
import pytest

from lib.faces.read_labels import ReadLabels
from lib.networks.face_reader import NUMBERS, face_reader
from lib.training.data.feed import Batch
from lib.training.face_reading import MirroredNumbers, fit_face_reader, head_targets
from lib.training.loop.device import set_determinism
from lib.training.training_plan import TrainingPlan
from tests.evaluation.kept_attributes.small_faces import small_faces
from tests.exact import exactly


def test_targets_are_classes_bits_and_scaled_numbers():
    faces = small_faces(3)
    labels = ReadLabels(True, ("Male",), {"age": (20.0, 5.0)}, {}, {})
    found = head_targets(faces, labels)
    assert found["expression"].tolist() == list(range(7)) * 3
    assert found["attributes"].shape == (21, 1) and set(found["attributes"].ravel()) == {0.0, 1.0}
    assert found["numbers"][0, 0] == pytest.approx(0) and found["numbers"][7, 0] == pytest.approx(1)


def test_a_mirrored_face_looks_the_other_way_and_is_as_old():
    mean, sd = np.array([40.0, 2.0]), np.array([20.0, 10.0])  # of age and yaw
    values = np.tile(((np.array([30.0, 12.0]) - mean) / sd).astype(np.float32), (200, 1))
    picture = np.zeros((200, 4, 4, 3), np.uint8)
    picture[:, :, 0] = 255
    mirror = MirroredNumbers(tuple(mean / sd), (1.0, -1.0))
    out = mirror(Batch({"image": picture}, {NUMBERS: values}, np.arange(200)), np.random.default_rng(0))
    told = out.values[NUMBERS] * sd + mean
    flipped = out.pictures["image"][:, 0, -1, 0] == 255
    assert 60 < flipped.sum() < 140
    assert np.allclose(told[:, 0], 30, atol=1e-4)
    assert np.allclose(told[flipped, 1], -12, atol=1e-4) and np.allclose(told[~flipped, 1], 12, atol=1e-4)
    assert exactly(list(out.values), [NUMBERS], because="names")


def test_a_reader_learns(tmp_path):
    faces = small_faces(9)
    train, check = (np.flatnonzero(faces.labels["split"] == name) for name in ("train", "validation"))
    labels = ReadLabels(True, ("Male",), {"age": (35.0, 10.0)}, {}, {})
    set_determinism(0)
    reader = face_reader(32, **labels.settings())
    plan = TrainingPlan(2, 8, 0.002)
    history = fit_face_reader(reader, faces, train, check, labels, plan, tmp_path, augment=())
    assert {"loss", "val_loss", "val_expression_loss", "val_attributes_loss"} <= set(history.table)
    assert history.table["loss"].iloc[-1] < history.table["loss"].iloc[0]
