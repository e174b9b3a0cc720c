"""Scores of several judges by hand."""

import numpy as np

from lib.measures.score_table import ScoreTable
from tests.exact import exactly

NAN = float("nan")
TABLE = ScoreTable(
    {
        "a": {"before": np.array([1.0, 2, 3, 4]), "op": np.array([4.0, 3, 2, 1])},
        "b": {"op": np.array([1, 3.0, NAN, 4])},
    },
    np.array([False, False, True, True]),
    np.array(["p", "q", "r", "s"]),
)


def test_a_picture_counts_where_everybody_scored_it():
    whole = TABLE.complete()
    assert list(whole.subjects) == ["p", "q", "s"] and list(whole.positive) == [False, False, True]
    assert exactly(whole.scores["a"]["op"], np.array([4.0, 3, 1]), because="taken as they are")


def test_plain_aucs_of_each_judge_and_treatment():
    assert TABLE.complete().aucs() == {"a": {"before": 1.0, "op": 0.0}, "b": {"op": 1.0}}
    some = TABLE.take(np.array([1, 0, 3, 2]))
    assert list(some.subjects) == ["q", "p", "s", "r"] and some.scores["a"]["before"][0] == 2
