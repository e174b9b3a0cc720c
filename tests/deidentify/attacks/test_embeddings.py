"""Attackers who read embeddings of altered pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.result import AttackSplit, strongest_attack
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.base import Judgement
from lib.judges.book_networks import MatcherJudge
from lib.networks.matcher import matcher
from lib.training.loop.device import set_determinism


@pytest.fixture(scope="module")
def witnesses():
    """Pictures of nothing, two a subject, every third subject labelled male."""
    set_determinism(0)
    random, subject = np.random.default_rng(0), np.repeat(np.arange(210), 2)
    labels = pd.DataFrame({"image": [f"i{n}" for n in range(420)], "split": "train"})
    labels["subject"] = [f"s{n}" for n in subject]
    labels["Male"] = pd.array(subject % 3 == 0, dtype="boolean")
    faces = FaceSet(random.integers(90, 110, (420, 32, 32, 3), np.uint8), labels, "noise")
    judge = MatcherJudge(matcher(32, dimensions=8, widths=(4, 8)), trained_on="noise")
    return EmbeddingExtractor(
        judge, faces, AttackSplit(np.arange(180), np.arange(180, 300), np.arange(300, 420)), "Male"
    )


def test_a_stamp_is_read_and_noise_is_not(witnesses):
    grey = to_grey(witnesses.faces.images)
    stamp = grey.copy()
    stamp[witnesses.faces.labels["Male"].to_numpy(bool), :, :16] += 60
    stamped, plain = (
        strongest_attack(witnesses.embed(one).attack(replicates=50))[1].auc_free for one in (stamp, grey)
    )
    assert stamped.estimate > 0.95
    assert plain.low < 0.6 and plain.estimate < 0.7


def test_a_subject_in_two_groups_is_refused(witnesses):
    rows = witnesses.rows
    mixed = EmbeddingExtractor(
        witnesses.judge, witnesses.faces, AttackSplit(rows.train, rows.calibration, rows.train), "Male"
    )
    with pytest.raises(ValueError, match="in two samples"):
        mixed.embed(to_grey(witnesses.faces.images)).attack(replicates=10)


def test_fewer_subjects_and_the_mean_over_pictures_come_from_one_embedding(witnesses):
    embedded = witnesses.embed(to_grey(witnesses.faces.images))
    few, all_of_them = (
        embedded.attack(attackers=["quadratic"], subjects=n, replicates=5) for n in (60, None)
    )
    [few], [most] = few.values(), all_of_them.values()
    assert (few.learned_subjects, few.learned_images, most.learned_subjects) == (60, 120, 90)
    assert few.auc_free.items == 120 and few.averaged.items == 60


def test_a_picture_without_a_face_is_in_no_sample(witnesses):
    def blind(images, points=None):
        seen = images.reshape(len(images), -1).mean(1) > 50
        return Judgement(np.where(seen[:, None], np.eye(1, 8), np.nan), seen)

    pictures = to_grey(witnesses.faces.images)
    pictures[[0, 200, 410, 411]] = 0
    embedded = EmbeddingExtractor(blind, witnesses.faces, witnesses.rows, "Male").embed(pictures)
    lengths = [len(one.positive) for one in (embedded.train, embedded.calibration, embedded.test)]
    assert lengths == [179, 119, 118]
    assert "s205" not in embedded.test.subjects  # rows 410 and 411
