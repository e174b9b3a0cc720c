"""Attackers who read embeddings of altered pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.weighing import Witnesses
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.own import TrainedMatcher
from lib.networks.matcher import matcher
from lib.training.machine import deterministic


def noise(name, subjects, seed):
    """Pictures of nothing, two a subject, every third subject labelled male."""
    random = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), 2)
    labels = pd.DataFrame({"image": [f"{name}{n}" for n in range(len(subject))], "split": "train"})
    labels["subject"] = [f"{name} {n}" for n in subject]
    labels["Male"] = pd.array(subject % 3 == 0, dtype="boolean")
    return FaceSet(random.integers(90, 110, (len(subject), 32, 32, 3), np.uint8), labels, name)


@pytest.fixture(scope="module")
def witnesses():
    deterministic(0)
    groups = {name: noise(name, count, seed) for seed, (name, count) in enumerate(
        {"train": 90, "calibration": 60, "test": 60}.items())}  # fmt: skip
    network = matcher(32, dimensions=8, widths=(4, 8))
    return Witnesses(TrainedMatcher(network, trained_on="noise"), **groups)


def test_a_stamp_is_read_and_noise_is_not(witnesses):
    def stamp(faces):
        grey = to_grey(faces.images).copy()
        grey[faces.labels["Male"].to_numpy(bool), :, :16] += 60
        return grey

    stamped = witnesses.embedded(stamp).read(replicates=50).figure
    plain = witnesses.embedded(lambda faces: to_grey(faces.images)).read(replicates=50).figure
    assert stamped.estimate > 0.95
    assert plain.low < 0.6 and plain.estimate < 0.7


def test_a_subject_in_two_groups_is_refused(witnesses):
    mixed = Witnesses(witnesses.judge, witnesses.train, witnesses.calibration, witnesses.train)
    with pytest.raises(ValueError, match="in two samples"):
        mixed.embedded(lambda faces: to_grey(faces.images)).read(replicates=10)


def test_pictures_are_made_once_however_often_they_are_read(witnesses):
    made = []

    def counted(faces):
        made.append(len(faces))
        return to_grey(faces.images)

    embedded = witnesses.embedded(counted)
    few, all_of_them = (embedded.read(attackers=["quadratic"], subjects=n, replicates=5) for n in (60, None))
    assert made == [180, 120, 120]
    assert (few.subjects, all_of_them.subjects) == (60, 90)
    assert list(few.figures) == ["quadratic"]
