from __future__ import annotations

import numpy as np
import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.loading.adapters import fer2013
from tests.faces.loading.publisher_files import KINDS, encode, tone, write_archive

FLAT = " ".join(["7"] * 2304)
RAMP = " ".join(str(i % 256) for i in range(2304))
ROWS = [
    (0, FLAT, "Training"), (3, RAMP, "Training"), (3, RAMP, "PublicTest"), (4, RAMP, "PrivateTest"),
    (6, FLAT.replace("7", "9"), "PrivateTest"),
]  # fmt: skip


def fer_csv(rows=ROWS, ends: str = "\n", order: str = "emotion,pixels,Usage", quote: str = "") -> str:
    lines = [order]
    for emotion, text, usage in rows:
        values = {"emotion": emotion, "pixels": text, "Usage": usage}
        lines.append(",".join(f"{quote}{values[column.strip()]}{quote}" for column in order.split(",")))
    return ends.join(lines) + ends


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("order", ["emotion,pixels,Usage", "emotion, Usage, pixels"])
def test_the_csv(tmp_path, kind, ends, order):
    member = "fer2013/fer2013.csv" if order.endswith("Usage") else "icml_face_data.csv"
    source = fer2013.read(write_archive(tmp_path / "f", kind, {member: fer_csv(ends=ends, order=order)}))
    assert source.labels["image"].tolist()[:3] == ["Training_00000", "Training_00001", "PublicTest_00002"]
    assert source.labels["expression"].tolist() == ["angry", "happy", "happy", "sad", "neutral"]
    assert source.labels["split"].tolist() == ["train", "train", "validation", "test", "test"]
    ramp = np.array(RAMP.split(), int).reshape(48, 48)
    for row in (3, 1, 2):
        np.testing.assert_array_equal(source.open(row)[..., 0], ramp)
    assert (source.open(0) == 7).all() and source.open(0).shape == (48, 48, 3)
    assert source.about["counts"] == {
        "groups of identical pictures": 1, "pictures in such groups": 3,
        "groups with more than one expression": 1,
        "validation pictures that are also in training": 1, "test pictures that are also in training": 1,
        "rows fewer than published": 35_882,
    }  # fmt: skip


def test_the_bare_file_and_quoted_fields(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_text(fer_csv(quote='"'))
    source = fer2013.read(path)
    assert len(source) == 5 and (source.open(4) == 9).all()


def test_rows_that_cannot_be_used_are_listed(tmp_path):
    rows = [*ROWS, (7, FLAT, "Training"), (0, "1 2 3", "Training"), (0, FLAT, "Test")]
    text = fer_csv(rows) + "3,12 13"
    source = fer2013.read(write_archive(tmp_path / "f", "zip", {"fer2013.csv": text}))
    assert len(source) == 5
    assert source.skipped.to_numpy().tolist() == [
        ["row 5", "emotion is not 0 to 6"], ["row 6", "fewer than 2,304 pixels"],
        ["row 7", "Usage is not Training, PublicTest or PrivateTest"], ["row 8", "row is cut off"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [RAMP.replace("255", "256"), RAMP + " 1", "x" + RAMP, "-1" + RAMP[1:], RAMP.replace("255", "2551")],
)
def test_pixels_that_are_none(text):
    assert fer2013.pixels(text.encode()).reason == "damaged"


@pytest.mark.parametrize("kind", KINDS)
def test_folders(tmp_path, kind):
    names = {
        "train/angry/Training_12.jpg": ("train", "angry"),
        "test/happy/PublicTest_3.jpg": ("validation", "happy"),
        "test/neutral/PrivateTest_3.jpg": ("test", "neutral"), "test/surprised/im1.png": ("test", "surprise"),
    }  # fmt: skip
    files = {f"archive/{name}": encode(tone(i, 48, 48)[..., 0]) for i, name in enumerate(names)}
    source = fer2013.read(write_archive(tmp_path / "f", kind, {**files, "archive/test/contempt/1.jpg": b"x"}))
    table = source.labels.set_index("image")
    assert {name: (table["split"][name], table["expression"][name]) for name in table.index} == names
    assert source.skipped_by_reason == {"not in a folder train/<emotion> or test/<emotion>": 1}


def test_errors(tmp_path):
    with pytest.raises(FaceSetError, match=r"fer2013.csv in .* lacks the columns \['usage'\]"):
        fer2013.read(write_archive(tmp_path / "a", "zip", {"fer2013.csv": "emotion,pixels\n"}))
    with pytest.raises(FaceSetError, match=r"neither fer2013.csv nor folders train/<emotion>"):
        fer2013.read(write_archive(tmp_path / "b", "zip", {"x.txt": "1"}))
