"""Fooled, hidden, reads less: each with a variant that must not pass for it."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.result import AttackResult, Gate, attack_result
from lib.evaluation import gender_claims as gender
from lib.evaluation.gender_attack_results import GenderAttacks
from lib.evaluation.gender_judges import TRAINED
from lib.evaluation.gender_page import GenderJudged
from lib.measures.claims import Claim
from lib.measures.estimate import Estimate
from lib.measures.score_table import ScoreTable

N = 400
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def scores(skill: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))


def claim(measure: str, figure: tuple[float, float, float], kind: str = "lost") -> Claim:
    own, other = Estimate(*figure), Estimate(0.5)
    both = (own, other) if measure == "auc" else (other, own)
    return Claim("tiny", "judge", "op", "control", measure, *both, Estimate(-0.2), 0.01, kind=kind)


@pytest.mark.parametrize(
    ("measure", "figure", "said"),
    [
        ("auc", (0.20, 0.15, 0.25), "fooled"),
        ("auc", (0.46, 0.40, 0.52), "reads less"),  # one half is in the interval
        ("auc", (0.85, 0.80, 0.90), "reads less"),  # right most of the time, whatever the control
        ("auc_free", (0.52, 0.46, 0.58), "hidden"),
        ("auc_free", (0.87, 0.82, 0.91), "reads less"),
        ("auc_free", (0.55, 0.47, 0.63), "reads less"),  # too wide to say so
        ("auc_free", (0.20, 0.15, 0.25), "reads less"),  # far from chance, on the other side
        ("auc_free", (0.52, float("nan"), float("nan")), "reads less"),
    ],
)
def test_a_loss_against_the_control_is_not_yet_a_word(measure, figure, said):
    assert gender.verdict(claim(measure, figure)) == said
    assert gender.verdict(claim(measure, figure, kind="")) == "none"


def judged(op: np.ndarray, direction: float) -> GenderJudged:
    own = {"before": scores(3), "control": scores(2.5, 1), "reconstruction": scores(2.9, 2), "op": op}
    directions = {name: 1.0 for name in own} | {"op": direction}
    panel = ScoreTable({TRAINED: own}, MALE, SUBJECTS)
    return GenderJudged({"tiny": panel}, {TRAINED: directions}, {"tiny": {}}, {"tiny": (0, N)})


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
    table = gender.judge_claims(judged(scores(skill, 5), direction), seed=1)
    assert tuple(table) == gender.COLUMNS and set(table["treatment"]) == {"op"}
    assert gender.claim_of(table, "tiny", TRAINED, "op", "auc") == auc
    assert gender.claim_of(table, "tiny", TRAINED, "op", "auc_free") == free
    assert gender.claim_of(table, "tiny", "nobody", "op", "auc") == "none"
    row = gender.counted_claims(table, "tiny").iloc[0]
    counts = [row[name] for name in ("judges", "fooled", "lower", "hidden", "less")]
    words = (auc == "fooled", auc == "reads less", free == "hidden", free == "reads less")
    assert counts == [1, *map(int, words)]
    assert not len(gender.counted_claims(table, "other"))


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
    table = gender.attacker_claims(attacks(), seed=1)
    assert table[["data", "judge", "treatment", "m"]].values.tolist() == [["tiny", gender.STRONGEST, "op", 1]]
    row = table.iloc[0]
    assert (row["name"], row["name_against"], row["claim"]) == ("attacker_b", "attacker_a", "none")
    private = {"private": result(0, 0.51, 8), "private_control": result(1, 0.9, 9)}
    table = gender.attacker_claims(attacks(**private), seed=1).set_index("treatment")
    assert set(table["m"]) == {2} and table.loc["private", "claim"] == "hidden"
    nobody = attacks()
    nobody.gates["tiny"] = Gate((), tuple(nobody.readings["tiny"]))
    assert not len(gender.attacker_claims(nobody, seed=1))  # who cannot read originals claims nothing
