"""What a machine computed against what git holds."""

from __future__ import annotations

import pytest

from lib.book.comparison import Comparison, compare, verdict
from lib.measures.estimate import Estimate

FIGURE = Estimate(0.5, 0.4, 0.6, 50)


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        (FIGURE, Estimate(0.5, 0.4, 0.6, 50), "equal"),
        (FIGURE, Estimate(0.59, 0.5, 0.7, 50), "within"),
        (FIGURE, Estimate(0.61, 0.5, 0.7, 50), "outside"),
        (FIGURE, Estimate(0.5, 0.4, 0.6, 49), "outside"),  # a count
        (FIGURE, Estimate(float("nan"), n=50, why="no pairs"), "outside"),
        (Estimate(10.0, n=3), Estimate(10.4, n=3), "within"),  # no interval: the tolerance
        (7, 7, "equal"),
        (7, 8, "outside"),
        (0.10, 0.12, "within"),
        (100.0, 104.0, "within"),
        (100.0, 106.0, "outside"),
        (True, False, "outside"),
        (True, 1, "outside"),
        ("a", "b", "outside"),
        (None, None, "equal"),
        (None, 0.5, "outside"),
    ],
)
def test_each_kind_of_value_has_its_rule(wanted, found, said):
    assert verdict(wanted, found) == said


def record(people=4, **values):
    return {"values": values, "provenance": {"parameters": {"people": people}}}


def test_missing_and_new_values_are_outside_and_the_line_counts():
    found = Comparison()
    before = record(a=FIGURE.to_dict(), b=3, c={"d": [1, 2]}, gone=1)
    now = record(a=Estimate(0.55, 0.4, 0.6, 50).to_dict(), b=3, c={"d": [1, 5]}, new=2)
    compare(before, now, "01", found)
    assert found.line() == "reproduced: 2 of 6 figures equal, 1 within their interval, 3 outside"
    assert [one.partition(": ")[2].partition(":")[0] for one in found.outside] == ["c.d.1", "gone", "new"]


def test_results_of_other_parameters_are_not_compared():
    found = Comparison()
    compare(record(a=1), record(people=5, a=2), "01", found)
    assert found.skipped == ["01: other parameters"] and not found.outside
