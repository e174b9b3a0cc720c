"""The sheet of faces with distances: who is compared with whom, and what is said of a lost face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation.scored_sheet import FIRST, SAME_PERSON, mistaken, scored_sheet
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
    first, *others = sheet.pictures.values()
    assert next(iter(sheet.pictures)) == FIRST and sheet.names == ["subject A", "subject B", "others"]
    assert same_pixels(first[-1], first[0]), "others are compared with the first subject"
    means = [one.mean((1, 2)) / 50 for one in (first, *others)]
    apart = [np.linalg.norm(one - means[0], axis=1) for one in means[1:]]
    for at in range(3):
        assert sheet.caption(FIRST, at) == ""
        for title, far in zip(list(sheet.pictures)[1:], apart, strict=True):
            who = "same person" if far[at] < SAME_PERSON else "someone else"
            assert sheet.caption(title, at) == f"distance {far[at]:.2f}\n{who}"
    taken = sum(far[-1] < SAME_PERSON for far in apart)
    assert mistaken(sheet) == f"{taken or 'none'} of the {len(others)}"


def test_a_row_with_fewer_images_ends_in_white(world):
    few = np.flatnonzero(world.labels.groupby("subject").cumcount().to_numpy() < 2)
    sheet = scored_sheet(world.take(few), Finder(), recogniser, columns=4)
    assert (sheet.pictures["image 3"][:2] == 255).all() and sheet.caption("image 3", 0) == ""
    assert (sheet.pictures["image 3"][2] != 255).any() and sheet.caption("image 3", 2)
    assert mistaken(sheet).endswith("of the 3")


def test_a_face_that_is_not_found_is_said_to_be_lost(world):
    lost = scored_sheet(world, Finder(), recogniser, columns=4).pictures["image 2"][0]
    sheet = scored_sheet(world, Finder([lost]), recogniser, columns=4)
    assert sheet.caption("image 2", 0) == "no face"


def test_faces_that_may_not_be_shown_are_refused(world):
    with pytest.raises(FaceSetError, match="may not be shown"):
        scored_sheet(replace(world, publishable=False), Finder(), recogniser)
