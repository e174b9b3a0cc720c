from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender_protocol import (
    best_reader,
    estimates_of,
    gender_readings,
    kept_readings,
    roc_bands,
    sampled_aucs,
    score_treatments,
)
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.privacy import DirectionFree
from lib.measures.score_table import ScoreTable
from tests.exact import exactly

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
    assert set(found["op"].figures()) == {"auc", "auc_free", "auc_free_averaged", "eer"}


def test_the_direction_comes_from_others_even_where_it_is_wrong_here() -> None:
    scores = {"judge": {"op": np.array([1.0, 2.0, 3.0, 4.0])}}
    found = gender_readings(ScoreTable(scores, MALE, SUBJECTS), {"judge": {"op": 0.4}}, replicates=20)
    assert found["judge"]["op"].auc_free.estimate == 0


def test_curves_rise() -> None:
    table = ScoreTable({"attacker": {"op": np.array([1.0, 3.0, 2.0, 4.0])}}, MALE, SUBJECTS)
    assert table.directions()["attacker"]["op"] == 0.75
    curve = roc_bands(table, "attacker", ["op"], np.array([0.0, 0.5, 1.0]), replicates=20)["op"]
    np.testing.assert_allclose(curve.estimate, [0.5, 1.0, 1.0])


def reading(plain: float, free: float) -> AttackResult:
    figure = undefined_estimate("one class") if np.isnan(free) else Estimate(free)
    direction = DirectionFree(figure, plain, plain < 0.5)
    none = np.empty(0)
    return AttackResult(none, none, none, Estimate(plain), Estimate(0.5), direction, figure)


READINGS = {
    "trained": {"op": reading(0.1, 0.95), "before": reading(0.9, 0.9)},
    "unseen_a": {"op": reading(0.3, 0.7), "before": reading(0.8, 0.8)},
    "unseen_b": {"op": reading(0.6, 0.6)},
}


def test_figures_come_in_the_order_asked_and_only_where_they_are() -> None:
    found = estimates_of(READINGS, "auc", ["before", "op"])
    assert {judge: list(own) for judge, own in found.items()} == {
        "trained": ["before", "op"],
        "unseen_a": ["before", "op"],
        "unseen_b": ["op"],
    }
    assert exactly(found["trained"]["op"].estimate, 0.1, because="passed on as it is")
    kept = kept_readings(READINGS, ("auc", "auc_free"))
    assert set(kept["unseen_b"]["op"]) == {"auc", "auc_free"}
    assert exactly(kept["unseen_b"]["op"]["auc_free"].estimate, 0.6, because="passed on as it is")


def test_the_best_reader_is_direction_free_and_among_those_asked() -> None:
    assert (
        best_reader(READINGS, ("unseen", "published"), "op") == "unseen_a"
    )  # the other has the higher plain AUC
    assert best_reader(READINGS, ("trained", "unseen"), "op") == "trained"
    with pytest.raises(ValueError, match="strongest"):
        best_reader(READINGS, ("published",), "op")
    with pytest.raises(ValueError, match="undefined: blind"):  # it could be the best
        best_reader(READINGS | {"blind": {"op": reading(0.5, float("nan"))}}, ("blind", "unseen"), "op")


def test_a_sample_is_drawn_once_and_for_all_judges() -> None:
    rising = np.arange(40.0)
    male, people = rising >= 20, rising.astype(int).astype(str)
    scores = {"a": {"before": rising, "op": -rising}, "b": {"before": -rising, "op": rising}}
    test, known = (
        ScoreTable(scores, male, people),
        {"a": {"before": 1.0, "op": 0.0}, "b": {"before": 0.0, "op": 1.0}},
    )
    few = sampled_aucs(test, known, ["before", "op"], 10, seed=3)
    assert few["classifier"].tolist() == ["a", "b"] and few["pictures"].tolist() == [10, 10]
    assert few["before"].tolist() == [1, 0] and few["op"].tolist() == [0, 1]
    noise = ScoreTable({"a": {"op": np.random.default_rng(0).normal(size=40)}}, male, people)
    one, again, other = (
        sampled_aucs(noise, {"a": {"op": 1.0}}, ["op"], 20, seed=seed)["op"][0] for seed in (1, 1, 2)
    )
    assert one == pytest.approx(again) and one != pytest.approx(other)
    assert sampled_aucs(noise, {"a": {"op": 1.0}}, ["op"], 99, seed=0)["pictures"][0] == 40
