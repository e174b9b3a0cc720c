"""Whom everybody met, and which figures are marked."""

from __future__ import annotations

from lib.evaluation.gender.attackers import FINETUNED
from lib.evaluation.gender.parties import checked_overlaps, gender_parties, marks
from lib.evaluation.who_saw_whom import Overlap
from lib.judges.book_networks import GenderJudge
from lib.judges.result_keys import TRAINED_CLASSIFIER
from lib.networks.registry import ARCHITECTURES
from lib.training.store.model_store import ModelStore


def test_every_overlap_of_the_page_is_declared_and_who_knows_op_by_trade_is_not_marked():
    network = ARCHITECTURES["patch_classifier"](32)
    judges = {
        name: GenderJudge(name, network, trained_on="tiny") for name in (TRAINED_CLASSIFIER, "unseen_patch")
    }
    parties = gender_parties(judges, ["attacker_gender", FINETUNED], ["op"], {}, ModelStore(None))
    met = checked_overlaps(parties, ["rendered"])
    assert {(one.who, one.whom) for one in met if one.who == FINETUNED} == {
        (FINETUNED, name) for name in ("op", "report_op", "reversed_op")
    }
    assert marks(met) == {}
    known = [
        Overlap("unseen_patch", "private", "its subjects"),
        Overlap(TRAINED_CLASSIFIER, "op", "its training"),
    ]
    assert marks(known) == {("unseen_patch", "private"): "its subjects"}


def test_attackers_who_met_private_are_marked_and_reasons_add_up():
    met = [
        Overlap("attacker_gender", "private", "its subjects"),
        Overlap(FINETUNED, "op", "its subjects"),
        Overlap("unseen_patch", "private", "its subjects"),
        Overlap("unseen_patch", "private", "its training"),
    ]
    assert marks(met) == {
        ("attacker_gender", "private"): "its subjects",
        ("unseen_patch", "private"): "its subjects and its training",
    }
