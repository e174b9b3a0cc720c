"""Attackers of different sizes, on pictures that carry a stamp and on pictures that do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
from keras import Model, layers

from lib.deidentify.attacks import image_attackers
from lib.deidentify.attacks.attacker_trainings import curve_name, curve_trainings, subject_counts
from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.learning_curve import ALL_PICTURES, ONE_PICTURE, curve_table, strongest_point
from lib.deidentify.attacks.reading_attackers import AttackReader
from lib.deidentify.attacks.result import AttackSplit, attack_result, strongest_attack
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.book_networks import MatcherJudge
from lib.networks.matcher import matcher
from lib.networks.registry import ARCHITECTURES
from lib.training.loop.device import set_determinism
from lib.training.recipes import FLIP_ONLY
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

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


def quarters(size):
    """A classifier that sees the mean grey level of each quarter."""
    image = layers.Input((size, size, 1))
    means = layers.Flatten()(layers.AveragePooling2D(size // 2)(layers.Rescaling(4.0, -1.6)(image)))
    return Model(image, layers.Dense(1, dtype="float32")(means))


def blind(size):
    """A classifier that sees one pixel, and no stamp there."""
    image = layers.Input((size, size, 1))
    return Model(image, layers.Dense(1)(layers.Flatten()(image[:, -1:, -1:])))


@pytest.fixture(scope="module", autouse=True)
def known_architectures() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, joblib.parallel_config("sequential"):
        for make in (quarters, blind):
            patch.setitem(ARCHITECTURES._entries, make.__name__, f"{__name__}:{make.__name__}")
        yield


def train(faces, shown, wanted, designs, folder):
    """A store with the trained attackers of a learning curve."""
    store = ModelStore(folder / "kept")
    trainings = curve_trainings(
        shown, AttackSplit(ROWS.train, ROWS.calibration, NOBODY), faces.subjects, wanted, designs
    )
    train_attackers(trainings, faces, store, folder / "scratch", attribute="Male", augment=FLIP_ONLY)
    return store


def read(store, faces, shown, wanted, designs):
    """Method -> learning curve of its attackers."""
    reader, own = AttackReader(store, faces, ROWS, "Male"), faces.subjects[ROWS.train]
    return {
        method: [
            reader.results(
                {kind: (curve_name(method, count, kind), altered) for kind in designs}, replicates=50
            )
            for count in subject_counts(own, wanted[method])
        ]
        for method, altered in shown.items()
    }


PLAN = TrainingPlan(10, 16, 0.1, 0)


@pytest.fixture(scope="module")
def trained(noisy, tmp_path_factory):
    """Attackers on pictures with a stamp, of two designs, and on noise; with what they are shown."""
    shown = {"stamp": stamped(noisy, 60), "noise": stamped(noisy, 0)}
    folder = tmp_path_factory.mktemp("trained")
    for name, designs in {"stamp": ["quarters", "blind"], "noise": ["quarters"]}.items():
        store = train(noisy, {name: shown[name]}, {name: [0]}, dict.fromkeys(designs, PLAN), folder)
    return store, shown


def test_more_pictures_of_a_subject_are_read_better_than_one(noisy):
    set_determinism(0)
    judge = MatcherJudge(matcher(32, dimensions=8, widths=(4, 8)), trained_on="noise")
    embedded = EmbeddingExtractor(judge, noisy, ROWS, "Male").embed(stamped(noisy, 14))
    curve = [embedded.attack(subjects=count, replicates=50, seed=0) for count in (20, None)]
    grown = [strongest_attack(attackers)[1] for attackers in curve]
    assert [(one.learned_subjects, one.learned_images) for one in grown] == [(20, 40), (60, 120)]
    assert grown[-1].averaged.estimate > grown[-1].auc_free.estimate + 0.02 > 0.6
    assert grown[-1].averaged.items == 60 and grown[-1].auc_free.items == 120


def test_a_classifier_of_pictures_learns_the_stamp_and_noise_teaches_nothing(noisy, trained):
    store, shown = trained
    curves = read(store, noisy, shown, {"stamp": [0], "noise": [0]}, ["quarters"])
    stamp, noise = (curves[name][0]["quarters"] for name in ("stamp", "noise"))
    assert stamp.auc_free.estimate > 0.9 and noise.auc_free.low < 0.6
    table = curve_table({(name, "pictures"): curve for name, curve in curves.items()})
    assert len(table) == 4 and set(table["method"]) == {"stamp", "noise"}
    mean = table[(table["method"] == "stamp") & (table["averaged"] == ALL_PICTURES)]
    assert mean["estimate"].item() == pytest.approx(stamp.averaged.estimate)


def test_fewer_subjects_take_as_many_steps(noisy, tmp_path, monkeypatch):
    """Few pictures are shown again until they are as many."""
    taught, train_attacker = [], image_attackers.train_attacker

    def remembered(training, **how):
        taught.append(training.rows.train)
        train_attacker(training, **how)

    monkeypatch.setattr(image_attackers, "train_attacker", remembered)
    shown, wanted = {"stamp": stamped(noisy, 60)}, {"stamp": [15, 0]}
    designs = {"quarters": TrainingPlan(1, 20, 1e-3, 0)}
    store = train(noisy, shown, wanted, designs, tmp_path)
    (few, times), (_, once) = (np.unique(rows, return_counts=True) for rows in taught)
    assert len(few) == 30 and set(times) == {4} and set(once) == {1}
    small, large = (point["quarters"] for point in read(store, noisy, shown, wanted, designs)["stamp"])
    assert (small.learned_images, large.learned_images) == (30, 120)
    assert small.learned_subjects == 15
    assert len(list((tmp_path / "scratch").iterdir())) == 2  # each has its own checkpoints


def test_the_worst_of_several_designs_counts(noisy, trained):
    store, shown = trained
    shown = {"stamp": shown["stamp"]}

    def strongest_of(*designs):
        curves = read(store, noisy, shown, {"stamp": [0]}, designs)
        table = curve_table({("stamp", "pictures"): curves["stamp"]})
        return tuple(strongest_point(table, "stamp", kind).estimate for kind in (ONE_PICTURE, ALL_PICTURES))

    alone, sees = strongest_of("blind"), strongest_of("quarters")
    assert max(alone) < min(sees)
    assert strongest_of("blind", "quarters") == pytest.approx(sees)
    assert strongest_of("quarters", "blind") == pytest.approx(sees)


def test_gathered_rows_are_the_same_faces(noisy):
    faces, rows = AttackSplit(np.array([8, 9]), np.array([40]), np.array([3, 1])).gathered(noisy)
    assert faces.labels["image"].tolist() == ["i8", "i9", "i40", "i3", "i1"]
    assert [one.tolist() for one in (rows.train, rows.calibration, rows.test)] == [[0, 1], [2], [3, 4]]


def test_the_strongest_of_all_attackers_counts_even_if_it_is_not_the_largest():
    def attacker(right: int, subjects: int):
        """Two images of each of ten subjects; `right` of the five positive ones are told from the others."""
        positive = np.repeat(np.arange(10) < 5, 2)
        scores = np.where(np.repeat(np.arange(10) < right, 2), 1.0, 0.0)
        found = attack_result(scores, positive, np.repeat(np.arange(10), 2), 0.9, replicates=20)
        return replace(found, learned_subjects=subjects, learned_images=subjects)

    curves = {
        ("op", "embeddings"): [{"a": attacker(3, 20), "b": attacker(1, 20)}],
        ("op", "pictures"): [{"c": attacker(2, 60)}],
        ("private", "embeddings"): [{"a": attacker(4, 20)}],
    }
    table = curve_table(curves)
    assert strongest_point(table, "op").estimate == pytest.approx(0.8)  # 3 of 5, and half of the ties
    assert strongest_point(table, "op", ALL_PICTURES).estimate == pytest.approx(0.8)
    assert table[table["method"] == "op"]["subjects"].tolist() == [20, 20, 60, 60]
