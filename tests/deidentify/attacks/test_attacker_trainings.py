"""Which attackers are trained: every design on its treatments, and one design on ever more subjects."""

from __future__ import annotations

import numpy as np
import pytest

from lib.deidentify.attacks.attacker_trainings import (
    Design,
    curve_trainings,
    grid_trainings,
    subject_counts,
)
from lib.deidentify.attacks.image_attackers import NOBODY
from lib.deidentify.attacks.result import AttackSplit
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly

LESSONS = AttackSplit(np.arange(4), np.arange(4, 6), NOBODY)
PICTURES = {name: np.zeros((6, 4, 4), np.uint8) for name in ("before", "op", "flat")}
PLAN = TrainingPlan(1)


def test_originals_are_needed():
    with pytest.raises(ValueError, match="treatment `before`"):
        grid_trainings({"op": PICTURES["op"]}, LESSONS, {})


def test_a_design_learns_from_originals_and_from_what_it_names():
    designs = {"a": Design("plain", PLAN), "b": Design("other", PLAN, ("flat",))}
    found = grid_trainings(PICTURES, LESSONS, designs)
    assert [one.name for one in found] == ["a_before", "a_op", "a_flat", "b_before", "b_flat"]
    assert [one.kind for one in found] == ["plain"] * 3 + ["other"] * 2
    assert found[1].pictures is PICTURES["op"] and found[1].rows is LESSONS


def test_fewer_subjects_are_shown_as_many_times_over():
    subjects = np.array(["a", "a", "b", "b", "c", "c"])
    pictures, wanted = {"op": PICTURES["op"]}, {"op": [1, 0]}
    few, all_ = curve_trainings(pictures, LESSONS, subjects, wanted, {"plain": PLAN})
    assert [one.name for one in (few, all_)] == [f"attacker_plain_op_{n}_subjects" for n in (1, 2)]
    assert len(few.rows.train) == 4 and len(set(subjects[few.rows.train])) == 1
    assert exactly(all_.rows.train, LESSONS.train, because="integers")


def test_numbers_beyond_all_are_all():
    assert subject_counts(np.array(["a", "a", "b", "c"]), [2, 7, 0]) == [2, 3]
