"""Scores below faces: certainty, distance from the untouched face, match with another photo."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.scored_faces import MALE, Scored, alternating_rows, score, score_against
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.base import Judgement
from tests.evaluation.brightness import Brightness


def recogniser(images: np.ndarray, points: np.ndarray) -> Judgement:
    return Judgement(images.mean((1, 2)) / 255, np.ones(len(images), bool))


class Corner:
    """Embeds a picture by two of its pixels; finds no face in a white one."""

    def __init__(self, comparison: str) -> None:
        self.card = SimpleNamespace(comparison=comparison)

    def __call__(self, images, points):
        two = images[:, 0, :2, 0].astype(float)
        return SimpleNamespace(values=np.where(two == 255, np.nan, two))


def test_each_score_has_a_line_and_what_was_not_measured_has_none():
    pictures = {name: np.zeros((4, 2, 2), np.uint8) for name in ("before", "op")}
    scores = {
        MALE: {"before": np.array([0.125, np.nan, 0.5, 1]), "op": np.array([0.971, 0.2, 0.2, 0.2])},
        "distance": {"op": np.array([0.41, 0.6, np.inf, -0.0])},
        "attacker": {"op": np.array([0.3, np.nan, 0.25, 0.004])},
    }
    scored = Scored(pictures, scores, list("abcd"), one_person=0.6)
    assert [scored.caption("before", at) for at in range(4)] == ["0.12 male", "", "0.50 male", "1.00 male"]
    assert [scored.caption("op", at) for at in range(4)] == [
        "0.97 male\ndistance 0.41\nsame person\nattacker 0.30",
        "0.20 male\ndistance 0.60\nsomeone else",
        "0.20 male\nno face\nattacker 0.25",
        "0.20 male\ndistance 0.00\nsame person\nattacker 0.00",
    ]
    some = scored.take([2, 0])
    assert some.caption("op", 0) == scored.caption("op", 2) and some.names == ["c", "a"]
    assert some.pictures["op"].shape == (2, 2, 2)
    more = Scored(pictures, {}).preceded_by("gallery", pictures["op"] + 1)
    assert list(more.pictures) == ["gallery", "before", "op"] and more.caption("gallery", 0) == ""


def test_certainty_and_the_distance_from_the_untouched_face(world: FaceSet):
    before = to_grey(world.images[:2])
    scored = score({"before": before, "op": 255 - before}, Brightness(), world.points[:2], recogniser)
    certain = 1 / (1 + np.exp(-20 * (before[1].mean() / 255 - 0.5)))
    assert scored.caption("before", 1) == f"{certain:.2f} male"
    apart = np.sqrt(3) * abs(1 - 2 * before[1].mean() / 255)
    assert scored.caption("op", 1) == f"{1 - certain:.2f} male\ndistance {apart:.2f}"
    alone = score({"before": before, "op": before}, Brightness())
    assert "\n" not in alone.caption("op", 0)


@pytest.mark.parametrize(
    ("comparison", "same", "other"),
    [("cosine", "match 1.00", "match 0.60"), ("euclidean", "distance 0.00", "distance 17.89")],
)
def test_every_picture_is_compared_with_the_other_photo(comparison, same, other):
    known = np.zeros((2, 2, 2), np.uint8)
    known[:, 0] = 20, 0
    turned, white = known.copy(), np.full_like(known, 255)
    turned[:, 0] = 12, 16
    pictures = {"before": known, "op": turned, "nt": white}
    said = score_against(pictures, None, known, None, Corner(comparison))
    assert [said.caption(name, 1) for name in pictures] == [same, other, "no face"]
    both = score_against(pictures, None, known, None, Corner(comparison), Brightness())
    assert [both.caption(name, 0) for name in pictures] == [
        f"0.00 male\n{same}",
        f"0.00 male\n{other}",
        "1.00 male\nno face",
    ]


def test_the_labels_take_turns():
    assert alternating_rows(np.array([True, True, False, False]), 3).tolist() == [2, 0, 3]
    assert alternating_rows(np.array([True, True, True]), 2).tolist() == [0, 1]
