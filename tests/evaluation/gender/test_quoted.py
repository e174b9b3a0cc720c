"""Figures that the text quotes, and what stands where none was measured."""

from __future__ import annotations

import pandas as pd

from lib.deidentify.attacks.attacker_trainings import Design
from lib.evaluation.gender import quoted
from lib.measures.estimate import Estimate
from lib.training.training_plan import TrainingPlan


def figure(estimate: float, low: float, high: float) -> Estimate:
    return Estimate(estimate, low, high)


def test_an_attacker_that_failed_the_gate_says_so():
    kept = {"auc_free": figure(0.9, 0.8, 1.0).to_dict(), "passed": False}
    assert quoted.attacker_text(kept) == "0.90 [0.80, 1.00] (failed the gate)"
    assert quoted.attacker_text(kept | {"passed": True}) == "0.90 [0.80, 1.00]"


def test_what_no_run_has_measured_is_said_to_be_missing():
    assert set(quoted.photograph_words({}).values()) == {quoted.MISSING}
    kept = {"worst_attackers": {"celeba": {"op": {"auc_free": figure(1, 0.9, 1).to_dict()}}}}
    assert quoted.photograph_words(kept)["photographs_op"] == "1.00 [0.90, 1.00]"
    far = quoted.photograph_words({"distances": {"authors_op": figure(12, 11, 13).to_dict()}})
    assert (far["distance_authors_op"], far["distance_op"]) == ("12.0 [11.0, 13.0]", quoted.MISSING)
    beside = pd.DataFrame({"data": ["celeba", "lfw"], "pictures": [2000, 800]})
    assert quoted.beside_words(beside) == {"lfw_pictures": "800"}
    assert quoted.beside_words(beside[:1]) == {"lfw_pictures": quoted.MISSING}
    plan = TrainingPlan(1)
    twice = {"attacker_gender": Design("a", plan), "attacker_gender_2": Design("a", plan)}
    assert quoted.trained_words(twice) == {"trainings": "twice"}
    growth = pd.DataFrame(
        {"subjects": [5, 90], "estimate": [0.6, 0.9], "low": [0.5, 0.8], "high": [0.7, 1.0]}
    )
    assert quoted.growth_words(growth)["most_auc"] == "0.90 [0.80, 1.00]"
    assert quoted.growth_words(growth)["enough"].startswith("It was not shown that 5 come")
    assert quoted.growth_words(growth[1:])["enough"].startswith("So 90 subjects already come")


def test_how_many_judges_are_turned_round_is_said_in_words():
    assert [quoted.turned_words(some, 3) for some in (3, 2, 0)] == ["all 3", "2 of the 3", "none of the 3"]


def test_the_families_on_photographs_have_their_own_sizes():
    found = quoted.family_words(pd.DataFrame({"m": [72, 72]}), pd.DataFrame())
    assert found == {"photographs_m": "72", "photographs_m_attackers": quoted.MISSING}
    assert quoted.attackers_words(pd.DataFrame({"subjects": [20, 217]})) == {"photographs_subjects": "217"}
    assert quoted.attackers_words(pd.DataFrame()) == {"photographs_subjects": quoted.MISSING}
