"""Sentences of the page of matching: they follow the figures, whichever way these fall."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.matching.sentences import (
    APART,
    OURS,
    REPORT,
    aim_words,
    apart_short,
    apart_words,
    beyond_words,
    loss_words,
    part_words,
    prototype_losses,
    refuted_words,
    separable_words,
    set_anew_words,
)
from lib.evaluation.targets import Target, goals_table, outcome, read_targets, target_of
from lib.measures.estimate import Estimate
from lib.measures.scored_pairs import ScoredPairs

KINDS = [f"celeba|lfw.{kind}.unseen_*.op" for kind in ("tmr_loss", "tmr_loss_equal_fmr")]
TARGET = Target("TMR lost", "06", tuple(KINDS), 0.1, most=True, able="{0}.{2}.original.tmr_at_fmr_1")


def figure(middle: float, half: float = 0.02) -> dict:
    return Estimate(middle, middle - half, middle + half, 50).to_dict()


def one_set(loss: float, equal: float | None = None, found: float = 0.9, p: float = 1.0) -> dict:
    """Results of one set: dlib's matcher is held out, the matcher of training is not."""
    equal = loss if equal is None else equal
    op = dict.fromkeys(("sm", "nt", "op", "private"), figure(loss))
    return {
        "tmr_loss": {"trained_matcher": {"op": figure(0.9)}, "unseen_dlib": op},
        "tmr_loss_equal_fmr": {"unseen_dlib": dict.fromkeys(op, figure(equal))},
        "equal_fmr_reached": {"unseen_dlib": dict.fromkeys(op, figure(0.011))},
        "beyond_control": {"unseen_dlib": {"control": figure(-loss)}},
        "apart": {"unseen_dlib": dict.fromkeys(APART, figure(loss))},
        "apart_p": {"unseen_dlib": dict.fromkeys(APART, p)},
        "apart_equal_fmr": {"unseen_dlib": dict.fromkeys(APART, figure(loss / 2))},
        "apart_equal_fmr_p": {"unseen_dlib": dict.fromkeys(APART, p)},
        "unseen_dlib": {
            "original": {"tmr_at_fmr_1": figure(found)},
            "op": {"reached_fmr_1": figure(0.015, 0)},
        },
    }


def both(celeba: dict, lfw: dict) -> dict:
    return {"celeba": celeba, "lfw": lfw}


@pytest.mark.parametrize(
    ("celeba", "lfw", "said", "in_table"),
    [
        (one_set(0.04), one_set(0.05), "is reached", "yes"),
        (
            one_set(0.04),
            one_set(0.09),
            "is reached, though not across the whole of every interval",
            "yes, but an interval crosses the bound",
        ),
        (one_set(0.04), one_set(0.2), "is missed in 1 of 2", "no"),
        (one_set(0.04, equal=0.2), one_set(0.2), "is missed in all 2 ", "no"),
        (one_set(0.04), one_set(0.2, found=0.3), "is reached; left out, because", "yes"),
        (one_set(0.3), one_set(0.2, found=0.3), "is missed with dlib's matcher on CelebA", "no"),
        (one_set(0.3, found=0.2), one_set(0.2, found=0.3), "cannot be judged, because", "cannot be judged"),
    ],
)
def test_the_aim_has_the_verdict_of_the_table_of_goals(celeba, lfw, said, in_table):
    kept = both(celeba, lfw)
    assert aim_words(kept, TARGET).startswith(said)
    assert goals_table([TARGET], {"06": kept})["reached"].tolist() == [in_table]


def test_a_matcher_that_cannot_judge_is_named_and_a_missing_figure_leaves_the_aim_open():
    said = aim_words(both(one_set(0.04), one_set(0.2, found=0.3)), TARGET)
    assert said.endswith("untouched photos: dlib's matcher on LFW")
    lacking = both(one_set(0.04), {**one_set(0.04), "tmr_loss_equal_fmr": {}})
    assert aim_words(lacking, TARGET).startswith("cannot be called reached")
    assert outcome(TARGET, lacking).reached is None


def test_the_aim_is_asked_of_the_sets_that_there_are():
    assert aim_words({"rendered": one_set(0.04)}, TARGET) == "is reached"
    assert aim_words({"rendered": one_set(0.2)}, TARGET).startswith("is missed with dlib")
    assert aim_words({}, TARGET) == "has not been measured yet"
    real = target_of(read_targets("semi_adversarial"), "06_matching_roc", "celeba.tmr_loss.unseen_*.op")
    assert aim_words({"rendered": one_set(0.04)}, real) == "is reached"
    assert "before, it was 5 points" in set_anew_words(real)
    assert "before the networks were trained" in set_anew_words(TARGET)


def test_prototypes_are_told_apart_only_where_holm_leaves_a_difference():
    clear, dull = {"lfw": one_set(0.3, p=1e-4)}, {"lfw": one_set(0.3, p=0.02)}
    said = apart_words(clear)
    assert said.startswith(
        "after Holm's correction for 18 comparisons, 9 of 9 at one threshold and 9 of 9 at equal FMR show a "
        "difference. The largest of these is"
    )
    assert "30.0 [28.0, 32.0] points, SM minus NT with dlib's matcher on LFW, at one threshold (p" in said
    said = apart_words(dull)
    assert said.endswith("0 of 9 at equal FMR show a difference, which does not show that there is none.")
    assert refuted_words(clear) == "shows a difference in all 12 comparisons"
    assert apart_short(clear) == "9 of 9 at one threshold and 9 of 9 at equal FMR"
    assert apart_short(dull) == "0 of 9 at one threshold and 0 of 9 at equal FMR"
    mixed = one_set(0.3, p=1e-4)
    mixed["apart_equal_fmr_p"]["unseen_dlib"] = dict.fromkeys(APART, 0.9)
    first = next(iter(REPORT))
    mixed["apart_p"]["unseen_dlib"][first] = 0.9
    assert apart_short({"lfw": mixed}) == "8 of 9 at one threshold and 0 of 9 at equal FMR"
    found = refuted_words({"lfw": mixed})
    assert found.startswith(f"shows a difference in 5 of 12 comparisons, but not for {REPORT[first]}, at one")
    assert refuted_words(dull).startswith("shows no difference in 12 comparisons, which does not show")
    few = {name: one_set(0.3, p=1.0) for name in ("celeba", "lfw")}
    few["lfw"]["apart"]["unseen_dlib"][first] = figure(0.5)
    few["celeba"]["apart"]["unseen_dlib"]["sm_op"] = figure(0.1)
    few["celeba"]["apart_p"]["unseen_dlib"]["sm_op"] = 1e-4
    said = apart_words(few)
    assert "1 of 18 at one threshold and 0 of 18 at equal FMR" in said
    assert "It is 10.0 [8.0, 12.0] points, SM minus OP" in said, "not the largest, which did not remain"
    assert refuted_words(few).startswith("shows no difference"), "of the same family of comparisons"
    ours = one_set(0.3, p=1e-4)
    for part in ("apart", "apart_equal_fmr"):
        ours[part] = {"unseen_dlib": dict.fromkeys(OURS, figure(0.3))}
    assert refuted_words({"lfw": ours}) == "has not compared them yet", (
        "this book's network is not the report's"
    )


def test_what_was_not_measured_is_said():
    assert "not been measured" in apart_words({})
    assert loss_words({}, "op") == prototype_losses({}, "lfw", "unseen_dlib") == "not measured yet"
    assert beyond_words({}) == "not measured yet"


def test_losses_have_both_thresholds_and_the_fmr_reached():
    kept = {"rendered": one_set(0.2, equal=0.1)}
    assert loss_words(kept, "op") == (
        "20.0 [18.0, 22.0] points with dlib's matcher (FMR reached 1.5 %), 10.0 [8.0, 12.0] at equal FMR "
        "(1.1 %)"
    )
    assert "20.0 [18.0, 22.0] with OP (FMR 1.5 %; 10.0 [8.0, 12.0] at equal FMR)" in prototype_losses(
        kept, "rendered", "unseen_dlib"
    )
    assert beyond_words(kept) == "-20.0 [-22.0, -18.0] points with dlib's matcher"


def test_a_matcher_that_took_part_is_named_as_such():
    said = loss_words({"rendered": one_set(0.2)}, "private", {"unseen_dlib", "trained_matcher"})
    assert said.endswith("; this matcher is not held out for it, and on this page's faces no other is")
    more = one_set(0.2)
    more["tmr_loss"]["published_reid0095"] = {"private": figure(0.4)}
    said = loss_words({"rendered": more}, "private", {"unseen_dlib"})
    assert said == "40.0 [38.0, 42.0] points with the matcher reid0095"


def test_what_part_dlib_had_in_private_follows_its_recipe():
    recipe = {"embedder": "dlib", "witnesses": ["matcher"], "roles": ["protection"]}
    assert part_words(recipe) == "whose embedding is the code of “private”"
    other = recipe | {"embedder": "matcher"}
    assert part_words(other).endswith("none of these pictures")
    assert part_words(other | {"witnesses": ["dlib"]}).endswith("the training of “private”")


def test_whether_a_threshold_separates_is_looked_up():
    names, others = np.array(["a", "b", "a", "b"]), np.array(["a", "b", "b", "a"])
    assert "there is a threshold" in separable_words(ScoredPairs(np.array([3.0, 2, 1, 0]), names, others))
    assert "no threshold" in separable_words(ScoredPairs(np.array([3.0, 1, 1, 0]), names, others))
