from __future__ import annotations

import numpy as np
import pytest

from lib.faces.faceset import ATTRIBUTES, POINT_COLUMNS, FaceSetError
from lib.faces.loading.adapters import celeba
from tests.faces.loading.publisher_files import KINDS, encode, tone, write_archive

PEOPLE = {1: 10, 2: 10, 3: 11, 4: 12}
PARTS = {1: 0, 2: 0, 3: 1, 4: 2}
POINT_NAMES = [column.replace("_eye", "eye").replace("_mouth", "mouth") for column in POINT_COLUMNS]


def name(number: int) -> str:
    return f"{number:06d}.jpg"


def celeba_files(
    people=PEOPLE, parts=PARTS, *, male=(3,), size=(218, 178), top="", mirror=False, ends="\n", landmarks=True
) -> dict[str, bytes | str]:
    """CelebA's lists and pictures; `mirror` writes the comma form and one folder more."""
    flags = {i: [1 if a == "Male" and i in male else -1 for a in ATTRIBUTES] for i in people}
    points = {i: [10 * i + k for k in range(10)] for i in people}
    join, kind = (",", "csv") if mirror else (" ", "txt")

    def table(rows: dict, columns, count: bool) -> str:
        head = [str(len(rows))] if count and not mirror else []
        head += [join.join(["image_id", *columns] if mirror else columns)] if mirror or count else []
        return (
            ends.join([*head, *(join.join(map(str, [name(i), *np.ravel(row)])) for i, row in rows.items())])
            + ends
        )

    files: dict[str, bytes | str] = {
        f"{top}list_attr_celeba.{kind}": table(flags, ATTRIBUTES, True),
        f"{top}list_eval_partition.{kind}": table(parts, ["partition"], False),
        f"{top}identity_CelebA.txt": ends.join(f"{name(i)} {number}" for i, number in people.items()) + ends,
    }
    if landmarks:
        files[f"{top}list_landmarks_align_celeba.{kind}"] = table(
            points,
            [column.replace("_eye", "eye").replace("_mouth", "mouth") for column in POINT_COLUMNS],
            True,
        )
    folder = "img_align_celeba/img_align_celeba" if mirror else "img_align_celeba"
    return files | {f"{top}{folder}/{name(i)}": encode(tone(20 * i % 256, *size), "JPEG") for i in people}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_lists_in_every_kind_and_mirror(tmp_path, kind, mirror, ends):
    files = celeba_files(mirror=mirror, ends=ends, top="archive/" if mirror else "")
    source = celeba.read(write_archive(tmp_path / "c", kind, files))
    table = source.labels.set_index("image")
    assert table["subject"].to_dict() == {name(i): str(person) for i, person in PEOPLE.items()}
    assert table["split"].tolist() == ["train", "train", "validation", "test"]
    assert table["Male"].tolist() == [False, False, True, False] and not table["Young"].any()
    assert set(ATTRIBUTES) <= set(table.columns) and table["Male"].dtype == "boolean"
    assert table.loc[name(2), list(POINT_COLUMNS)].tolist() == list(range(20, 30))
    assert [int(source.open(i)[9, 9, 0]) for i in range(4)] == [20, 40, 60, 80]
    assert source.frame == (218, 178) and source.window(218, 178) == (25, 45, 153, 173)


def test_orphans_are_listed(tmp_path):
    files = celeba_files()
    del files["img_align_celeba/000001.jpg"]
    files["img_align_celeba/000099.jpg"] = encode(tone(1), "JPEG")
    source = celeba.read(write_archive(tmp_path / "c", "zip", files))
    assert dict(source.skipped.to_numpy()) == {
        "000001.jpg": "label without a picture", "000099.jpg": "picture without a label"
    }  # fmt: skip


def test_one_person_under_two_numbers(tmp_path):
    people = {1: 9403, 2: 5374, 3: 9222, 4: 999, 5: 7235, 6: 9060, 7: 9403, 8: 20}
    parts = {1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 2, 7: 2, 8: 0}
    source = celeba.read(write_archive(tmp_path / "c", "zip", celeba_files(people, parts)))
    assert source.skipped["image"].tolist() == [name(1), name(2), name(3)]
    assert source.skipped_by_reason == {celeba.OTHER_NUMBER: 3}
    subjects = source.labels.set_index("image")["subject"].to_dict()
    assert subjects == {name(4): "7235", name(5): "7235", name(6): "9060", name(7): "9060", name(8): "20"}
    assert source.about["counts"]["identity numbers merged with another"] == 2


def test_both_values_of_male_are_counted(tmp_path):
    source = celeba.read(write_archive(tmp_path / "c", "zip", celeba_files(male=(1,))))
    assert source.about["counts"] == {"people with both values of Male": 1}


def test_of_two_packs_the_larger_picture_is_kept(tmp_path):
    small = write_archive(tmp_path / "small", "tar", celeba_files(size=(64, 64), landmarks=False))
    large = write_archive(
        tmp_path / "large", "tar", celeba_files({2: 10, 7: 30}, {2: 0, 7: 0}, size=(109, 89))
    )
    for order in ([small, large], [large, small]):
        source = celeba.read(order)
        assert sorted(source.labels["image"]) == [name(i) for i in (1, 2, 3, 4, 7)]
        owner = source.labels.set_index("image")["archive"]
        assert owner[name(2)] == "large.tar" and owner[name(1)] == "small.tar"
        row = source.labels.index[source.labels["image"] == name(2)][0]
        assert source.open(row).shape == (109, 89, 3)
        assert source.skipped["image"].tolist() == [name(2)] and "small.tar" in source.skipped["reason"][0]


def test_the_publishers_own_layout_lists_beside_a_zip(tmp_path):
    files = celeba_files()
    pictures = {key: data for key, data in files.items() if key.endswith(".jpg")}
    lists = {key: data for key, data in files.items() if key not in pictures}
    folder = write_archive(tmp_path / "CelebA", "folder", lists)
    packed = write_archive(folder / "img_align_celeba", "zip", pictures)
    assert len(celeba.read([folder, packed])) == len(celeba.read([packed, folder])) == 4
    assert len(celeba.read(folder)) == 4, "one folder that holds both is enough"
    packed.unlink()
    with pytest.raises(FaceSetError, match=r"no picture in a folder img_align_celeba in .*CelebA"):
        celeba.read(folder)


def test_the_publishers_folders_of_downloads_and_a_folder_of_whole_packs(tmp_path):
    files = celeba_files()
    pictures = {key: data for key, data in files.items() if key.endswith(".jpg")}
    lists = {f"Anno/{key}": data for key, data in files.items() if key not in pictures}
    folder = write_archive(tmp_path / "CelebA", "folder", lists | {"README.txt": "read me"})
    (folder / "Img").mkdir()
    write_archive(folder / "Img" / "img_align_celeba", "zip", pictures)
    assert len(celeba.read(folder)) == 4
    packs = write_archive(tmp_path / "packs", "folder", {"README.txt": "two packs"})
    write_archive(packs / "a", "tar", celeba_files({1: 10}, {1: 0}))
    write_archive(packs / "b", "tar", celeba_files({2: 10}, {2: 0}))
    assert len(celeba.read(packs)) == 2


def test_copies_in_a_folder_inside_and_names_listed_twice(tmp_path):
    files = celeba_files()
    inside = {f"img_align_celeba/{key}": data for key, data in files.items() if key.endswith(".jpg")}
    source = celeba.read(write_archive(tmp_path / "c", "zip", {**inside, **files}))
    assert len(source) == 4 and source.skipped["image"].tolist() == sorted(inside)
    listed = str(files["list_attr_celeba.txt"])
    twice = files | {"list_attr_celeba.txt": listed + listed.splitlines()[-1] + "\n"}
    with pytest.raises(FaceSetError, match=r"list_attr_celeba.txt in .*d.zip lists 1 pictures twice.*000004"):
        celeba.read(write_archive(tmp_path / "d", "zip", twice))


def test_without_optional_lists(tmp_path):
    files = celeba_files(landmarks=False)
    del files["identity_CelebA.txt"], files["list_eval_partition.txt"]
    source = celeba.read(write_archive(tmp_path / "c", "zip", files))
    assert source.labels["subject"].tolist() == source.labels["image"].tolist()
    assert set(source.labels["split"]) <= {"train", "validation", "test"}
    assert "left_eye_x" not in source.labels
    assert source.about["counts"]["pictures without an identity number"] == 4


def test_an_official_split_beside_another(tmp_path):
    files = celeba_files() | {"list_eval_partition.official.txt": "\n".join(f"{name(i)} 2" for i in PEOPLE)}
    labels = celeba.read(write_archive(tmp_path / "c", "zip", files)).labels
    assert labels["official_split"].tolist() == ["test"] * 4
    assert labels["split"].tolist() == ["train", "train", "validation", "test"]


def test_errors_name_the_file_and_the_remedy(tmp_path):
    files = celeba_files()
    missing = {key: data for key, data in files.items() if "attr" not in key}
    with pytest.raises(
        FaceSetError, match=r"list_attr_celeba.txt or list_attr_celeba.csv is missing in .*a\.zip"
    ):
        celeba.read(write_archive(tmp_path / "a", "zip", missing))
    lists = {key: data for key, data in files.items() if ".jpg" not in key}
    with pytest.raises(FaceSetError, match=r"no picture in a folder img_align_celeba in .*b\.zip"):
        celeba.read(write_archive(tmp_path / "b", "zip", lists))
    cut = files | {"list_attr_celeba.txt": str(files["list_attr_celeba.txt"])[:-20]}
    with pytest.raises(
        FaceSetError, match=r"list_attr_celeba.txt in .* not in the publisher's form.*download it again"
    ):
        celeba.read(write_archive(tmp_path / "c", "zip", cut))
    other = files | {
        "list_attr_celeba.txt": str(files["list_attr_celeba.txt"]).replace("Smiling", "Grinning")
    }
    with pytest.raises(FaceSetError, match=r"lacks the columns \['Smiling'\]"):
        celeba.read(write_archive(tmp_path / "d", "zip", other))


def test_a_picture_that_the_partition_lacks_leaves_the_others_where_they_are(tmp_path):
    people = {i: i + 100 for i in range(1, 41)}
    parts = {i: 0 if i <= 28 else 1 if i <= 32 else 2 for i in people}
    whole = celeba.read(write_archive(tmp_path / "a", "zip", celeba_files(people, parts)))
    assert whole.labels["split"].value_counts().to_dict() == {"train": 28, "test": 8, "validation": 4}
    missing = {i: part for i, part in parts.items() if i not in (5, 40)}
    some = celeba.read(write_archive(tmp_path / "b", "zip", celeba_files(people, missing)))
    there = ~whole.labels["image"].isin([name(5), name(40)])
    assert some.labels["image"].tolist() == whole.labels["image"][there].tolist()
    assert some.labels["split"].tolist() == whole.labels["split"][there].tolist()
    assert some.skipped_by_reason == {celeba.NO_PART: 2}


def test_an_identity_in_several_parts_is_counted(tmp_path):
    people = {1: 10, 2: 10, 3: 10, 4: 12}
    source = celeba.read(write_archive(tmp_path / "c", "zip", celeba_files(people)))
    assert source.about["counts"]["subjects in more than one part"] == 1


@pytest.mark.parametrize("part", [3, 4, -1])
def test_a_part_that_is_none(tmp_path, part):
    with pytest.raises(
        FaceSetError, match=rf"partition in .*: part of 000002.jpg is {part}, not one of 0, 1, 2"
    ):
        celeba.read(write_archive(tmp_path / "c", "zip", celeba_files(parts=PARTS | {2: part})))


@pytest.mark.parametrize("value", ["2", "7"])
def test_an_attribute_that_is_neither_true_nor_false(tmp_path, value):
    files = celeba_files()
    head, names, *rows = str(files["list_attr_celeba.txt"]).split("\n")
    fields = rows[1].split()
    fields[1 + ATTRIBUTES.index("Male")] = value
    files["list_attr_celeba.txt"] = "\n".join([head, names, rows[0], " ".join(fields), *rows[2:]])
    with pytest.raises(FaceSetError, match=f"Male of 000002.jpg is {value}, not one of -1, 0, 1"):
        celeba.read(write_archive(tmp_path / "c", "zip", files))


def test_landmarks_are_read_by_their_names(tmp_path):
    files = celeba_files()
    rows = str(files["list_landmarks_align_celeba.txt"])
    swapped = [*POINT_NAMES[2:4], *POINT_NAMES[:2], *POINT_NAMES[4:]]
    files["list_landmarks_align_celeba.txt"] = rows.replace(" ".join(POINT_NAMES), " ".join(swapped))
    labels = celeba.read(write_archive(tmp_path / "a", "zip", files)).labels
    assert labels.loc[0, ["right_eye_x", "right_eye_y", "left_eye_x", "nose_x"]].tolist() == [10, 11, 12, 14]
    files["list_landmarks_align_celeba.txt"] = rows.replace("lefteye_x", "ear_x")
    with pytest.raises(FaceSetError, match="its columns are ear_x, lefteye_y"):
        celeba.read(write_archive(tmp_path / "b", "zip", files))
    files["list_landmarks_align_celeba.txt"] = "\n".join(rows.split("\n")[2:])
    assert celeba.read(write_archive(tmp_path / "c", "zip", files)).labels.loc[0, "left_eye_x"] == 10
