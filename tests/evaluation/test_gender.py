from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.gender import ScoreTable, claims_against, gender_readings, roc_bands, score_treatments
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement

MALE = np.array([False, False, True, True])
SUBJECTS = np.array(["a", "b", "c", "d"])


def faces(number: int = 4) -> FaceSet:
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


def test_every_judge_meets_every_treatment_in_the_order_of_the_faces() -> None:
    pictures = {"before": grey(1, 2, 3, 4), "op": grey(4, 3, 2, 1)}
    found = score_treatments({"bright": Bright(), "again": Bright()}, pictures, faces(), progress=False)
    assert list(found.scores) == ["bright", "again"]
    np.testing.assert_array_equal(found.scores["again"]["op"], [4, 3, 2, 1])
    np.testing.assert_array_equal(found.positive, MALE)
    assert found.directions()["bright"] == {"before": 1.0, "op": 0.0}
    with pytest.raises(ValueError, match="not as many pictures of op"):
        score_treatments({"bright": Bright()}, {"op": grey(1, 2)}, faces(), progress=False)


def test_a_picture_that_one_judge_misses_once_is_left_out_for_all() -> None:
    pictures = {"before": grey(1, 2, 3, 4), "op": grey(4, 0, 2, 1)}
    found = score_treatments({"bright": Bright()}, pictures, faces(), progress=False).complete()
    np.testing.assert_array_equal(found.scores["bright"]["before"], [1, 3, 4])
    assert list(found.subjects) == ["a", "c", "d"]


def test_a_flipped_answer_is_fooled_and_not_hidden() -> None:
    scores = {"judge": {"op": np.array([4.0, 3.0, 2.0, 1.0]), "before": np.array([1.0, 2.0, 3.0, 4.0])}}
    flipped = {"judge": {"op": 0.1, "before": 0.9}}
    found = gender_readings(ScoreTable(scores, MALE, SUBJECTS), flipped, replicates=20)["judge"]
    assert found["op"].auc.estimate == 0 and found["op"].auc_free.estimate == 1 and found["op"].free.turned
    assert found["before"].auc.estimate == found["before"].auc_free.estimate == 1
    assert found["op"].eer.estimate > 0.5 and found["before"].eer.estimate == 0
    assert set(found["op"].figures()) == {"auc", "auc_free", "eer"}


def test_the_direction_comes_from_others_even_where_it_is_wrong_here() -> None:
    scores = {"judge": {"op": np.array([1.0, 2.0, 3.0, 4.0])}}
    found = gender_readings(ScoreTable(scores, MALE, SUBJECTS), {"judge": {"op": 0.4}}, replicates=20)
    assert found["judge"]["op"].auc_free.estimate == 0


def test_attackers_join_and_curves_rise() -> None:
    base = ScoreTable({"judge": {"op": np.array([1.0, 2.0, 3.0, 4.0])}}, MALE, SUBJECTS)
    both = base.joined({"attacker": {"op": np.array([1.0, 3.0, 2.0, 4.0])}})
    assert list(both.scores) == ["judge", "attacker"] and both.directions()["attacker"]["op"] == 0.75
    curve = roc_bands(both, "attacker", ["op"], np.array([0.0, 0.5, 1.0]), replicates=20)["op"]
    np.testing.assert_allclose(curve.estimate, [0.5, 1.0, 1.0])


def test_each_treatment_is_held_against_its_own_controls_in_one_family() -> None:
    rising, flat = np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4)
    own = {
        "op": flat,
        "control": rising,
        "reconstruction": rising,
        "private": rising,
        "private_control": flat,
    }
    panel = ScoreTable(
        {"judge": own, "other": {"op": flat, "control": rising}, "lonely": {"op": flat}}, MALE, SUBJECTS
    )
    against = {"op": ("control", "reconstruction"), "private": ("private_control",)}
    found = claims_against(panel, panel.directions(), against, replicates=20)
    by = {(one.judge, one.treatment, one.measure): one for one in found}
    assert {one.m for one in found} == {6} and not any(one.judge == "lonely" for one in found)
    assert by["judge", "op", "auc_free"].difference.estimate == -0.5
    assert by["judge", "private", "auc_free"].difference.estimate == 0.5
    assert by["judge", "private", "auc"].baseline == "private_control"
    assert by["other", "op", "auc"].baseline == "control"
