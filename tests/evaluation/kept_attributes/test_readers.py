"""Readers are trained, kept with thresholds of other subjects, and the better one comes first."""

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.kept_attributes.labels import READABLE
from lib.evaluation.kept_attributes.readers import (
    UNDECIDED,
    framed_trainings,
    readable_labels,
    reader_facts,
    reader_trainings,
    stored_readers,
    thresholds_of,
)
from lib.evaluation.kept_attributes.repainted import FER
from lib.faces.read_labels import ReadLabels
from lib.networks.face_reader import face_reader
from lib.training.loop.device import set_determinism
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan
from tests.evaluation.kept_attributes.small_faces import small_faces
from tests.exact import exactly


def test_a_training_keeps_labels_thresholds_and_the_f_of_validation(tmp_path):
    faces, store = small_faces(12), ModelStore(tmp_path / "store")
    train, check = (np.flatnonzero(faces.labels["split"] == name) for name in ("train", "validation"))
    plan = TrainingPlan(1, 8, 0.002)
    tasks = reader_trainings({"residual": 1}, faces, train, check, plan, store, tmp_path / "scratch")
    assert [one.name for one in tasks] == ["reader_residual"]
    tasks[0].run()
    about = store.about("reader_residual")
    assert 0 <= about["expression_f"] <= 1
    told, learned = thresholds_of(store, "reader_residual"), about["labels"]["attributes"]
    assert exactly(sorted(told), sorted(learned), because="names")
    assert list(stored_readers(store, {"residual": 1})) == ["reader_residual"]
    gained = about["gains"]
    assert set(gained) == {*about["labels"]["attributes"], *about["labels"]["numbers"]}
    assert all(gain is None or gain <= 1 for gain in gained.values())
    readable = readable_labels(store, "reader_residual")
    assert readable == [name for name, gain in gained.items() if gain is not None and gain >= READABLE]


def test_the_better_reader_on_validation_subjects_comes_first(tmp_path):
    store, labels = ModelStore(tmp_path), ReadLabels(True, (), {}, {}, {})
    settings = {"size": 32, **labels.settings()}
    for body, score in (("residual", 0.4), ("patch", 0.6)):
        network = face_reader(**settings, body=body)
        facts = {**labels.facts(), "expression_f": score, "thresholds": {}}
        store.put(f"reader_{body}", network, "face_reader", {**settings, "body": body}, about=facts)
    assert list(stored_readers(store, {"residual": 1, "patch": 1})) == ["reader_patch", "reader_residual"]


def test_a_label_that_all_of_them_share_gets_no_threshold_of_its_own():
    faces = small_faces(6)
    rows = np.flatnonzero(faces.labels["subject"].isin(["s0", "s2"]))  # men only
    labels = ReadLabels(True, ("Male", "Wearing_Hat"), {}, {}, {})
    set_determinism(0)
    found = reader_facts(face_reader(32, **labels.settings()), faces, rows, labels)
    assert found["thresholds"]["Male"] == pytest.approx(UNDECIDED)
    assert found["thresholds"]["Wearing_Hat"] != UNDECIDED
    assert found["gains"]["Male"] is None and -0.5 <= found["gains"]["Wearing_Hat"] <= 0.5


def test_readers_of_fer_learn_from_its_training_part(tmp_path):
    random = np.random.default_rng(0)
    count = 60
    pixels = [" ".join(map(str, random.integers(0, 256, 48 * 48))) for _ in range(count)]
    usage = np.array(["Training", "Training", "PublicTest", "PrivateTest"])[np.arange(count) % 4]
    table = pd.DataFrame({"emotion": np.arange(count) % 7, "pixels": pixels, "Usage": usage})
    path = tmp_path / "fer2013.csv"
    table.to_csv(path, index=False)
    store, plan = ModelStore(tmp_path / "store"), TrainingPlan(1, 8, 0.002)
    where = {"size": 32, "aligned": (0.28, 0.52), "cache": tmp_path / "cache"}
    bodies = {"residual": 1}
    assert framed_trainings({}, bodies, 0, plan, store, tmp_path, **where) == []
    (task,) = framed_trainings({FER: str(path)}, bodies, 24, plan, store, tmp_path, **where)
    assert task.name == "reader_residual_fer2013"
    learned = task.recipe.keywords
    splits = learned["faces"].labels["split"]
    assert set(splits.iloc[learned["rows"]]) == {"train"} and len(learned["rows"]) == 24
    assert set(splits.iloc[learned["validation"]]) == {"validation"} and len(learned["validation"]) == 15
    task.run()
    assert list(stored_readers(store, bodies, FER)) == ["reader_residual_fer2013"]
