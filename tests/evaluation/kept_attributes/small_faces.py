"""Faces whose labels can be read from single pixels, and a reader that does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.faces.read_labels import ReadLabels
from lib.judges.base import Judgement
from lib.judges.face_reader import FaceReading

SIDE = 32


def small_faces(subjects: int = 12, *, name: str = "rendered", seed: int = 0) -> FaceSet:
    """Seven images of each subject, one of each expression; subjects 0, 3, ... train, 1, 4, ... validate."""
    count = 7 * subjects
    subject, place = np.arange(count) // 7, np.arange(count) % 7
    random = np.random.default_rng(seed)
    male, smiling = subject % 2 == 0, place == EXPRESSIONS.index("happy")
    hat = random.random(count) < 0.5
    labels = pd.DataFrame(
        {
            "image": [f"i{k:03d}" for k in range(count)],
            "subject": [f"s{k}" for k in subject],
            "split": np.array(["train", "validation", "test"])[subject % 3],
            "expression": np.array(EXPRESSIONS)[place],
            "age": 20.0 + 5 * (subject % 7),
            "yaw": random.uniform(-10, 10, count),
        }
    )
    for key, values in (("Male", male), ("Smiling", smiling), ("Wearing_Hat", hat)):
        labels[key] = pd.array(values, dtype="boolean")
    images = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    images[:, 0, 0] = (20 * (place + 1))[:, None]
    images[:, 0, 1] = (100 + 100 * male)[:, None]
    images[:, 0, 2] = (100 + 100 * hat)[:, None]
    images[:, 0, 3] = labels["age"].to_numpy().astype(np.uint8)[:, None]
    return FaceSet(images, labels, name, publishable=True)


class PixelJudge:
    """Reads the expression from the first pixel; 0 there is no face."""

    def __call__(self, images, points=None) -> Judgement:
        code = images[:, 0, 0, 0].astype(int) // 20 - 1
        found = code >= 0
        values = np.where(found[:, None], np.eye(7)[np.clip(code, 0, 6)], np.nan).astype(np.float32)
        return Judgement(values, found)


def pixel_reading(images: np.ndarray) -> FaceReading:
    """Perceived gender, hats and age from their pixels; of the expression nothing, of Smiling a coin."""
    coin = np.random.default_rng(1).random(len(images))
    attributes = {
        "Male": (images[:, 0, 1, 0] > 150).astype(float),
        "Smiling": coin,
        "Wearing_Hat": (images[:, 0, 2, 0] > 150).astype(float),
    }
    return FaceReading(np.zeros((len(images), 0)), attributes, {"age": images[:, 0, 3, 0].astype(float)})


LABELS = ReadLabels(
    expression=True,
    attributes=("Male", "Smiling", "Wearing_Hat"),
    numbers={"age": (35.0, 10.0)},
    majority={"Male": False, "Smiling": False, "Wearing_Hat": False},
    median={"age": 35.0},
)
THRESHOLDS = {"Male": 0.5, "Smiling": 0.5, "Wearing_Hat": 0.5}
