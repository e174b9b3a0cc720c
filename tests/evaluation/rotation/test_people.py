"""Who plays which part: nobody plays two, and a probe is no photo of the gallery."""

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.rotation.people import CHOOSERS, STRANGERS, TEST, Plan, attackers_rows, counts_table
from lib.faces.faceset import FaceSetError
from lib.faces.splits import role_rows


@pytest.fixture(scope="module")
def labels():
    people = np.repeat(np.arange(60), 4)
    split = np.select([people < 30, people < 50], ["train", "validation"], "test")
    male = pd.array(people % 2 == 0, dtype="boolean")
    return pd.DataFrame({"subject": people.astype(str), "split": split, "Male": male})


def test_nobody_plays_two_parts(labels):
    groups = Plan(gallery=3).groups(labels)
    people = labels["subject"].to_numpy()
    names = [set(people[one.probes]) for one in groups.values()]
    assert list(groups) == [TEST, CHOOSERS, STRANGERS] and [len(one) for one in names] == [10, 10, 10]
    assert not (names[0] & names[1] or names[1] & names[2] or names[0] & names[2])
    for one in groups.values():
        assert one.gallery.shape == (10, 3) and not np.isin(one.gallery, one.probes).any()
        assert (people[one.gallery] == people[one.probes][:, None]).all()
    assert set(labels["split"].iloc[groups[TEST].probes]) == {"test"}


def test_as_many_as_wanted_and_the_same_each_time(labels):
    plan = Plan(subjects=4, choosers=3, strangers=5, gallery=1, seed=3)
    first, again = plan.groups(labels), plan.groups(labels)
    assert [len(one.probes) for one in first.values()] == [4, 3, 5]
    assert all(np.array_equal(first[name].gallery, again[name].gallery) for name in first)


def test_a_gallery_that_nobody_has_photos_for(labels):
    with pytest.raises(FaceSetError, match="gallery_photos"):
        Plan(gallery=4).groups(labels)


def test_attackers_have_their_own_part(labels):
    rows = attackers_rows(labels, subjects=3, photos=2)
    assert len(rows) == 6 and np.isin(rows, role_rows(labels, "attackers")).all()
    assert len(attackers_rows(labels, 0, 0)) == len(role_rows(labels, "attackers"))
    table = counts_table(Plan(gallery=3).groups(labels), rows, labels["subject"].to_numpy())
    assert table["subjects"].tolist() == [10, 10, 10, 3] and table["photos"].tolist() == [40, 40, 40, 6]
