from __future__ import annotations

import numpy as np
import pytest

from lib.faces.detections import Detections


def two() -> Detections:
    boxes = [[0, 0, 10, 20], [5, 5, 30, 35]]
    return Detections(np.array(boxes), np.zeros((2, 5, 2)), np.array([0.9, 0.7]))


def test_largest_and_best_are_chosen_by_area_and_by_score():
    faces = two()
    np.testing.assert_array_equal(faces.areas, [200, 750])
    np.testing.assert_array_equal(faces.largest().boxes, [[5, 5, 30, 35]])
    np.testing.assert_array_equal(faces.best().boxes, [[0, 0, 10, 20]])


def test_none_has_no_faces_and_stays_none():
    none = Detections.none()
    assert len(none) == len(none.largest()) == len(none.best()) == 0
    assert none.points.shape == (0, 5, 2) and none.boxes.shape == (0, 4)


def test_arrays_become_float32():
    assert {two().boxes.dtype, two().points.dtype, two().scores.dtype} == {np.dtype(np.float32)}


def test_a_turned_over_box_has_no_area():
    faces = Detections(np.array([[10, 10, 0, 0]]), np.zeros((1, 5, 2)), np.ones(1))
    assert faces.areas[0] == 0


@pytest.mark.parametrize("points", [np.zeros((1, 5, 2)), np.zeros((2, 10))])
def test_wrong_shapes_are_refused(points):
    with pytest.raises(ValueError, match="points must have the shape"):
        Detections(np.zeros((2, 4)), points, np.zeros(2))
