"""Who plays which part: nobody plays two, and a probe is no photo of the gallery."""

import numpy as np
import pandas as pd
import pytest

from lib.evaluation.parties import OWN_MATCHERS
from lib.evaluation.rotation.people import (
    CHOOSERS,
    LEARNERS,
    STRANGERS,
    TEST,
    Group,
    Plan,
    attackers_rows,
    parts_of,
    parts_table,
)
from lib.evaluation.who_saw_whom import LeakError
from lib.faces.faceset import FaceSetError
from lib.faces.splits import role_rows, split_by_subject
from lib.judges.result_keys import HELD_OUT_MATCHER
from tests.exact import exactly


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
    assert exactly(list(groups), [TEST, CHOOSERS, STRANGERS], because="names")
    assert [len(one) for one in names] == [10, 10, 10]
    assert not (names[0] & names[1] or names[1] & names[2] or names[0] & names[2])
    for one in groups.values():
        assert one.gallery.shape == (10, 3) and not np.isin(one.gallery, one.probes).any()
        assert (people[one.gallery] == people[one.probes][:, None]).all()
    assert set(labels["split"].iloc[groups[TEST].probes]) == {"test"}


def test_as_many_as_wanted_and_the_same_each_time(labels):
    plan = Plan(subjects=4, choosers=3, strangers=5, gallery=1, seed=3)
    first, again = plan.groups(labels), plan.groups(labels)
    assert [len(one.probes) for one in first.values()] == [4, 3, 5]
    assert all(exactly(first[name].gallery, again[name].gallery, because="copied pixels") for name in first)


def test_a_gallery_that_nobody_has_photos_for(labels):
    with pytest.raises(FaceSetError, match="gallery_photos"):
        Plan(gallery=4).groups(labels)


def test_attackers_have_their_own_part(labels):
    rows = attackers_rows(labels, subjects=3, photos=2)
    assert len(rows) == 6 and np.isin(rows, role_rows(labels, "attackers")).all()
    assert len(attackers_rows(labels, 0, 0)) == len(role_rows(labels, "attackers"))


def whole_page(labels):
    """Rows of everybody, by the code that splits a set without a split of its own."""
    labels = labels.assign(split=split_by_subject(labels["subject"]))
    rows = {
        "codec": np.concatenate([role_rows(labels, role) for role in LEARNERS]),
        "held_out": role_rows(labels, OWN_MATCHERS[HELD_OUT_MATCHER]),
        "attackers": attackers_rows(labels, 0, 2),
    }
    rows |= {"cleaner": rows["codec"], "crowd": rows["codec"][::4]}
    return labels, rows, Plan(gallery=3).groups(labels)


def test_who_protects_attacks_chooses_and_is_judged_are_different_people(labels):
    labels, rows, groups = whole_page(labels)
    people = labels["subject"].to_numpy()
    parts = parts_of(people, rows, groups)
    kinds = [("codec", "cleaner", "crowd"), ("held_out", "attackers"), (CHOOSERS,), (STRANGERS,), (TEST,)]
    met = [set().union(*(parts[name].subjects for name in kind)) for kind in kinds]
    assert sum(map(len, met)) == len(set().union(*met)) and all(met)
    learning = parts["codec"].subjects | parts["attackers"].subjects
    assert not learning ^ set(people[labels["split"] == "train"])
    table = parts_table(parts)
    assert len(table) <= 8 and table.shape[1] <= 6
    assert table["share subjects with"].tolist()[-3:] == ["nobody"] * 3
    assert table["share subjects with"].iloc[3] == "regression, restorer"


@pytest.mark.parametrize(
    ("one", "other"), [("attackers", TEST), ("codec", STRANGERS), ("codec", "attackers"), (CHOOSERS, TEST)]
)
def test_a_page_on_which_two_meet_who_must_not_stops(labels, one, other):
    labels, rows, groups = whole_page(labels)
    every = {**rows, **{name: group.probes for name, group in groups.items()}}
    seen = every[other][:1]
    if one in groups:
        group = groups[one]
        groups[one] = Group(np.r_[group.probes, seen], np.r_[group.gallery, np.repeat(seen, 3)[None]])
    else:
        rows[one] = np.r_[rows[one], seen]
    with pytest.raises(LeakError, match="share 1 subject"):
        parts_of(labels["subject"].to_numpy(), rows, groups)
