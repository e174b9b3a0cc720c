"""Sentences and the top picture of the page of the trade-off."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from lib.evaluation.matching.treated_faces import MatchingParts
from lib.evaluation.tradeoff.readings import gate_failed, worst_readings
from lib.evaluation.tradeoff.results import filter_results, top_gallery
from lib.evaluation.tradeoff.sentences import (
    copies_words,
    filter_words,
    goals_words,
    held_out_words,
    limits_words,
    page_words,
    photograph_words,
    threshold_words,
    yardstick_words,
)
from lib.measures.estimate import Estimate
from tests.evaluation.brightness import Brightness


def one(value: float) -> Estimate:
    return Estimate(value, value - 0.05, value + 0.05, 40)


READINGS = {
    "rendered": {
        "code, learned from 60 subjects of rendered": {"auc_free": one(0.6), "auc_free_averaged": one(0.8)},
        "pictures, classifiers of chapter 5": {"auc_free": one(0.7)},
    }
}
READ = {"found": one(0.66), "true": one(0.67), "difference": one(-0.01)}
BACK = {"numbers": one(0.94), "nuisance": one(0.5), "directions": 0.9, "median_error": 0.012, "pictures": 40}
PAIRS = {"private_private": {"tmr_at_fmr_1": one(0.5), "reached_fmr_1": one(0.06)}}
KEPT = {
    "rendered": {
        "inversion": BACK | {"read": READ},
        "unerased": {"auc_free": one(0.97), "auc_free_averaged": one(0.99)},
        "pictures_of_a_subject": {"subjects": 196, "median": 7.0},
        "code_readers": {"passed": ["quadratic", "boosting"], "failed": ["perceptron_512"]},
        "unlinkability": {"original": one(0.9), "op": one(0.8)},
        "unlinkability_by": {"original": {"matcher": "unseen_dlib", "zero": 0.1, "ceiling": 0.95}},
        "unseen_dlib": PAIRS,
        "heldout_matcher": PAIRS,
        "helpers": ["trained_matcher", "unseen_dlib"],
    }
}


def test_the_strongest_counts_for_one_picture_and_for_all_apart():
    worst = worst_readings(READINGS)["rendered"]
    assert worst["auc_free"][0].startswith("pictures") and worst["auc_free_averaged"][0].startswith("code")


def test_each_set_has_a_gate_of_its_own_where_chapter_05_has_one():
    kept = {"gate": {"failed": ["attacker_a"], "lfw": {"failed": ["attacker_b"]}}}
    assert gate_failed(kept, "celeba") == ("attacker_a",) and gate_failed(kept, "lfw") == ("attacker_b",)
    assert gate_failed({}, "celeba") == ()


def test_every_word_of_the_text_is_there_before_photographs_are():
    words = page_words(KEPT, {}, worst_readings(READINGS))
    assert words["private_one"] == "0.70 [0.65, 0.75]" and words["private_all"] == "0.80 [0.75, 0.85]"
    assert words["photo_celeba"] == words["photo_lfw"] == words["pp_photographs"] == "not measured yet"
    assert words["d_private"] == "not measured here" and words["d_op"] == "0.80 [0.75, 0.85]"
    assert words["d_before"] == "0.90 [0.85, 0.95] (none: 0.10, certain: 0.95)"
    assert words["unerased_one"].startswith("0.97") and words["read_difference"].startswith("-0.010")
    assert words["pictures_all"] == "196 subjects with a median of 7 pictures each"
    assert words["readers_passed"] == "2 of 3 pass, and only they count (not perceptron 512)."


def test_a_matcher_that_took_part_in_the_training_is_not_quoted_as_held_out():
    own = KEPT["rendered"]
    assert "dlib" not in held_out_words(own) and "the held-out matcher" in held_out_words(own)
    alone = {key: one for key, one in own.items() if key != "heldout_matcher"}
    assert "every matcher here took part" in held_out_words(alone)
    assert held_out_words({}) == "not measured here"
    assert "upper end" in yardstick_words("unseen_dlib", own["helpers"])
    assert yardstick_words("heldout_matcher", own["helpers"]) == "the held-out matcher"


def test_photographs_are_quoted_where_both_figures_were_measured():
    private = {"auc_free": one(0.66).to_dict(), "auc_free_averaged": one(0.71).to_dict()}
    photographs = {"lfw": {"tradeoff": {"private": private}}}
    words = page_words(KEPT, photographs, worst_readings(READINGS))
    assert words["photo_lfw"] == "0.66 [0.61, 0.71] and 0.71 [0.66, 0.76]"
    more = {key: KEPT["rendered"][key] for key in ("unerased", "pictures_of_a_subject")}
    both = page_words(KEPT, {"lfw": photographs["lfw"] | more}, worst_readings(READINGS))
    assert both["photo_lfw"] == words["photo_lfw"]
    told = both["details_lfw"]
    assert "196 subjects" in told and "where nothing was erased 0.97" in told


def test_the_game_is_told_with_the_fresh_attacker_beside_the_adversary():
    played = [SimpleNamespace(fooled=one(0.4), caught_up=one(0.8))]
    game = filter_results(played, {"filter": one(0.9), "before": one(0.95)}, 640)["filter"]
    told = filter_words(game)
    assert told.startswith("After 1 round of 640 pictures") and "on validation subjects" in told
    assert told.index("0.40 [") < told.index("0.60 [") < told.index("0.80 [") < told.index("0.90 [")
    assert filter_results([], {}) == {} and "nobody played" in filter_words(None)


def test_copies_are_told_for_what_the_tool_does_and_whether_others_leave_less():
    read = {"face": {"auc_free": one(0.86)}, "head_untinted": {"auc_free": one(0.7)}}
    told = copies_words({"celeba": {"copies": read}})
    assert (
        "“head replaced, grey”" in told
        and "0.70 [0.65, 0.75] (no kind of copy with a new face" in told
        and "code" not in told
    )
    read["head"] = {"auc_free": one(0.6)}
    assert "not the least: “head replaced, with its tint” leaves 0.60" in copies_words(
        {"celeba": {"copies": read}}
    )
    codes = {"tradeoff": {"private": {"auc_free": one(0.66), "auc_free_averaged": one(0.75)}}}
    assert "the new face read 0.66 [0.61, 0.71] and 0.75" in copies_words(
        {"celeba": {"copies": read} | codes}
    )
    assert "not been measured" in copies_words({"celeba": {"copies": {}}})


class Mean:
    """Embeds a picture by its mean grey level."""

    card = SimpleNamespace(comparison="euclidean")

    def __call__(self, images, points):
        return SimpleNamespace(values=images.mean(axis=(1, 2, 3))[:, None])


def test_the_top_compares_with_another_photo_and_shows_the_last_strength():
    faces = SimpleNamespace(
        subjects=np.array(["a", "b"]),
        points=None,
        publishable=True,
        binary=lambda name: np.array([False, True]),
    )
    flat = np.full((2, 4, 4), 100, np.uint8)
    pictures = {"before": flat, "blur 0.1": flat + 1, "blur 0.2": flat + 2, "private": flat + 7}
    gallery = SimpleNamespace(faces=faces, pictures={"before": flat + 3})
    parts = MatchingParts(SimpleNamespace(faces=faces, pictures=pictures), gallery, None)
    top = top_gallery(pictures, parts, Mean(), Brightness())
    levels = {name: int(one[0, 0, 0]) for name, one in top.pictures.items()}
    assert levels == {"before": 100, "blur": 102, "private": 107}
    assert [top.caption(name, 0) for name in levels] == [
        "0.10 male\ndistance 3.00",
        "0.12 male\ndistance 1.00",
        "0.17 male\ndistance 4.00",
    ]


def test_the_filter_is_told_with_what_it_costs_and_a_direction_only_where_it_matters():
    game = {
        "rounds": 2, "images": 640, "adversary": {"fooled": one(0.8), "caught_up": one(0.9)},
        "fresh_attacker": {"auc_free": one(0.7), "before": one(0.95)},
    }  # fmt: skip
    told = filter_words(game, {
        "filter": {"auc_free": one(0.93), "tmr_at_fmr_1": one(0.1), "reached_fmr_1": one(0.007)},
        "before": {"tmr_at_fmr_1": one(0.5), "reached_fmr_1": one(0.012)},
    })  # fmt: skip
    assert "reversed" not in told and "have a TMR of 0.10 [" in told and "read 0.93 [" in told
    assert "at an FMR of 0.7 %; untouched" in told and told.endswith("at an FMR of 1.2 %.")


def test_nearly_all_is_not_written_as_all():
    private = {"auc_free": Estimate(0.68, 0.66, 0.70, 2271), "auc_free_averaged": one(0.77)}
    kept = {"tradeoff": {"private": private},
            "unerased": {"auc_free": one(0.9), "auc_free_averaged": Estimate(0.9996, 0.9990, 0.99996, 802)},
            "pictures_of_a_subject": {"subjects": 802, "median": 2.0}}  # fmt: skip
    told = photograph_words(kept, details=True)
    assert "1.000 [0.999, 1.000]" in told and "1.00 [1.00" not in told
    assert "(one picture of 2,271 subjects; all pictures of 802 subjects with a median of 2" in told


def test_limits_are_said_kept_or_missed():
    table = pd.DataFrame({"removed": [16, 48], "one": [0.74, 0.70], "averaged": [0.85, 0.69],
                          "wanted": 0.65, "wanted_averaged": 0.7, "chosen": [False, True]})  # fmt: skip
    told = limits_words(table)
    assert "48 directions" in told and "0.70 from one code (above the limit of 0.65)" in told
    assert "(within the limit of 0.70)" in told
    assert limits_words(table[:1]) == "No number was chosen."


def test_goals_name_judges_and_sets_in_words():
    goals = pd.DataFrame({"whose": ["published mobilefacenet casia, lfw", "strongest of all, celeba", ""]})
    assert list(goals_words(goals)["whose"]) == ["MobileFaceNet (CASIA), LFW", "strongest of all, CelebA", ""]


def test_what_one_threshold_does_is_said():
    weighed = {
        "before": {"reached_fmr_1": one(0.012)},
        "blur_0.05": {"reached_fmr_1": one(0.002)},
        "private": {},
    }
    told = threshold_words(weighed, {})
    assert told["fmr_range"] == "it runs from 0.2 % (blur 0.05) to 1.2 % (before)"
    assert told["private_equal_fmr"] == "not measured yet"
    lost = {"tmr_loss_equal_fmr": {"published_mobilefacenet_casia": {"private": one(0.5).to_dict()}}}
    said = threshold_words(weighed, {"lfw": lost})["private_equal_fmr"]
    assert said == "50.0 [45.0, 55.0] points on LFW with MobileFaceNet (CASIA)"
