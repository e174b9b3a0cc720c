"""The sheet of faces with distances: who is compared with whom, and what is said of a lost face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation.scored_sheet import SAME_PERSON, scored_sheet
from lib.faces.detections import Detections
from lib.faces.faceset import FaceSetError
from lib.judges.base import Judgement, known
from tests.exact import same_pixels


class Finder:
    """Finds a face in the middle, but none in pictures that are listed as lost."""

    def __init__(self, lost=()) -> None:
        self.lost = [one.tobytes() for one in lost]

    def __call__(self, image):
        if image.tobytes() in self.lost:
            return Detections.none()
        height, width = image.shape[:2]
        five = np.array([[0.35, 0.4], [0.65, 0.4], [0.5, 0.6], [0.4, 0.75], [0.6, 0.75]]) * [width, height]
        box = np.array([[0.1 * width, 0.1 * height, 0.9 * width, 0.9 * height]])
        return Detections(box, five[None].astype(np.float32), np.ones(1))

    def many(self, images):
        return [self(image) for image in images]


def recogniser(images, points):
    acquired = known(points)
    return Judgement(np.where(acquired[:, None], images.mean((1, 2)) / 50, np.nan), acquired)


def test_rows_begin_with_the_face_that_they_are_compared_with(world):
    sheet = scored_sheet(world, Finder(), recogniser, columns=4)
    assert len({len(row) for row in sheet.cells}) == 1 and len(sheet.cells) == len(sheet.rows)
    assert same_pixels(sheet.cells[-1][0], sheet.cells[0][0]), "others are compared with the first subject"
    apart = sheet.distances[-1][1:]
    assert sheet.mistaken == f"{sum(one < SAME_PERSON for one in apart) or 'none'} of the {len(apart)}"
    for row, distances, captions in zip(sheet.cells, sheet.distances, sheet.captions, strict=True):
        means = np.array([image.mean((0, 1)) / 50 for image in row[: len(distances)]])
        np.testing.assert_allclose(distances, np.linalg.norm(means - means[0], axis=1), rtol=1e-6)
        assert captions[0] == ""
        for value, text in zip(distances[1:], captions[1:], strict=False):
            who = "same person" if value < SAME_PERSON else "someone else"
            assert text == f"distance {value:.2f}\n{who}"


def test_a_face_that_is_not_found_is_said_to_be_lost(world):
    first = scored_sheet(world, Finder(), recogniser, columns=4)
    lost = first.cells[0][1]
    sheet = scored_sheet(world, Finder([lost]), recogniser, columns=4)
    assert sheet.captions[0][1] == "no face found" and np.isnan(sheet.distances[0][1])


def test_faces_that_may_not_be_shown_are_refused(world):
    with pytest.raises(FaceSetError, match="may not be shown"):
        scored_sheet(replace(world, publishable=False), Finder(), recogniser)
