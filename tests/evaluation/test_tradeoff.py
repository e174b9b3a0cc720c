"""The two prices of a method: the worst of its attackers counts, whoever he is."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.attacks.embeddings import EmbeddingExtractor
from lib.deidentify.attacks.result import AttackSplit
from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.protections.baselines import Pixelate, Unaltered
from lib.deidentify.protections.protect_set import protected_pictures
from lib.evaluation.tradeoff import (
    ALL,
    ONE,
    method_name,
    read_embeddings,
    readings_table,
    readings_words,
    retrained_attackers,
    tradeoff_records,
)
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from lib.measures.estimate import Estimate, undefined_estimate
from tests.exact import exactly


def faces(number: int = 120, size: int = 8) -> FaceSet:
    """Each picture its own subject; the pictures of those labelled male are brighter."""
    male = np.arange(number) % 2 == 0
    random = np.random.default_rng(0)
    levels = np.where(male, 150, 90)[:, None, None, None] + random.integers(-20, 20, (number, size, size, 3))
    names = [f"s{n}" for n in range(number)]
    labels = pd.DataFrame({"image": names, "subject": names, "split": "test"})
    return FaceSet(levels.astype(np.uint8), labels.assign(Male=pd.array(male, "boolean")), "tiny")


class Stamp:
    """Grey level 200 where the label that it is told is true, else 10."""

    name, size, colour, template = "stamp", None, "grey", None

    def __init__(self, *needs: str) -> None:
        self.needs = needs

    def __call__(self, shown: np.ndarray, **labels: np.ndarray) -> np.ndarray:
        level = np.where(labels[self.needs[0]], 200, 10).astype(np.uint8)
        return np.broadcast_to(level[:, None, None, None], shown.shape).copy()


def test_a_protection_is_told_the_label_that_it_needs_and_no_other():
    some = faces(4)
    told = protected_pictures(Stamp("Male"), some)
    assert exactly(told[:, 0, 0], np.array([200, 10, 200, 10], np.uint8), because="whole grey levels")
    with pytest.raises(ProtectionError, match="needs points, which tiny does not have"):
        protected_pictures(Stamp("points"), some)
    plain = protected_pictures(Pixelate(strength=0.2), some)
    assert plain.shape == protected_pictures(Unaltered(), some).shape == (4, 8, 8) and plain.dtype == np.uint8
    assert method_name("blur", 0.02) == "blur 0.02" and method_name("before", None) == "before"


class Mean:
    """Embeds a picture by its mean grey level, on a circle."""

    def __call__(self, images, points=None):
        angle = images.mean((1, 2, 3)) / 255 * np.pi
        return Judgement(np.stack([np.cos(angle), np.sin(angle)], 1), np.ones(len(images), bool))


class Noise(Unaltered):
    """A grey level at random for each face."""

    def __call__(self, some, **labels):
        levels = np.random.default_rng(1).integers(0, 255, (len(some), 1, 1, 1))
        return np.broadcast_to(levels, some.shape).astype(np.uint8)


def test_what_a_method_leaves_is_read_and_what_it_takes_is_not():
    extractor = EmbeddingExtractor(Mean(), faces(), AttackSplit(*np.split(np.arange(120), [60, 80])), "Male")
    methods = {("before", None): Unaltered(), ("noise", 1.0): Noise()}
    read = read_embeddings(methods, extractor, replicates=20, seed=0)
    assert exactly(list(read), list(methods), because="names and strengths")
    assert read["before", None].estimate > 0.95 and read["noise", 1.0].estimate < 0.8


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


def test_the_worst_attacker_counts_and_the_tmr_is_that_of_the_method():
    def verified(tmr: float) -> SimpleNamespace:
        reached = {0.01: Estimate(tmr / 50), 0.001: Estimate(0.0)}
        return SimpleNamespace(tmr={0.01: Estimate(tmr), 0.001: Estimate(0.0)}, fmr=reached)

    read = {("op", None): [Estimate(0.6), Estimate(0.9)], ("blur", 0.1): [Estimate(0.7)]}
    records = tradeoff_records(read, {"op": verified(0.5), "blur 0.1": verified(0.2)}, ["op"])
    assert [one["open"] for one in records] == [False, True]
    told = [
        (one["method"], one["strength"], *(one[key].estimate for key in ("auc", "tmr", "fmr")))
        for one in records
    ]
    wanted = [("op", None, 0.9, 0.5, 0.5 / 50), ("blur", 0.1, 0.7, 0.2, 0.2 / 50)]
    assert exactly(told, wanted, because="passed on as it is")
    for missing in ([], [Estimate(0.6), undefined_estimate("one class")]):  # it could be the worst
        with pytest.raises(ValueError, match="strongest"):
            tradeoff_records({("op", None): missing}, {"op": verified(0.5)})
