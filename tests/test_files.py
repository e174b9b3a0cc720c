"""Files are whole or not there, after errors and kills too; hashes are SHA-256."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from lib.files import atomic_write, part_path, sha256_of, write_bytes, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_text_and_bytes_are_written_into_new_folders_and_replaced(tmp_path):
    path = write_text(tmp_path / "deep" / "a.json", "ä\n")
    assert path.read_bytes() == "ä\n".encode() and names(path.parent) == ["a.json"]
    assert write_bytes(str(path), b"b").read_bytes() == b"b"
    assert names(path.parent) == ["a.json"]


def test_after_an_error_the_target_is_the_old_one_and_nothing_lies_beside_it(tmp_path):
    path = write_text(tmp_path / "a", "old")
    with pytest.raises(KeyError), atomic_write(path) as part:
        part.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and names(tmp_path) == ["a"]
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "b"):
        pass  # nothing was written
    assert names(tmp_path) == ["a"]


def test_a_folder_appears_whole(tmp_path):
    part_path(tmp_path / "set").mkdir()
    (part_path(tmp_path / "set") / "left").write_text("by a kill")
    with atomic_write(tmp_path / "set") as part:
        part.mkdir()
        (part / "x").write_text("1")
        assert not (tmp_path / "set").exists()
    assert names(tmp_path) == ["set"] and names(tmp_path / "set") == ["x"]
    with pytest.raises(KeyError), atomic_write(tmp_path / "other") as part:
        part.mkdir()
        raise KeyError
    assert names(tmp_path) == ["set"]


def test_a_kill_leaves_the_old_file_and_the_next_write_clears_up(tmp_path):
    path = write_text(tmp_path / "a", "old")
    code = "import os, sys\nfrom lib.files import atomic_write\nwith atomic_write(sys.argv[1]) as part:\n"
    code += "    part.write_text('half')\n    os.kill(os.getpid(), 9)\n"
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=os.getcwd())
    assert done.returncode == -9
    assert path.read_text() == "old" and names(tmp_path) == [".facevalue-a.part", "a"]
    with atomic_write(path, fsync=True) as part:
        part.write_text("new")
    assert path.read_text() == "new" and names(tmp_path) == ["a"]


def test_what_somebody_else_named_part_stays(tmp_path):
    (tmp_path / "a.part").mkdir()
    write_text(tmp_path / "a.part" / "diary.txt", "mine")
    write_text(tmp_path / "a", "text")
    with pytest.raises(OSError), atomic_write(tmp_path / "b", part=tmp_path / "a.part"):
        raise AssertionError("a folder under the temporary name was removed")
    assert (tmp_path / "a.part" / "diary.txt").read_text() == "mine"


def test_another_temporary_name(tmp_path):
    with atomic_write(tmp_path / "a", part=tmp_path / ".mine") as part:
        part.write_text("x")
        assert names(tmp_path) == [".mine"]
    assert names(tmp_path) == ["a"]


def test_hashes(tmp_path):
    empty = write_bytes(tmp_path / "empty", b"")
    assert sha256_of(empty) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    abc = write_bytes(tmp_path / "abc", b"abc")
    assert sha256_of(str(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
