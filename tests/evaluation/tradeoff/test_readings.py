"""Who reads a protection, of each kind the strongest, and what a page shows of them."""

from __future__ import annotations

from lib.evaluation.tradeoff.readings import (
    ALL,
    ONE,
    readings_table,
    readings_words,
    retrained_attackers,
)
from lib.measures.estimate import Estimate
from tests.exact import exactly


def kept(value: float) -> dict:
    return {"auc_free": Estimate(value, value, value, 9).to_dict()}


def test_attackers_who_retrained_are_told_from_judges():
    found = {
        "attacker_a": {"op": kept(0.7), "before": kept(0.9)},
        "attacker_b": {"op": kept(0.8)},
        "unseen_c": {"op": kept(0.99)},
    }
    assert exactly(
        [one.estimate for one in retrained_attackers(found, "op")],
        [0.7, 0.8],
        because="passed on as it is",
    )
    assert exactly(
        [one.estimate for one in retrained_attackers(found, "before")],
        [0.9],
        because="passed on as it is",
    )
    assert retrained_attackers(found, "blur") == []


def test_of_op_those_who_take_its_map_off_count_and_those_who_failed_the_gate_do_not():
    found = {
        "attacker_a": {"op": kept(0.7), "op_unmasked": kept(0.75)},
        "attacker_b": {"op": kept(0.8)},
        "attacker_sign": {"op": kept(0.6)},
    }
    read = [one.estimate for one in retrained_attackers(found, "op", failed=["attacker_b"])]
    assert exactly(read, [0.7, 0.75, 0.6], because="passed on as it is")


def test_the_page_shows_the_attackers_of_codes_who_count():
    rows = [("code, learned from 9 subjects", 0.7, 0.6), ("code, learned from 20 subjects", 0.6, 0.6)]
    rows += [("code, learned from 50 subjects", 0.5, 0.7), ("code, learned from own part", 0.4, 0.5)]
    rows += [("pictures", 0.3, None), ("embedding, nothing erased", 0.9, 0.95)]
    told = {
        who: {measure: Estimate(one, one, one, 9) for measure, one in ((ONE, single), (ALL, several)) if one}
        for who, single, several in rows
    }
    table = readings_table({"rendered": told})
    shown = readings_words(table, "rendered")
    assert "; ".join(shown["attackers"]) == "; ".join(who for who, *_ in rows if "20" not in who)
    assert list(shown)[1:] == ["one picture", "all pictures"] and shown["all pictures"].iloc[3] == "–"
    assert "not measured yet" in readings_words(table, "celeba").to_string()
