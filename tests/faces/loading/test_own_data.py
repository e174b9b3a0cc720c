"""Lists and archives as people have them, with what spreadsheets and packers do to them."""

from __future__ import annotations

import io
import os
import re
import tarfile
import zipfile

import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.loading.adapters import celeba, fairface, fer2013, folder, lfw, wider
from lib.faces.loading.archive import UnreadableError, open_archive
from lib.faces.loading.load import load
from lib.faces.loading.text_lists import read_table
from tests.exact import exactly
from tests.faces.loading.publisher_files import encode, tiny_set, tone, write_archive

PICTURE = encode(tone(9))
PEOPLE = {f"{name}/{i}.png": PICTURE for name in ("anna", "ben") for i in (1, 2)}


def labelled(tmp_path, text: str, where: str = "labels.csv"):
    return folder.read(write_archive(tmp_path / "own", "folder", PEOPLE | {where: text}))


# a folder's own labels


@pytest.mark.parametrize("name", ["anna\\1.png", "1.png", "Anna/1.png"])
def test_labels_of_which_none_has_its_picture_are_refused(tmp_path, name):
    with pytest.raises(
        FaceSetError, match=r"labels.csv: none of the 1 .* in .*own \(4 .* as anna/1.png"
    ) as e:
        labelled(tmp_path, f"image,age\n{name},20\n")
    assert f"begins with {name}" in str(e.value)


def test_rows_that_are_longer_than_the_head(tmp_path):
    source = labelled(tmp_path, "image,age\nanna/1.png,20,\nben/1.png,30,\n")
    assert source.labels["age"].fillna(0).tolist() == [20, 0, 30, 0], "commas alone do no harm"
    assert not len(source.skipped)
    for rows in ("anna/1.png,20,7\n", "anna/1.png,20\nben/1.png,30,7\n"):
        with pytest.raises(FaceSetError, match=r"labels.csv in .*(columns|fields).*mend it"):
            labelled(tmp_path, f"image,age\n{rows}")


@pytest.mark.parametrize(
    ("column", "nearest"), [("male", "Male"), (" Male", "Male"), ("Age", "age"), ("Smilling", "Smiling")]
)
def test_a_column_that_is_nearly_a_known_one(tmp_path, column, nearest):
    with pytest.raises(FaceSetError, match=f"labels.csv in .*{column!r} is not known, .* {nearest!r}"):
        labelled(tmp_path, f"image,{column}\nanna/1.png,1\n")


def test_other_columns_and_lists_elsewhere_are_listed(tmp_path):
    source = labelled(tmp_path, "image,female,images\nanna/1.png,1,3\n")
    assert source.skipped_by_reason == {folder.NO_MEANING: 2} and "Male" not in source.labels
    assert source.skipped["image"].tolist() == ["labels.csv: female", "labels.csv: images"]
    source = folder.read(write_archive(tmp_path / "b", "zip", PEOPLE | {"meta/labels.csv": "image,age\n"}))
    assert source.skipped.to_numpy().tolist() == [["meta/labels.csv", folder.NOT_AT_THE_TOP]]


# publishers' lists


def fair(tmp_path, train: str, kind: str = "folder"):
    head = "file,age,gender,race\n"
    lists = {
        "fairface_label_train.csv": head + train,
        "fairface_label_val.csv": head + "val/1.jpg,3-9,Male,x\n",
    }
    pictures = {f"{name}.jpg": PICTURE for name in ("train/1", "train/2", "val/1")}
    return fairface.read(write_archive(tmp_path / "fair", kind, lists | pictures))


def test_one_list_of_fairface_without_its_pictures(tmp_path):
    with pytest.raises(FaceSetError, match=r"fairface_label_train.csv: none of the 1 .*begins with train\\1"):
        fair(tmp_path, "train\\1.jpg,3-9,Male,x\n")
    with pytest.raises(FaceSetError, match=r"fairface_label_train.csv in .*more values than .* columns"):
        fair(tmp_path, "train/1.jpg,3-9,Male,x,7\n")
    with pytest.raises(FaceSetError, match=r"fairface_label_train.csv in .*more values .*a comma at its end"):
        fair(tmp_path, "train/1.jpg,3-9,Male,x,\ntrain/2.jpg,3-9,Female,x,\n")
    labels = fair(tmp_path, "train/1.jpg,3-9,Male,x\ntrain/2.jpg,3-9,Female,x\n").labels
    assert labels["Male"].tolist() == [True, False, True]


BOX = "10 10 5 5 0 0 0 0 0 0\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"a/1.png\n1\n{BOX}a/2.png\n1\n{BOX}a/1.png\n1\n{BOX}", r"line 7: a/1.png is listed before"),
        (f"a/1.png\n-1\n{BOX}", r"line 1: the number of boxes of a/1.png is '-1'"),
        ("a/1.png\n1\n10 10 5 5 9 0 0 0 0 0\n", r"line 1: blur must be a whole number of 0 to 2"),
        ("a/1.png\n1\n10 10 5 5 0 0 0 7 0 0\n", r"line 1: invalid must be a whole number of 0 to 1"),
        ("a/1.png\n1\n10 10 5 nan 0 0 0 0 0 0\n", r"line 1: a box needs finite numbers"),
    ],
)
def test_a_list_of_boxes_that_cannot_be_right(tmp_path, text, said):
    files = {f"a/{i}.png": PICTURE for i in (1, 2)} | {"wider_face_val_bbx_gt.txt": text}
    with pytest.raises(FaceSetError, match=rf"wider_face_val_bbx_gt.txt in .*{said}.*download the list"):
        wider.read(write_archive(tmp_path / "w", "zip", files))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xe0 no more"])
def test_celeba_whose_first_picture_is_damaged(tmp_path, data):
    files = tiny_set("celeba", 3) | {"img_align_celeba/000001.jpg": data}
    source = celeba.read(write_archive(tmp_path / "c", "zip", files))
    assert len(source) == 3
    faces = load("celeba", tmp_path / "c.zip", size=8, cache=tmp_path / "cache", progress=False, workers=1)
    assert len(faces) == 2 and sum(faces.about["skipped"].values()) == 1


def test_celeba_lists_that_are_not_as_published(tmp_path):
    files = tiny_set("celeba", 3)
    text = str(files["list_attr_celeba.txt"])

    def read(name, **changed):
        return celeba.read(write_archive(tmp_path / name, "zip", files | changed))

    with pytest.raises(FaceSetError, match=r"list_attr_celeba.txt in .*more values than .* columns"):
        read("long", **{"list_attr_celeba.txt": text.replace("000001.jpg", "000001.jpg 1")})
    with pytest.raises(FaceSetError, match="none of its first 3 lines names a picture as 000001.jpg"):
        read("bare", **{"list_attr_celeba.txt": text.replace(".jpg", "")})
    told = [read("wide", **{"list_attr_celeba.txt": text.encode("utf-16")}), read("plain")]
    wide, plain = (one.labels.drop(columns="archive") for one in told)
    assert exactly(wide, plain, because="the same text in another coding")
    with pytest.raises(FaceSetError, match="list_attr_celeba.txt in .* is no text .*save it as UTF-8"):
        read("unmarked", **{"list_attr_celeba.txt": text.encode("utf-16-le")})
    for name in ("identity_CelebA", "list_eval_partition"):
        with pytest.raises(FaceSetError, match=f"{name}.txt: none of the 1 labelled pictures .*with 1.jpg"):
            read(name, **{f"{name}.txt": "1.jpg 0\n"})


def test_genders_of_people_in_lfw(tmp_path):
    files: dict[str, bytes | str] = {f"lfw/{n}/{n}_0001.jpg": PICTURE for n in ("Ann", "Bo", "Cy")}
    files |= {f"{word}_names.txt": "Ann_0001.jpg\nBo_0001.jpg\n" for word in ("male", "female")}

    def read(name, text):
        return lfw.read(write_archive(tmp_path / name, "zip", files | {"person_gender.csv": text}))

    labels = read("a", "name,perceived_gender\nAnn,Female\nBo, MALE \n\nCy,\n").labels
    assert labels["Male"].astype("Int64").fillna(-1).tolist() == [0, 1, -1]
    for row, found in (("Bo;male", "nothing"), ("Bo,man", "man")):
        with pytest.raises(FaceSetError, match=f"person_gender.csv in .*, line 3: .*, found '{found}'"):
            read("b", f"name,perceived_gender\nAnn,female\n{row}\n")
    files |= {"male_names.txt": "Nobody_0001.jpg\n", "female_names.txt": "Somebody_0001.jpg\n"}
    with pytest.raises(FaceSetError, match="male_names.txt and female_names.txt: none of the 2 labelled"):
        read("c", "name,perceived_gender\n")


def test_a_first_row_that_is_too_long_is_refused_in_any_table():
    with pytest.raises(FaceSetError, match="x.csv: a row has more values than there are columns .*; mend it"):
        read_table("a,b\n1,2,3\n", "x.csv", "mend it")


# archives


def spoiled(path, text: bytes):
    """Change one byte of a zip's content, so that its sum does not fit."""
    data = bytearray(path.read_bytes())
    data[data.index(text)] ^= 1
    path.write_bytes(data)
    return path


def test_a_damaged_list_in_a_zip_is_named(tmp_path):
    path = spoiled(write_archive(tmp_path / "c", "zip", tiny_set("celeba", 3)), b"000002.jpg -1")
    with pytest.raises(UnreadableError, match=r"list_attr_celeba.txt in .*c.zip is damaged .*download it"):
        celeba.read(path)
    path = spoiled(write_archive(tmp_path / "f", "zip", tiny_set("fer2013", 4)), b"Training")
    with pytest.raises(UnreadableError, match=r"fer2013.csv in .*f.zip is damaged"):
        fer2013.read(path)


def test_a_damaged_picture_in_a_zip_is_listed(tmp_path):
    path = write_archive(tmp_path / "p", "zip", {"a/1.png": PICTURE, "a/2.png": PICTURE + b"spoil me"})
    source = folder.read(spoiled(path, b"spoil me"))
    assert [source.photograph(i).reason for i in range(2)] == ["", "unreadable file"]
    assert "a/2.png in" in source.photograph(1).detail


def test_a_zip_by_another_method_is_refused_with_the_remedy(tmp_path):
    path = write_archive(tmp_path / "d", "zip", {"a/1.png": PICTURE})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 10] = data[data.index(b"PK\3\4") + 8] = 9
    path.write_bytes(data)
    with pytest.raises(FaceSetError, match=r"a/1.png in .*d.zip is packed by a method .*number 9.*repack"):
        open_archive(path)


def test_a_zip_with_backslashes(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.zip", "w") as archive:
        for name, data in (PEOPLE | {"anna/": b""}).items():
            entry = zipfile.ZipInfo("x")
            entry.filename = name.replace("/", "\\")
            archive.writestr(entry, data)
    source = folder.read(tmp_path / "w.zip")
    assert source.labels["image"].tolist() == list(PEOPLE) and bool(source.photograph(3))


@pytest.mark.parametrize("ending", ["tar", "tgz"])
def test_links_in_a_tar_are_followed_or_listed(tmp_path, ending):
    links = {
        "ben/9.png": (tarfile.LNKTYPE, "anna/1.png"), "ben/8.png": (tarfile.SYMTYPE, "../anna/1.png"),
        "ben/7.png": (tarfile.SYMTYPE, "8.png"), "ben/6.png": (tarfile.SYMTYPE, "/gone.png"),
        "ben/5.png": (tarfile.SYMTYPE, "5.png"),
    }  # fmt: skip
    with tarfile.open(tmp_path / f"l.{ending}", "w:gz" if ending == "tgz" else "w") as archive:
        for name, (kind, target) in links.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.type, entry.linkname = kind, target
            archive.addfile(entry)
        entry = tarfile.TarInfo("./anna/1.png")
        entry.size = len(PICTURE)
        archive.addfile(entry, io.BytesIO(PICTURE))
    source = folder.read(tmp_path / f"l.{ending}")
    assert len(source) == 6
    found = {name: source.photograph(i).reason for i, name in enumerate(source.labels["image"])}
    assert {name for name, reason in found.items() if reason == "unreadable file"} == {
        "ben/6.png",
        "ben/5.png",
    }
    row = source.labels.index[source.labels["image"] == "ben/7.png"][0]
    assert (source.open(row) == 9).all()


# packing


def test_two_sets_of_equal_names_sizes_and_times_are_two(tmp_path):
    for place, number in (("x", 50), ("y", 200)):
        picture = {"s1/1.pgm": encode(tone(number, 112, 92)[..., 0], "PPM")}
        path = write_archive(tmp_path / place / "att", "folder", picture)
        os.utime(path / "s1/1.pgm", (315532800, 315532800))
    how = {"size": 8, "cache": tmp_path / "cache", "progress": False, "workers": 1}
    found = [load("att", tmp_path / place / "att", **how).images[0, 0, 0, 0] for place in "xyx"]
    assert found == [50, 200, 50]
    (tmp_path / "z").symlink_to(tmp_path / "y")
    load("att", tmp_path / "z" / "att", **how)
    assert sum(one.is_dir() for one in (tmp_path / "cache").iterdir()) == 2, "a link leads to the same set"


@pytest.mark.parametrize("size", [0, -3, (8, 0)])
def test_a_size_that_is_none(tmp_path, size):
    path = write_archive(tmp_path / "own", "folder", PEOPLE)
    with pytest.raises(FaceSetError, match=re.escape("cannot be packed: take a size of 1 or more")):
        load("folder", path, size=size, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()
