"""A set of faces in another size."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet
from lib.faces.resize import resized


def checkered():
    """One picture of 4 x 8 pixels, the left half black, a point in the middle and a box over all."""
    pictures = np.zeros((1, 4, 8, 3), np.uint8)
    pictures[:, :, 4:] = 200
    labels = pd.DataFrame({"image": ["i"], "subject": ["s"], "split": ["train"]})
    labels[list(POINT_COLUMNS)] = [[3.5, 1.5] * 5]
    labels[list(BOX_COLUMNS)] = [[0, 0, 8, 4]]
    return FaceSet(pictures, labels, "checkered")


def test_pixels_are_means_and_points_and_boxes_go_along():
    small = resized(checkered(), (2, 4))
    np.testing.assert_array_equal(small.images[0, :, :, 0], [[0, 0, 200, 200]] * 2)
    np.testing.assert_allclose(small.points[0], [[1.5, 0.5]] * 5)  # the middle stays the middle
    np.testing.assert_allclose(small.boxes[0], [0, 0, 4, 2])


def test_the_same_size_is_the_same_set():
    faces = checkered()
    assert resized(faces, (4, 8)) is faces


def test_a_mean_over_an_edge_is_grey():
    assert resized(checkered(), (1, 1)).images[0, 0, 0, 0] == 100
