"""The two prices of a method: the worst of its attackers counts, whoever he is."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lib.evaluation.tradeoff.prices import tradeoff_records, tradeoff_results, with_others
from lib.measures.estimate import Estimate, undefined_estimate
from tests.exact import exactly


def test_the_worst_attacker_counts_and_the_tmr_is_that_of_the_method():
    def verified(tmr: float) -> SimpleNamespace:
        reached = {0.01: Estimate(tmr / 50), 0.001: Estimate(0.0)}
        return SimpleNamespace(tmr={0.01: Estimate(tmr), 0.001: Estimate(0.0)}, fmr=reached)

    read = {"op": [Estimate(0.6), Estimate(0.9)], "blur 0.1": [Estimate(0.7)]}
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
            tradeoff_records({"op": missing}, {"op": verified(0.5)})


def test_results_name_a_method_with_its_strength():
    figures = {"auc": Estimate(0.9), "tmr": Estimate(0.5), "fmr": Estimate(0.01)}
    records = [
        {"method": "k-Same", "strength": None, **figures},
        {"method": "blur", "strength": 0.02, **figures},
    ]
    assert list(tradeoff_results(records)) == ["k-Same", "blur_0.02"]


def test_further_attackers_come_behind_and_bring_methods_of_their_own():
    low, high = Estimate(0.6), Estimate(0.8)
    found = with_others({"before": [low], "blur 0.1": [low]}, {"before": [high], "op": [high], "filter": []})
    wanted = {"before": [low, high], "blur 0.1": [low], "op": [high]}
    assert exactly(found, wanted, because="passed on as it is")
