from __future__ import annotations

import os

import fsspec
import pytest

from lib.faces.loading.identity import _stamp, identity
from tests.faces.loading.publisher_files import write_archive

FILES = {"set/list.txt": b"one\r\ntwo\r\n", "set/pictures/s2/1.jpg": b"two"}


def write(path, kind, files=FILES):
    return write_archive(path, kind, files)


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_identity_sees_a_file_replaced_in_place_by_one_of_the_same_size(tmp_path, kind):
    path = write(tmp_path / "a", kind, {"1.jpg": b"old"})
    file = path / "1.jpg" if kind == "folder" else path
    os.utime(file, ns=(10**18, 10**18))
    before = identity(path)
    write(tmp_path / "a", kind, {"1.jpg": b"new"})
    assert identity(path) != before
    link = tmp_path / "link"
    link.symlink_to(path)
    linked = identity(link)
    os.utime(file, ns=(10**18, 2 * 10**18))
    assert identity(link) != linked, "of a link the file counts that it leads to"


def test_identity_does_not_follow_what_desktops_leave_behind(tmp_path):
    path = write(tmp_path / "a", "folder")
    before = identity(path)
    (path / ".DS_Store").write_bytes(b"looked at")
    assert identity(path) == before


def test_identity_of_a_remote_file_follows_its_mark():
    fs = fsspec.filesystem("memory")
    fs.pipe("/owndata/x.zip", b"abc")
    detail = {"size": 3, "ETag": "one"}
    assert _stamp(fs, "x", detail) == "3 one" != _stamp(fs, "x", detail | {"ETag": "two"})
    assert _stamp(fs, "x", {"size": 3}) == "3 "


def test_identity_follows_names_and_sizes(tmp_path):
    folder, packed = write(tmp_path / "a", "folder"), write(tmp_path / "a", "zip")
    before = identity([folder, packed])
    assert before == identity([folder, packed]) and len(before) == 2
    (folder / "set/list.txt").write_bytes(b"longer than before")
    assert identity([folder, packed])[0] != before[0] and identity(packed) == before[1:]
