"""A FaceSet in, the protected one out: streamed, resumed, whole or not there."""

import os
from dataclasses import dataclass

import numpy as np
import pytest
from distributed import Client, LocalCluster

from lib.deidentify.control import Control
from lib.deidentify.perturb import _forget, perturb, perturb_shards, told_labels
from lib.deidentify.protection import Blur, ProtectionError, protect
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.measures.images import rmse


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
    done = perturb(world, Blur(), tmp_path / "out", batch=17, progress=False)
    assert np.array_equal(done.images, protect(Blur(), np.asarray(world.images)))
    assert list(done.labels["image"]) == list(world.labels["image"])
    assert set(done.labels) == {*world.labels, "distance"}
    assert np.allclose(done.labels["distance"], rmse(to_grey(done.images), to_grey(world.images)), atol=1e-4)
    assert done.about["protection"] == Blur().name and done.about["unaltered"] == 0
    assert done.publishable == world.publishable and done.name == world.name
    assert sorted(files(tmp_path / "out")) == ["faceset.json", "images.npy", "labels.csv"]
    assert not (tmp_path / "out.part").exists()
    with pytest.raises(FileExistsError, match="remove it first"):
        perturb(world, Blur(), tmp_path / "out")


def test_a_protection_that_copies_is_counted(world, tmp_path):
    class Copies(Blur):
        def __call__(self, faces, **labels):
            return faces

    done = perturb(world, Copies(), tmp_path / "out", progress=False)
    assert done.about["unaltered"] == len(world) and not done.labels["distance"].any()


def test_a_killed_run_goes_on(world, tmp_path):
    perturb(world, Fails(after=10**9), tmp_path / "whole", batch=8, progress=False)
    count[0] = 0
    with pytest.raises(KeyboardInterrupt):
        perturb(world, Fails(), tmp_path / "out", batch=8, progress=False)
    assert not (tmp_path / "out").exists()
    with open(tmp_path / "out.part" / "images.npy", "ab") as half:
        half.write(b"half a batch")
    with open(tmp_path / "out.part" / "distances", "ab") as half:
        half.write(b"\0" * 11)
    count[0] = -(10**9)
    perturb(world, Fails(), tmp_path / "out", batch=8, progress=False)
    assert count[0] + 10**9 == len(world) - 40, "what was done is not done again"
    assert files(tmp_path / "out") == files(tmp_path / "whole")


def test_another_protection_begins_anew(world, tmp_path):
    count[0] = 0
    with pytest.raises(KeyboardInterrupt):
        perturb(world, Fails(), tmp_path / "out", batch=8, progress=False)
    done = perturb(world, Blur(strength=0.3), tmp_path / "out", batch=8, progress=False)
    assert np.array_equal(done.images, protect(Blur(strength=0.3), np.asarray(world.images)))


def test_labels_come_from_the_table_or_by_hand(world, tmp_path):
    truth = perturb(world, ByLabel(), tmp_path / "truth", progress=False)
    male = world.labels["Male"].to_numpy(bool)
    assert np.array_equal(truth.images, protect(ByLabel(), np.asarray(world.images), Male=male))
    guess = perturb(world, ByLabel(), tmp_path / "guess", labels={"Male": ~male}, progress=False)
    assert guess.images.mean() != truth.images.mean()
    perturb(world, ByPoints(), tmp_path / "points", progress=False)
    assert told_labels(world, ByLabel())["Male"].dtype == bool


def test_the_control_of_a_protected_set(world, tmp_path):
    done = perturb(world, Blur(strength=0.03), tmp_path / "out", progress=False)
    wanted = {"distance": done.labels["distance"].to_numpy()}
    control = perturb(world, Control(), tmp_path / "control", labels=wanted, progress=False)
    assert np.allclose(control.labels["distance"], wanted["distance"], rtol=0.0201)


def test_unknown_labels_stop_before_anything_is_written(world, tmp_path):
    unknown = FaceSet(np.asarray(world.images), world.labels.copy(), "rendered")
    unknown.labels.loc[3, "Male"] = None
    for faces, labels, match in [
        (unknown, None, "unknown for 1 images"),
        (FaceSet(world.images, world.labels.drop(columns="Male"), "rendered"), None, "does not have"),
        (world, {"Male": np.ones(3, bool)}, "3 rows for 96"),
    ]:
        with pytest.raises(ProtectionError, match=match):
            perturb(faces, ByLabel(), tmp_path / "out", labels=labels, progress=False)
    assert not (tmp_path / "out.part").exists()

    class Sized(Blur):
        size = (112, 112)

    with pytest.raises(ProtectionError, match="takes faces of"):
        perturb(world, Sized(), tmp_path / "out", progress=False)


def test_an_empty_set(world, tmp_path):
    assert len(perturb(world.take(np.zeros(len(world), bool)), Blur(), tmp_path / "out", progress=False)) == 0


def test_pages_that_were_read_are_given_back(world):
    total = int(world.images.sum(dtype=np.int64))
    _forget(world.images)
    assert int(world.images.sum(dtype=np.int64)) == total
    own = np.asarray(world.images).copy()
    _forget(own)
    assert int(own.sum(dtype=np.int64)) == total


def test_shards_here_and_on_a_cluster(world, tmp_path):
    shards = [str(world.take(np.arange(i, len(world), 3)).save(tmp_path / f"shard-{i}")) for i in range(3)]
    here = perturb_shards(shards, str(tmp_path / "here"), Blur(), batch=10)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        there = perturb_shards(shards, str(tmp_path / "there"), Blur(), batch=10, client=client)
    assert sorted(os.listdir(tmp_path / "here")) == ["shard-0", "shard-1", "shard-2"]
    for one, other in zip(here, there, strict=True):
        assert files(tmp_path / one) == files(tmp_path / other)
    whole = perturb(world, Blur(), tmp_path / "whole", progress=False)
    assert np.array_equal(FaceSet.open(here[1]).images, whole.images[1::3])
