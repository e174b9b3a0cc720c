import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.faces.faceset import POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.prototypes import FEWEST, groups_by_gender, prototypes, training_part


def face_set(count: int, seed: int = 0, points: bool = False) -> FaceSet:
    random = np.random.default_rng(seed)
    labels = pd.DataFrame(
        {"image": [f"{i}" for i in range(count)], "subject": [f"{i // 3}" for i in range(count)]}
    )
    labels["split"] = "train"
    return FaceSet(random.integers(0, 256, (count, 4, 5, 3), np.uint8), labels, "noise", publishable=True)


def groups(faces: FaceSet) -> dict[str, np.ndarray]:
    male = np.arange(len(faces)) % 5 < 2
    return {"male": male, "female": ~male}


@settings(deadline=None)
@given(st.integers(5, 40), st.integers(1, 50))
def test_streaming_in_any_batch_gives_the_plain_mean(count, batch):
    faces = face_set(count)
    found = prototypes(faces, groups(faces), batch=batch)
    for name, mask in groups(faces).items():
        np.testing.assert_allclose(found.means[name], faces.images[mask].mean(0), atol=1e-9)
        assert found.counts[name] == mask.sum()


def test_neutral_by_counts_is_the_mean_of_all_and_swapped_counts_are_not():
    faces = face_set(30)
    found = prototypes(faces, groups(faces))
    everything = faces.images.mean(0)
    np.testing.assert_allclose(found.neutral(found.counts), everything, atol=1e-9)
    swapped = {"male": found.counts["female"], "female": found.counts["male"]}
    assert np.abs(found.neutral(swapped) - everything).max() > 1
    equal = (found.means["male"] + found.means["female"]) / 2
    np.testing.assert_allclose(found.neutral(), equal, atol=1e-9)


def test_settling_compares_the_running_mean_of_shuffled_subjects_with_the_final_one():
    faces = face_set(60)
    everyone = {"all": np.ones(60, bool)}
    settling = prototypes(faces, everyone, orders=8, checkpoints=[3, 30, 57, 60, 99], batch=7).settling["all"]
    assert settling.images.tolist() == [3, 30, 57]  # at 60 the running mean is the final one
    assert settling.distance.shape == (8, 3)
    assert (np.diff(settling.distance.mean(0)) < 0).all()
    # sampling without replacement: variance falls as (1/n - 1/N), here for whole subjects of three images
    ratio = settling.distance[:, 0].mean() / settling.distance[:, 1].mean()
    assert ratio == pytest.approx(np.sqrt((1 / 3 - 1 / 60) / (1 / 30 - 1 / 60)), rel=0.15)


def test_first_checkpoint_is_one_whole_subject():
    faces = face_set(9)
    settling = prototypes(faces, {"all": np.ones(9, bool)}, orders=5, checkpoints=[3]).settling["all"]
    whole = [faces.images[i : i + 3].mean(0) for i in (0, 3, 6)]
    possible = [np.sqrt(((mean - faces.images.mean(0)) ** 2).mean()) for mean in whole]
    for distance in settling.distance[:, 0]:
        assert min(abs(distance - value) for value in possible) < 1e-4


def test_what_cannot_be_averaged_is_an_error():
    faces = face_set(6)
    with pytest.raises(FaceSetError, match="empty"):
        prototypes(faces, {"male": np.zeros(6, bool)})
    with pytest.raises(FaceSetError, match="two groups"):
        prototypes(faces, {"a": np.ones(6, bool), "b": np.ones(6, bool)})
    with pytest.raises(FaceSetError, match="five points"):
        prototypes(faces, {"a": np.ones(6, bool)}, warp=lambda image, points: image)


def test_images_without_points_are_left_out_of_aligned_means_and_counted():
    faces = face_set(12)
    points = np.zeros((12, 10))
    points[[0, 7]] = np.nan
    labels = faces.labels.join(pd.DataFrame(points, columns=list(POINT_COLUMNS)))
    faces = FaceSet(faces.images, labels, "noise", publishable=True)
    found = prototypes(faces, {"all": np.ones(12, bool)}, warp=lambda image, point: image)
    kept = np.delete(np.arange(12), [0, 7])
    assert found.left_out == 2 and found.counts["all"] == 10
    np.testing.assert_allclose(found.means["all"], faces.images[kept].mean(0), atol=1e-9)


def photographs(women: int, men: int, each: int = 1, points: bool = True) -> FaceSet:
    """Photographs, which may not be shown, of so many subjects of each label."""
    count = (women + men) * each
    labels = pd.DataFrame({"image": [f"{i}" for i in range(count)]})
    labels["subject"] = [f"{i // each}" for i in range(count)]
    labels["split"] = "train"
    labels["Male"] = pd.array([i // each >= women for i in range(count)], dtype="boolean")
    if points:
        labels[list(POINT_COLUMNS)] = 1.0
    images = np.random.default_rng(0).integers(0, 256, (count, 4, 5, 3), np.uint8)
    return FaceSet(images, labels, "photographs")


@pytest.mark.parametrize("warp", [None, lambda image, points: image])
def test_no_mean_of_few_people_is_made_of_a_set_that_may_not_be_shown(warp):
    faces = photographs(FEWEST, FEWEST - 1, each=2)
    asked = groups_by_gender(faces)
    with pytest.raises(FaceSetError, match=r"no mean face of male: 99 subjects; .* from 100 subjects on"):
        prototypes(faces, asked, warp=warp)
    found = prototypes(faces, asked, warp=warp, few="withhold", orders=2, checkpoints=[5])
    assert list(found.means) == ["female"] and list(found.withheld) == ["male"]
    assert found.counts == {"female": 200, "male": 198} and found.subjects["male"] == 99
    assert found.settling["male"].images.tolist() == [5], "numbers may be told"
    with pytest.raises(FaceSetError, match="without the mean of male"):
        found.neutral(found.counts)
    shown = prototypes(dataclasses.replace(faces, publishable=True), asked, warp=warp)
    assert set(shown.means) == {"female", "male"} and not shown.withheld


def test_images_without_points_do_not_count_towards_the_hundred():
    faces = photographs(FEWEST, FEWEST)
    faces.labels.loc[0, POINT_COLUMNS[0]] = np.nan
    found = prototypes(faces, groups_by_gender(faces), warp=lambda image, point: image, few="withhold")
    assert list(found.means) == ["male"] and found.withheld["female"].startswith("99 subjects")
    nobody = photographs(FEWEST, FEWEST, points=False)
    found = prototypes(nobody, groups_by_gender(nobody), warp=lambda image, point: image, few="withhold")
    assert not found.means and found.counts == {"female": 0, "male": 0} and found.left_out == 2 * FEWEST
    assert set(found.withheld.values()) == {"none of its images has the five points"}


def test_a_mean_of_mostly_one_person_is_a_portrait():
    faces = photographs(FEWEST + 20, 0)
    faces.labels.loc[:11, "subject"] = "0"
    everyone = groups_by_gender(faces)
    assert len(set(faces.subjects)) >= FEWEST and prototypes(faces, everyone).means
    faces.labels.loc[:12, "subject"] = "0"
    with pytest.raises(FaceSetError, match=r"one subject is in 11% of its images; at most 10% may be of one"):
        prototypes(faces, everyone)


def test_groups_follow_what_a_set_tells():
    faces = photographs(2, 3)
    assert {name: mask.sum() for name, mask in groups_by_gender(faces).items()} == {"female": 2, "male": 3}
    faces.labels.loc[0, "Male"] = pd.NA
    assert {name: mask.sum() for name, mask in groups_by_gender(faces).items()} == {"female": 1, "male": 3}
    assert list(groups_by_gender(photographs(0, 3))) == ["male"]
    faces.labels["Male"] = pd.array([pd.NA] * 5, dtype="boolean")
    bare = dataclasses.replace(faces, labels=faces.labels.drop(columns="Male"))
    for unknown in (faces, bare):
        assert {name: mask.sum() for name, mask in groups_by_gender(unknown).items()} == {"everybody": 5}


def test_a_set_without_a_training_split_is_averaged_in_the_split_that_it_has():
    faces = photographs(2, 3)
    assert training_part(faces)[1] == "train" and len(training_part(faces)[0]) == 5
    faces.labels["split"] = ["test", "validation", "test", "test", "test"]
    part, name = training_part(faces)
    assert name == "validation" and len(part) == 1
