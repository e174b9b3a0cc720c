"""Shards mapped here and on a cluster: the same files, resumed, whole or not there."""

import fsspec
import numpy as np
import pytest
from distributed import Client, LocalCluster

from lib.faces.shard_map import ShardError, map_shards


def double(source, target):
    with fsspec.open(source, "rb") as file:
        array = np.load(file)
    with fsspec.open(target, "wb") as file:
        np.save(file, array * 2)


@pytest.fixture
def shards(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for i in range(5):
        np.save(folder / f"shard-{i}.npy", np.arange(i, i + 4))
    return sorted(str(path) for path in folder.iterdir())


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_files_here_and_on_a_cluster(shards, tmp_path):
    out = map_shards(double, shards, str(tmp_path / "threads"), workers=2)
    assert out == [path.replace("/in/", "/threads/") for path in shards]
    assert np.load(out[3]).tolist() == [6, 8, 10, 12]
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        map_shards(double, shards, str(tmp_path / "cluster"), client=client)
    assert contents(tmp_path / "threads") == contents(tmp_path / "cluster")
    assert len(contents(tmp_path / "cluster")) == 5


def test_paths_of_any_file_system(shards):
    out = map_shards(double, shards, "memory://spread/out", scheduler="synchronous")
    with fsspec.open(out[1], "rb") as file:
        assert np.load(file).tolist() == [2, 4, 6, 8]
    assert len(fsspec.filesystem("memory").ls("/spread/out")) == 5


def test_a_failure_names_its_shard_and_keeps_the_rest(shards, tmp_path, capfd):
    def some(source, target):
        double(source, target)
        if "shard-2" in source:
            raise OSError("disk full")

    out = tmp_path / "out"
    with pytest.raises(ShardError, match=r"1 of 5 shards failed.*\n.*shard-2.npy: OSError: disk full"):
        map_shards(some, shards, str(out), scheduler="synchronous")
    assert sorted(contents(out)) == [f"shard-{i}.npy" for i in (0, 1, 3, 4)], "nothing half written"
    done = []

    def counted(source, target):
        done.append(source)
        double(source, target)

    map_shards(counted, shards, str(out), scheduler="synchronous")
    assert done == [shards[2]]
    assert "shards (4 done)" in capfd.readouterr().err
    map_shards(counted, shards, str(out), scheduler="synchronous")
    assert len(done) == 1


def test_what_a_kill_left_is_cleared(shards, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / ".part-0123-shard-0.npy").write_bytes(b"half")
    map_shards(double, shards, str(out), scheduler="synchronous")
    assert len(contents(out)) == 5


def test_the_temporary_name_keeps_the_ending(shards, tmp_path):
    """np.savez appends .npz to any other name, and the file would be lost."""

    def packed(source, target):
        np.savez(target, a=np.load(source))

    out = map_shards(packed, shards, str(tmp_path / "out"), scheduler="synchronous", suffix=".npz")
    assert np.load(out[0])["a"].tolist() == [0, 1, 2, 3]


def test_two_shards_of_one_name(tmp_path):
    with pytest.raises(ValueError, match="two inputs"):
        map_shards(double, ["a/x.npy", "b/x.npy"], str(tmp_path))
