"""What chapter 04 trained, on a shelf with networks of a few weights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.san.trained import ERASER_COLUMNS, TrainedSan
from lib.evaluation.san.words import PAIRS
from lib.faces.faceset import FaceSet
from lib.training.loop.history import History
from lib.training.san_presets import READINGS
from tests.deidentify.tiny_shelf import fill


@pytest.fixture
def trained(tmp_path) -> TrainedSan:
    store = fill(tmp_path, side=64, threshold=0.0)
    network = store.get("ours")
    for name in READINGS:
        store.put(name, network, "autoencoder", store.about("ours")["settings"])
    return TrainedSan(store, store, {"replicates": 20, "seed": 0})


def test_endings_stand_beside_chance(trained):
    for name, op in (("report", 0.66), ("report_opposite", 0.8)):
        table = pd.DataFrame({"epoch": [1, 2], "val_gender_sm": [0.9, 0.7], "val_gender_op": [0.9, op]})
        trained.shelf.put_history(name, History(table, 2))
    found = trained.endings(0.4148)
    assert found["report"]["reached"] == pytest.approx(1.36)
    assert found["report"]["chance"] == pytest.approx(1.357, abs=1e-3)
    assert found["report_opposite"]["reached"] == pytest.approx(1.5)
    assert found["report_opposite"]["chance"] == pytest.approx(2 * np.log(2))


def test_a_user_tells_what_the_classifier_says(trained, world: FaceSet):
    part = world.take(np.arange(24))
    found = trained.by_label(part, trained.protections.op(part))
    assert found["true label"]["right"].estimate == pytest.approx(1)
    assert found["true label"]["right"].low < 1, "all right among few is no certainty"
    assert found["predicted label"]["right"].estimate < 1
    told = found["true label"]["PSNR, dB"].estimate - found["predicted label"]["PSNR, dB"].estimate
    assert abs(told) > 1e-9, "another label, another picture"


def test_prototypes_are_compared_on_the_same_faces(trained, world: FaceSet):
    part = world.take(np.arange(12))
    op = trained.protections.op(part)
    found = trained.by_prototypes(part, op, part.points)
    assert list(found) == ["as they are", "warped to the face"]
    assert {one["AUC on OP"].n for one in found.values()} == {len(np.unique(part.subjects))}


def test_faces_whose_prototypes_are_warped_are_drawn_at_random(trained, world: FaceSet, monkeypatch):
    part = world.take(np.arange(24))
    monkeypatch.setattr("lib.evaluation.san.trained.MOST_FITTED", 12)
    found = trained.by_prototypes(part, trained.protections.op(part), part.points)
    first = len(np.unique(part.subjects[:12]))
    assert found["as they are"]["AUC on OP"].n > first, "not the first rows, which are of few subjects"


def test_pairs_of_readings_are_compared(trained, world: FaceSet):
    part = world.take(np.arange(24))
    grey = np.ascontiguousarray(part.images[..., 0])
    painted = {name: {"op": grey} for pair in PAIRS.values() for name in pair}
    found = trained.readings(painted, part)
    assert list(found) == list(PAIRS) and all(one.estimate == pytest.approx(0) for one in found.values())


def test_nt_lies_between(trained):
    pictures = {"sm": np.full((2, 4, 4), 100, np.uint8), "op": np.full((2, 4, 4), 90, np.uint8)}
    found = trained.map_facts(pictures)
    assert found["op_from_sm"] == pytest.approx(10) and found["neutral"] == pytest.approx(0.5)


def test_without_private_nothing_was_erased(trained):
    tried, course = trained.erasers()
    assert list(tried) == list(ERASER_COLUMNS) and tried.empty and course.empty


def test_other_recipes_have_no_row_among_ours(trained, world: FaceSet):
    part = world.take(np.arange(12))
    grey = np.ascontiguousarray(part.images[..., 0])
    found = trained.figures({"before": grey, "op": 255 - grey, "report_op": grey}, part)
    assert list(found["psnr"]) == ["op"]
    assert found["psnr"]["op"].n == 3
