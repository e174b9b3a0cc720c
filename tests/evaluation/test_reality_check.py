from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.evaluation.photograph_check import (
    PROTOCOLS,
    Protocol,
    check_photographs,
    read_photographs,
    reduce_to,
)
from lib.evaluation.reality_check import ADULT, as_values, judge_estimates, read_faces, reality
from lib.faces.detections import Detections
from lib.faces.faceset import EXPRESSIONS, POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.row_sampling import equal_expressions, some_subjects
from lib.judges.base import JudgeError, Judgement, ModelCard, known
from lib.judges.registry import CARDS
from tests.exact import exactly

POINTS = np.array([[30, 30], [50, 30], [40, 40], [32, 52], [48, 52]], np.float32)
QUICK = {"replicates": 200}


def labels(subjects: int = 14, each: int = 4) -> pd.DataFrame:
    number = np.arange(subjects * each)
    subject = number // each
    return pd.DataFrame(
        {
            "image": [f"{n:03d}" for n in number],
            "subject": [f"s{s:02d}" for s in subject],
            "split": "test",
            "Male": pd.array(subject % 2 == 0, "boolean"),
            "age": 5.0 + 4 * subject,
            "expression": [EXPRESSIONS[n % 7] for n in number],
        }
    )


def faceset(table: pd.DataFrame, name: str = "rendered", side: int = 80) -> FaceSet:
    """Pictures whose first pixel is their row, so that a told judge knows where it is."""
    images = np.zeros((len(table), side, side, 3), np.uint8)
    images[:] = np.arange(len(table), dtype=np.uint8)[:, None, None, None]
    return FaceSet(images, table, name)


class Told:
    """A judge that answers by rows, for faces with points."""

    def __init__(self, card: ModelCard, values: np.ndarray) -> None:
        self.card, self.values = card, np.asarray(values, np.float32)

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        assert points is not None
        rows = images[:, 0, 0, 0].astype(int)
        acquired = known(points)
        shape = (-1, *[1] * (self.values.ndim - 1))
        return Judgement(np.where(acquired.reshape(shape), self.values[rows], np.nan), acquired)


class Finder:
    """Finds every face but those of some rows."""

    card, name = CARDS["yunet"], "finder"

    def __init__(self, lost: tuple[int, ...] = ()) -> None:
        self.lost = lost

    def __call__(self, image: np.ndarray) -> Detections:
        if int(image[0, 0, 0]) in self.lost:
            return Detections.none()
        return Detections(np.array([[20, 20, 60, 60]]), POINTS[None], np.ones(1))

    def many(self, images: np.ndarray) -> list[Detections]:
        return [self(image) for image in images]


def test_a_perfect_judge_a_reversed_one_and_a_blind_one() -> None:
    table = labels()
    male = table["Male"].to_numpy(float)
    card = CARDS["gender_plain_cnn"]
    judges = {
        "yunet": Finder(),
        "right": Told(card, male),
        "reversed": Told(card, -male),
        "blind": Told(card, np.zeros(len(table))),
    }
    figures = reality(faceset(table), judges, progress=False, **QUICK)
    assert [figures[name]["auc"].estimate for name in ("right", "reversed", "blind")] == [1, 0, 0.5]
    assert figures["yunet"]["found"].estimate == 1
    adults = table["age"] >= ADULT
    assert figures["right"]["auc"].n == table["subject"][adults].nunique() < table["subject"].nunique()


def test_children_are_not_asked_for_their_gender() -> None:
    table = labels()
    values = np.where(table["age"] < ADULT, 1 - table["Male"].to_numpy(float), table["Male"].to_numpy(float))
    judgement = Judgement(values, np.ones(len(table), bool))
    assert judge_estimates(CARDS["gender_mini_xception"], judgement, table, **QUICK)["auc"].estimate == 1
    without_age = judge_estimates(
        CARDS["gender_mini_xception"], judgement, table.drop(columns="age"), **QUICK
    )
    assert without_age["auc"].estimate < 1


def test_failures_are_counted_and_left_out() -> None:
    table = labels()
    male = table["Male"].to_numpy(float)
    male[[20, 30]] = 5  # would be wrong, but their faces are not found
    table.loc[[20, 30], "Male"] = False
    judges = {"yunet": Finder((20, 30)), "gender": Told(CARDS["gender_plain_cnn"], male)}
    reading = read_faces(faceset(table), judges, progress=False)
    figures = reading.figures(**QUICK)
    assert figures["gender"]["fta"].estimate == pytest.approx(2 / len(table))
    assert figures["yunet"]["found"].estimate == pytest.approx(1 - 2 / len(table))
    assert figures["gender"]["auc"].estimate == 1
    assert reading.points_from == "yunet" and np.isnan(reading.table()["gender"][[20, 30]]).all()


def test_recogniser_of_one_hot_subjects() -> None:
    table = labels()
    subject = table["subject"].str[1:].to_numpy(int)
    one_hot = np.eye(14)[subject]
    for card in (CARDS["identity_reid0095"], CARDS["dlib_recogniser"]):
        judgement = Judgement(one_hot, np.ones(len(table), bool))
        figures = judge_estimates(card, judgement, table, **QUICK)
        assert figures["auc"].estimate == figures["auc_same_gender"].estimate == 1
        assert figures["auc"].n == 14
    gender_only = Judgement(np.eye(2)[subject % 2], np.ones(len(table), bool))
    figures = judge_estimates(CARDS["identity_reid0095"], gender_only, table, **QUICK)
    assert figures["auc"].estimate > 0.7 and figures["auc_same_gender"].estimate == 0.5


def test_age_by_hand() -> None:
    table = labels()
    judgement = Judgement(table["age"] + 3, np.ones(len(table), bool))
    figures = judge_estimates(CARDS["age_tinyxception"], judgement, table, **QUICK)
    assert figures["mae"].estimate == pytest.approx(3, abs=1e-5)
    assert figures["r"].estimate == pytest.approx(1, abs=1e-6)
    assert set(as_values({"age": figures})["age"]["r"]) == {"estimate", "low", "high", "n"}


def test_emotion_recalls_by_hand() -> None:
    table = labels()
    told = np.eye(7)[np.arange(len(table)) % 7]
    fear = EXPRESSIONS.index("fear")
    told[table["expression"] == "fear"] = np.eye(7)[EXPRESSIONS.index("surprise")]
    judgement = Judgement(told, np.ones(len(table), bool))
    figures = judge_estimates(CARDS["emotion_dense"], judgement, table, **QUICK)
    assert figures["recall_fear"].estimate == 0 and figures["recall_sad"].estimate == 1
    assert figures["recall"].estimate == pytest.approx(6 / 7)
    assert set(figures) == {"recall", "fta", *(f"recall_{name}" for name in EXPRESSIONS)} and fear == 2


@pytest.mark.parametrize(
    "task", ["gender_plain_cnn", "age_tinyxception", "emotion_dense", "identity_reid0095"]
)
def test_without_labels_or_faces_the_figure_says_why(task: str) -> None:
    card = CARDS[task]
    table = labels(3, 1)[["image", "subject", "split"]]
    width = {"emotion": (3, 7), "identity": (3, 4)}.get(card.task, (3,))
    for values, acquired in ((np.zeros(width), True), (np.full(width, np.nan), False)):
        figures = judge_estimates(card, Judgement(values, np.full(3, acquired)), table, **QUICK)
        assert all(figure.why for name, figure in figures.items() if name != "fta")
        assert figures["fta"].estimate == pytest.approx(1 - acquired)


def test_points_are_shared_or_missed_loudly() -> None:
    table = labels(3, 2)
    judge = {"gender": Told(CARDS["gender_plain_cnn"], np.zeros(6))}
    with pytest.raises(JudgeError, match="no points from any detector"):
        read_faces(faceset(table), judge, progress=False)
    table[list(POINT_COLUMNS)] = POINTS.reshape(1, 10).repeat(6, 0)
    reading = read_faces(faceset(table), judge, points_from="labels", progress=False)
    assert reading.judgements["gender"].acquired.all()


@settings(max_examples=30, deadline=None)
@given(
    st.integers(7, 60),
    st.integers(1, 5),
    st.integers(0, 99),
    st.lists(st.integers(0, 6), min_size=5, max_size=80),
)
def test_expressions_are_equally_frequent(images: int, each: int, seed: int, extra: list[int]) -> None:
    expression = [EXPRESSIONS[at] for at in [*range(7), *extra]]
    table = pd.DataFrame({"subject": [str(n // 4) for n in range(len(expression))], "expression": expression})
    rows = equal_expressions(table, images, per_subject=each, seed=seed)
    counts = Counter(table["expression"][rows])
    assert len(set(counts.values())) <= 1 and len(rows) <= images and len(set(rows)) == len(rows)
    assert not len(rows) or Counter(table["subject"][rows]).most_common(1)[0][1] <= each
    assert exactly(
        rows,
        equal_expressions(table, images, per_subject=each, seed=seed),
        because="row numbers are integers",
    )


def test_a_missing_expression_is_named() -> None:
    table = labels()
    table = table[table["expression"] != "disgust"]
    with pytest.raises(FaceSetError, match="disgust"):
        equal_expressions(table, 21)


def test_subjects_with_mates_are_drawn_first() -> None:
    table = pd.DataFrame({"subject": list("abbbcddddde")})
    rows = some_subjects(table, 2, 2, seed=3)
    assert Counter(table["subject"][rows]) == {"b": 2, "d": 2}
    assert Counter(table["subject"][some_subjects(table, 9, 4)]) == {"a": 1, "b": 3, "c": 1, "d": 4, "e": 1}


def test_photographs_are_reduced_with_their_points() -> None:
    faces = faceset(labels(3, 2), "lfw", side=80)
    small = reduce_to(faces, 40, Finder((2,)), progress=False)
    assert small.size == (40, 40) and small.points is not None
    np.testing.assert_allclose(small.points[0], (POINTS + 0.5) / 2 - 0.5)
    assert np.isnan(small.points[2]).all() and small.images[4, 0, 0, 0] == 4
    assert reduce_to(faces, 112, Finder(), progress=False).size == (80, 80)


def test_a_set_is_asked_what_it_is_labelled_for() -> None:
    table = labels()
    judges = {
        "yunet": Finder(),
        "gender_x": Told(CARDS["gender_plain_cnn"], table["Male"].to_numpy(float)),
        "age_x": Told(CARDS["age_tinyxception"], table["age"].to_numpy()),
        "identity_x": Told(CARDS["identity_reid0095"], np.eye(14)[np.arange(56) // 4]),
    }
    out = check_photographs(
        {name: faceset(table, name) for name in ("lfw", "utkface")}, judges, size=40, progress=False, **QUICK
    )
    assert list(out["lfw"]) == ["yunet", "gender_x", "identity_x"] and list(out["utkface"]) == [
        "gender_x",
        "age_x",
    ]
    assert out["lfw"]["gender_x"]["auc"].estimate == 1
    with pytest.raises(JudgeError, match="no protocol for 'jaffe'"):
        read_photographs(faceset(table, "jaffe"), judges, progress=False)
    asked = read_photographs(faceset(table, "jaffe"), judges, protocol=Protocol(("age",)), progress=False)
    assert list(asked.judgements) == ["age_x"]
    assert PROTOCOLS["fer2013"].framed


def test_points_need_a_detector() -> None:
    judges = {"age_x": Told(replace(CARDS["age_tinyxception"]), np.zeros(6))}
    with pytest.raises(JudgeError, match="no detector"):
        read_photographs(faceset(labels(3, 2), "utkface"), judges, progress=False)
