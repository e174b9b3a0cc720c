from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.loading.adapters import att, fairface, fer2013, folder, jaffe, lfw, rendered, utkface, wider
from lib.faces.loading.archive import open_archive
from lib.faces.loading.source import Members, named, one_face_each
from lib.faces.splits import split_by_subject
from tests.exact import exactly
from tests.faces.loading.publisher_files import KINDS, encode, tone, write_archive


def grey(number: int) -> bytes:
    return encode(tone(number))


# AT&T


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("top", ["", "orl_faces/"])
def test_att_counts_in_order_in_every_kind_and_mirror(tmp_path, kind, top):
    files = {
        f"{top}s{s}/{i}.pgm": encode(tone(10 * s + i, 112, 92)[..., 0], "PPM")
        for s in (10, 2, 1)
        for i in (2, 1)
    }
    source = att.read(write_archive(tmp_path / "att", kind, {f"{top}README": "text", **files}))
    if kind != "tgz":
        assert source.labels["image"].tolist() == ["s1/1", "s1/2", "s2/1", "s2/2", "s10/1", "s10/2"]
    row = source.labels.index[source.labels["image"] == "s10/2"][0]
    assert (source.open(row) == 102).all() and source.labels["subject"][row] == "s10"
    assert source.window(112, 92) == (0, 10, 92, 102)


def test_a_subject_is_never_in_two_splits_and_the_split_never_changes(tmp_path):
    files = {f"s{s}/{i}.pgm": encode(tone(s)[..., 0], "PPM") for s in range(1, 21) for i in (1, 2)}
    labels = att.read(write_archive(tmp_path / "att", "zip", files)).labels
    assert labels.groupby("subject")["split"].nunique().max() == 1
    assert labels["split"].value_counts().to_dict() == {"train": 28, "test": 8, "validation": 4}
    again = split_by_subject(labels["subject"].sample(frac=1, random_state=0)).sort_index()
    assert again.tolist() == labels["split"].tolist()


def test_pictures_of_one_face_mean_the_central_one_and_drop_oddities_that_do_not_occur():
    labels = pd.DataFrame({"image": ["a", "b"], "subject": ["a", "b"], "split": "train"})
    about = {"title": "Set"}
    source = one_face_each("set", labels, lambda i: b"", [("c", "odd")], about, counts={"odd": 2, "even": 0})
    assert source.choose == "central" and source.window(20, 30) == (0, 0, 30, 20) and not source.publishable
    assert source.about == {"title": "Set", "counts": {"odd": 2}} and about == {"title": "Set"}
    assert source.skipped_by_reason == {"odd": 1}
    bare = one_face_each(
        "set", labels, lambda i: b"", [], about, window=lambda h, w: (1, 2, 3, 4), frame=(9, 9)
    )
    assert bare.about == about and bare.window(5, 5) == (1, 2, 3, 4) and bare.frame == (9, 9)


def test_names_are_matched_without_their_folders(tmp_path):
    files = {"x/1_a.png": grey(1), "y/z/2_b.png": grey(2), "y/3.png": grey(3), "1_c.txt": "text"}
    archive = open_archive(write_archive(tmp_path / "set", "zip", files))
    members, matches, odd = named(archive, re.compile(r"(\d)_"), "no number")
    assert members == ["x/1_a.png", "y/z/2_b.png"] and [match[1] for match in matches] == ["1", "2"]
    assert [match.string for match in matches] == ["1_a.png", "2_b.png"] and odd == [("3.png", "no number")]
    assert exactly(Members.of(archive, members)(1), grey(2), because="whole grey levels")


# UTKFace


@pytest.mark.parametrize("kind", KINDS)
def test_utkface_names(tmp_path, kind):
    good = {
        "1_0_0_20161219140623097.jpg.chip.jpg": (1, True, "White"),
        "116_1_4_2017.jpg": (116, False, "Others"),
    }
    bad = [
        "61_1_20170109142408075.jpg.chip.jpg",
        "61_3_20170109150557335.jpg.chip.jpg",
        "39_1_5_2017.jpg.chip.jpg",
    ]
    path = write_archive(tmp_path / "utk", kind, {f"UTKFace/{name}": grey(7) for name in [*good, *bad]})
    source = utkface.read(path)
    for _, row in source.labels.iterrows():
        assert (row["age"], row["Male"], row["race"]) == good[row["image"]]
    assert source.skipped_by_reason == {utkface.MALFORMED: 3}
    assert source.labels["subject"].is_unique


def test_nothing_usable_is_an_error_that_says_why(tmp_path):
    path = write_archive(tmp_path / "utk", "zip", {"UTKFace/portrait.jpg": grey(1)})
    with pytest.raises(FaceSetError, match=r"layout .*age.*gender.* in .*utk.zip; 1 pictures.*portrait.jpg"):
        utkface.read(path)


# FairFace


FAIR = """file,age,gender,race,service_test
val/1.jpg,3-9,Male,White,True
val/2.jpg,03-Sep,Female,Black,FALSE
val/3.jpg,Oct-19,Female,Indian,TRUE
val/4.jpg,more than 70,male,White,False
val/5.jpg,9-Mar,Male,White,False
val/6.jpg,something,Person,White,False
val/7.jpg,20-29,Male,White,True
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_fairface_ages_come_back_from_dates(tmp_path, kind, ends):
    pictures = {f"fairface/val/{i}.jpg": grey(i) for i in (1, 2, 3, 4, 5, 6, 9)}
    lists = {"fairface/fairface_label_val.csv": FAIR.replace("\n", ends)}
    source = fairface.read(write_archive(tmp_path / "fair", kind, {**lists, **pictures}))
    table = source.labels.set_index("image")
    assert table["age_group"].to_dict() == {
        "val/1.jpg": "3-9", "val/2.jpg": "3-9", "val/3.jpg": "10-19", "val/4.jpg": "more than 70",
        "val/5.jpg": "3-9", "val/6.jpg": "",
    }  # fmt: skip
    assert table["age"]["val/3.jpg"] == 14.5 and np.isnan(table["age"]["val/6.jpg"])
    assert table["service_test"].tolist() == [True, False, True, False, False, False]
    assert table["Male"]["val/4.jpg"] and table["Male"].isna().sum() == 1
    assert (table["split"] == "validation").all()
    assert source.about["counts"] == {
        "ages turned back from dates": 3, "ages that are no group": 1, "genders that are neither word": 1
    }  # fmt: skip
    assert dict(source.skipped.to_numpy()) == {
        "val/7.jpg": "label without a picture", "val/9.jpg": "picture without a label"
    }  # fmt: skip
    for i, name in enumerate(source.labels["image"]):
        assert (source.open(i) == int(name[4])).all()


@pytest.mark.parametrize("text", ["3-9", "03-Sep", "9-Mar", "Sep-03", "Sep 3", "3. Sep"])
def test_spreadsheet_dates_of_one_group(text):
    assert fairface.age_group(text) == "3-9"


def test_fairface_errors_name_the_file_and_the_remedy(tmp_path):
    with pytest.raises(
        FaceSetError, match=r"fairface_label_train.csv or fairface_label_val.csv is missing in"
    ):
        fairface.read(write_archive(tmp_path / "a", "tar", {"val/1.jpg": grey(1)}))
    with pytest.raises(FaceSetError, match=r"fairface_label_val.csv .* lacks the columns .*gender"):
        fairface.read(
            write_archive(
                tmp_path / "b", "tar", {"fairface_label_val.csv": "file,age\n", "val/1.jpg": grey(1)}
            )
        )
    with pytest.raises(
        FaceSetError, match=r"none of the 7 labelled pictures is in .*name the folder or archive"
    ):
        fairface.read(
            write_archive(tmp_path / "c", "tar", {"fairface_label_val.csv": FAIR, "1.png": grey(1)})
        )


# JAFFE


@pytest.mark.parametrize("kind", KINDS)
def test_jaffe(tmp_path, kind):
    names = ["KA.AN1.39.tiff", "KM.SU3.14.tiff", "KA.NE2.27.tiff"]
    files = {f"jaffe/{name}": encode(tone(5 + i)[..., 0], "TIFF") for i, name in enumerate(names)}
    source = jaffe.read(
        write_archive(tmp_path / "j", kind, {**files, "jaffe/overview.tiff": grey(1), "README": "x"})
    )
    table = source.labels.set_index("image")
    assert table["expression"].to_dict() == dict(zip(names, ["angry", "surprise", "neutral"], strict=True))
    assert table["subject"].to_dict() == {name: name[:2] for name in names} and not table["Male"].any()
    assert source.skipped_by_reason == {"not named like KA.AN1.39.tiff": 1}


# one name in several folders

CHIP = "1_0_0_20161219140623097.jpg.chip.jpg"
REPACKED = {
    "utkface": (
        utkface.read,
        {f"{top}/{CHIP}": grey(i) for i, top in enumerate(("UTKFace", "crop_part1", "x/UTKFace"), 1)},
        f"UTKFace/{CHIP}",
    ),
    "jaffe": (
        jaffe.read,
        {"jaffe/old/KA.AN1.39.tiff": grey(2), "jaffe/KA.AN1.39.tiff": grey(1)},
        "jaffe/KA.AN1.39.tiff",
    ),
    "att": (
        att.read,
        {"s1/1.pgm": encode(tone(1)[..., 0], "PPM"), "orl/s1/1.pgm": encode(tone(2)[..., 0], "PPM")},
        "s1/1.pgm",
    ),
    "lfw": (
        lfw.read,
        {f"{top}/Ann/Ann_0001.jpg": grey(i) for i, top in ((1, "lfw"), (2, "lfw-deepfunneled"))},
        "lfw/Ann/Ann_0001.jpg",
    ),
    "fer2013": (
        fer2013.read,
        {"train/angry/1.png": grey(1), "copy/train/angry/1.png": grey(2)},
        "train/angry/1.png",
    ),
    "fairface": (
        fairface.read,
        {"fairface_label_val.csv": FAIR}
        | {f"margin{n}/val/1.jpg": grey(i) for i, n in ((1, "025"), (2, "125"))},
        "margin025/val/1.jpg",
    ),
}


@pytest.mark.parametrize("name", REPACKED)
@pytest.mark.parametrize("kind", KINDS)
def test_one_name_in_several_folders_is_kept_once_counted_and_listed(tmp_path, name, kind):
    read, files, kept = REPACKED[name]
    source = read(write_archive(tmp_path / name, kind, files))
    assert len(source) == 1 and (source.open(0) == 1).all(), "the least deep one is kept, else the first"
    listed = source.skipped[source.skipped["reason"].str.startswith("another picture of this name")]
    assert sorted(listed["image"]) == sorted(set(files) - {kept, "fairface_label_val.csv"})
    tops = {
        "utkface": {"UTKFace", "the top folder"},
        "lfw": {"lfw"},
        "fairface": {"margin025"},
        "jaffe": {"jaffe"},
    }
    said = {reason.rpartition("kept, from ")[2] for reason in listed["reason"]}
    assert said == tops.get(name, {"the top folder"})


def test_one_name_in_two_archives_is_counted_too(tmp_path):
    parts = [write_archive(tmp_path / f"part{i}", "zip", {f"UTKFace/{CHIP}": grey(i)}) for i in (1, 2)]
    source = utkface.read(parts)
    assert (source.open(0) == 1).all() and source.skipped_by_reason == {
        "another picture of this name was kept, from part1.zip": 1
    }
    assert len(utkface.read(tmp_path)) == 1, "a folder that holds both"
    mine = [write_archive(tmp_path / f"mine{i}", "zip", {"me/1.png": grey(i)}) for i in (1, 2)]
    assert folder.read(mine).skipped["image"].tolist() == ["me/1.png"]


def test_pictures_listed_twice_are_counted_or_refused(tmp_path):
    twice = FAIR + FAIR.splitlines()[1] + "\n"
    source = fairface.read(
        write_archive(tmp_path / "f", "zip", {"fairface_label_val.csv": twice, "val/1.jpg": grey(1)})
    )
    assert source.about["counts"] == {"rows of a picture that is listed before": 1}
    write_archive(tmp_path / "shard-00000", "tar", shard(0))
    write_archive(tmp_path / "shard-00001", "tar", shard(1))
    with pytest.raises(FaceSetError, match=r"1 pictures are in two shards: 00001 in .*00000.tar and in"):
        rendered.read(tmp_path)


# downloads as they come, in one folder


DOWNLOADS = {
    "wider": (lambda path: wider.read(path).images, lambda: wider_files(), (".jpg",), 3),
    "fairface": (
        lambda path: fairface.read(path).labels,
        lambda: {"fairface_label_val.csv": FAIR, "val/1.jpg": grey(1)},
        (".jpg",),
        1,
    ),
    "lfw": (
        lambda path: lfw.read(path).labels,
        lambda: {"lfw/Ann/Ann_0001.jpg": grey(1), "male_names.txt": "Ann_0001.jpg\n"},
        (".jpg",),
        1,
    ),
    "fer2013": (
        lambda path: fer2013.read(path).labels,
        lambda: {
            "fer2013/fer2013.csv": "emotion,pixels,Usage\n3," + " ".join(["7"] * 2304) + ",Training\n",
            "README.txt": "x",
        },
        (".csv",),
        1,
    ),
    "utkface": (lambda path: utkface.read(path).labels, lambda: {f"UTKFace/{CHIP}": grey(1)}, (".jpg",), 1),
    "folder": (lambda path: folder.read(path).labels, lambda: {"me/1.png": grey(1)}, (".png",), 1),
}


@pytest.mark.parametrize("name", DOWNLOADS)
@pytest.mark.parametrize("kind", KINDS[1:])
def test_pictures_in_an_archive_with_lists_beside_it_in_one_folder(tmp_path, name, kind):
    read, make, packed, count = DOWNLOADS[name]
    files = make()
    beside = {key: data for key, data in files.items() if not key.endswith(packed)}
    place = write_archive(tmp_path / "downloads", "folder", beside | {"licence.txt": "terms"})
    write_archive(
        place / "pictures", kind, {key: data for key, data in files.items() if key.endswith(packed)}
    )
    labels = read(place)
    assert len(labels) == count
    if name == "lfw":
        assert labels["Male"].tolist() == [True], "the lists beside the archive count too"


# a folder of photographs


@pytest.mark.parametrize("kind", KINDS)
def test_folder_per_subject(tmp_path, kind):
    top = "" if kind == "folder" else "mine/"
    files = {
        f"{top}anna/1.png": grey(1),
        f"{top}anna/2.JPG": grey(2),
        f"{top}ben/1.png": grey(3),
        f"{top}a.txt": "",
    }
    source = folder.read(write_archive(tmp_path / "f", kind, files))
    assert source.labels.set_index("image")["subject"].to_dict() == {
        "anna/1.png": "anna", "anna/2.JPG": "anna", "ben/1.png": "ben"
    }  # fmt: skip
    assert dict(source.skipped.to_numpy()) == {"a.txt": "not named like a picture"}


def test_flat_folder_is_one_subject_a_picture(tmp_path):
    source = folder.read(write_archive(tmp_path / "f", "folder", {"b.png": grey(1), "a.png": grey(2)}))
    assert source.labels["subject"].tolist() == ["a.png", "b.png"]


def test_folder_labels(tmp_path):
    table = (
        "image,subject,split,Male,age\nb.png,Ben,test,1,30\na.png,Ann,train,false,\nnone.png,X,train,1,2\n"
    )
    source = folder.read(
        write_archive(tmp_path / "f", "folder", {"b.png": grey(1), "a.png": grey(2), "labels.csv": table})
    )
    labels = source.labels
    assert labels[["image", "subject", "split", "Male"]].to_numpy().tolist() == [
        ["a.png", "Ann", "train", False], ["b.png", "Ben", "test", True]
    ]  # fmt: skip
    assert dict(source.skipped.to_numpy()) == {"none.png": "label without a picture"}


@pytest.mark.parametrize(
    "table, message",
    [
        ("name,split\na.png,train\n", "labels.csv .* needs a column `image`"),
        ("image,split\na.png,train\na.png,test\n", "names each picture once"),
        ("image,split\na.png,training\n", "split must be one of train, validation, test, found 'training'"),
        ("image,Male\na.png,maybe\n", "Male must be true or false, found 'maybe'"),
        ("image,expression\na.png,contempt\n", "expression must be one of angry"),
    ],
)
def test_folder_labels_that_are_wrong(tmp_path, table, message):
    path = write_archive(tmp_path / "f", "folder", {"a.png": grey(1), "labels.csv": table})
    with pytest.raises(FaceSetError, match=message):
        folder.read(path)


def test_a_split_for_some_pictures_only_is_refused(tmp_path):
    files = {"a.png": grey(1), "b.png": grey(1), "labels.csv": "image,split\na.png,train\n"}
    with pytest.raises(FaceSetError, match=r"every picture, or for none"):
        folder.read(write_archive(tmp_path / "f", "folder", files))


def test_an_empty_folder(tmp_path):
    (tmp_path / "f").mkdir()
    with pytest.raises(FaceSetError, match=r"no photograph in"):
        folder.read(tmp_path / "f")


def test_a_picture_that_cannot_be_decoded_is_named(tmp_path):
    source = folder.read(write_archive(tmp_path / "f", "zip", {"a.png": b"no picture"}))
    with pytest.raises(FaceSetError, match=r"folder: a.png: not an image"):
        source.open(0)
    assert source.photograph(0).reason == "not an image"


# rendered shards


def shard(start: int, count: int = 2) -> dict[str, bytes | str]:
    rows = [
        f"{i:05d},{i:03d},train,{i % 2 == 0},{20.5 + i},happy,0.5,,3" for i in range(start, start + count)
    ]
    head = "image,subject,split,Male,age,expression,left_eye_x,left_eye_y,yaw"
    pictures = {f"{i:05d}.webp": encode(tone(i), "WEBP", lossless=True) for i in range(start, start + count)}
    return {"labels.csv": "\n".join([head, *rows]) + "\n", **pictures}


def test_rendered_shards(tmp_path):
    for number in range(2):
        write_archive(tmp_path / f"shard-{number:05d}", "tar", shard(2 * number))
    source = rendered.read(tmp_path)
    assert source.publishable and source.labels["image"].tolist() == ["00000", "00001", "00002", "00003"]
    assert source.labels["subject"].tolist() == ["000", "001", "002", "003"]
    assert source.labels["Male"].dtype == "boolean" and source.labels["age"].tolist() == [
        20.5,
        21.5,
        22.5,
        23.5,
    ]
    assert [int(source.open(i)[0, 0, 0]) for i in range(4)] == [0, 1, 2, 3]
    assert len(rendered.read([tmp_path / "shard-00001.tar"])) == 2


def test_rendered_errors(tmp_path):
    with pytest.raises(FaceSetError, match=r"no shard-\*.tar in .*python -m lib.faces.rendered"):
        rendered.read(tmp_path)
    write_archive(tmp_path / "shard-00000", "tar", {"labels.csv": "image,split\n", "1.webp": grey(1)})
    with pytest.raises(FaceSetError, match=r"lacks the columns .*subject"):
        rendered.read(tmp_path)


# WIDER FACE

WIDER = """0--Parade/one.jpg
2
1 2 3 4 0 0 0 0 1 0\x20
5 5 0 7 2 0 1 1 2 1\x20
0--Parade/nobody.jpg
0
0 0 0 0 0 0 0 0 0 0\x20
1--Handshaking/two.jpg
1
10 20 30 40 1 1 0 0 0 0\x20
1--Handshaking/missing.jpg
1
1 1 1 1 0 0 0 0 0 0\x20
"""


def wider_files(text: str = WIDER) -> dict[str, bytes | str]:
    names = ("0--Parade/one", "0--Parade/nobody", "1--Handshaking/two", "1--Handshaking/unlisted")
    pictures = {f"WIDER_val/images/{name}.jpg": grey(9) for name in names}
    return {"wider_face_split/wider_face_val_bbx_gt.txt": text, **pictures}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_wider(tmp_path, kind, ends):
    scenes = wider.read(write_archive(tmp_path / "w", kind, wider_files(WIDER.replace("\n", ends))))
    assert scenes.images[["image", "event", "faces"]].to_numpy().tolist() == [
        ["0--Parade/one.jpg", "0--Parade", 1], ["0--Parade/nobody.jpg", "0--Parade", 0],
        ["1--Handshaking/two.jpg", "1--Handshaking", 1],
    ]  # fmt: skip
    np.testing.assert_array_equal(scenes[2].boxes, [[10, 20, 40, 60]])
    assert scenes[0].flags["occlusion"].tolist() == [1] and len(scenes[1].boxes) == 0
    assert dict(scenes.skipped.to_numpy()) == {
        "1--Handshaking/missing.jpg": "label without a picture", "0--Parade/one.jpg": wider.NO_SIZE,
        "1--Handshaking/unlisted.jpg": "picture without a label",
    }  # fmt: skip
    assert [bool(scene.photograph) for scene in scenes] == [True] * 3


def test_wider_count_zero_without_its_line_of_zeros(tmp_path):
    text = WIDER.replace("0\n0 0 0 0 0 0 0 0 0 0 \n1--", "0\n1--")
    assert text != WIDER
    scenes = wider.read(write_archive(tmp_path / "w", "zip", wider_files(text)))
    assert len(scenes) == 3 and len(scenes.boxes) == 2


def test_wider_pictures_and_list_in_two_zips(tmp_path):
    files = wider_files()
    lists = {name: files.pop(name) for name in list(files) if name.endswith(".txt")}
    parts = [write_archive(tmp_path / "p", "zip", files), write_archive(tmp_path / "l", "zip", lists)]
    assert len(wider.read(parts)) == 3
    with pytest.raises(FaceSetError, match=r"none of the 4 listed pictures.*WIDER_val.zip"):
        wider.read(parts[1])
    with pytest.raises(FaceSetError, match=r"wider_face_val_bbx_gt.txt is missing"):
        wider.read(parts[0])


@pytest.mark.parametrize(
    "text", [WIDER[:-30], WIDER.replace("1 2 3 4 0", "1 2 3 4"), WIDER.replace("\n2\n", "\nx\n")]
)
def test_a_wider_list_that_is_cut_or_wrong(tmp_path, text):
    with pytest.raises(
        FaceSetError, match=r"wider_face_val_bbx_gt.txt in .*, line \d+: .*download the list again"
    ):
        wider.read(write_archive(tmp_path / "w", "zip", wider_files(text)))
