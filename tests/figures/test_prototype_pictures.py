"""Pictures of prototypes: which columns there are, what a strength does, and scores below the faces."""

from __future__ import annotations

import numpy as np

from lib.figures import prototype_pictures as pictures


def _mean(level: float) -> np.ndarray:
    return np.full((16, 16, 3), level)


def test_a_row_has_what_its_means_allow():
    both = pictures.prototype_row({"female": _mean(100.4), "male": _mean(110.4)}, _mean(105.6))
    assert list(both) == ["female", "male", "neutral", "male − female, ×4"]
    assert [int(one[0, 0, 0]) for one in both.values()] == [100, 110, 106, 168]
    assert list(pictures.prototype_row({"everybody": _mean(1)})) == ["everybody"]


def test_strength_adds_the_direction_and_stays_within_a_picture():
    faces = np.full((1, 2, 2, 3), 100, np.uint8)
    assert pictures.strengthened(faces, np.full((2, 2, 3), 10.0), -1.5)[0, 0, 0, 0] == 85
    assert pictures.strengthened(faces, np.full((2, 2, 3), 99.0), 2)[0, 0, 0, 0] == 255
    assert pictures.strengthened(faces, np.full((2, 2, 3), 9.0), 0)[0, 0, 0, 0] == 100


def test_the_slider_begins_with_the_face_as_it_is_and_writes_scores_below():
    faces = np.full((2, 16, 16, 3), 100, np.uint8)
    scores = [np.array([0.25, 0.5])] * 3
    made = pictures.strength_slider(faces, _mean(10.0), [-1, 0, 1], scores)
    assert made.labels == ["-1 × (male − female)", "as it is", "+1 × (male − female)"]
    assert made.start == 1 and len(set(made.pictures)) == 3
    bare = pictures.strength_slider(faces, _mean(10.0), [-1, 0, 1])
    assert len(bare.pictures[0]) < len(made.pictures[0]), "no scores below"


def test_faces_that_change_sides_are_counted_once():
    scores = [np.array([0.1, 0.9, 0.2]), np.array([0.6, 0.8, 0.4]), np.array([0.2, 0.7, 0.5])]
    assert pictures.changed_sides(scores) == "1 of 3" and pictures.changed_sides([]) == "–"


def test_a_mean_grows_from_one_image():
    means = {1: {"female": _mean(10), "male": _mean(20)}, 1000: {"female": _mean(30), "male": _mean(40)}}
    made = pictures.growth_slider(means)
    assert made.labels == ["1 image", "1,000 images"] and made.start == 0
