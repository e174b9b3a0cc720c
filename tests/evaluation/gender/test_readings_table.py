"""All figures in rows, and who of each group is picked by other subjects than those it is shown on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import AttackResult, attack_result
from lib.evaluation.gender import readings_table as results
from lib.evaluation.gender.attacker_readings import SIGN

N = 60
MALE = np.arange(N) % 2 == 0
SUBJECTS = np.array([f"s{k}" for k in range(N)])


def scores(skill: float, seed: int = 0) -> np.ndarray:
    """Scores of somebody who tells men from women so well."""
    return np.random.default_rng(seed).normal(np.where(MALE, skill, -skill))


def result(skill: float, seed: int = 0, calibration: float | None = None) -> AttackResult:
    known = 0.5 + skill / 10 if calibration is None else calibration
    return attack_result(scores(skill, seed), MALE, SUBJECTS, known, replicates=20)


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
    best = results.best_of_groups(
        table(met=met, failed={"tiny": ["attacker_patch"], "other": ["trained_gender"]}), "tiny", ["op"]
    )
    judges = set(best["judge"])
    assert "unseen_residual" in judges and "unseen_patch" not in judges
    everybody = met | {("unseen_residual", "op"): "its subjects"}
    best = results.best_of_groups(table(met=everybody), "tiny", ["op"])
    assert set(best[best["group"] == "unseen"]["note"]) == {"its subjects"}  # shown, and marked


def test_the_best_is_picked_by_other_subjects_than_it_is_shown_on():
    """By test subjects, the second would be picked, and its figure would be too high by the choice."""
    read = {"attacker_a": {"op": result(0.4, 1, 0.9)}, "attacker_b": {"op": result(3, 2, 0.7)}}
    best = results.best_of_groups(results.readings_table({"tiny": read}), "tiny", ["op"])
    assert set(best["judge"]) == {"attacker_a"} and set(best["of"]) == {2}
    turned = {"attacker_a": {"op": result(-2, 1, 0.1)}, "attacker_b": {"op": result(0.1, 2, 0.7)}}
    best = results.best_of_groups(results.readings_table({"tiny": turned}), "tiny", ["op"])
    assert set(best["judge"]) == {"attacker_a"}


def test_a_row_of_the_picture_at_the_top_is_one_judge():
    """Each of the two reads one kind of picture best: `best_of_groups` would show both in a row."""
    read = {
        "unseen_a": {"before": result(2), "op": result(0.1)},
        "unseen_b": {"before": result(1), "op": result(1)},
        "unseen_c": {"before": result(4)},  # reads no OP, so it cannot be shown
        SIGN: {"op": result(3)},
    }
    table = results.readings_table({"tiny": read})
    one = results.one_of_groups(table, "tiny", ["before", "op"])
    assert set(one["judge"]) == {"unseen_a"}
    assert list(dict.fromkeys(one["treatment"])) == ["before", "op"]
    other = results.one_of_groups(table, "tiny", ["op", "before"])
    assert set(other["judge"]) == {"unseen_b"}
    assert list(dict.fromkeys(other["treatment"])) == ["op", "before"]  # in the order asked for
    assert set(one["of"]) == {2} and len(one) == 2 * len(results.MEASURES)
    assert set(results.best_of_groups(table, "tiny", ["before", "op"])["judge"]) == {"unseen_c", "unseen_b"}
    assert not len(results.one_of_groups(table[:0], "tiny", ["op"]))


def test_who_failed_the_gate_stands_in_only_where_nobody_else_learned():
    read = {
        "attacker_a": {"op": result(1), "report_op": result(1)},
        "attacker_b": {"op": result(0.5)},
    }
    table = results.readings_table({"tiny": read}, failed={"tiny": ["attacker_a"]})
    best = results.best_of_groups(table, "tiny", ["op", "report_op"])
    names = best.groupby("treatment")[["judge", "note"]].first()
    assert list(names.loc["op"]) == ["attacker_b", ""]
    assert list(names.loc["report_op"]) == ["attacker_a", results.FAILED]
