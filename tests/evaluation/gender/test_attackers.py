"""Who attacks, and what they have to learn from."""

from __future__ import annotations

import numpy as np

from lib.evaluation.gender.attackers import FINETUNED, Lessons, attacker_designs
from lib.networks.registry import ARCHITECTURES
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan
from tests.evaluation.gender.tiny_faces import faces


def test_attackers_learn_from_known_labels_and_count_their_subjects():
    some = faces(unknown=4)
    lessons = Lessons.of(some, np.arange(0, 24), np.arange(24, 36))
    assert len(lessons.own) == 20 and len(np.unique(lessons.own.subjects)) == 5
    assert lessons.counts([2, 5, 9]) == [2]  # the grid has the attacker who learned from all


def test_designs_begin_with_the_first_which_learns_most(tmp_path):
    ModelStore(tmp_path).put(
        "classifier", ARCHITECTURES["patch_classifier"](32), "patch_classifier", {"size": 32}
    )
    epochs = {"gender_classifier": 4, "residual_classifier": 2}
    found = attacker_designs(epochs, TrainingPlan, tmp_path / "classifier", finetuned=3, repeats=2, seed=7)
    assert list(found) == [
        "attacker_gender",
        "attacker_residual",
        "attacker_gender_2",
        "attacker_gender_3",
        FINETUNED,
    ]
    assert found["attacker_gender"].learns_from("report_op")
    assert not found["attacker_residual"].learns_from("report_op")
    assert [found[f"attacker_gender{k}"].plan.seed for k in ("", "_2", "_3")] == [7, 8, 9]
    assert found[FINETUNED].kind == "patch_classifier" and found[FINETUNED].start == tmp_path / "classifier"
    assert list(attacker_designs(epochs, TrainingPlan, tmp_path / "none")) == [
        "attacker_gender",
        "attacker_residual",
    ]
