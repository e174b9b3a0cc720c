import dataclasses

import numpy as np
import pandas as pd

from lib.faces.contact_sheet import contact_sheet
from lib.faces.faceset import FaceSet
from lib.faces.prototypes import FEWEST


def face_set(subjects: int, each: int, publishable: bool) -> FaceSet:
    count = subjects * each
    labels = pd.DataFrame(
        {"image": [str(i) for i in range(count)], "subject": [f"{i // each}" for i in range(count)]}
    )
    labels["split"] = "test"
    labels["Male"] = pd.array([i // each % 2 == 0 for i in range(count)], dtype="boolean")
    labels["expression"] = [("happy", "neutral", "fear")[i % 3] for i in range(count)]
    images = np.broadcast_to((np.arange(count) % 256).astype(np.uint8)[:, None, None, None], (count, 4, 4, 3))
    return FaceSet(images, labels, "x", publishable=publishable)


def test_rendered_subjects_are_shown_row_by_row_neutral_first():
    faces = face_set(4, 3, True)
    shown = contact_sheet(faces, subjects=2, columns=3)
    assert len(shown.images) == 2 and not shown.rows
    for row in shown.images:
        numbers = [int(image[0, 0, 0]) for image in row]
        assert len({n // 3 for n in numbers}) == 1
        assert [n % 3 for n in numbers] == [1, 0, 2]


def test_photographs_are_shown_only_as_means_of_many():
    shown = contact_sheet(face_set(2 * FEWEST, 1, False), subjects=5)
    assert shown.rows == ["mean of women", "mean of men"]
    assert [int(row[0][0, 0, 0]) for row in shown.images] == [100, 99]
    few = contact_sheet(face_set(2 * FEWEST - 2, 1, False), subjects=5)
    assert not few.images and not few.rows
    assert few.notes == [
        f"no mean face of {name}: 99 subjects; a mean face may be shown from 100 subjects on"
        for name in ("women", "men")
    ]
    one = contact_sheet(face_set(2 * FEWEST - 1, 1, False), subjects=5)
    assert one.rows == ["mean of men"] and len(one.notes) == 1


def test_photographs_without_a_label_are_shown_as_the_mean_of_everybody():
    faces = face_set(FEWEST, 1, False)
    faces = dataclasses.replace(faces, labels=faces.labels.drop(columns="Male"))
    assert contact_sheet(faces, subjects=5).rows == ["mean of everybody"]


def test_a_set_without_enough_images_per_subject_shows_what_there_is_and_says_so():
    shown = contact_sheet(face_set(3, 2, True), subjects=2)
    assert [len(row) for row in shown.images] == [2, 2]
    assert shown.notes == ["no subject has 7 images: rows of 2"]
    assert len(contact_sheet(face_set(1, 1, True), subjects=9).images) == 1
