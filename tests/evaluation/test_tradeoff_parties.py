"""Who is judged and who judges on the page of the trade-off, and which matcher is held out."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.evaluation.tradeoff_parties import (
    HELD_OUT,
    declared_tables,
    held_out_yardstick,
    helpers_of,
    learned_words,
    matcher_words,
    met_in_words,
    tradeoff_parties,
)
from lib.evaluation.who_saw_whom import LeakError, Party
from lib.judges.registry import CARDS

RECIPE = {"embedder": "dlib", "witnesses": ["matcher"], "roles": ["protection", "unseen"]}
MATCHERS = {
    "trained_matcher": SimpleNamespace(card=None),
    "unseen_dlib": SimpleNamespace(card=CARDS["dlib_recogniser"]),
    HELD_OUT: SimpleNamespace(card=CARDS["dlib_recogniser"]),
}
STRANGERS = {"celeba": "validation subjects", "lfw": "subjects with one photo only"}


def test_a_recogniser_of_private_is_no_yardstick():
    assert helpers_of(RECIPE) == ["trained_matcher", "unseen_dlib"]
    assert held_out_yardstick("unseen_dlib", RECIPE) == HELD_OUT
    assert held_out_yardstick("published_reid0095", RECIPE) == "published_reid0095"
    assert matcher_words(HELD_OUT) == "the held-out matcher"


def test_everybody_stands_in_the_tables_and_the_thresholds_say_whose_they_are():
    met, judged = declared_tables(tradeoff_parties(MATCHERS, RECIPE), STRANGERS)
    met = met.set_index("judge")
    assert met.loc["thresholds", "learned from"] == (
        "validation subjects; on lfw, subjects with one photo only"
    )
    assert met.loc[HELD_OUT, "learned from"] == "subjects of attackers"
    assert met.loc[HELD_OUT, "meets private?"] == "yes: its subjects"
    assert [met.loc[HELD_OUT, f"meets {name}?"] for name in ("op", "filter", "k-Same")] == ["no"] * 3
    assert list(judged["protection"]) == ["op", "private", "k-Same", "filter"]
    assert judged["learned from"].iloc[3] == "subjects of protection and validation"
    without = declared_tables(tradeoff_parties(MATCHERS, RECIPE, 0), STRANGERS)[1]
    assert "filter" not in set(without["protection"])


def test_the_page_says_in_one_column_whom_a_judge_meets():
    met, _ = declared_tables(tradeoff_parties(MATCHERS, RECIPE), STRANGERS)
    words = met_in_words(met).set_index("judge")["meets which protection?"]
    alike = "the held-out matcher; attackers of pictures"  # both learned from the attackers' subjects
    assert words[alike] == "private: its subjects" and words["thresholds"] == "none"
    assert "k-Same: its training" in words["the matcher of training"]
    assert len(words) <= 8
    assert learned_words("subjects of protection and unseen; vggface") == (
        "the protection's and the unseen judges' subjects; VGGFace"
    )


def test_a_leak_that_nobody_declared_stops_this_page_too():
    leaked = [*tradeoff_parties(MATCHERS, RECIPE), Party("unseen_new", roles=frozenset({"protection"}))]
    with pytest.raises(LeakError, match="unseen_new meets op"):
        declared_tables(leaked, STRANGERS)
