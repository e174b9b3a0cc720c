"""Training subjects in thirds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.faces import row_sampling
from lib.faces.row_sampling import limit_per_subject
from lib.faces.splits import ROLES, role_of, role_rows, roles
from tests.exact import exactly


def labels(subjects: list[str], split: str = "train") -> pd.DataFrame:
    return pd.DataFrame({"subject": subjects, "split": split})


def test_thirds_are_of_about_one_size_and_only_in_train():
    found = roles(labels([f"{n:06d}" for n in range(3000)]))
    assert all(abs((found == role).mean() - 1 / 3) < 0.03 for role in ROLES)
    assert set(roles(labels(["a", "b"], "test"))) == {""}


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=40), st.randoms())
def test_a_subject_has_one_role_in_any_set_and_order(subjects, random):
    table = labels(subjects)
    shuffled = table.sample(frac=1, random_state=random.randrange(2**31))
    assert exactly(roles(shuffled), roles(table)[shuffled.index], because="names, not numbers")
    assert [role_of(subject) for subject in subjects] == list(roles(table))


def test_roles_stay_what_they_are():
    """Trained networks rely on them: another hash would show judges faces that the protection has seen."""
    expected = ["protection", "attackers", "attackers", "attackers", "protection"]
    assert [role_of(name) for name in ("000001", "000002", "Aaron_Eckhart", "7", "é")] == expected


def test_rows_of_a_role_hold_whole_subjects(world):
    rows = [role_rows(world.labels, role) for role in ROLES]
    assert len(np.concatenate(rows)) == len(np.unique(np.concatenate(rows))) == 16 * 4
    people = [set(world.labels["subject"].iloc[part]) for part in rows]
    assert not people[0] & people[1] and not people[1] & people[2] and not people[0] & people[2]
    with pytest.raises(ValueError, match="one of protection"):
        role_rows(world.labels, "judges")
    with pytest.raises(ValueError, match="too few subjects"):
        role_rows(world.labels[world.labels["split"] == "test"], "unseen")


def test_often_keeps_whole_subjects_in_order():
    labels = pd.DataFrame({"subject": ["a", "b", "a", "c", "b", "a"]})
    assert row_sampling.with_min_images(labels, np.array([0, 1, 2, 3, 4]), 2).tolist() == [0, 1, 2, 4]
    assert row_sampling.with_min_images(labels, np.array([0, 3]), 2).tolist() == []


def test_the_first_of_each_subject_in_their_order():
    labels = pd.DataFrame({"subject": ["b", "a", "b", "b", "a", "c"]})
    rows = np.array([0, 2, 3, 4, 5])
    assert list(limit_per_subject(labels, rows, 2)) == [0, 2, 4, 5]
    assert list(limit_per_subject(labels, rows, 0)) == list(rows)
