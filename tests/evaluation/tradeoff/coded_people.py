"""People of two sets with codes of noise, for tests of attackers of codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.evaluation.tradeoff.set_codes import SetCodes
from lib.faces.faceset import FaceSet

EACH, PEOPLE = 3, 160


def people(name: str, *, split: bool, single: int = 0) -> FaceSet:
    """EACH pictures of each of PEOPLE; of the first `single` people one."""
    subject = np.repeat(np.arange(PEOPLE), np.where(np.arange(PEOPLE) < single, 1, EACH))
    labels = pd.DataFrame({"image": [f"i{n}" for n in range(len(subject))]})
    labels["subject"] = [f"{name}{n}" for n in subject]
    parts = np.where(subject < 100, "train", np.where(subject < 120, "validation", "test"))
    labels["split"] = parts if split else ""
    labels["Male"] = pd.array(subject % 2 == 1, dtype="boolean")
    return FaceSet(np.zeros((len(subject), 16, 16, 3), np.uint8), labels, name)


def told(faces: FaceSet, leak: float, seed: int) -> SetCodes:
    """Codes of noise; `leak` of the first number is the label."""
    codes = np.random.default_rng(seed).normal(size=(len(faces), 4)).astype(np.float32)
    codes[:, 0] += leak * (2 * faces.binary("Male") - 1)
    return SetCodes(np.arange(len(faces)), codes)
