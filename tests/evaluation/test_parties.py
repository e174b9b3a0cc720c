"""What everybody learned from, held against the cells that train, and how pages say it."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib.evaluation.parties import (
    OWN_MATCHERS,
    PROTECTIONS,
    matcher_party,
    matching_parties,
    private_party,
    recogniser_of_private,
    roles_of,
    thresholds_party,
)
from lib.evaluation.who_saw_whom import LeakError, declared_table
from lib.judges.registry import CARDS

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
RECIPE = {"embedder": "dlib", "witnesses": ["matcher"], "roles": ["protection", "unseen"]}
STRANGERS = {"celeba": "validation subjects", "lfw": "subjects with one photo only"}


@pytest.mark.parametrize(
    ("chapter", "variable", "described"),
    [
        ("04_san_training", "ours_rows", PROTECTIONS["op"].roles),
        ("04_san_training", "ours_rows", PROTECTIONS["reversed_op"].roles),
        ("03_san_pretraining", "ours", {OWN_MATCHERS["trained_matcher"]}),
    ],
)
def test_descriptions_name_the_rows_that_trainings_take(chapter, variable, described):
    text = (NOTEBOOKS / f"{chapter}.md").read_text()
    found = re.findall(rf"^ *{variable} = .*?role_rows\(\w+\.labels, \"(\w+)\"", text, re.MULTILINE)
    assert set(found) == described


def test_a_matcher_of_this_book_is_known_by_its_subjects_and_another_by_its_card():
    nobody = SimpleNamespace(card=None)
    assert matcher_party("heldout_matcher", nobody).roles == {"attackers"}
    assert matcher_party("trained_matcher", nobody).roles == {"protection"}
    dlib = matcher_party("unseen_dlib", SimpleNamespace(card=CARDS["dlib_recogniser"]))
    assert dlib.roles == set() and dlib.sets == ("vggface", "facescrub", "web")


def test_private_follows_its_recipe_and_facts_that_are_stored_come_first():
    assert private_party(RECIPE).helpers == {"unseen_dlib", "trained_matcher"}
    assert recogniser_of_private("identity_reid0095") == "published_reid0095"
    assert recogniser_of_private("matcher2") == "trained_matcher2"
    stored = {"trained_on": "celeba, training subjects of the parts protection and unseen; utkface"}
    assert roles_of(stored) == {"protection", "unseen"}
    assert roles_of({"roles": ["unseen"], "trained_on": "attackers"}) == {"unseen"}
    alone = RECIPE | {"roles": ["protection"]}
    assert private_party(alone).roles == {"protection", "attackers"}
    assert private_party(alone, stored).roles == {"protection", "unseen", "attackers"}
    with pytest.raises(LeakError, match="do not say whose pictures"):
        roles_of({"trained_on": "a third of the training subjects"})


def test_thresholds_say_whose_they_are_on_every_set():
    one = thresholds_party(STRANGERS)
    assert one.learned_from == "validation subjects; on lfw, subjects with one photo only"
    assert one.roles == {"validation"}


def test_a_page_meets_everybody_once():
    cards = {"trained_matcher": None, "heldout_matcher": None, "published_reid0095": "identity_reid0095"}
    judges = {name: SimpleNamespace(card=CARDS.get(card)) for name, card in cards.items()}
    shown = ["op", "private", "authors_op", "report_op", "filter", "k-Same"]
    found = matching_parties(shown, judges, RECIPE, STRANGERS)
    assert [one.name for one in found] == [
        *shown, *cards, "thresholds", "attacker_pictures", "attacker_codes",
    ]  # fmt: skip
    table = declared_table(found, ["celeba", "lfw"]).set_index("judge")
    assert table.loc["attacker_codes", "learned from"].count("and") == 2
    assert table.loc["published_reid0095", "meets private?"] == "no"
    assert table.loc["heldout_matcher", "learned from"] == "subjects of attackers"
    assert table.loc["heldout_matcher", "meets private?"] == "yes: its subjects"
    assert [table.loc["heldout_matcher", f"meets {name}?"] for name in ("op", "filter", "k-Same")] == [
        "no"
    ] * 3
    assert table.loc["trained_matcher", "meets report_op?"] == "yes: its subjects and its training"
