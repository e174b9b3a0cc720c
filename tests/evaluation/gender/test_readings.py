"""Figures of readers: the direction comes from others, and nothing is lost on the way."""

from __future__ import annotations

import numpy as np

from lib.deidentify.attacks.result import AttackResult
from lib.evaluation.gender.readings import gender_readings, kept_readings, off_chance
from lib.measures.estimate import Estimate
from lib.measures.privacy import DirectionFree
from lib.measures.score_table import ScoreTable
from tests.exact import exactly

MALE = np.array([False, False, True, True])
SUBJECTS = np.array(["a", "b", "c", "d"])


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


def reading(plain: float, free: float) -> AttackResult:
    none, figure = np.empty(0), Estimate(free)
    direction = DirectionFree(figure, plain, plain < 0.5)
    return AttackResult(none, none, none, Estimate(plain), Estimate(0.5), direction, figure)


def test_results_keep_the_measures_that_are_asked_for() -> None:
    found = {"trained": {"op": reading(0.1, 0.95)}, "unseen_b": {"op": reading(0.6, 0.6)}}
    kept = kept_readings(found, ("auc", "auc_free"))
    assert set(kept["unseen_b"]["op"]) == {"auc", "auc_free"}
    assert exactly(kept["trained"]["op"]["auc"].estimate, 0.1, because="passed on as it is")
    assert exactly(kept["trained"]["op"]["auc_free"].estimate, 0.95, because="passed on as it is")


def test_equal_distances_from_chance_stay_equal() -> None:
    assert exactly(off_chance(0.3), off_chance(0.7), because="rounded for this") and off_chance(0.3) > 0.19
