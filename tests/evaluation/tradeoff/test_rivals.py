"""What readers of embeddings find in the pictures of simple methods, and nothing in noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.arrays import WeightsError
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.protections.baselines import Pixelate, Unaltered
from lib.deidentify.protections.protect_set import protected_pictures
from lib.evaluation.tradeoff.rivals import (
    method_name,
    method_of,
    read_rivals,
    reader_rows,
    train_rival_readers,
)
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from tests.exact import exactly


def faces(number: int = 120, size: int = 8) -> FaceSet:
    """Each picture its own subject; the pictures of those labelled male are brighter."""
    male = np.arange(number) % 2 == 0
    random = np.random.default_rng(0)
    levels = np.where(male, 150, 90)[:, None, None, None] + random.integers(-20, 20, (number, size, size, 3))
    names = [f"s{n}" for n in range(number)]
    labels = pd.DataFrame({"image": names, "subject": names, "split": "test"})
    return FaceSet(levels.astype(np.uint8), labels.assign(Male=pd.array(male, "boolean")), "tiny")


class Stamp:
    """Grey level 200 where the label that it is told is true, else 10."""

    name, size, colour, template = "stamp", None, "grey", None

    def __init__(self, *needs: str) -> None:
        self.needs = needs

    def __call__(self, shown: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        level = np.where(labels[self.needs[0]], 200, 10).astype(np.uint8)
        return np.broadcast_to(level[:, None, None, None], shown.shape).copy()


def test_a_protection_is_told_the_label_that_it_needs_and_no_other():
    some = faces(4)
    told = protected_pictures(Stamp("Male"), some)
    assert exactly(told[:, 0, 0], np.array([200, 10, 200, 10], np.uint8), because="whole grey levels")
    with pytest.raises(ProtectionError, match="needs points, which tiny does not have"):
        protected_pictures(Stamp("points"), some)
    plain = protected_pictures(Pixelate(strength=0.2), some)
    assert plain.shape == protected_pictures(Unaltered(), some).shape == (4, 8, 8) and plain.dtype == np.uint8


def test_a_name_gives_its_method_and_strength_back():
    for name in ("before", "blur 0.02", "k-Same"):
        assert method_name(*method_of(name)) == name
    kind, strength = method_of("pixelate 0.5")
    assert kind == "pixelate" and strength == pytest.approx(0.5) and method_of("before") == ("before", None)


class Mean:
    """Embeds a picture by its mean grey level, on a circle; finds no face in a black one."""

    def __call__(self, images, points=None):
        level = images.mean((1, 2, 3))
        angle = level / 255 * np.pi
        return Judgement(
            np.where(level[:, None] > 0, np.stack([np.cos(angle), np.sin(angle)], 1), np.nan), level > 0
        )


class Noise(Unaltered):
    """A grey level at random for each face; the last is black."""

    def __call__(self, some, **labels):
        levels = np.random.default_rng(1).integers(1, 255, (len(some), 1, 1, 1))
        levels[-1] = 0
        return np.broadcast_to(levels, some.shape).astype(np.uint8)


ROWS = AttackSplit(*np.split(np.arange(120), [60, 80]))


def test_what_a_method_leaves_is_read_and_what_it_takes_is_not(tmp_path):
    methods = {"before": Unaltered(), "noise 1.0": Noise()}
    train_rival_readers(methods, {"mean": Mean(), "again": Mean()}, faces(), ROWS, tmp_path)
    read = read_rivals(faces(), ROWS, tmp_path, replicates=20, seed=0)
    assert exactly(list(read), list(methods), because="names")
    assert all(len(figures) == 2 for figures in read.values())
    [before, same], [noise, _] = read.values()
    assert before.estimate > 0.95 and noise.estimate < 0.8
    assert exactly(before.estimate, same.estimate, because="the same embeddings under two names")
    assert before.items == 40 and noise.items == 39, "in one picture there is no face"


def test_without_a_training_nobody_reads(tmp_path):
    with pytest.raises(WeightsError, match="rival_readers"):
        read_rivals(faces(), ROWS, tmp_path, replicates=2, seed=0)


def test_readers_learn_from_their_own_subjects_alone():
    some = faces()
    labels = some.labels.assign(split=np.repeat(["train", "validation", "test"], 40))
    rows = reader_rows(FaceSet(some.images, labels, "tiny"), np.arange(30), 20, 0)
    assert set(rows.train) <= set(range(30)) and len(rows.train) == 20
    assert set(rows.calibration) <= set(range(40, 80)) and set(rows.test) <= set(range(80, 120))
    assert len(rows.calibration) == len(rows.test) == 10
