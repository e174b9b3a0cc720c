"""The folds of LFW on pictures whose right answer is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.protections.baselines import SolidFill, Unaltered
from lib.evaluation.lfw import first_pictures, folded_accuracies, limit_pairs
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement


def faces() -> FaceSet:
    """Twelve subjects of two pictures each; all pixels have the subject's tone."""
    subject = np.repeat(np.arange(12), 2)
    images = np.broadcast_to((20 * subject)[:, None, None, None], (24, 8, 8, 3)).astype(np.uint8)
    labels = pd.DataFrame(
        {"image": [f"i{n}" for n in range(24)], "subject": subject.astype(str), "split": "test"}
    )
    return FaceSet(images, labels.assign(Male=pd.array([True] * 24, "boolean")), "lfw")


def listed() -> pd.DataFrame:
    """Three folds of four subjects: each has mated and non-mated pairs of its own subjects."""
    rows = []
    for fold in range(3):
        own = [4 * fold + n for n in range(4)]
        rows += [(fold, True, f"i{2 * s}", f"i{2 * s + 1}") for s in own]
        rows += [
            (fold, False, f"i{2 * a}", f"i{2 * b + 1}") for a, b in zip(own, [*own[1:], own[0]], strict=True)
        ]
    return pd.DataFrame(rows, columns=["fold", "same", "left", "right"])


def tone(images, points=None):
    """A matcher whose embedding is an angle of the mean tone."""
    angle = images.reshape(len(images), -1).mean(axis=1) / 255 * np.pi
    return Judgement(np.stack([np.cos(angle), np.sin(angle)], axis=1), np.ones(len(images), bool))


def accuracies(faces, pairs, **treatments):
    alter = {"before": Unaltered(), **treatments}
    return folded_accuracies(faces, pairs, {"tone": (tone, "cosine")}, alter).set_index("treatment")


def test_untouched_pairs_are_told_apart_and_one_tone_for_all_is_a_guess():
    found = accuracies(faces(), listed(), op=SolidFill())
    assert found.loc["before", "accuracy"] == pytest.approx(1)
    assert found.loc["op", "accuracy"] < 0.8
    assert found["pairs"].tolist() == [24, 24] and found["pairs without a face"].tolist() == [0, 0]


def test_a_missing_picture_and_an_unknown_label_are_errors_and_counted():
    lacking = faces().take(np.arange(24) != 5)
    assert accuracies(lacking, listed()).loc["before", ["pairs", "pairs without a face"]].tolist() == [24, 2]
    unknown = faces()
    unknown.labels.loc[4, "Male"] = pd.NA
    found = accuracies(unknown, listed())
    assert found.loc["before", "pairs without a face"] == 2 and found.loc["before", "accuracy"] < 1


def test_fewer_pairs_are_taken_evenly():
    some = limit_pairs(listed(), 12)
    assert len(some) == 12 and (some.groupby(["fold", "same"]).size() == 2).all()


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
