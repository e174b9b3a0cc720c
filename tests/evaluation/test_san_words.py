"""The words of chapter 04 follow its figures."""

from __future__ import annotations

import pandas as pd

from lib.evaluation import san_words
from lib.evaluation.san_outputs import Verdict
from lib.measures.estimate import Estimate
from tests.evaluation.test_san_outputs import figures


def game(before: float, sm: float, op: float) -> dict:
    found = figures(before, sm, op)
    for name in ("sm", "op"):
        found[name]["psnr"] = Estimate(12.0, 11.5, 12.5, 50)
    return found


def test_every_verdict_has_words():
    assert set(san_words.SAID) == set(Verdict.__args__)  # type: ignore[attr-defined]
    assert not any(":" in text or text.endswith(".") for text in san_words.SAID.values()), "clauses"


def test_games_are_told_by_their_verdict():
    played = {"report": game(0.99, 0.97, 0.96), "report_opposite": game(0.99, 0.79, 0.80)}
    words = san_words.game_words(played)
    assert "degradation" in words["said_report_opposite"] and "nobody is fooled" in words["said_report"]
    assert words["report_sm"] == "0.97 [0.92, 1.02]" and words["report_op_psnr"] == "12.0 [11.5, 12.5]"
    assert words["said_fool"] == words["fool_op"] == san_words.UNKNOWN
    both = {"fool": game(0.99, 0.97, 0.1), "fool_reversed": game(0.99, 0.97, 0.9)}
    assert san_words.game_words(both)["readings_differ"] == "Now the two readings differ"
    both["fool_reversed"] = both["fool"]
    assert "cannot be told apart" in san_words.game_words(both)["readings_differ"]


def test_the_table_has_a_row_for_each_training_and_world():
    played = {"report": game(0.99, 0.97, 0.96), "fool": game(0.99, 0.97, 0.1)}
    table = san_words.games_table(played, {"games": {"fool": played["report"]}}, "rendered")
    assert table["training"].tolist() == [
        "report, its code's label; rendered", "fooling first, 1 − y; rendered", "fooling first, 1 − y; CelebA"
    ]  # fmt: skip
    assert table["what it is"].tolist() == ["still read", "turned round", "still read"]


def test_an_ending_is_held_against_chance():
    words = san_words.ending_words(
        {"a": {"reached": 1.69, "chance": 1.386}, "b": {"reached": 1.2, "chance": 1.3}}
    )
    assert words["ending_a"].startswith("1.69, above the 1.39") and "below the 1.30" in words["ending_b"]


def test_treatments_stand_beside_photographs():
    one = Estimate(0.5, 0.4, 0.6, 9)
    own = {
        "trained_gender": {"before": {"auc": one}, "op": {"auc": one}},
        "psnr": {"op": one},
        "ssim": {"op": one},
    }
    table = san_words.treatments_table(
        own, {"celeba": {key: own[key] for key in ("trained_gender", "psnr")}}, "here"
    )
    assert list(table) == [
        "picture", "PSNR, dB; here", "SSIM; here", "AUC; here", "PSNR, dB; CelebA", "AUC; CelebA"
    ]  # fmt: skip
    assert table["SSIM; here"].tolist() == ["–", "0.50 [0.40, 0.60]"]
    assert list(san_words.treatments_table(own, {}, "here")) == list(table)[:4]
    words = san_words.treatment_words({}, "lfw")
    assert words["auc_op_lfw"] == san_words.UNKNOWN


def test_whether_the_limits_were_met_is_said():
    tried = pd.DataFrame(
        {"removed": [8, 16], "dimension": [36, 30], "one": [0.7, 0.6], "averaged": [0.8, 0.69],
         "matched": [0.9, 0.8], "chosen": [False, True]}
    )  # fmt: skip
    words = san_words.erasure_words(tried, "here", (0.65, 0.7))
    assert words["removed_here"] == "16" and words["met_here"].startswith("the fewest")
    assert san_words.erasure_words(tried, "here", (0.5, 0.7))["met_here"].startswith("the best of those")
    assert san_words.erasure_words(tried[:0], "celeba")["one_celeba"] == san_words.UNKNOWN
