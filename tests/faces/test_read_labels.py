"""Which labels can be learned, and what is said without looking."""

import json

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.read_labels import LEAST, MEASURED, ReadLabels
from tests.exact import exactly

COUNT = 100


def faces() -> FaceSet:
    """A hundred images: half men, one hat in ten, spectacles of all but five, gender of one unknown."""
    place = np.arange(COUNT)
    labels = pd.DataFrame(
        {
            "image": [f"i{k}" for k in place],
            "subject": [f"s{k}" for k in place],
            "split": "train",
            "expression": np.array(EXPRESSIONS)[place % 7],
            "age": place.astype(float),
            "yaw": 0.0,
            "Male": pd.array(place % 4 == 0, dtype="boolean"),
            "Wearing_Hat": pd.array(place % 10 == 0, dtype="boolean"),
            "Young": pd.array(place % 3 > 0, dtype="boolean"),
            "Smiling": pd.array([None, *(place[1:] % 2 == 0)], dtype="boolean"),
        }
    )
    return FaceSet(np.zeros((COUNT, 16, 16, 3), np.uint8), labels, "tiny")


def test_rare_and_partly_unknown_attributes_and_constant_numbers_are_left_out():
    found = ReadLabels.of(faces(), np.arange(COUNT), np.arange(3))
    assert COUNT // 10 < LEAST
    assert set(found.attributes) == {"Male", "Young"} and set(found.numbers) == {"age"}
    assert found.majority == {"Male": False, "Young": True}
    assert found.median["age"] == pytest.approx(49.5) and found.expression
    assert found.settings() == {"expressions": 7, "attributes": 2, "numbers": 1}


def test_an_expression_that_nobody_shows_leaves_all_out():
    rows = np.flatnonzero(faces().labels["expression"] != "fear")
    assert not ReadLabels.of(faces(), rows, rows[:2]).expression


def test_facts_survive_json():
    found = ReadLabels.of(faces(), np.arange(COUNT), np.arange(3))
    kept = ReadLabels.kept(json.loads(json.dumps(found.facts())))
    assert exactly(kept, found, because="JSON keeps every digit of a float")


def test_numbers_keep_their_order_in_files_that_sort_their_keys():
    """Else the pitch would be read from the output of the yaw."""
    labels = ReadLabels(False, (), dict.fromkeys(MEASURED, (0.0, 1.0)), {}, {})
    kept = ReadLabels.kept(json.loads(json.dumps(labels.facts(), sort_keys=True)))
    assert list(kept.numbers) == list(MEASURED) != sorted(MEASURED)


def test_only_a_turn_to_the_side_changes_sign_in_a_mirror():
    labels = ReadLabels(False, (), dict.fromkeys(MEASURED, (0, 1)), {}, {})
    assert dict(zip(MEASURED, labels.mirrored(), strict=True)) == {
        "age": 1,
        "yaw": -1,
        "pitch": 1,
        "gaze": -1,
    }
