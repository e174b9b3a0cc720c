"""Names, lists and values that are not as they should be: an error with path and remedy, or a count."""

from __future__ import annotations

import unicodedata

import pytest

from lib.faces.faceset import FaceSetError, read_labels
from lib.faces.loading.adapters import fairface, folder, lfw, utkface
from tests.faces.loading.publisher_files import encode, tone, write_archive

PICTURE = encode(tone(9))


def test_one_name_in_two_forms_is_one_subject(tmp_path):
    composed, apart = (unicodedata.normalize(form, "Zo\u00eb") for form in ("NFC", "NFD"))
    files = {f"{apart}/1.png": PICTURE, f"{composed}/2.png": PICTURE, "NA/1.png": PICTURE, "x.png": PICTURE}
    lists = {"labels.csv": f"image,subject,Male\n{composed}/1.png,,0\n{apart}/2.png,,1\nNA/1.png,NA,NA\n"}
    labels = folder.read(write_archive(tmp_path / "a", "zip", files | lists)).labels.set_index("image")
    assert labels.loc[[f"{composed}/1.png", f"{composed}/2.png"], "subject"].tolist() == [composed] * 2
    assert labels["Male"].astype("Int64").fillna(-1).to_dict() == {
        f"{composed}/1.png": 0, f"{composed}/2.png": 1, "NA/1.png": -1, "x.png": -1,
    }  # fmt: skip
    assert labels.loc["NA/1.png", "subject"] == "NA"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as a table"),
        ('image,age\n"a/1.png,3\n', "cannot be read as a table"),
        ("image,age\n,3\n", "a row has no `image`"),
        *((f"image,age\na/1.png,{age}\n", "age must be a number") for age in ("thirty", "-5", "999", "inf")),
        ("image,nose_x\na/1.png,left\n", "nose_x must be a number, found 'left'"),
    ],
)
def test_labels_that_cannot_be_used(tmp_path, text, said):
    path = write_archive(tmp_path / "a", "zip", {"a/1.png": PICTURE, "labels.csv": text})
    with pytest.raises(FaceSetError, match=rf"labels.csv in .*a.zip.*{said}"):
        folder.read(path)


def test_a_name_that_is_no_text():
    with pytest.raises(FaceSetError, match="/x: the file name .* is not UTF-8: rename it"):
        folder._composed("a\udcff/1.png", "/x")


@pytest.mark.parametrize("text", ["", 'file,age\n"val/1.jpg,3\n'])
def test_a_damaged_list_of_fairface_and_of_a_packed_set(tmp_path, text):
    path = write_archive(tmp_path / "a", "zip", {"val/1.jpg": PICTURE, "fairface_label_val.csv": text})
    with pytest.raises(FaceSetError, match=r"fairface_label_val.csv in .* table .*; download it again"):
        fairface.read(path)
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(FaceSetError, match=r"labels.csv cannot be read as a table .*; pack the set again"):
        read_labels(tmp_path / "labels.csv")


def test_uncropped_photographs_beside_their_crops(tmp_path):
    names = [f"{20 + i}_0_1_{i:017d}" for i in range(3)]
    files = {f"wild/{name}.jpg": PICTURE for name in names}
    files |= {f"UTKFace/{name}.jpg.chip.jpg": PICTURE for name in names[:2]}
    files["UTKFace/999_0_1_20170109.jpg.chip.jpg"] = PICTURE
    source = utkface.read(write_archive(tmp_path / "a", "zip", files))
    assert sorted(source.labels["image"]) == sorted(
        [f"{n}.jpg.chip.jpg" for n in names[:2]] + [f"{names[2]}.jpg"]
    )
    assert source.skipped_by_reason == {utkface.WILD: 2, utkface.MALFORMED: 1}


def test_people_of_both_lists_and_of_none_are_counted(tmp_path):
    files = {f"lfw/{name}/{name}_0001.jpg": PICTURE for name in ("Ann", "Bo", "Cy")}
    lists = {"peopleDevTrain.txt": "2\nAnn\t1\nBo\t1\n", "peopleDevTest.txt": "1\nBo\t1\n"}
    source = lfw.read(write_archive(tmp_path / "a", "zip", files | lists))
    assert source.labels["split"].tolist() == ["train", "test", "test"]
    assert source.about["counts"] == {
        "people in both lists of View 1, taken as test": 1, "people in no list of View 1, taken as test": 1,
    }  # fmt: skip
    with pytest.raises(FaceSetError, match="peopleDevTest.txt in .* names nobody"):
        lfw.read(write_archive(tmp_path / "b", "zip", files | lists | {"peopleDevTest.txt": "0\n"}))
