"""The report's sample of LFW."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.evaluation.lfw_sample import first_pictures
from lib.faces.faceset import FaceSet


def test_the_first_picture_of_those_who_have_two():
    labels = pd.DataFrame(
        {
            "image": ["b2", "a1", "b1", "c1", "c3", "c2"],
            "subject": ["b", "a", "b", "c", "c", "c"],
            "split": "test",
        }
    )
    some = FaceSet(np.zeros((6, 4, 4, 3), np.uint8), labels, "tiny")
    assert first_pictures(some).labels["image"].tolist() == ["b1", "c1"]
