"""The publishers' own files, where they are: counts, splits and balance are those that are known of them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.faces.datasheet import counts, datasheet, repeated
from lib.faces.duplicates import SAME, Duplicates, find_duplicates
from lib.faces.faceset import FaceSet
from lib.faces.loading.adapters import celeba, lfw, utkface, wider
from lib.faces.loading.load import load, read

pytestmark = pytest.mark.real


def needed(folder: Path, *names: str) -> list[Path]:
    paths = [folder / name for name in names]
    missing = [path.name for path in paths if not path.exists()]
    if missing:
        pytest.skip(f"not among the photographs: {', '.join(missing)}")
    return paths


def parts(labels: pd.DataFrame) -> dict[str, list[int]]:
    """Images, images with Male, and subjects of each split."""
    grouped = labels.groupby("split")
    table = pd.DataFrame(
        {"images": grouped.size(), "male": grouped["Male"].sum(), "subjects": grouped["subject"].nunique()}
    )
    return {str(split): [int(value) for value in row] for split, row in table.iterrows()}


def show(name: str, tables: dict[str, pd.DataFrame]) -> None:
    for title, table in tables.items():
        print(f"\n{name}: {title}\n{table.to_string(max_rows=45)}")


@pytest.mark.parametrize(
    "names, expected, skipped, both",
    [
        (
            ["celeba.tar"],
            {"train": [3821, 1554, 612], "validation": [535, 207, 87], "test": [1052, 442, 175]},
            {celeba.OTHER_NUMBER: 3},
            15,
        ),
        (["celeba_more.tar"], {"train": [6133, 1940, 521]}, {}, 16),
        (["celeba_half.tar"], {"train": [9988, 4213, 5425]}, {}, 48),
        (
            ["celeba64.tar"],
            {"train": [2797, 1205, 629], "validation": [401, 205, 93], "test": [520, 209, 157]},
            {celeba.OTHER_NUMBER: 5},
            None,
        ),
        (
            ["celeba.tar", "celeba_more.tar"],
            {"train": [9954, 3494, 633], "validation": [535, 207, 87], "test": [1052, 442, 175]},
            {celeba.OTHER_NUMBER: 3},
            None,
        ),
        (
            ["celeba.tar", "celeba_more.tar", "celeba_half.tar", "celeba64.tar"],
            {"train": [22563, 8834, 6204], "validation": [936, 412, 180], "test": [1379, 563, 175]},
            {
                celeba.OTHER_NUMBER: 8,
                "celeba64.tar: another archive has a copy that is at least as large": 369,
            },
            None,
        ),
    ],
)
def test_celeba(photographs, names, expected, skipped, both):
    source = read("celeba", needed(photographs, *names))
    assert parts(source.labels) == expected and source.skipped_by_reason == skipped
    assert source.labels.groupby("subject")["split"].nunique().max() == 1
    assert both is None or source.about["counts"]["people with both values of Male"] == both
    sizes = {"celeba_half.tar": (109, 89, 3), "celeba64.tar": (64, 64, 3)}
    for pack in names:
        row = int(np.flatnonzero(source.labels["archive"] == pack)[-1])
        assert source.open(row).shape == sizes.get(pack, (218, 178, 3))


def test_celeba_windows_of_all_packs_show_the_same_face(photographs, tmp_path):
    """A picture that is in two packs is nearly the same after packing at 64 pixels."""
    whole, small = needed(photographs, "celeba.tar", "celeba64.tar")
    faces = [load("celeba", path, size=64, cache=tmp_path, progress=False) for path in (whole, small)]
    a, b = (one.labels.assign(row=np.arange(len(one))) for one in faces)
    both = a.merge(b, on="image").head(100)
    a, b = (faces[i].images[both[f"row_{side}"]].astype(float).mean(-1) for i, side in enumerate("xy"))
    shifted = np.abs(a[:, :, 3:] - b[:, :, :-3]).mean()
    assert len(both) == 100 and np.abs(a - b).mean() < 8 < shifted


def test_lfw(photographs):
    (path,) = needed(photographs, "lfw.tar")
    source = read("lfw", path)
    assert len(source) == 8616 and source.labels["subject"].nunique() == 4693 and not len(source.skipped)
    assert source.labels["Male"].astype("Int64").value_counts(dropna=False).tolist() == [6446, 2166, 4]
    people = source.labels.groupby("subject")["Male"].first().astype("Int64")
    assert people.value_counts(dropna=False).tolist() == [3492, 1200, 1]
    assert source.about["counts"] == {
        "entries without .jpg in female_names.txt": 1, "blank lines in male_names.txt": 1,
        "pictures in both gender lists": 5, "pictures without a perceived gender": 4,
    }  # fmt: skip
    complete = {view: [len(table) for table in lfw.pairs(path, view)] for view in lfw.VIEWS}
    assert complete == {"view2": [6000, 0], "train": [1668, 532], "test": [1000, 0]}
    table = lfw.pairs(path)[0]
    assert table.groupby(["fold", "same"]).size().tolist() == [300] * 20
    assert source.open(0).shape == (128, 128, 3)


def test_utkface(photographs):
    source = read("utkface", needed(photographs, "utkface.tar"))
    assert source.labels["Male"].sum() == 1925 and len(source) == 3998
    races = source.labels["race"].value_counts()
    assert races[list(utkface.RACES)].tolist() == [1447, 322, 734, 815, 680]
    assert source.skipped["image"].tolist() == [
        "61_1_20170109142408075.jpg.chip.jpg", "61_3_20170109150557335.jpg.chip.jpg"
    ]  # fmt: skip


def test_fairface(photographs):
    labels = read("fairface", needed(photographs, "fairface.tar")).labels
    assert len(labels) == 2890 and labels["Male"].sum() == 1517 and set(labels["split"]) == {"validation"}
    groups = labels["age_group"].value_counts()
    assert [groups[name] for name in ("0-2", "3-9", "10-19", "20-29", "more than 70")] == [
        51,
        361,
        321,
        867,
        31,
    ]
    assert labels["race"].value_counts()["Latino_Hispanic"] == 420


def test_att(photographs):
    source = read("att", needed(photographs, "att_faces.tar"))
    assert source.labels["subject"].unique().tolist() == [f"s{i}" for i in range(1, 41)]
    assert set(source.labels["subject"].value_counts()) == {10} and source.open(399).shape == (112, 92, 3)


def test_wider(photographs):
    scenes = wider.read(needed(photographs, "detection.tar"))
    boxes = scenes.boxes
    assert [len(scenes), len(boxes), scenes.images["event"].nunique()] == [246, 1616, 61]
    assert not len(scenes.skipped)
    assert boxes["invalid"].sum() == 13 and boxes["blur"].value_counts().sort_index().tolist() == [
        378,
        504,
        734,
    ]
    height = boxes["box_bottom"] - boxes["box_top"]
    assert [(height >= least).sum() for least in (20, 50, 100)] == [1130, 503, 238]
    for scene in (scenes[i] for i in range(0, 246, 40)):
        high, wide = scene.photograph.image.shape[:2]
        assert (scene.boxes[:, 2:] <= [wide + 2, high + 2]).all()


def fer_rows(path: Path, usages: tuple[str, ...]):
    """Rows of the pack's index with their tiles; tile t lies at 48 * (t mod 40), 48 * (t div 40)."""
    with tarfile.open(path) as archive:
        index = pd.read_csv(archive.extractfile("fer2013/fer2013_index.csv"))
        for name, rows in index[index["Usage"].isin(usages)].groupby("sheet", sort=False):
            data = archive.extractfile(f"fer2013/sheets/{name}").read()
            sheet = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
            for row in rows.itertuples():
                y, x = 48 * (row.tile // 40), 48 * (row.tile % 40)
                yield row, sheet[y : y + 48, x : x + 48]


def leaked(faces: FaceSet, found: Duplicates) -> pd.DataFrame:
    """Validation and test pictures of which training has the same picture, stored lossy or not."""
    near = found.near[(found.near["split"] == "train") & (found.near["rms"] <= SAME)]["other"]
    trained = found.exact["group"].isin(found.exact["group"][found.exact["split"] == "train"])
    exact = found.exact["row"][trained & (found.exact["split"] != "train")]
    return faces.labels.loc[np.union1d(near, exact)]


def test_fer2013(photographs, tmp_path):
    """The pack as the challenge's csv. Test pictures that leaked into training show in its lossy copies."""
    (path,) = needed(photographs, "fer2013.tar")
    with open(tmp_path / "fer2013.csv", "w") as out:
        out.write("emotion,pixels,Usage\n")
        for row, tile in fer_rows(path, ("PublicTest", "PrivateTest", "Training")):
            out.write(f"{row.emotion},{' '.join(map(str, tile.ravel().tolist()))},{row.Usage}\n")
    source = read("fer2013", tmp_path)
    table = pd.crosstab(source.labels["usage"], source.labels["expression"])
    order = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    assert table.loc["PublicTest", order].tolist() == [467, 56, 496, 895, 653, 415, 607]
    assert table.loc["PrivateTest", order].tolist() == [491, 55, 528, 879, 594, 416, 626]
    assert table.loc["Training", order].tolist() == [3995, 436, 4097, 7215, 4830, 3171, 4965]
    assert "rows fewer than published" not in source.about["counts"]
    faces = load("fer2013", tmp_path, size=48, cache=tmp_path / "cache", progress=False)
    found = find_duplicates(faces)
    show("fer2013", datasheet(faces, duplicates=False) | {"duplicates": repeated(faces, found)})
    leaks = leaked(faces, found)["usage"].value_counts()
    assert leaks["PublicTest"] == pytest.approx(281, abs=2)
    assert leaks["PrivateTest"] == pytest.approx(292, abs=2)
    assert len(found.flat) == 13


@pytest.mark.parametrize(
    "name, archives, size",
    [
        ("att", ["att_faces.tar"], 112),
        ("utkface", ["utkface.tar"], 112),
        ("fairface", ["fairface.tar"], 112),
        ("lfw", ["lfw.tar"], 112),
        ("celeba", ["celeba.tar", "celeba_more.tar"], 112),
    ],
)  # fmt: skip
def test_end_to_end(photographs, tmp_path, name, archives, size):
    """Everything is packed; the datasheet is printed (pytest -s)."""
    paths = needed(photographs, *archives)
    faces = load(name, paths, size=size, cache=tmp_path)
    assert len(faces) == len(read(name, paths)) and counts(faces)["images"]["all"] == len(faces)
    assert set(faces.about["skipped"]) <= {celeba.OTHER_NUMBER, "name is not age_gender_race_date&time"}
    show(name, datasheet(faces))
