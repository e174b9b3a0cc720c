"""Who is judged and who judges on the page of the trade-off, and which matcher is held out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.evaluation.parties import matching_parties
from lib.evaluation.tradeoff.words_of_parties import (
    held_out_yardstick,
    helpers_of,
    judged_in_words,
    learned_words,
    met_in_words,
)
from lib.evaluation.who_saw_whom import LeakError, Party, declared_table
from lib.judges.registry import CARDS
from lib.judges.result_keys import HELD_OUT_MATCHER

RECIPE = {"embedder": "dlib", "witnesses": ["matcher"], "roles": ["protection", "unseen"]}
MATCHERS = {
    "trained_matcher": SimpleNamespace(card=None),
    "unseen_dlib": SimpleNamespace(card=CARDS["dlib_recogniser"]),
    HELD_OUT_MATCHER: SimpleNamespace(card=None),
}
STRANGERS = {"celeba": "validation subjects", "lfw": "subjects with one photo only"}


def everybody() -> list[Party]:
    return matching_parties(["op", "private", "k-Same", "filter"], MATCHERS, RECIPE, STRANGERS)


def test_a_recogniser_of_private_is_no_yardstick():
    assert helpers_of(RECIPE) == ["trained_matcher", "unseen_dlib"]
    assert held_out_yardstick("unseen_dlib", helpers_of(RECIPE)) == HELD_OUT_MATCHER
    assert held_out_yardstick("published_reid0095", helpers_of(RECIPE)) == "published_reid0095"


def test_the_protections_are_told_with_their_subjects_and_helpers():
    judged = judged_in_words(everybody()).set_index("protection")
    assert list(judged.index) == ["OP", "private", "k-Same", "filter"]
    assert judged.loc["filter", "learned from"] == "the protection's and validation subjects"
    assert judged.loc["k-Same", "trained or made with"] == "the matcher of training"
    assert judged.loc["private", "trained or made with"] == "dlib's matcher; the matcher of training"


def test_the_page_says_in_one_column_whom_a_judge_meets():
    table = met_in_words(declared_table(everybody(), list(STRANGERS))).set_index("judge")
    words = table["meets which protection?"]
    alike = "the held-out matcher; attackers of pictures"  # both learned from the attackers' subjects
    assert words[alike] == "private: its subjects" and words["thresholds"] == "none"
    assert table.loc["thresholds", "learned from"].endswith("on lfw, subjects with one photo only")
    assert "k-Same: its training" in words["the matcher of training"]
    assert len(words) <= 8
    assert learned_words("subjects of protection and unseen; vggface") == (
        "the protection's and the unseen judges' subjects; VGGFace"
    )


def test_a_leak_that_nobody_declared_stops_this_page_too():
    leaked = [*everybody(), Party("unseen_new", roles=frozenset({"protection"}))]
    with pytest.raises(LeakError, match="unseen_new meets op"):
        declared_table(leaked, list(STRANGERS))
