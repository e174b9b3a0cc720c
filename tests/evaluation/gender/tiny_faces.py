"""Faces of chapter 05 that are told apart by brightness, and who reads them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.deidentify.attacks.result import Gate, attack_result
from lib.evaluation.gender.attacker_readings import GenderAttacks
from lib.evaluation.gender.judged_faces import GenderTest
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from lib.measures.score_table import ScoreTable

N = 48


def faces(name: str = "tiny", *, unknown: int = 0) -> FaceSet:
    """Twelve subjects of four images in three splits; men are bright."""
    subject = np.arange(N) // 4
    male = subject % 2 == 0
    label = pd.array(male, dtype="boolean")
    label[:unknown] = pd.NA
    table = pd.DataFrame(
        {"image": [f"{name}{k}" for k in range(N)], "subject": [f"{name}{k}" for k in subject]}
    )
    table = table.assign(split=np.array(["train", "validation", "test"])[subject % 3], Male=label)
    images = np.broadcast_to(np.where(male, 180, 60).astype(np.uint8)[:, None, None, None], (N, 16, 16, 3))
    return FaceSet(images.copy(), table, name, publishable=True)


def drawn(**options: int) -> GenderTest:
    some = faces()
    return GenderTest.of(some, np.flatnonzero(some.labels["split"] == "validation"), **options)


class Brightness:
    """Scores the mean grey level, around 120; sees no face where the first pixel is 0."""

    def __call__(self, images, points=None):
        seen = images[:, 0, 0, 0] > 0
        return Judgement(np.where(seen, images.mean((1, 2, 3)) - 120.0, np.nan).astype(np.float32), seen)


def pictures(test: GenderTest) -> dict[str, np.ndarray]:
    before = test.faces.images[..., 0]
    return {"before": before, "op": (240 - before).astype(np.uint8)}


def attacks(test: GenderTest) -> GenderAttacks:
    rows = test.rows["tiny"]
    male, subjects = test.male[rows], test.faces.subjects[rows]
    one = attack_result(np.where(male, 1.0, -1.0), male, subjects, 1.0, replicates=20)
    read = {"attacker_a": {"before": one, "op": one}}
    return GenderAttacks(
        {"tiny": ScoreTable({}, male, subjects)}, {}, {"tiny": read}, {"tiny": Gate(("attacker_a",), ())}
    )
