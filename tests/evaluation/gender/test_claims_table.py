"""What may be claimed of judges and attackers, each with a variant that must not pass for it."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.result import AttackResult, Gate, attack_result
from lib.evaluation.gender import claims_table
from lib.evaluation.gender.attacker_readings import GenderAttacks
from lib.evaluation.gender.judge_readings import GenderJudged
from lib.judges.result_keys import TRAINED_CLASSIFIER
from lib.measures.score_table import ScoreTable

N = 400
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def scores(skill: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))


def judged(op: np.ndarray, direction: float) -> GenderJudged:
    own = {"before": scores(3), "control": scores(2.5, 1), "reconstruction": scores(2.9, 2), "op": op}
    directions = {name: 1.0 for name in own} | {"op": direction}
    panel = ScoreTable({TRAINED_CLASSIFIER: own}, MALE, SUBJECTS)
    return GenderJudged({"tiny": panel}, {TRAINED_CLASSIFIER: directions}, {"tiny": {}}, {"tiny": (0, N)})


@pytest.mark.parametrize(
    ("skill", "direction", "auc", "free"),
    [
        (-3, 0.0, "fooled", "none"),
        (0.7, 1.0, "reads less", "reads less"),
        (0, 1.0, "reads less", "hidden"),
        (2.5, 1.0, "none", "none"),
    ],
)
def test_claims_of_judges_say_fooled_only_of_those_below_one_half(skill, direction, auc, free):
    table = claims_table.judge_claims(judged(scores(skill, 5), direction), seed=1)
    assert tuple(table) == claims_table.COLUMNS and set(table["treatment"]) == {"op"}
    assert claims_table.claim_of(table, "tiny", TRAINED_CLASSIFIER, "op", "auc") == auc
    assert claims_table.claim_of(table, "tiny", TRAINED_CLASSIFIER, "op", "auc_free") == free
    assert claims_table.claim_of(table, "tiny", "nobody", "op", "auc") == "none"
    row = claims_table.counted_claims(table, "tiny").iloc[0]
    counts = [row[name] for name in ("judges", "fooled", "lower", "hidden", "less")]
    words = (auc == "fooled", auc == "reads less", free == "hidden", free == "reads less")
    assert counts == [1, *map(int, words)]
    assert not len(claims_table.counted_claims(table, "other"))


def result(skill: float, calibration: float, seed: int) -> AttackResult:
    return attack_result(scores(skill, seed), MALE, SUBJECTS, calibration, replicates=20)


def attacks(**private: AttackResult) -> GenderAttacks:
    """One attacker reads little of OP, the other everything: nothing is hidden from attackers."""
    read = {
        "attacker_a": {"op": result(0.05, 0.52, 3), "control": result(1.5, 0.97, 4), **private},
        "attacker_b": {"op": result(2, 0.99, 5), "control": result(1.4, 0.95, 6)},
        "attacker_again": {"op": result(3, 1.0, 7)},
    }
    panel = ScoreTable({}, MALE, SUBJECTS)
    both = {"tiny": read, "lfw": read}
    gates = {"tiny": Gate(tuple(read), ()), "lfw": Gate((), tuple(read))}
    return GenderAttacks(dict.fromkeys(both, panel), {}, both, gates)


def test_attackers_are_one_comparison_of_the_strongest_with_the_strongest():
    """Counted by attacker, OP would be hidden from one of two; the strongest reads it all the same."""
    table = claims_table.attacker_claims(attacks(), seed=1)
    assert table[["data", "judge", "treatment", "m"]].values.tolist() == [
        ["tiny", claims_table.STRONGEST, "op", 1]
    ]
    row = table.iloc[0]
    assert (row["name"], row["name_against"], row["claim"]) == ("attacker_b", "attacker_a", "none")
    private = {"private": result(0, 0.51, 8), "private_control": result(1, 0.9, 9)}
    table = claims_table.attacker_claims(attacks(**private), seed=1).set_index("treatment")
    assert set(table["m"]) == {2} and table.loc["private", "claim"] == "hidden"
    other = attacks(**private)  # who reads it all the same was not picked by the validation subjects
    other.readings["tiny"]["attacker_b"] |= {
        "private": result(0.4, 0.505, 3),
        "private_control": private["private_control"],
    }
    table = claims_table.attacker_claims(other, seed=1).set_index("treatment")
    assert table.loc["private", "name"] == "attacker_a" and table.loc["private", "claim"] == "reads less"
    nobody = attacks()
    nobody.gates["tiny"] = Gate((), tuple(nobody.readings["tiny"]))
    assert not len(claims_table.attacker_claims(nobody, seed=1))  # who cannot read originals claims nothing
