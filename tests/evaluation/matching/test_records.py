"""Records of a matching test: every figure once, by the names that tables use."""

from __future__ import annotations

import pytest

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.records import same_photo_records, verification_records
from lib.evaluation.matching.verifications import verifications
from tests.evaluation.matching.embedded_people import DRAWS, toy_test
from tests.exact import exactly


@pytest.fixture
def toy() -> MatchingTest:
    return toy_test()


def test_records_hold_every_figure_once(toy):
    found = verifications(toy, **DRAWS)
    records = verification_records({("a", "m"): found}, "any gender")
    assert len(records) == 5 * 6 == len({(one["row"], one["series"]) for one in records})
    first = {
        "set": "a", "matcher": "m", "impostors": "any gender", "row": "before", "series": "auc",
        "figure": found["before"].auc,
    }  # fmt: skip
    assert exactly(records[0], first, because="names, and a figure passed on as it is")


def test_the_very_photo_stands_beside_a_second_one(toy):
    key = ("a", "m")
    found = {key: verifications(toy, **DRAWS)}
    photos = same_photo_records({key: verifications(toy, same_photo=True, **DRAWS)}, found)
    assert {one["row"] for one in photos} == {"reconstruction", "op", "private"}
    assert {one["series"].split(", ")[1] for one in photos} == {"TMR", "FMR reached"}
    assert photos[-1]["figure"] is found[key][photos[-1]["row"]].fmr[0.01]
