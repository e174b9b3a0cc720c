"""Goals held against results."""

from __future__ import annotations

import math

from lib.book.goals import SEMI_ADVERSARIAL, Goal, goals_table
from lib.book.results import figures
from tests.exact import exactly


def figure(estimate, spread=0.02):
    return {"estimate": estimate, "low": estimate - spread, "high": estimate + spread, "n": 50}


def who(op, control, free):
    return {"op": {"auc": figure(op), "auc_free": figure(free)}, "control": {"auc": figure(control)}}


VALUES = {
    "05": {
        "celeba": {
            "unseen_a": who(0.3, 0.9, 0.7),
            "unseen_b": who(0.85, 0.9, 0.85),
            "own": who(0.1, 0.9, 0.9),
        }
    }
}


def row(goal):
    return goals_table([goal], VALUES).iloc[0]


def test_the_worst_of_those_asked_decides():
    most = row(Goal("", "05", ("celeba.unseen_*.op.auc_free",), 0.8, most=True))
    assert exactly(
        (most["figure"], most["estimate"], most["reached"]),
        ("celeba.unseen_b.op.auc_free", 0.85, "no"),
        because="copied, not computed",
    )
    least = row(Goal("", "05", ("celeba.unseen_*.op.auc_free",), 0.6))
    assert (least["figure"], least["reached"]) == ("celeba.unseen_a.op.auc_free", "yes")


def test_a_difference_lies_below_the_other_treatment():
    one = row(Goal("", "05", ("celeba.unseen_*.op.auc",), 0.1, below="control"))
    assert one["figure"] == "celeba.unseen_b.op.auc"
    assert math.isclose(one["estimate"], 0.05) and one["reached"] == "no"
    assert math.isclose(one["high"] - one["estimate"], 0.02 * math.sqrt(2))


def test_what_nobody_measured_is_not_reached():
    assert row(Goal("", "06", ("celeba.*",), 0.1))["reached"] == "not measured"
    assert row(Goal("", "05", ("lfw.*",), 0.1))["reached"] == "not measured"
    assert row(Goal("", "05", ("celeba.own.op.auc",), 0.1, below="authors_op"))["reached"] == "not measured"


def test_every_goal_names_figures_by_their_dotted_keys():
    assert "celeba.unseen_a.op.auc" in figures(VALUES["05"])
    assert all(name.count(".") >= 1 for goal in SEMI_ADVERSARIAL for name in goal.names)
