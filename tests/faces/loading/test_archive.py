from __future__ import annotations

import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.loading.archive import (
    NotFoundError,
    also_inside,
    natural,
    open_archive,
    open_archives,
)
from tests.faces.loading.publisher_files import write_archive

FILES = {
    "set/list.txt": b"one\r\ntwo\r\n",
    "set/pictures/s10/1.jpg": b"ten",
    "set/pictures/s2/1.jpg": b"two",
    "set/pictures/s2/.DS_Store": b"junk",
    "__MACOSX/set/pictures/s2/._1.jpg": b"junk",
}
KINDS = ["folder", "zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"]


def write(path, kind, files=FILES):
    return write_archive(path, kind, files)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_files_from_every_kind(tmp_path, kind):
    archive = open_archive(write(tmp_path / "a", kind))
    assert set(archive.names) == {name for name in FILES if "DS_Store" not in name and "MACOSX" not in name}
    assert archive.read("set/pictures/s2/1.jpg") == b"two"
    assert archive.read("set/pictures/s10/1.jpg") == b"ten", "back again, also in a compressed tar"
    assert archive.text("set/list.txt") == "one\ntwo\n"
    assert archive.open("set/pictures/s2/1.jpg").read() == b"two"
    assert archive.part("set/list.txt", 5, 8) == b"two" and archive.part("set/list.txt", 0, 3) == b"one"
    assert archive.find("list.txt") == "set/list.txt"
    assert archive.find("none.txt", required=False) == ""
    assert "set/list.txt" in archive and "list.txt" not in archive
    assert sorted(archive.pictures("s2")) == ["set/pictures/s2/1.jpg"] and len(archive.pictures()) == 2


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_counting_order(tmp_path, kind):
    assert open_archive(write(tmp_path / "a", kind)).pictures() == [
        "set/pictures/s2/1.jpg",
        "set/pictures/s10/1.jpg",
    ]
    assert sorted(["s10", "s2", "s1"], key=natural) == ["s1", "s2", "s10"]


def test_a_compressed_tar_keeps_the_stored_order(tmp_path):
    assert open_archive(write(tmp_path / "a", "tgz")).pictures()[0] == "set/pictures/s10/1.jpg"


def test_several_as_one_the_first_counts(tmp_path):
    first = write(tmp_path / "a", "zip", {"x/1.jpg": b"first"})
    second = write(tmp_path / "b", "tar", {"x/1.jpg": b"second", "x/2.jpg": b"other"})
    single = tmp_path / "labels.csv"
    single.write_text("a,b\n")
    archive = open_archive([first, second, single])
    assert archive.names == ("x/1.jpg", "x/2.jpg", "labels.csv")
    assert archive.read("x/1.jpg") == b"first" and archive.text("labels.csv") == "a,b\n"
    assert len(open_archives([first, second])) == 2
    assert archive.covered == [("x/1.jpg", "a.zip")]


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("part", [0.3, 0.7])
def test_half_downloaded(tmp_path, kind, part):
    path = write(tmp_path / "a", kind, {f"x/{i}.jpg": bytes(range(256)) * 40 for i in range(20)})
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    with pytest.raises(FaceSetError, match=r"half downloaded; download it again"):
        open_archive(path)


@pytest.mark.parametrize("kind", KINDS[1:])
def test_an_error_page_saved_as_an_archive(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    path.write_bytes(b"<html>Quota exceeded</html>" * 40)
    with pytest.raises(FaceSetError, match=r"cut off or damaged .*download it again"):
        open_archive(path)


def test_a_tar_cut_between_two_members(tmp_path):
    path = write(tmp_path / "a", "tar", {f"x/{i}.jpg": bytes(512) for i in range(4)})
    path.write_bytes(path.read_bytes()[: 2 * 1024])
    with pytest.raises(FaceSetError, match=r"half downloaded"):
        open_archive(path)


def test_an_encrypted_zip_is_refused_with_the_remedy(tmp_path):
    path = write(tmp_path / "a", "zip", {"x.jpg": b"x"})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(FaceSetError, match=r"a.zip is encrypted: unpack it"):
        open_archive(path)


def test_missing_path_and_missing_file(tmp_path):
    with pytest.raises(FaceSetError, match=r"none\.tar does not exist"):
        open_archive(tmp_path / "none.tar")
    with pytest.raises(FaceSetError, match=r"other\.txt is missing in .*a"):
        open_archive(write(tmp_path / "a", "folder")).find("other.txt")


def test_text_that_is_not_utf8(tmp_path):
    archive = open_archive(write(tmp_path / "a", "folder", {"n.txt": "Jos\xe9\n".encode("latin-1")}))
    assert archive.text("n.txt") == "Jos\xe9\n"


def test_archives_in_a_folder_are_opened_only_where_the_folder_alone_is_not_enough(tmp_path):
    asked = []

    @also_inside
    def read(path, word=""):
        archive = open_archive(path)
        asked.append(archive.path)
        return archive.text(archive.find("list.txt")) + word

    (tmp_path / "set").mkdir()
    packed = write(tmp_path / "set" / "img", "zip", {"list.txt": "inside"})
    assert read(tmp_path / "set", word="!") == "inside!" and str(packed) in asked[-1]
    (tmp_path / "set" / "list.txt").write_text("beside")
    asked.clear()
    assert read(tmp_path / "set") == "beside" and asked == [str(tmp_path / "set")]
    write(tmp_path / "deep" / "a", "folder", {"b.txt": "x"})
    write(tmp_path / "deep" / "a" / "c", "tgz", {"d/list.txt": "deep"})
    assert read(tmp_path / "deep") == "deep"
    with pytest.raises(NotFoundError, match=r"list.txt is missing in .*empty"):
        read(write(tmp_path / "empty", "folder", {"x.txt": "x"}))
    packed.write_bytes(packed.read_bytes()[:30])
    (tmp_path / "set" / "list.txt").unlink()
    with pytest.raises(FaceSetError, match=r"img.zip is cut off or damaged"):
        read(tmp_path / "set")
