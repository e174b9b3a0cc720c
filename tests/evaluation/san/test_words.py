"""The words of chapter 04 follow its figures."""

from __future__ import annotations

import pandas as pd

from lib.evaluation.san import words as san_words
from lib.evaluation.san.outputs import Verdict
from lib.measures.estimate import Estimate
from tests.evaluation.san.test_outputs import figures


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
    assert "degradation" in words["said_report_opposite"] and "not fooled" in words["said_report"]
    assert words["report_sm"] == "0.97 [0.92, 1.02]" and words["report_op_psnr"] == "12.0 [11.5, 12.5]"
    assert words["said_fool"] == words["fool_op"] == san_words.UNKNOWN
    assert words["report_before"] == "0.99 [0.94, 1.04]"


def test_trainings_with_one_verdict_share_a_sentence():
    spoiled, read = game(0.99, 0.79, 0.80), game(0.99, 0.97, 0.96)
    told = san_words.told_together({"here": spoiled, "there": read, "elsewhere": spoiled, "nowhere": {}})
    assert told.count("degradation") == 1 and told.startswith("Here and elsewhere, both outputs")
    assert " There, both outputs lose less than 0.10" in told and told.endswith(".")
    assert san_words.UNKNOWN in san_words.told_together({"nowhere": {}})


def test_steps_on_photographs_follow_that_run():
    phase = {"epochs": 10, "learning_rate": 1e-3, "batch": 8}
    run = {"report": [phase], "original": [phase | {"epochs": 4}], "report_images": 2500, "brief": 2500}
    words = san_words.photograph_steps(run | {"batch": 16})
    assert words == {"photo_report_steps": "3,130", "photo_original_steps": "1,252"}
    assert set(san_words.photograph_steps({}).values()) == {san_words.UNKNOWN}


def test_games_of_earlier_results_are_not_measured():
    old = {name: one for name, one in game(0.99, 0.97, 0.96).items() if name not in ("before", "fell")}
    assert san_words.game_words({"ours": old})["said_ours"] == san_words.UNKNOWN
    assert san_words.games_table({"ours": old}, {"games": {"ours": old}}, "rendered").empty


def test_two_readings_are_told_by_their_paired_difference():
    words = san_words.reading_words({"fool": Estimate(0.8, 0.7, 0.9, 50).to_dict()})
    assert words["readings_fool"].startswith("the two readings differ") and "+0.70" in words["readings_fool"]
    assert san_words.UNKNOWN in words["readings_report"]
    close = san_words.reading_words({"report": Estimate(0.01, -0.05, 0.06, 50)})["readings_report"]
    assert "less than 0.10 apart" in close
    wide = san_words.reading_words({"report": Estimate(0.2, -0.05, 0.5, 50)})["readings_report"]
    assert "cannot be told" in wide


def test_only_an_answer_turned_round_is_said_to_be_turned_back():
    turned, lowered = {"ours": game(0.99, 0.97, 0.1)}, {"ours": game(0.99, 0.97, 0.6)}
    assert "turns it back" in san_words.remaining_words(turned, {})
    assert "turns it back" in san_words.remaining_words(lowered, turned)
    assert "turns it back" not in san_words.remaining_words(lowered, {})


def test_steps_are_counted_over_all_phases():
    phases = [{"epochs": 1, "learning_rate": 2e-4, "batch": 8, "gender_op": 1.5},
              {"epochs": 3, "learning_rate": 2e-4}]  # fmt: skip
    words = san_words.recipe_words("original", phases, 1000, 16)
    assert words["original_steps"] == "314" and words["original_epochs"] == "4"  # 125 + 3 * 63
    assert words["original_gender_op"] == "1.5" and words["original_pixel_op"] == "0"
    assert words["original_images"] == "1,000" and words["original_learning_rate"] == "0.0002"


def test_the_table_has_a_row_for_each_training_and_world():
    played = {"report": game(0.99, 0.97, 0.96), "fool": game(0.99, 0.97, 0.1)}
    table = san_words.games_table(played, {"games": {"fool": played["report"]}}, "rendered")
    assert table["training"].tolist() == [
        "report, its code's label; rendered", "fooling first, 1 − y; rendered", "fooling first, 1 − y; CelebA"
    ]  # fmt: skip
    assert table["what it is"].tolist() == ["still read", "turned round", "still read"]


def test_an_ending_is_held_against_chance():
    words = san_words.ending_words(
        {
            "a": {"reached": 1.69, "chance": 1.386},
            "b": {"reached": 1.2, "chance": 1.3},
            "c": {"reached": 1.359, "chance": 1.357},
        }
    )
    assert words["ending_c"].startswith("1.36, which is also the 1.36")
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
    assert san_words.erasure_words(tried, "here", (0.5, 0.7))["met_here"].startswith("the number with")
    tried["chosen"] = [True, False]
    assert "other limits" in san_words.erasure_words(tried, "here", (0.65, 0.7))["met_here"]
    assert san_words.erasure_words(tried[:0], "celeba")["one_celeba"] == san_words.UNKNOWN
