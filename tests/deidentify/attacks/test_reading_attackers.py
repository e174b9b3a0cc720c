"""Trained attackers read what they learned from, and what they are shown instead, of subjects new to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.arrays import WeightsError
from lib.deidentify.attacks.attacker_trainings import Design, grid_trainings
from lib.deidentify.attacks.image_attackers import NOBODY, train_attackers
from lib.deidentify.attacks.reading_attackers import AttackReader, attacker_scores
from lib.deidentify.attacks.result import AttackResult, AttackSplit
from lib.faces.faceset import FaceSet
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan
from tests.brightness import known_architecture  # noqa: F401
from tests.exact import exactly

ROWS = AttackSplit(np.arange(40), np.arange(40, 60), np.arange(60, 80))
PLAN = TrainingPlan(6, batch=8, learning_rate=0.05)
DESIGNS = {"a": Design("brightness", PLAN)}
LESSONS = AttackSplit(ROWS.train, ROWS.calibration, NOBODY)


def shown():
    """Faces, and three treatments of light and dark pictures."""
    male = np.arange(80) % 2 == 0
    grey = lambda levels: np.broadcast_to(levels[:, None, None], (80, 16, 16)).astype(np.uint8)  # noqa: E731
    before, turned = grey(np.where(male, 180, 80)), grey(np.where(male, 80, 180))
    labels = pd.DataFrame({"image": [f"i{i}" for i in range(80)], "subject": [f"s{i}" for i in range(80)]})
    labels = labels.assign(split="train", Male=pd.array(male, dtype="boolean"))
    faces = FaceSet(np.repeat(before[..., None], 3, -1), labels, "tiny")
    return faces, {"before": before, "op": turned, "flat": grey(np.full(80, 128))}


def train(store, plan, **options):
    faces, pictures = shown()
    trainings = grid_trainings(pictures, LESSONS, {"a": Design("brightness", plan)})
    train_attackers(trainings, faces, store, None, attribute="Male", **options)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    kept = ModelStore(tmp_path_factory.mktemp("attackers"))
    train(kept, PLAN)
    return kept


def read(store, faces, pictures, designs=None, crossed=None, rows=ROWS) -> dict[str, AttackResult]:
    """What attacker `a` reads of each treatment."""
    reader = AttackReader(store, faces, rows, "Male")
    said = reader.grid(pictures, designs or DESIGNS, crossed)["a"]
    return {name: reader.result(one, replicates=20) for name, one in said.items()}


@pytest.fixture(scope="module")
def attacked(store):
    faces, pictures = shown()
    before, op = pictures["before"], pictures["op"]
    return read(store, faces, pictures, crossed={"undone": ("before", before), "wrong": ("before", op)})


def test_each_treatment_meets_an_attacker_of_its_own(attacked):
    own = attacked
    assert list(own) == ["before", "op", "flat", "undone", "wrong"]
    assert own["before"].auc.estimate == own["op"].auc.estimate == 1  # retrained on it
    assert own["flat"].auc.estimate == 0.5
    assert len(own["op"].scores) == len(ROWS.test)
    assert (own["op"].learned_subjects, own["op"].learned_images) == (40, 40)


def test_what_is_undone_is_read_by_the_attacker_of_originals(attacked):
    own = attacked
    np.testing.assert_allclose(own["undone"].scores, own["before"].scores, rtol=1e-5)
    assert own["wrong"].auc.estimate == 0 and own["wrong"].auc_free.estimate == 1  # calibration turns it


def test_a_treatment_may_be_read_by_those_who_learned_from_another(store, attacked):
    """OP with predicted labels is read by attackers who learned from OP with true ones."""
    faces, pictures = shown()
    own = read(store, faces, pictures, crossed={"flat": ("op", pictures["before"])})
    assert list(own) == ["before", "op", "flat"]
    assert own["flat"].auc.estimate == 0 and own["flat"].auc_free.estimate == 1  # not its own attacker
    np.testing.assert_allclose(own["op"].scores, attacked["op"].scores, rtol=1e-5)


def test_figures_come_from_what_was_said(store, attacked):
    faces, pictures = shown()
    reader = AttackReader(store, faces, ROWS, "Male")
    said = reader.scores("a_op", pictures["op"])
    assert said.scores.dtype == np.float64 and said.calibration_auc == 1
    assert (said.learned_subjects, said.learned_images) == (40, 40)
    asked = {"again": ("a_op", pictures["op"]), "other": ("a_before", pictures["op"])}
    found = reader.results(asked, replicates=20, seed=0)
    pairs = (found["again"], attacked["op"]), (found["other"], attacked["wrong"])
    assert all(
        exactly(one.auc, other.auc, because="the same network, pictures and draws") for one, other in pairs
    )


def test_scores_of_rows_are_those_of_the_pictures(store):
    network, images = store.get("a_before"), shown()[0].images
    whole, some = attacker_scores(network, images, np.arange(80)), np.array([7, 3, 70])
    np.testing.assert_allclose(attacker_scores(network, images, some), whole[some], atol=1e-5)
    np.testing.assert_allclose(attacker_scores(network, images, np.arange(80) < 3), whole[:3], atol=1e-5)
    assert len(attacker_scores(network, images, some[:0])) == 0


def test_pictures_in_training_go_through_what_the_caller_names(tmp_path):
    seen = []

    def counted(batch, random):
        seen.append(len(batch.rows))
        return batch

    train(ModelStore(tmp_path), TrainingPlan(1, batch=8), augment=[counted])
    assert sum(seen) >= 3 * len(ROWS.train)  # batches are made ahead


@pytest.mark.parametrize(
    ("calibration", "test", "met"),
    [
        (np.arange(40, 60), np.arange(39, 80), "are in two samples, such as s40"),
        (np.arange(60, 80), np.arange(30, 50), "20 subjects .* such as s30, which is attacked"),
        (
            np.arange(60, 80),
            np.arange(50, 60),
            "10 subjects .* such as s50, which is attacked",
        ),  # chose the epoch
        (np.arange(30, 50), np.arange(60, 80), "10 subjects .* such as s30, which calibrates"),
    ],
)
def test_nobody_is_attacked_whom_the_network_has_seen(store, calibration, test, met):
    faces, pictures = shown()
    with pytest.raises(ValueError, match=met):
        read(store, faces, pictures, rows=AttackSplit(NOBODY, calibration, test))


def test_faces_that_came_later_are_read_alike(store, attacked):
    """A training has not seen the pictures that are attacked; the page makes them, in any order."""
    faces, pictures = shown()
    order = np.arange(79, 39, -1)
    later = {name: grey[order] for name, grey in pictures.items()}
    rows = AttackSplit(NOBODY, np.arange(20, 40), np.arange(20))
    own = read(store, faces.take(order), later, rows=rows)
    assert exactly(set(own["op"].subjects), set(attacked["op"].subjects), because="names")
    np.testing.assert_allclose(own["op"].scores[::-1], attacked["op"].scores, rtol=1e-5)


def test_an_attacker_who_was_not_trained_is_missed_by_name(store):
    faces, pictures = shown()
    with pytest.raises(WeightsError, match="b_before"):
        AttackReader(store, faces, ROWS, "Male").grid(pictures, {"b": DESIGNS["a"]})


def test_a_design_learns_from_originals_and_from_what_it_names(store):
    faces, pictures = shown()
    few = {"a": Design("brightness", PLAN, ("flat",))}
    assert [one.name for one in grid_trainings(pictures, LESSONS, few)] == ["a_before", "a_flat"]
    others = {"undone": ("before", pictures["before"]), "told": ("op", pictures["op"])}
    assert list(read(store, faces, pictures, few, others)) == ["before", "flat", "undone"]


def test_an_attacker_may_go_on_with_a_trained_network(store, tmp_path):
    """One step of hardly any length leaves it what it was: it reads originals, which no fresh one would."""
    faces, pictures = shown()
    brief = TrainingPlan(1, batch=40, learning_rate=1e-9)
    going_on = {"b": Design("brightness", brief, (), store.folder / "a_before")}
    trainings = grid_trainings(pictures, LESSONS, going_on)
    train_attackers(trainings, faces, ModelStore(tmp_path), None, attribute="Male", augment=[])
    old, new = store.get("a_before").get_weights(), ModelStore(tmp_path).get("b_before").get_weights()
    for one, other in zip(old, new, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-3)


def test_a_start_of_another_architecture_or_size_is_refused(store):
    start = store.folder / "a_before"
    training = grid_trainings(shown()[1], LESSONS, {"b": Design("patch_classifier", PLAN, (), start)})[0]
    with pytest.raises(ValueError, match="b_before is to be a patch_classifier .* is a brightness"):
        training.network(16)
    with pytest.raises(ValueError, match="of 32 pixels"):
        grid_trainings(shown()[1], LESSONS, {"b": Design("brightness", PLAN, (), start)})[0].network(32)
