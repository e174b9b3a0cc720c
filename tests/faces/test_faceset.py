"""FaceSet: labels, other images, other sizes, several sets as one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.grey import to_grey
from tests.exact import exactly


def some(name: str, number: int, size: int = 4, publishable: bool = True, **columns: object) -> FaceSet:
    table = {"image": [f"{name}{i}" for i in range(number)], "subject": name, "split": "test", **columns}
    images = np.full((number, size, size, 3), len(name), np.uint8)
    return FaceSet(images, pd.DataFrame(table), name, publishable=publishable)


def test_rows_find_each_part_again_and_only_shared_columns_stay() -> None:
    whole, rows = FaceSet.concatenate({"one": some("a", 2, age=3.0), "two": some("bb", 3)}, "both")
    assert len(whole) == 5 and "age" not in whole.labels and whole.publishable
    assert set(whole.subjects[rows["two"]]) == {"bb"} and (whole.images[rows["two"]] == 2).all()
    np.testing.assert_array_equal(rows["one"], [0, 1])


def test_photographs_among_them_are_not_shown() -> None:
    assert not FaceSet.concatenate({"one": some("a", 1), "two": some("b", 1, publishable=False)}, "both")[
        0
    ].publishable


def test_parts_of_other_sizes_are_refused() -> None:
    with pytest.raises(FaceSetError, match="one size"):
        FaceSet.concatenate({"one": some("a", 1), "two": some("b", 1, size=8)}, "both")


def checkered():
    """One picture of 4 x 8 pixels, the left half black, a point in the middle and a box over all."""
    pictures = np.zeros((1, 4, 8, 3), np.uint8)
    pictures[:, :, 4:] = 200
    labels = pd.DataFrame({"image": ["i"], "subject": ["s"], "split": ["train"]})
    labels[list(POINT_COLUMNS)] = [[3.5, 1.5] * 5]
    labels[list(BOX_COLUMNS)] = [[0, 0, 8, 4]]
    return FaceSet(pictures, labels, "checkered")


def test_pixels_are_means_and_points_and_boxes_go_along():
    small = checkered().resized((2, 4))
    np.testing.assert_array_equal(small.images[0, :, :, 0], [[0, 0, 200, 200]] * 2)
    np.testing.assert_allclose(small.points[0], [[1.5, 0.5]] * 5)  # the middle stays the middle
    np.testing.assert_allclose(small.boxes[0], [0, 0, 4, 2])


def test_the_same_size_is_the_same_set():
    faces = checkered()
    assert faces.resized((4, 8)) is faces


def test_a_mean_over_an_edge_is_grey():
    assert checkered().resized((1, 1)).images[0, 0, 0, 0] == 100


def test_other_images_copy_nothing_and_keep_every_grey_level(tmp_path):
    faces = some("a", 6, size=16)
    ramp = np.lib.format.open_memmap(tmp_path / "p.npy", "w+", np.uint8, (6, 16, 16))
    ramp[:] = np.arange(6 * 16 * 16).reshape(ramp.shape) % 256
    there = faces.with_images(np.load(tmp_path / "p.npy", mmap_mode="r"))
    assert there.labels is faces.labels and there.images.strides[-1] == 0
    assert there.images.mode == "r" and exactly(
        to_grey(there.images[3:6]), ramp[3:6], because="whole grey levels"
    )
    with pytest.raises(FaceSetError, match="pictures"):
        faces.with_images(ramp[:5])


def test_an_unknown_label_is_an_error_and_never_false():
    flags = pd.array([True, False, None], "boolean")
    faces = some("a", 3, Male=flags, age=[3.0, 4.0, 5.0])
    assert faces.binary("Male", np.array([1, 0])).tolist() == [False, True]
    assert faces.binary("Male", np.array([True, True, False])).tolist() == [True, False]
    with pytest.raises(FaceSetError, match="Male is unknown for 1 of 3 images, such as a2"):
        faces.binary("Male")
    with pytest.raises(FaceSetError, match="unknown for 1 of 1 images, such as a2"):
        faces.binary("Male", np.array([2]))
    with pytest.raises(FaceSetError, match="no attribute 'Smiling'"):
        faces.binary("Smiling")
    assert faces.known("Male").tolist() == [True, True, False] and faces.known("Male").dtype == bool
    with pytest.raises(FaceSetError, match="no attribute 'Smiling'"):
        faces.known("Smiling")
    with pytest.raises(FaceSetError, match="age is not binary"):
        faces.binary("age")
