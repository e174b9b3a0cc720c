from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.grid import Design
from lib.deidentify.attacks.result import AttackResult, Gate, attack_result
from lib.evaluation import gender_results as results
from lib.evaluation import gender_words as words
from lib.evaluation.gender_attacks import SIGN, GenderAttacks, attacker_designs
from lib.evaluation.gender_judges import FINETUNED, TRAINED, checked_overlaps, gender_parties, marks
from lib.evaluation.gender_page import GenderJudged
from lib.evaluation.who_saw_whom import Overlap
from lib.judges.book_networks import GenderJudge
from lib.measures.estimate import Estimate
from lib.measures.score_table import ScoreTable
from lib.networks.registry import ARCHITECTURES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

N = 60
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def scores(skill: float, seed: int = 0) -> np.ndarray:
    """Scores of somebody who tells men from women so well."""
    return np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))


def result(skill: float, seed: int = 0) -> AttackResult:
    return attack_result(scores(skill, seed), MALE, SUBJECTS, 1.0 if skill >= 0 else 0.0, replicates=20)


READ = {
    "tiny": {
        "trained_gender": {"before": result(3), "op": result(-3)},
        "unseen_patch": {"before": result(1), "op": result(0.6)},
        "unseen_residual": {"before": result(0.5), "op": result(0.2, 1)},
        "attacker_patch": {"before": result(0.2), "op": result(4)},
    }
}


def table(**options: object) -> pd.DataFrame:
    return results.readings_table(READ, **options)


def test_all_readings_are_rows_with_a_note_of_whom_the_judge_met():
    found = table(met={("unseen_patch", "op"): "its subjects", ("unseen_residual", "tiny"): "same data set"})
    assert tuple(found) == results.COLUMNS and len(found) == 8 * len(results.MEASURES)
    notes = found.groupby(["judge", "treatment"])["note"].first()
    assert notes["unseen_patch", "op"] == "its subjects" and notes["unseen_patch", "before"] == ""
    assert notes["unseen_residual", "op"] == "same data set"


def test_the_best_of_a_group_is_the_one_that_is_hidden_least_from():
    best = results.best_of_groups(table(), "tiny", ["before", "op"])
    free = best[best["measure"] == "auc_free"].set_index(["group", "treatment"])
    assert free.loc[("unseen", "op"), "judge"] == "unseen_patch" and free.loc[("unseen", "op"), "of"] == 2
    assert free.loc[("trained", "op"), "estimate"] > 0.9  # always wrong: nothing is hidden
    plain = best[best["measure"] == "auc"].set_index(["group", "treatment"])
    assert plain.loc[("trained", "op"), "estimate"] < 0.1
    assert not len(results.best_of_groups(table()[:0], "tiny", ["op"]))


def test_who_met_the_protection_or_failed_the_gate_is_not_picked():
    met = {("unseen_patch", "op"): "its subjects"}
    best = results.best_of_groups(table(met=met, failed=["attacker_patch"]), "tiny", ["op"])
    judges = set(best["judge"])
    assert "unseen_residual" in judges and not {"unseen_patch", "attacker_patch"} & judges
    everybody = met | {("unseen_residual", "op"): "its subjects"}
    best = results.best_of_groups(table(met=everybody), "tiny", ["op"])
    assert set(best[best["group"] == "unseen"]["note"]) == {"its subjects"}  # shown, and marked


def test_errors_at_a_threshold():
    values = np.array([0.1, 0.6, 0.4, 0.9])
    assert results.threshold_errors(values, np.array([False, False, True, True]), 0.5) == (0.5, 0.5)


def judged() -> GenderJudged:
    own = {
        TRAINED: {
            "before": scores(3),
            "control": scores(2.8),
            "reconstruction": scores(2.9),
            "op": scores(-3),
        }
    }
    panel = ScoreTable(own, MALE, SUBJECTS)
    directions = {TRAINED: {"before": 1.0, "control": 1.0, "reconstruction": 1.0, "op": 0.0}}
    return GenderJudged({"tiny": panel}, directions, {"tiny": {}}, {"tiny": (3, 63)})


def test_claims_are_made_of_what_was_shown_and_counted():
    claimed = results.judge_claims(judged(), seed=1)
    assert set(claimed["treatment"]) == {"op"} and set(claimed["against"]) == {"control"}
    row = results.counted_claims(claimed, "tiny").iloc[0]
    assert (row["judges"], row["fooled"], row["hidden"]) == (1, 1, 0)  # fooled, and nothing hidden
    assert not len(results.counted_claims(claimed, "other"))


def attacks() -> GenderAttacks:
    read = {
        "attacker_patch": {"before": result(2), "op": result(1), "op_unmasked": result(5)},
        "attacker_weak": {"before": result(0.1), "op": result(6)},
        SIGN: {"op": result(0.5)},
    }
    panel = ScoreTable(
        {who: {k: one.scores for k, one in own.items()} for who, own in read.items()}, MALE, SUBJECTS
    )
    return GenderAttacks({"tiny": panel}, {}, {"tiny": read}, Gate(("attacker_patch",), ("attacker_weak",)))


def test_the_strongest_attacker_passed_the_gate_and_may_take_the_map_off():
    found = attacks()
    assert set(found.candidates("tiny", "op")) == {"attacker_patch", "attacker_patch_unmasked", SIGN}
    assert found.strongest("tiny", "op")[0] == "attacker_patch_unmasked"
    worst = found.worst("tiny")
    assert list(worst) == ["before", "op"] and worst["before"]["name"] == "attacker_patch"
    assert set(worst["op"]) == {"name", "auc_free", "name_averaged", "auc_free_averaged"}
    assert set(found.qualified()["tiny"].scores) == {"attacker_patch"}


def test_the_gain_is_paired_and_of_the_strongest_of_each():
    gain = attacks().gain("tiny", replicates=50)
    read = attacks().readings["tiny"]["attacker_patch"]
    wanted = read["op_unmasked"].auc.estimate - read["before"].auc.estimate
    assert gain.estimate == pytest.approx(wanted) and gain.estimate > 0


def test_designs_begin_with_the_first_which_learns_most(tmp_path):
    ModelStore(tmp_path).put(
        "classifier", ARCHITECTURES["patch_classifier"](32), "patch_classifier", {"size": 32}
    )
    epochs = {"gender_classifier": 4, "residual_classifier": 2}
    found = attacker_designs(epochs, TrainingPlan, tmp_path / "classifier", finetuned=3, repeats=2, seed=7)
    assert list(found) == [
        "attacker_gender",
        "attacker_residual",
        "attacker_gender_2",
        "attacker_gender_3",
        FINETUNED,
    ]
    assert found["attacker_gender"].learns_from("report_op")
    assert not found["attacker_residual"].learns_from("report_op")
    assert [found[f"attacker_gender{k}"].plan.seed for k in ("", "_2", "_3")] == [7, 8, 9]
    assert found[FINETUNED].kind == "patch_classifier" and found[FINETUNED].start == tmp_path / "classifier"
    assert list(attacker_designs(epochs, TrainingPlan, tmp_path / "none")) == [
        "attacker_gender",
        "attacker_residual",
    ]


def test_every_overlap_of_the_page_is_declared_and_only_judges_are_marked():
    network = ARCHITECTURES["patch_classifier"](32)
    judges = {name: GenderJudge(name, network, trained_on="tiny") for name in (TRAINED, "unseen_patch")}
    parties = gender_parties(judges, ["attacker_gender", FINETUNED], ["op"], {}, ModelStore(None))
    met = checked_overlaps(parties, ["rendered"])
    assert {(one.who, one.whom) for one in met if one.who == FINETUNED} == {
        (FINETUNED, name) for name in ("op", "report_op", "reversed_op")
    }
    assert marks(met) == {}
    known = [Overlap("unseen_patch", "private", "its subjects"), Overlap(TRAINED, "op", "its training")]
    assert marks(known) == {("unseen_patch", "private"): "its subjects"}


def figure(estimate: float, low: float, high: float) -> Estimate:
    return Estimate(estimate, low, high)


def test_words_follow_the_numbers():
    high, low = figure(0.98, 0.96, 0.99), figure(0.1, 0.05, 0.15)
    assert words.fooled_word(high, low) == "it is fooled"
    assert words.fooled_word(high, figure(0.7, 0.6, 0.8)) == "it reads less, but is not fooled"
    assert words.fooled_word(high, high) == "it is not fooled"
    assert words.hidden_word(high, figure(0.99, 0.98, 1.0)) == "nothing is hidden"
    assert words.hidden_word(high, figure(0.93, 0.91, 0.95)) == "little is hidden"
    assert words.hidden_word(high, figure(0.6, 0.5, 0.7)) == "gender is partly hidden"
    assert "*more*" in words.gain_word(figure(0.1, 0.05, 0.2))
    assert "less" in words.gain_word(figure(-0.1, -0.2, -0.05))
    assert "no difference" in words.gain_word(figure(0.0, -0.1, 0.1))
    assert words.lost_text({"a": (3, 63), "b": (0, 9)}).endswith("for all judges: 3 of 63 of a.")
    assert words.lost_text({"a": (0, 63)}) == "Every judge found a face in every image."


def test_what_no_run_has_measured_is_said_to_be_missing():
    assert set(words.photograph_words({}).values()) == {words.MISSING}
    kept = {"worst_attackers": {"celeba": {"op": {"auc_free": figure(1, 0.9, 1).to_dict()}}}}
    assert words.photograph_words(kept)["photographs_op"] == "1.00 [0.90, 1.00]"
    plan = TrainingPlan(1)
    twice = {"attacker_gender": Design("a", plan), "attacker_gender_2": Design("a", plan)}
    assert words.trained_words(twice) == {"trainings": "twice"}
    growth = pd.DataFrame(
        {"subjects": [5, 90], "estimate": [0.6, 0.9], "low": [0.5, 0.8], "high": [0.7, 1.0]}
    )
    assert words.growth_words(growth)["most_auc"] == "0.90 [0.80, 1.00]"
