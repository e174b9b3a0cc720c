"""The range of a measure over judges."""

from __future__ import annotations

import pytest

from lib.evaluation.range_text import estimates, spread


def figure(estimate):
    return {"auc": {"estimate": estimate, "low": estimate, "high": estimate, "n": 3}}


FOUND = {"unseen_a": {"op": figure(0.4)}, "unseen_b": {"op": figure(0.65)}, "attacker_c": {"op": figure(1.0)}}


def test_lowest_and_highest_of_those_asked():
    assert spread(FOUND, ["unseen"], "op", "auc") == "0.40 to 0.65"
    assert max(estimates(FOUND, ["attacker"], "op", "auc")) == pytest.approx(1)


def test_nobody_asked_is_a_dash():
    assert spread(FOUND, ["unseen"], "private", "auc") == spread(FOUND, ["published"], "op", "auc") == "–"
