"""Who may speak and who is picked among attackers, on scores made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.result import AttackResult, Gate, attack_result
from lib.evaluation.gender.attacker_readings import SIGN, GenderAttacks, gates
from lib.measures.score_table import ScoreTable

N = 60
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def result(skill: float, calibration: float, seed: int = 0) -> AttackResult:
    scores = np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))
    return attack_result(scores, MALE, SUBJECTS, calibration, replicates=20)


def attacks() -> GenderAttacks:
    read = {
        "attacker_a": {
            "before": result(2, 0.95),
            "op": result(1, 0.9),
            "control": result(1, 0.8),
            "op_unmasked": result(5, 0.99),
            "report_op": result(1, 0.7),
        },
        "attacker_again": {"before": result(1.9, 0.94), "op": result(3, 0.98, 1)},
        "attacker_turned": {"before": result(1, 0.9), "op": result(-2, 0.03), "control": result(1, 0.85)},
        "attacker_weak": {"before": result(0.1, 0.6), "op": result(6, 1.0), "reversed_op": result(1, 0.8)},
        SIGN: {"op": result(6, 1.0)},
    }
    panel = ScoreTable(
        {who: {k: one.scores for k, one in own.items()} for who, own in read.items()}, MALE, SUBJECTS
    )
    gate = Gate(("attacker_a", "attacker_again", "attacker_turned"), ("attacker_weak",))
    return GenderAttacks({"tiny": panel}, {}, {"tiny": read}, {"tiny": gate})


def test_one_is_picked_by_the_validation_subjects_among_those_who_learned_and_passed():
    found = attacks()
    assert found.picked("tiny", "op")[0] == "attacker_again"  # not the weak one, the sign, or the map
    assert found.picked("tiny", "before")[0] == "attacker_a"
    highest = max(found.learned("tiny", "op"), key=lambda who: found.readings["tiny"][who]["op"].auc.estimate)
    assert found.readings["tiny"][highest]["op"].auc.estimate > 0.9


def test_map_removal_and_sign_stand_apart():
    found = attacks()
    assert found.learned("tiny", "op_unmasked") == {"attacker_a": True}
    worst = found.worst("tiny")
    assert worst["op"]["name"] == "attacker_again" and worst["op_unmasked"]["name"] == "attacker_a"
    assert SIGN not in {one["name"] for one in worst.values()}
    assert (worst["op"]["of"], worst["report_op"]["of"]) == (3, 1)


def test_who_failed_is_asked_only_where_nobody_else_learned():
    found = attacks()
    assert found.learned("tiny", "op", "before") == dict.fromkeys(found.gates["tiny"].passed, True)
    assert found.learned("tiny", "reversed_op") == {"attacker_weak": False}
    assert found.worst("tiny")["reversed_op"]["passed"] is False
    with pytest.raises(ValueError, match="tiny: no attacker learned from private"):
        found.picked("tiny", "private")


def test_both_sides_of_a_difference_have_the_same_designs():
    """The one picked on OP alone learned from no control, so against the control another is picked."""
    found = attacks()
    assert found.picked("tiny", "op", "control")[0] == "attacker_turned"
    assert found.picked("tiny", "control", "op")[0] == "attacker_turned"
    read = found.readings["tiny"]
    wanted = read["attacker_turned"]["op"].auc_free.estimate - read["attacker_turned"]["control"].auc.estimate
    gain = found.gain("tiny", "op", "control", replicates=50)
    assert gain.estimate == pytest.approx(wanted) and gain.estimate > 0  # turned round
    own = read["attacker_again"]["op"].auc.estimate - read["attacker_a"]["before"].auc.estimate
    assert found.gain("tiny", replicates=50).estimate == pytest.approx(own)


def test_the_gate_asks_the_validation_subjects_and_on_another_set_its_own_originals():
    first = {
        "good": {"before": result(0.1, 0.97)},  # poor on the test subjects, which do not count
        "turned": {"before": result(2, 0.02)},
        "bad": {"before": result(3, 0.8)},
    }
    second = {
        "good": {"before": result(3, 0.97)},
        "turned": {"before": result(0.2, 0.02)},
        "bad": first["bad"],
    }
    found = gates({"tiny": first, "lfw": second}, list(first), {"tiny": 0.98, "lfw": 0.9}, 0.02)
    assert found["tiny"] == Gate(("good", "turned"), ("bad",))
    assert found["lfw"] == Gate(("good",), ("turned", "bad"))
    nobody = gates({"tiny": first, "lfw": second}, list(first), {"tiny": 0.98, "lfw": 1.5}, 0.02)
    assert nobody["lfw"].passed == ()
    with pytest.raises(ValueError, match="no attacker reads unprotected data"):
        gates({"tiny": first}, list(first), {"tiny": 1.0}, 0.01)
