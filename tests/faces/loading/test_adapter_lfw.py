from __future__ import annotations

import numpy as np
import pytest

from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.adapters import lfw
from tests.faces.loading.publisher_files import KINDS, encode, tone, write_archive

PICTURES = ("Ann_Lee_0001", "Ann_Lee_0002", "Bo_0001", "Cy_Poe_0001", "Di_0001")


def lfw_files(folder: str = "lfw", size: int = 250, ends: str = "\n") -> dict[str, bytes | str]:
    lists = {
        "pairs.txt": "2\t1\nAnn_Lee\t1\t2\nAnn_Lee\t1\tBo\t1\nAnn_Lee\t2\t3\nBo\t1\tCy_Poe\t1\n",
        "pairsDevTest.txt": "1\nAnn_Lee\t1\t2\nBo\t1\tDi\t1\n",
        "people.txt": "2\n2\nAnn_Lee\t2\nBo\t1\n2\nCy_Poe\t1\nDi\t1\n",
        "peopleDevTrain.txt": "2\nAnn_Lee\t2\nBo\t1\n",
        "peopleDevTest.txt": "2\nCy_Poe\t1\nDi\t1\n",
        "male_names.txt": "Bo_0001.jpg\n\nCy_Poe_0001.jpg\n",
        "female_names.txt": "Ann_Lee_0001.jpg\nCy_Poe_0001\n",
        "person_gender.csv": "name,perceived_gender,images\nCy_Poe,female,1\nDi,,1\nAnn_Lee,female,2\n",
    }
    files: dict[str, bytes | str] = {key: text.replace("\n", ends) for key, text in lists.items()}
    pictures = {
        f"{folder}/{p[:-5]}/{p}.jpg": encode(tone(i, size, size), "JPEG") for i, p in enumerate(PICTURES)
    }
    return files | pictures


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("folder", ["lfw", "lfw-deepfunneled/lfw-deepfunneled"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_people_splits_folds_and_gender(tmp_path, kind, folder, ends):
    source = lfw.read(write_archive(tmp_path / "l", kind, lfw_files(folder, ends=ends)))
    table = source.labels.set_index("image").loc[list(PICTURES)]
    assert table["subject"].tolist() == ["Ann_Lee", "Ann_Lee", "Bo", "Cy_Poe", "Di"]
    assert table["split"].tolist() == ["train", "train", "train", "test", "test"]
    assert table["fold"].tolist() == [1, 1, 1, 2, 2]
    assert table["Male"].astype("Int64").fillna(-1).tolist() == [0, -1, 1, 0, -1], (
        "in both lists: as the person"
    )
    assert source.about["counts"] == {
        "blank lines in male_names.txt": 1, "entries without .jpg in female_names.txt": 1,
        "pictures in both gender lists": 1, "pictures without a perceived gender": 2,
    }  # fmt: skip


def test_window_of_the_whole_frame_and_of_the_cut_one(tmp_path):
    source = lfw.read(write_archive(tmp_path / "l", "zip", lfw_files()))
    assert source.window(250, 250) == (64, 64, 192, 192)
    assert source.window(128, 128) == (0, 0, 128, 128)


def test_without_lists_there_are_still_people(tmp_path):
    files = {name: data for name, data in lfw_files().items() if name.endswith(".jpg")}
    files["lfw/Ann_Lee/Bo_0001.jpg"] = files["lfw/Bo/Bo_0001.jpg"]
    source = lfw.read(write_archive(tmp_path / "l", "tar", files))
    assert len(source) == 5 and "Male" not in source.labels and "fold" not in source.labels
    assert source.skipped_by_reason == {"not named Name/Name_0001.jpg": 1}


def test_pairs(tmp_path):
    path = write_archive(tmp_path / "l", "zip", lfw_files())
    table, left = lfw.pairs(path)
    assert table.to_numpy().tolist() == [
        [1, True, "Ann_Lee_0001", "Ann_Lee_0002"], [1, False, "Ann_Lee_0001", "Bo_0001"],
        [2, False, "Bo_0001", "Cy_Poe_0001"],
    ]  # fmt: skip
    assert left.to_numpy().tolist() == [["Ann_Lee_0003", "pair without its picture"]]
    assert lfw.pairs(path, "test")[0]["fold"].tolist() == [1, 1]
    with pytest.raises(FaceSetError, match=r"pairsDevTrain.txt is missing"):
        lfw.pairs(path, "train")


def test_rows_of_pairs_in_a_packed_set(tmp_path):
    path = write_archive(tmp_path / "l", "zip", lfw_files())
    labels = lfw.read(path).labels.drop(2)
    faces = FaceSet(np.zeros((4, 4, 4, 3), np.uint8), labels.reset_index(drop=True), "lfw")
    rows, complete = lfw.pair_rows(faces, lfw.pairs(path)[0])
    assert rows.tolist() == [[0, 1], [0, -1], [-1, 2]] and complete.tolist() == [True, False, False]


def test_errors(tmp_path):
    broken = lfw_files() | {"pairs.txt": "1\t1\nAnn_Lee\t1\n"}
    with pytest.raises(FaceSetError, match=r"pairs.txt in .*, line 2: the row 'Ann_Lee 1' is no pair"):
        lfw.pairs(write_archive(tmp_path / "a", "zip", broken))
    with pytest.raises(FaceSetError, match=r"no picture Name/Name_0001.jpg in"):
        lfw.read(write_archive(tmp_path / "b", "zip", {"people.txt": "1"}))


GOOD = "2\t1\nAnn_Lee\t1\t2\nAnn_Lee\t1\tBo\t1\nAnn_Lee\t2\t1\nBo\t1\tCy_Poe\t1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line must count the folds"),
        (GOOD.replace("2\t1\nAnn", "Ann", 1), "the first line must count the folds"),
        (GOOD.replace("2\t1\nAnn", "2\t0\nAnn", 1), "the first line must count the folds"),
        (GOOD.replace("2\t1\nAnn", "3\t1\nAnn", 1), "4 pairs, the first line promises 6"),
        (GOOD.replace("Ann_Lee\t1\tBo\t1\n", ""), "3 pairs, the first line promises 4"),
        (GOOD + "Bo\t1\tDi\t1\n", "5 pairs, the first line promises 4"),
        (GOOD.replace("Ann_Lee\t1\t2\n", "Ann_Lee\t1\tDi\t1\n"), "fold 1 has 0 mated pairs, not 1"),
        (GOOD.replace("1\t2\n", "1\t1\n"), "line 2: .* no pair of two pictures"),
        (GOOD.replace("1\tBo\t1", "1\tAnn_Lee\t2"), "line 3: .* no pair of two people"),
        (GOOD.replace("1\t2\n", "1\tx\n"), "line 2: 'x' is no whole number of 1 or more"),
        (GOOD.replace("1\t2\n", "1\t0\n"), "line 2: '0' is no whole number of 1 or more"),
    ],
)
def test_a_list_of_pairs_that_is_not_in_its_form(tmp_path, text, said):
    path = write_archive(tmp_path / "l", "zip", lfw_files() | {"pairs.txt": text})
    with pytest.raises(FaceSetError, match=rf"pairs.txt in .*l.zip.*{said}"):
        lfw.pairs(path)
    assert len(lfw.pairs(write_archive(tmp_path / "m", "zip", lfw_files() | {"pairs.txt": GOOD}))[0]) == 4
