"""Samples as large as the report's."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.gender.report_sample import sampled_aucs
from lib.measures.score_table import ScoreTable


def test_a_sample_is_drawn_once_and_for_all_judges() -> None:
    rising = np.arange(40.0)
    male, people = rising >= 20, rising.astype(int).astype(str)
    scores = {"a": {"before": rising, "op": -rising}, "b": {"before": -rising, "op": rising}}
    few = sampled_aucs(ScoreTable(scores, male, people), 10, seed=3)
    assert few["classifier"].tolist() == ["a", "b"] and few["pictures"].tolist() == [10, 10]
    assert few["before"].tolist() == [1, 0] and few["op"].tolist() == [0, 1]
    noise = ScoreTable({"a": {"op": np.random.default_rng(0).normal(size=40)}}, male, people)
    one, again, other = (sampled_aucs(noise, 20, seed=seed)["op"][0] for seed in (1, 1, 2))
    assert one == pytest.approx(again) and one != pytest.approx(other)
    assert sampled_aucs(noise, 99, seed=0)["pictures"][0] == 40


def test_treatments_that_do_not_stand_beside_the_report_are_left_out() -> None:
    scores = {"a": {"control": np.arange(4.0), "op": np.arange(4.0)}}
    found = sampled_aucs(ScoreTable(scores, np.arange(4) > 1, np.arange(4)), 4, seed=0)
    assert list(found) == ["op", "pictures", "classifier"]
