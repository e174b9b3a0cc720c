"""The error of a mean face against what theory says of independent pixels, and of subjects alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.mean_error import MeanError, error_table, growing_means, mean_error, needed_images

SPREAD = 30.0


def _faces(subjects: int, each: int, alike: float, seed: int = 0) -> FaceSet:
    """Pictures with a standard deviation of SPREAD, of which `alike` is the share that a subject keeps."""
    random = np.random.default_rng(seed)
    own = random.normal(0, 1, (subjects, 1, 6, 6, 3)).repeat(each, axis=1)
    now = random.normal(0, 1, (subjects, each, 6, 6, 3))
    pixels = 128 + SPREAD * (np.sqrt(alike) * own + np.sqrt(1 - alike) * now)
    images = np.clip(np.rint(pixels), 0, 255).astype(np.uint8).reshape(-1, 6, 6, 3)
    names = [f"s{k:04d}" for k in range(subjects) for _ in range(each)]
    labels = pd.DataFrame({"image": range(len(names)), "subject": names, "source": "tiny", "split": "train"})
    return FaceSet(images, labels.astype({"image": str}), "tiny", publishable=True)


def _error(faces: FaceSet, **how) -> MeanError:
    return mean_error(faces, {"all": np.ones(len(faces), bool)}, **{"orders": 30, **how})["all"]


def test_independent_pixels_err_by_their_spread_over_the_root_of_n():
    found = _error(_faces(600, 1, 0.0), checkpoints=[10, 30, 100])
    assert found.images.tolist() == [10, 30, 100, 300] and found.subjects == 600
    np.testing.assert_allclose(found.error, SPREAD / np.sqrt(found.images), rtol=0.12)
    assert found.slope() == pytest.approx(-0.5, abs=0.04)
    assert found.needed(1.0) == pytest.approx(SPREAD**2, rel=0.2)
    assert found.at(10_000) == pytest.approx(SPREAD / 100, rel=0.1)


def test_images_of_one_subject_count_as_one():
    found = _error(_faces(200, 5, 1.0), checkpoints=[50])
    np.testing.assert_allclose(found.error[0], SPREAD / np.sqrt(10), rtol=0.12)


def test_the_halves_share_no_subject_and_the_end_does_not_bend_down():
    """The distance to the mean of all would be near 0 at the end; this error follows the law there, too."""
    found = _error(_faces(300, 2, 0.5), checkpoints=[30, 100, 250])
    assert found.images[-1] == 300
    law = found.error[0] * np.sqrt(found.images[0] / found.images)
    np.testing.assert_allclose(found.error, law, rtol=0.15)


def test_batches_make_no_difference_and_groups_are_apart():
    faces = _faces(40, 3, 0.5)
    groups = {"a": np.arange(len(faces)) < 60, "b": np.arange(len(faces)) >= 60}
    one = mean_error(faces, groups, orders=3, checkpoints=[5], batch=7)
    two = mean_error(faces, groups, orders=3, checkpoints=[5], batch=500)
    for name in groups:
        assert one[name].images.tolist() == [5, 30] and one[name].subjects == 20
        np.testing.assert_allclose(one[name].halves, two[name].halves, rtol=1e-4)


@pytest.mark.parametrize("subjects", [0, 1])
def test_without_two_subjects_there_is_no_error_to_tell(subjects):
    faces = _faces(3, 2, 0.5)
    found = mean_error(faces, {"few": faces.subjects == ("s0000" if subjects else "")}, orders=2)["few"]
    assert not len(found.images) and found.halves.shape == (2, 0)
    assert np.isnan([found.needed(1.0), found.at(10), found.slope()]).all()


def test_faces_without_points_are_left_out_where_they_are_aligned():
    faces = _faces(4, 2, 0.5)
    found = mean_error(faces, {"all": np.ones(8, bool)}, warp=lambda image, points: image, orders=2)["all"]
    assert not len(found.images)


def test_a_growing_mean_takes_every_subject_once_before_any_twice():
    faces = _faces(5, 3, 1.0)  # all images of a subject are alike
    whole = np.ones(len(faces), bool)
    found = growing_means(faces, whole, [1, 5, 15, 99], seed=1)
    assert list(found) == [1, 5, 15]
    np.testing.assert_allclose(found[5], faces.images[::3].mean(0), atol=0.5)
    np.testing.assert_allclose(found[15], faces.images.mean(0), atol=1e-9)
    assert growing_means(faces, whole, [1], warp=lambda image, points: image) == {}, "no points are known"


def test_a_growing_mean_of_photographs_is_refused():
    faces = replace(_faces(2, 1, 0.5), publishable=False)
    with pytest.raises(FaceSetError, match="may not be shown"):
        growing_means(faces, np.ones(2, bool), [1])


def test_the_table_has_a_row_for_each_count_with_the_interval_of_the_divisions():
    found = mean_error(_faces(40, 1, 0.0), {"all": np.ones(40, bool)}, orders=25, checkpoints=[5])
    table = error_table(found)
    assert table["n"].tolist() == [5, 20] and set(table["subjects"]) == {40}
    assert (table["low"] < table["estimate"]).all() and (table["estimate"] < table["high"]).all()
    assert list(found["all"].estimates()) == ["5", "20"]
    assert error_table({}).columns.tolist() == table.columns.tolist()


def test_the_images_needed_follow_from_the_largest_count_of_the_worst_group():
    table = pd.DataFrame({"group": ["a", "a", "b"], "n": [10, 100, 100], "estimate": [9.0, 3.0, 2.0]})
    assert needed_images(table, 1.0) == "900" and needed_images(table, 0.1) == "90,000"
    assert needed_images(table.assign(n=table["n"] * 1.234), 1.0) == "1,100"
    assert needed_images(table[:0], 1.0) == "–"
