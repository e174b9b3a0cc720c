"""Which copies attackers are shown, and how their readings are told."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.tradeoff.copy_attackers import framed_rows
from lib.evaluation.tradeoff.copy_readings import CopyReadings, copies_words, frame_words
from lib.faces.faceset import POINT_COLUMNS, FaceSet
from lib.faces.splits import role_rows
from lib.measures.estimate import Estimate


def one(value: float, averaged: float = 0.9) -> SimpleNamespace:
    single, mean = Estimate(value, value - 0.1, value + 0.1, 9), Estimate(averaged, 0, 1, 9)
    return SimpleNamespace(auc_free=single, averaged=mean)


GRID = {
    "copy_a": {"before": one(0.9), "face": one(0.6), "face_red": one(0.8), "head_blank": one(0.55)},
    "copy_b": {"before": one(0.8), "face": one(0.7), "face_red": one(0.5, 0.95), "head_blank": one(0.5)},
}
JUDGED = {"x": {"before": one(0.99), "face": one(0.65)}, "y": {"face": one(0.75)}}


READ = CopyReadings.of(GRID, JUDGED, {"face": 0.2, "head": 0.5})


def test_of_attackers_and_of_luma_and_redness_the_strongest_counts():
    table = READ.table()
    face = table[table["treatment"] == "face"].set_index("reader")
    assert face["estimate"].to_dict() == pytest.approx(
        {"attacker": 0.8, "attacker, all pictures": 0.95, "published network": 0.75}
    )
    blank = table[table["treatment"] == "head_blank"]
    assert list(blank["reader"]) == ["attacker", "attacker, all pictures"]
    assert blank["replaced"].iloc[0] == pytest.approx(0.5), "as much as the copy that it controls"


def test_results_and_the_page_have_the_same_figures():
    assert READ.results()["face"]["published_auc_free"].estimate == pytest.approx(0.75)
    shown = copies_words(READ.table()).set_index("copy")
    assert shown.loc["face replaced, with its tint", "attacker"] == "0.80 [0.70, 0.90]"
    assert len(shown) <= 8 and len(shown.columns) < 6


def test_a_row_that_leaves_nothing_of_the_photograph_is_named():
    table = READ.table()
    face = table["treatment"] == "face"
    assert frame_words(table.assign(replaced=0.4)) == "Every kind of copy leaves a part of the photograph."
    told = frame_words(table.assign(replaced=np.where(face, 1.0, 0.4)))
    assert "“face replaced, with its tint” leaves nothing" in told and "head replaced" not in told
    assert frame_words(table[:0]) == ""


def test_without_readings_the_page_says_so():
    nobody = CopyReadings({}, {})
    assert "not measured yet" in copies_words(nobody.table()).to_string() and nobody.results() == {}


def test_pictures_without_points_are_nobody_s_lesson():
    subject = np.arange(60)
    labels = pd.DataFrame({"image": [f"i{n}" for n in subject], "subject": [f"s{n}" for n in subject]})
    labels["split"] = np.where(subject < 40, "train", np.where(subject < 50, "validation", "test"))
    labels["Male"] = pd.array(subject % 2 == 1, dtype="boolean")
    points = np.ones((60, 10))
    points[::3] = np.nan
    faces = FaceSet(
        np.zeros((60, 16, 16, 3), np.uint8),
        labels.assign(**dict(zip(POINT_COLUMNS, points.T, strict=True))),
        "tiny",
    )
    rows = framed_rows(faces, 4, 0)
    assert len(rows.train) <= 4 and set(rows.train) <= set(role_rows(faces.labels, "attackers"))
    for part in (rows.train, rows.calibration, rows.test):
        assert np.isfinite(points[part]).all()
    assert len(rows.test) == 7, "of ten, three have no points"
