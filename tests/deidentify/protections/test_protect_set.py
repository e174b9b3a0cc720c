"""A FaceSet in, the protected one out: streamed, resumed, whole or not there."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from lib.deidentify.protections.base import ProtectionError, protect
from lib.deidentify.protections.baselines import Blur, SolidFill
from lib.deidentify.protections.protect_set import _forget, labels_for, protect_faceset
from lib.faces.faceset import FaceSet, write_description
from lib.faces.grey import to_grey
from lib.faces.resumable_array import ResumableArray
from lib.measures.image_quality import rmse
from tests.exact import same_pixels


@dataclass(frozen=True)
class ByLabel(Blur):
    """Brighter or darker, as the label says."""

    needs = ("Male",)

    def __call__(self, faces, **labels):
        step = np.where(labels["Male"], 40, -40)[:, None, None, None]
        return np.clip(faces.astype(int) + step, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class ByPoints(Blur):
    needs = ("points",)

    def __call__(self, faces, **labels):
        assert labels["points"].shape == (len(faces), 5, 2)
        return 255 - faces


@dataclass(frozen=True)
class Fails(Blur):
    """Stops after so many images, as a kill does."""

    after: int = 40

    def __call__(self, faces, **labels):
        count[0] += len(faces)
        if count[0] > self.after:
            raise KeyboardInterrupt
        return super().__call__(faces)


count = [0]


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_images_labels_and_distances(world, tmp_path):
    done = protect_faceset(world, Blur(), tmp_path / "out", batch=17, progress=False)
    assert same_pixels(done.images, protect(Blur(), np.asarray(world.images)))
    assert list(done.labels["image"]) == list(world.labels["image"])
    assert set(done.labels) == {*world.labels, "distance"}
    assert np.allclose(done.labels["distance"], rmse(to_grey(done.images), to_grey(world.images)), atol=1e-4)
    assert done.about["protection"] == Blur().name and done.about["unaltered"] == 0
    assert done.publishable == world.publishable and done.name == world.name
    assert sorted(files(tmp_path / "out")) == ["faceset.json", "images.npy", "labels.csv"]
    assert not (tmp_path / "out.part").exists()
    with pytest.raises(FileExistsError, match="remove it first"):
        protect_faceset(world, Blur(), tmp_path / "out")


def test_a_protection_that_copies_is_counted(world, tmp_path):
    class Copies(Blur):
        def __call__(self, faces, **labels):
            return faces

    done = protect_faceset(world, Copies(), tmp_path / "out", progress=False)
    assert done.about["unaltered"] == len(world) and not done.labels["distance"].any()


def test_a_killed_run_goes_on(world, tmp_path):
    protect_faceset(world, Fails(after=10**9), tmp_path / "whole", batch=8, progress=False)
    count[0] = 0
    with pytest.raises(KeyboardInterrupt):
        protect_faceset(world, Fails(), tmp_path / "out", batch=8, progress=False)
    assert not (tmp_path / "out").exists()
    with open(tmp_path / "out.part" / "images.npy", "ab") as half:
        half.write(b"half a batch")
    with open(tmp_path / "out.part" / "distances", "ab") as half:
        half.write(b"\0" * 11)
    count[0] = -(10**9)
    protect_faceset(world, Fails(), tmp_path / "out", batch=8, progress=False)
    assert count[0] + 10**9 == len(world) - 40, "what was done is not done again"
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_another_protection_begins_anew(world, tmp_path):
    count[0] = 0
    with pytest.raises(KeyboardInterrupt):
        protect_faceset(world, Fails(), tmp_path / "out", batch=8, progress=False)
    done = protect_faceset(world, Blur(strength=0.3), tmp_path / "out", batch=8, progress=False)
    assert same_pixels(done.images, protect(Blur(strength=0.3), np.asarray(world.images)))


@pytest.mark.parametrize("names", [["diary.txt"], ["images.npy", "labels.csv"], ["key.txt", "diary.txt"]])
def test_a_folder_beside_that_no_run_left_stays(world, tmp_path, names):
    """Under the name of the half-finished one: a diary, somebody's FaceSet, a diary put into one."""
    (tmp_path / "out.part").mkdir()
    for name in names:
        (tmp_path / "out.part" / name).write_text("mine")
    with pytest.raises(FileExistsError, match="move it away"):
        protect_faceset(world, Blur(), tmp_path / "out", progress=False)
    assert files(tmp_path / "out.part") == {name: b"mine" for name in names}
    with pytest.raises(FileExistsError, match="move it away"):
        ResumableArray.open(tmp_path / "out", 3, (8, 8), "key")
    assert files(tmp_path / "out.part") == {name: b"mine" for name in names}


def test_labels_come_from_the_table_or_by_hand(world, tmp_path):
    truth = protect_faceset(world, ByLabel(), tmp_path / "truth", progress=False)
    male = world.labels["Male"].to_numpy(bool)
    assert same_pixels(truth.images, protect(ByLabel(), np.asarray(world.images), Male=male))
    guess = protect_faceset(world, ByLabel(), tmp_path / "guess", labels={"Male": ~male}, progress=False)
    assert guess.images.mean() != truth.images.mean()
    protect_faceset(world, ByPoints(), tmp_path / "points", progress=False)
    assert labels_for(world, ByLabel())["Male"].dtype == bool


def test_unknown_labels_stop_before_anything_is_written(world, tmp_path):
    unknown = FaceSet(np.asarray(world.images), world.labels.copy(), "rendered")
    unknown.labels.loc[3, "Male"] = None
    for faces, labels, match in [
        (unknown, None, "unknown for 1 images"),
        (FaceSet(world.images, world.labels.drop(columns="Male"), "rendered"), None, "does not have"),
        (world, {"Male": np.ones(3, bool)}, "3 rows for 96"),
    ]:
        with pytest.raises(ProtectionError, match=match):
            protect_faceset(faces, ByLabel(), tmp_path / "out", labels=labels, progress=False)
    assert not (tmp_path / "out.part").exists()

    class Sized(Blur):
        size = (112, 112)

    with pytest.raises(ProtectionError, match="takes faces of"):
        protect_faceset(world, Sized(), tmp_path / "out", progress=False)


def test_an_empty_set(world, tmp_path):
    assert (
        len(protect_faceset(world.take(np.zeros(len(world), bool)), Blur(), tmp_path / "out", progress=False))
        == 0
    )


def test_pages_that_were_read_are_given_back(world):
    total = int(world.images.sum(dtype=np.int64))
    _forget(world.images)
    assert int(world.images.sum(dtype=np.int64)) == total
    own = np.asarray(world.images).copy()
    _forget(own)
    assert int(own.sum(dtype=np.int64)) == total


def test_memory_does_not_grow_with_the_images(tmp_path):
    def peak(images):
        labels = pd.DataFrame({"image": np.arange(images).astype(str), "subject": "a", "split": "test"})
        folder = tmp_path / f"in-{images}"
        folder.mkdir()
        np.save(folder / "images.npy", np.zeros((images, 48, 48, 3), np.uint8))
        write_description(folder, labels, "flat", {}, True)
        faces = FaceSet.open(folder)
        tracemalloc.start()
        protect_faceset(faces, SolidFill(), tmp_path / f"out-{images}", batch=32, progress=False)
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(2400) < 2 * peak(600) < 10 * 2**20 < 2400 * 48 * 48 * 3
