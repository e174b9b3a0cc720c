"""Attackers of different sizes, on pictures that carry a stamp and on pictures that do not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from keras import Model, layers

from lib.deidentify.attacks import learning_curve
from lib.deidentify.attacks.embedding_readers import EmbeddingExtractor
from lib.deidentify.attacks.grid import AttackSplit
from lib.deidentify.attacks.images import train_attacker
from lib.deidentify.attacks.learning_curve import (
    SEVERAL,
    LearningCurvePoint,
    curve_table,
    embedding_learning_curve,
    image_learning_curve,
    strongest_point,
    subject_counts,
)
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.book_networks import MatcherJudge
from lib.measures.estimate import Estimate
from lib.networks.gender_classifier import gender_classifier
from lib.networks.matcher import matcher
from lib.training.loop.device import set_determinism
from lib.training.recipes import TrainingPlan
from tests.exact import exactly

ROWS = AttackSplit(np.arange(120), np.arange(120, 180), np.arange(180, 300))


@pytest.fixture(scope="module")
def noisy():
    """150 subjects of two pictures of nothing; every second subject is labelled male."""
    random, subject = np.random.default_rng(0), np.repeat(np.arange(150), 2)
    labels = pd.DataFrame({"image": [f"i{n}" for n in range(300)], "split": "train"})
    labels["subject"] = [f"s{n}" for n in subject]
    labels["Male"] = pd.array(subject % 2 == 1, dtype="boolean")
    return FaceSet(random.integers(90, 110, (300, 32, 32, 3), np.uint8), labels, "noise")


def stamped(faces, grey_levels):
    """The upper half of those labelled male is a little brighter, by another amount in each picture."""
    male = faces.labels["Male"].to_numpy(bool)
    random = np.random.default_rng(1)
    light = random.normal(np.where(male, grey_levels, 0), 12)
    pictures = to_grey(faces.images).astype(float)
    pictures[:, :16] += light[:, None, None]
    return pictures.clip(0, 255).astype(np.uint8)


def test_more_pictures_of_a_subject_are_read_better_than_one(noisy):
    set_determinism(0)
    judge = MatcherJudge(matcher(32, dimensions=8, widths=(4, 8)), trained_on="noise")
    embedded = EmbeddingExtractor(judge, noisy, ROWS).embedded(stamped(noisy, 14))
    grown = list(embedding_learning_curve(embedded, [20, 0], replicates=50, seed=0))
    assert [one.subjects for one in grown] == [20, 60] and [one.images for one in grown] == [40, 120]
    assert grown[-1].several.estimate > grown[-1].one.estimate + 0.02 > 0.6
    assert grown[-1].several.items == 60 and grown[-1].one.items == 120


def test_a_classifier_of_pictures_learns_the_stamp_and_noise_teaches_nothing(noisy, tmp_path):
    shown = {"stamp": stamped(noisy, 60), "noise": stamped(noisy, 0)}
    plan = TrainingPlan(10, 16, 3e-3, 0)
    read = image_learning_curve(
        noisy, shown, ROWS, {"stamp": [0], "noise": [0]}, {gender_classifier: plan}, tmp_path, replicates=50
    )
    assert read["stamp"][0].one.estimate > 0.9 and read["noise"][0].one.low < 0.6
    table = curve_table(read)
    assert len(table) == 4 and set(table["method"]) == {"stamp", "noise"}
    mean = table[(table["method"] == "stamp") & (table["averaged"] == SEVERAL)]
    assert mean["estimate"].item() == pytest.approx(read["stamp"][0].several.estimate)


def test_fewer_subjects_take_as_many_steps(noisy, tmp_path):
    plan = TrainingPlan(1, 20, 1e-3, 0)
    shown = {"stamp": stamped(noisy, 60)}
    grown = image_learning_curve(
        noisy, shown, ROWS, {"stamp": [15, 0]}, {gender_classifier: plan}, tmp_path, replicates=20
    )
    small, large = grown["stamp"]
    assert (small.images, large.images) == (30, 120)
    assert small.subjects == 15
    assert len(list(tmp_path.iterdir())) == 2  # each has its own checkpoints


def blind(size):
    """A classifier that sees one pixel, and no stamp there."""
    image = layers.Input((size, size, 1))
    return Model(image, layers.Dense(1)(layers.Flatten()(image[:, -1:, -1:])))


def test_the_worst_of_several_designs_counts(noisy, tmp_path):
    plan = TrainingPlan(10, 16, 3e-3, 0)
    shown, wanted = {"stamp": stamped(noisy, 60)}, {"stamp": [0]}

    def read(*designs):
        grown = image_learning_curve(
            noisy, shown, ROWS, wanted, dict.fromkeys(designs, plan), tmp_path, replicates=20
        )
        [found] = grown["stamp"]
        return found.one.estimate, found.several.estimate

    alone, sees = read(blind), read(gender_classifier)
    assert max(alone) < min(sees)
    assert read(blind, gender_classifier) == pytest.approx(sees)
    assert read(gender_classifier, blind) == pytest.approx(sees)


def test_few_pictures_are_shown_again_until_they_are_as_many(noisy, tmp_path, monkeypatch):
    shown = []

    def remembered(faces, pictures, train, *rest, **how):
        shown.append(train)
        return train_attacker(faces, pictures, train, *rest, **how)

    monkeypatch.setattr(learning_curve, "train_attacker", remembered)
    plan, pictures = TrainingPlan(1, 20, 1e-3, 0), {"stamp": stamped(noisy, 60)}
    image_learning_curve(
        noisy, pictures, ROWS, {"stamp": [15, 0]}, {gender_classifier: plan}, tmp_path, replicates=20
    )
    (few, times), (_, once) = (np.unique(rows, return_counts=True) for rows in shown)
    assert len(few) == 30 and set(times) == {4} and set(once) == {1}


def test_gathered_rows_are_the_same_faces(noisy):
    faces, rows = AttackSplit(np.array([8, 9]), np.array([40]), np.array([3, 1])).gathered(noisy)
    assert faces.labels["image"].tolist() == ["i8", "i9", "i40", "i3", "i1"]
    assert [one.tolist() for one in (rows.train, rows.calibration, rows.test)] == [[0, 1], [2], [3, 4]]


def test_numbers_beyond_all_are_all():
    assert subject_counts(np.array(["a", "a", "b", "c"]), [2, 7, 0]) == [2, 3]


def test_the_worst_of_all_attackers_counts_even_if_it_is_not_the_largest():
    def grown(reads, number, value):
        return LearningCurvePoint(
            reads, number, number, Estimate(value, 0.4, 0.9, 9), Estimate(value + 0.1, 0.4, 0.9, 9)
        )

    table = curve_table({"op": [grown("embeddings", 20, 0.7), grown("pictures", 60, 0.6)],
                          "private": [grown("embeddings", 20, 0.8)]})  # fmt: skip
    assert exactly(strongest_point(table, "op").estimate, 0.7, because="copied, not computed")
    assert strongest_point(table, "op", SEVERAL).estimate == pytest.approx(0.8)
