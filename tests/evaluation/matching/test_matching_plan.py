"""A plan chooses alike for every set."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.evaluation.matching.matching_plan import MatchingPlan
from lib.faces.faceset import FaceSet
from lib.faces.matching_design import matching_design
from tests.exact import exactly


def faces(split: list[str], subjects: str) -> FaceSet:
    count = len(split)
    labels = pd.DataFrame(
        {"image": [f"i{n}" for n in range(count)], "subject": list(subjects), "split": split}
    )
    return FaceSet(
        np.zeros((count, 4, 4, 3), np.uint8), labels.assign(Male=pd.array([True] * count, "boolean")), "tiny"
    )


DIVIDED = faces(["test"] * 6 + ["validation"] * 2, "aabbccde")
WHOLE = faces(["test"] * 6, "aabbcd")


def test_the_plan_is_handed_to_the_design() -> None:
    design = MatchingPlan(subjects=2, gallery=1, strangers=3, seed=4).design(DIVIDED.labels)
    wanted = matching_design(DIVIDED.labels, subjects=2, gallery=1, strangers=3, seed=4)
    for part in ("probes", "gallery", "strangers"):
        assert exactly(getattr(design, part), getattr(wanted, part), because="rows are whole numbers")
    assert len(design.probes) == 2 and len(design.strangers) == 3
    assert len(MatchingPlan().design(DIVIDED.labels).probes) == 3


def test_strangers_are_said_for_each_set() -> None:
    assert MatchingPlan().strangers_are({"celeba": DIVIDED, "lfw": WHOLE}) == {
        "celeba": "validation subjects, and test subjects who are not compared",
        "lfw": "subjects with one photo only",
    }
