"""Every judge sees every picture; what one of them misses is left out for all."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.gender.judge_readings import GenderJudged, score_treatments, threshold_errors
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from lib.measures.score_table import ScoreTable
from tests.evaluation.gender.tiny_faces import Brightness, drawn, pictures

MALE = np.array([False, False, True, True])
SUBJECTS = np.array(["a", "b", "c", "d"])


def four_faces(number: int = 4) -> FaceSet:
    labels = pd.DataFrame(
        {
            "image": [f"i{i}" for i in range(number)],
            "subject": SUBJECTS[:number],
            "split": "test",
            "Male": pd.array(MALE[:number], dtype="boolean"),
        }
    )
    return FaceSet(np.zeros((number, 4, 4, 3), np.uint8), labels, "tiny")


class Bright:
    """Scores the mean grey level; without a face where the first pixel is 0."""

    def __call__(self, images, points=None):
        values = images.mean((1, 2, 3)).astype(np.float32)
        seen = images[:, 0, 0, 0] > 0
        return Judgement(np.where(seen, values, np.nan), seen)


def grey(*levels: int) -> np.ndarray:
    return np.broadcast_to(np.array(levels, np.uint8)[:, None, None], (len(levels), 4, 4))


def test_every_judge_meets_every_treatment_in_the_order_of_the_four_faces() -> None:
    pictures = {"before": grey(1, 2, 3, 4), "op": grey(4, 3, 2, 1)}
    found = score_treatments({"bright": Bright(), "again": Bright()}, pictures, four_faces(), progress=False)
    assert list(found.scores) == ["bright", "again"]
    np.testing.assert_array_equal(found.scores["again"]["op"], [4, 3, 2, 1])
    np.testing.assert_array_equal(found.positive, MALE)
    assert found.aucs()["bright"] == {"before": 1.0, "op": 0.0}
    with pytest.raises(ValueError, match="not as many pictures of op"):
        score_treatments({"bright": Bright()}, {"op": grey(1, 2)}, four_faces(), progress=False)


def test_a_picture_that_one_judge_misses_once_is_left_out_for_all() -> None:
    pictures = {"before": grey(1, 2, 3, 4), "op": grey(4, 0, 2, 1)}
    found = score_treatments({"bright": Bright()}, pictures, four_faces(), progress=False).complete()
    np.testing.assert_array_equal(found.scores["bright"]["before"], [1, 3, 4])
    assert list(found.subjects) == ["a", "c", "d"]


def test_curves_rise() -> None:
    table = ScoreTable({"judge": {"op": np.array([1.0, 3.0, 2.0, 4.0])}}, MALE, SUBJECTS)
    read = {"tiny": {"judge": {"op": SimpleNamespace(auc="the area")}}}
    bands, areas = GenderJudged({"tiny": table}, {}, read, {}).bands(["op", "nt"], 3, replicates=20)[
        "judge, tiny"
    ]
    np.testing.assert_allclose(bands["op"].estimate, [0.5, 1.0, 1.0])
    assert list(bands) == ["op"] and areas == {"op": "the area"}


def test_what_a_judge_does_not_see_is_left_out_and_counted():
    test = drawn()
    shown = pictures(test)
    shown["op"][test.rows["tiny"][0], 0, 0] = 0
    judged = GenderJudged.of(test, {"trained_gender": Brightness()}, shown, replicates=20)
    whole = len(test.rows["tiny"])
    assert judged.lost == {"tiny": (1, whole)} and len(judged.panels["tiny"].positive) == whole - 1
    own = judged.read["tiny"]["trained_gender"]
    assert own["before"].auc.estimate == 1 and own["op"].auc.estimate == 0
    assert own["op"].auc_free.estimate == 1
    bands = judged.bands(["op", "other"], 5, replicates=20)
    assert list(bands) == ["trained_gender, tiny"] and list(bands["trained_gender, tiny"][0]) == ["op"]


def test_errors_at_a_threshold():
    values = np.array([0.1, 0.6, 0.4, 0.9])
    assert threshold_errors(values, np.array([False, False, True, True]), 0.5) == (0.5, 0.5)
