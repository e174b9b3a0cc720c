"""Who learned from what: the parameters of both profiles, the cards of all judges, and a made-up leak."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from lib.evaluation.kept_attributes.parties import checked_overlaps
from lib.evaluation.kept_attributes.readers import reader_name
from lib.evaluation.parties import PROTECTIONS, matcher_party, matching_parties, private_party
from lib.evaluation.who_saw_whom import (
    LeakError,
    Overlap,
    Party,
    check,
    declared_table,
    overlaps,
    read_declared,
    who_saw_whom,
)
from lib.faces.splits import ROLES
from lib.judges.registry import CARDS
from lib.judges.result_keys import HELD_OUT_MATCHER, published_key

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ("rendered", "real")
NO_SCORES = ("age_", "emotion_")


def parameters(profile: str) -> dict:
    own = yaml.safe_load((ROOT / "params.yaml").read_text())
    if profile != "rendered":
        changed = yaml.safe_load((ROOT / f"profiles/{profile}/params.yaml").read_text())
        own = {
            key: {**value, **changed.get(key, {})} if isinstance(value, dict) else value
            for key, value in own.items()
        }
        own["san_training"]["private"] = {
            **yaml.safe_load((ROOT / "params.yaml").read_text())["san_training"]["private"],
            **changed["san_training"]["private"],
        }
    return own


def role(chapter: str, variable: str) -> str:
    """The part whose rows a chapter's training cell gives to `variable`."""
    text = (ROOT / f"notebooks/{chapter}.md").read_text()
    (found,) = set(re.findall(rf"^ *{variable} = .*?role_rows\(\w+\.labels, \"(\w+)\"", text, re.MULTILINE))
    return found


def page(profile: str) -> tuple[list[Party], str]:
    """Everybody of chapters 03 to 06 under a profile, and the set of the test subjects."""
    told = parameters(profile)
    judged, protects = role("05_gender_roc", "second"), role("03_san_pretraining", "ours")
    attacks = {role("05_gender_roc", "third"), role("06_tradeoff", "own_subjects")}
    own = {f"unseen_{kind.removesuffix('_classifier')}": judged for kind in told["gender_roc"]["unseen"]}
    everybody = [
        *(PROTECTIONS[name] for name in ("op", "report_op", "reversed_op")),
        private_party(told["san_training"]["private"]),
        *(matcher_party(name, None) for name in ("trained_matcher", "trained_matcher2")),
        *(
            Party(name, roles=frozenset({part}))
            for name, part in ({"trained_gender": protects} | own).items()
        ),
        *(Party(f"attacker_{kind}", roles=frozenset(attacks)) for kind in ("gender", "residual", "sign")),
        Party("attacker_finetuned", roles=frozenset({*attacks, protects})),
        Party("attacker_codes", roles=frozenset(ROLES)),
        Party("thresholds", roles=frozenset({"validation"})),
        Party.of_card("unseen_dlib", CARDS["dlib_recogniser"]),
    ]
    if profile == "real":
        everybody.append(PROTECTIONS["authors_op"])
        everybody += [
            Party.of_card(published_key(name), card)
            for name, card in CARDS.items()
            if card.task in ("gender", "identity") and name != "dlib_recogniser"
        ]
    return everybody, told["gender_roc"]["source"]


def tradeoff_overlaps(profile: str) -> list[Overlap]:
    """Of chapter 06's page of the trade-off, which judges more protections by fewer judges."""
    told = parameters(profile)
    cards = {"trained_matcher": None, "unseen_dlib": CARDS["dlib_recogniser"], HELD_OUT_MATCHER: None}
    if profile == "real":
        cards |= {published_key(name): card for name, card in CARDS.items() if name.startswith("identity_")}
    judges = {name: SimpleNamespace(card=card) for name, card in cards.items()}
    recipe, source = told["san_training"]["private"], told["tradeoff"]["source"]
    shown = ("op", "private", "k-Same", "filter")
    return overlaps(matching_parties(shown, judges, recipe, {source: "strangers"}), source)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_overlap_is_declared(profile: str) -> None:
    parties, data_set = page(profile)
    found = overlaps(parties, data_set) + tradeoff_overlaps(profile)
    check(found, read_declared())
    assert not [one for one in found if one.what == "test subjects"]


def test_the_known_ones_are_found() -> None:
    parties, data_set = page("real")
    found = overlaps(parties, data_set)
    assert Overlap("unseen_residual", "private", "its subjects") in found
    assert Overlap("published_mobilefacenet_y1", "private", "its training") in found
    assert Overlap("published_plain_cnn", "celeba", "same data set") in found
    met = {name: {one.who for one in found if one.whom == name} for name in ("op", "private")}
    assert {"unseen_dlib", "attacker_gender"} <= met["private"]
    assert not {"published_reid0095", "published_mobilefacenet_casia"} & met["private"]
    ours = {"trained_gender", "trained_matcher", "trained_matcher2", "attacker_finetuned", "attacker_codes"}
    assert not met["op"] - ours
    assert {one.who for one in overlaps([Party.of_card(*one) for one in CARDS.items()], "utkface")} == {
        "gender_tinyxception",
        "age_tinyxception",
    }


def test_nothing_is_declared_that_is_not_there() -> None:
    found = [one for profile in PROFILES for one in overlaps(*page(profile)) + tradeoff_overlaps(profile)]
    judges = [Party.of_card(name, card) for name, card in CARDS.items()]
    found += [one for name in ("celeba", "lfw", "utkface", "fer2013") for one in overlaps(judges, name)]
    recipe = parameters("real")["san_training"]["private"]
    found += checked_overlaps([], {}, recipe, "celeba", "fer2013", of_fer=[reader_name("patch", "fer2013")])
    idle = [entry for entry in read_declared() if not any(entry.covers(one) for one in found)]
    assert idle == []
    check([one for one in found if one.what == "test subjects"], read_declared())


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        (Party("unseen_new", roles=frozenset({"protection"})), "unseen_new meets op: its subjects"),
        (
            Party("attacker_new", roles=frozenset({"attackers", "test"})),
            "attacker_new meets celeba: test subjects",
        ),
        (Party("thresholds", roles=frozenset({"test"})), "thresholds meets celeba: test subjects"),
        (Party("published_new", sets=("celeba",)), "published_new meets celeba: test subjects"),
        (Party("published_reid0095", roles=frozenset({"unseen"})), "published_reid0095 meets private"),
    ],
)
def test_a_leak_that_nobody_declared_stops_the_page(leak: Party, said: str) -> None:
    parties, data_set = page("real")
    others = [one for one in parties if one.name != leak.name]
    with pytest.raises(LeakError, match=said):
        check(overlaps([*others, leak], data_set), read_declared())


def test_a_new_witness_is_no_held_out_judge() -> None:
    recipe = parameters("real")["san_training"]["private"] | {"witnesses": ["identity_reid0095"]}
    judges = [one for one in page("real")[0] if not one.is_protection]
    with pytest.raises(LeakError, match="published_reid0095 meets private: its training"):
        check(overlaps([private_party(recipe), *judges], "celeba"), read_declared())


def test_a_part_that_does_not_exist_is_refused_and_own_words_come_first() -> None:
    with pytest.raises(LeakError, match="no part tset"):
        Party("a", roles=frozenset({"tset"}))
    assert Party("a", roles=frozenset({"unseen"}), sets=("lfw",)).learned_from == "subjects of unseen; lfw"
    assert Party("a", roles=frozenset({"unseen"}), words="strangers").learned_from == "strangers"


def test_the_table_answers_both_questions_for_each_judge() -> None:
    parties, data_set = page("real")
    table = who_saw_whom(parties, data_set).set_index("judge")
    asked = "meets the test subjects?"
    assert table.loc["unseen_patch", [asked, "meets op?", "meets private?"]].tolist() == [
        "no", "no", "yes: its subjects",
    ]  # fmt: skip
    assert table.loc["published_plain_cnn", asked] == "other people of the same set"
    assert table.loc["published_ssrnet_wiki", asked] == "not excluded"
    assert (
        table.loc["published_mobilenet025", asked]
        == table.loc["published_mobilenet025", "learned from"]
        == "not stated"
    )
    assert "op" not in table.index and json.dumps(table.to_dict())
    assert (who_saw_whom(page("rendered")[0], "rendered")[asked] == "no").all()


def test_a_wrong_declaration_is_named(tmp_path: Path) -> None:
    path = tmp_path / "overlaps.yml"
    path.write_text("- {who: a, whom: b, what: its subjects, why: c}\n")
    with pytest.raises(LeakError, match=r"overlaps\.yml.*why"):
        read_declared(path)


def test_the_table_of_a_page_stops_at_a_leak() -> None:
    leaked = [*page("real")[0], Party("thresholds_2", roles=frozenset({"test"}))]
    with pytest.raises(LeakError, match="thresholds_2 meets celeba"):
        declared_table(leaked, ["celeba"])
