import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.faces.faceset import POINT_COLUMNS, FaceSet, FaceSetError
from lib.faces.prototypes import prototypes


def face_set(count: int, seed: int = 0, points: bool = False) -> FaceSet:
    random = np.random.default_rng(seed)
    labels = pd.DataFrame(
        {"image": [f"{i}" for i in range(count)], "subject": [f"{i // 3}" for i in range(count)]}
    )
    labels["split"] = "train"
    return FaceSet(random.integers(0, 256, (count, 4, 5, 3), np.uint8), labels, "noise")


def groups(faces: FaceSet) -> dict[str, np.ndarray]:
    male = np.arange(len(faces)) % 5 < 2
    return {"male": male, "female": ~male}


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
    faces = FaceSet(faces.images, labels, "noise")
    found = prototypes(faces, {"all": np.ones(12, bool)}, warp=lambda image, point: image)
    kept = np.delete(np.arange(12), [0, 7])
    assert found.left_out == 2 and found.counts["all"] == 10
    np.testing.assert_allclose(found.means["all"], faces.images[kept].mean(0), atol=1e-9)
