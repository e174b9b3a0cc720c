"""The folds of LFW on pictures whose right answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.protections.baselines import SolidFill, Unaltered
from lib.evaluation.matching.lfw_folds import (
    AS_PUBLISHED,
    SIDE,
    TOLERANCE,
    as_published_accuracies,
    folded_accuracies,
    folds_words,
    gated,
    limit_pairs,
    matcher_gate,
    photographs_of,
    shortfall_words,
)
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.open_photograph import Photograph
from lib.faces.loading.source import Source, whole
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


def photographs(size: int = SIDE) -> Source:
    """The faces of `faces`, as a publisher keeps them: colour, at full resolution."""
    some = faces()

    def decode(data: bytes) -> Photograph:
        tone = np.full((size, size, 3), data[0], np.uint8)
        return Photograph(tone, size=(size, size))

    return Source("lfw", some.labels, lambda row: bytes([10 * (row // 2)]), decode, window=whole)


class Finder:
    """Finds no face in dark pictures."""

    card, name = None, "finder"

    def many(self, images):
        from lib.faces.detections import Detections

        one = Detections(np.array([[9, 9, 99, 99]]), np.full((1, 5, 2), 50.0), np.array([1.0]))
        return [one if image.mean() >= 10 else Detections.none() for image in images]


class Blind:
    """`tone`, without an embedding where no face was found."""

    card = SimpleNamespace(comparison="cosine")

    def __call__(self, images, points=None):
        there = np.isfinite(points).all((1, 2))
        values = tone(images).values.copy()
        values[~there] = np.nan
        return Judgement(values, there)


def test_the_publishers_view_is_the_whole_photograph_and_missing_faces_are_said():
    shown = photographs_of(photographs(), listed(), Finder())
    assert shown.images.shape == (24, SIDE, SIDE, 3) and np.isnan(shown.points[:2]).all()
    found = as_published_accuracies(shown, listed(), {"tone": Blind()}).iloc[0]
    assert found["treatment"] == AS_PUBLISHED and found["pairs without a face"] == 3
    assert found["accuracy"] == pytest.approx(1 - 3 / 24) and found["accuracy with a face"] == pytest.approx(
        1
    )
    with pytest.raises(FaceSetError, match="no usable picture"):
        photographs_of(photographs(), listed().replace(r"^i", "j", regex=True), Finder())


@pytest.mark.parametrize(("accuracy", "passes"), [(0.99, True), (0.98, True), (0.979, False)])
def test_a_matcher_that_is_not_its_publishers_judges_nobody(accuracy: float, passes: bool):
    error = 0.005
    folds = pd.DataFrame(
        [
            ("a", AS_PUBLISHED, accuracy, error),
            ("a", "before", 0.5, error),
            ("ours", AS_PUBLISHED, 0.5, error),
        ],
        columns=["matcher", "treatment", "accuracy", "standard error"],
    ).assign(**{"pairs without a face": 0})
    stated = 0.98 + TOLERANCE
    assert matcher_gate(folds, {"a": stated}) == {"a": passes}, "a standard error widens no gate"
    told = folds_words(folds.replace("ours", "trained_matcher"), {"a": stated}).set_index("matcher")[
        "its publisher states"
    ]
    assert told.to_dict() == {"a": "0.9900", "the matcher of training": "not gated"}
    assert shortfall_words(folds, {"a": stated}) == f"a {100 * (stated - accuracy):.1f}"
    assert shortfall_words(folds, pd.Series({"a": stated})) == shortfall_words(folds, {"a": stated})
    assert shortfall_words(folds[:0], {"a": stated}) == "–"
    left = gated({"a": Blind(), "ours": Blind()}, {"a": passes}, needed=())
    assert list(left) == (["a", "ours"] if passes else ["ours"])
    if not passes:
        with pytest.raises(ValueError, match="a: accuracy on the official pairs of LFW is more than 0.01"):
            gated({"a": Blind()}, {"a": passes}, needed=("a",))
