"""Who is compared with whom."""

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.matching_design import matching_design
from tests.exact import exactly


def labels(rows: list[tuple[str, str]], male: list[bool | None] | None = None) -> pd.DataFrame:
    """Photos of (subject, split)."""
    table = pd.DataFrame(rows, columns=["subject", "split"])
    table["Male"] = pd.array(male or [True] * len(rows), dtype="boolean")
    return table


SPLITS = {"t": "train", "a": "test", "b": "test", "l": "test", "v": "validation", "w": "validation"}
DIVIDED = labels([(name, SPLITS[name]) for name in "ttababalvvw"])


def test_first_photo_is_altered_second_waits_and_validation_sets_thresholds():
    found = matching_design(DIVIDED)
    assert found.probes.tolist() == [2, 3] and found.gallery.tolist() == [4, 5]
    assert found.strangers.tolist() == [7, 8, 9, 10], "who has one photo cannot be compared"
    assert matching_design(DIVIDED, gallery=2).gallery.tolist() == [4, 5, 6]


def test_test_subjects_who_are_not_compared_are_strangers_and_nobody_is_both():
    table = labels([(name, SPLITS.get(name, "test")) for name in "aabbccvw"])
    found = matching_design(table, subjects=2)
    people = table["subject"].to_numpy()
    compared = set(people[found.probes])
    assert len(compared) == 2 and set(people[found.strangers]) == set("abcvw") - compared


def test_without_a_validation_split_those_with_one_photo_are_the_strangers():
    table = labels(
        [("a", "train"), ("a", "train"), ("b", "test"), ("b", "test"), ("c", "test"), ("d", "train")]
    )
    found = matching_design(table)
    assert found.probes.tolist() == [0, 2] and found.strangers.tolist() == [4, 5]
    assert "one photo" in found.strangers_are


def test_unknown_labels_take_no_part():
    table = DIVIDED.assign(Male=pd.array([True] * 2 + [None] + [True] * 8, dtype="boolean"))
    found = matching_design(table)
    assert found.probes.tolist() == [3, 4] and 2 not in np.concatenate([found.gallery, found.strangers])


def test_no_subject_has_two_parts(world):
    found = matching_design(world.labels, gallery=3)
    people = world.subjects
    assert not set(people[found.probes]) & set(people[found.strangers])
    assert exactly(set(people[found.probes]), set(people[found.gallery]), because="names, not numbers")
    assert not set(found.probes) & set(found.gallery)
    assert set(world.labels["split"].iloc[found.probes]) == {"test"}


def test_strangers_come_in_turns_and_subjects_by_seed():
    others = [(name, "validation") for name in "vwxyz" for _ in range(3)]
    table = labels(others + [(f"{n}", "test") for n in range(20)] * 2)
    few = matching_design(table, strangers=6)
    assert table["subject"].iloc[few.strangers].nunique() == 5 and len(few.strangers) == 6
    drawn = [matching_design(table, subjects=5, seed=seed).probes.tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2] and len(drawn[0]) == 5


def test_too_few_is_said():
    with pytest.raises(FaceSetError, match="test subjects with two photos"):
        matching_design(DIVIDED[DIVIDED["subject"] != "a"])
    with pytest.raises(FaceSetError, match="strangers"):
        matching_design(labels([("a", "test"), ("a", "test"), ("b", "test"), ("b", "test")]))
