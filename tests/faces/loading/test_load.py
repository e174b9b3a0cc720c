from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.book.paths import DEFAULT_PROFILE, ROOT
from lib.faces.detections import Detections
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading import load as front
from lib.faces.loading.adapters.registry import READERS, SCENES
from lib.faces.loading.load import load
from lib.faces.publishers import publishers
from tests.faces.loading.publisher_files import KINDS, encode, tone, write_archive

FILES = {f"mine/s{s}/{i}.png": encode(tone(10 * s + i)) for s in range(1, 5) for i in range(3)}


@pytest.mark.parametrize("kind", KINDS)
def test_packed_once_then_opened(tmp_path, kind, monkeypatch):
    path = write_archive(tmp_path / "set", kind, FILES)
    how = {"size": 8, "cache": tmp_path / "cache", "progress": False}
    first = load("folder", path, **how)
    monkeypatch.setattr(front, "pack", None)
    again = load("folder", path, **how)
    assert isinstance(again, FaceSet) and again.fingerprint() == first.fingerprint() and len(again) == 12
    assert [folder.name[:10] for folder in (tmp_path / "cache").iterdir() if folder.is_dir()] == [
        "folder-8x8"
    ]


def test_whatever_decides_the_result_makes_another_set(tmp_path):
    path = write_archive(tmp_path / "set", "zip", FILES)
    cache = tmp_path / "cache"

    def detector(image: np.ndarray) -> Detections:
        return Detections.none()

    for how in ({}, {"size": 9}, {"crop": "whole"}, {"limit": 5}, {"detector": detector}):
        load("folder", path, **({"size": 8, "cache": cache, "progress": False} | how))
    assert sum(folder.is_dir() for folder in cache.iterdir()) == 5
    write_archive(tmp_path / "set", "zip", FILES | {"mine/s9/1.png": encode(tone(1))})
    assert len(load("folder", path, size=8, cache=cache, progress=False)) == 13


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_pictures_replaced_in_place_are_packed_anew(tmp_path, kind):
    how = {"size": 8, "cache": tmp_path / "cache", "progress": False}
    bright, dark = ({"s1/1.bmp": encode(tone(number), "BMP")} for number in (200, 50))
    assert len(bright["s1/1.bmp"]) == len(dark["s1/1.bmp"])
    path = write_archive(tmp_path / "set", kind, bright)
    assert load("folder", path, **how).images[0, 0, 0, 0] == 200
    write_archive(tmp_path / "set", kind, dark)
    assert load("folder", path, **how).images[0, 0, 0, 0] == 50


def test_sizes_that_are_not_square(tmp_path):
    path = write_archive(tmp_path / "set", "tar", FILES)
    assert load("folder", path, size=(8, 6), cache=tmp_path, progress=False).size == (8, 6)


def test_errors_name_what_to_do(tmp_path):
    with pytest.raises(FaceSetError, match=r"no publisher 'celebb', there are att, celeba"):
        load("celebb", tmp_path, size=8, cache=tmp_path)
    with pytest.raises(FaceSetError, match=r"wider.read for its scenes"):
        load("wider", tmp_path, size=8, cache=tmp_path)
    with pytest.raises(FaceSetError, match=r"gone.tar does not exist"):
        load("celeba", tmp_path / "gone.tar", size=8, cache=tmp_path)
    cut = write_archive(tmp_path / "set", "zip", FILES)
    cut.write_bytes(cut.read_bytes()[:500])
    with pytest.raises(FaceSetError, match=r"set.zip is cut off or damaged .* download it again"):
        load("folder", cut, size=8, cache=tmp_path)
    with pytest.raises(FaceSetError, match="data/rendered does not exist: `make data` fetches it"):
        load("rendered", tmp_path / "data" / "rendered", size=32, cache=tmp_path)


@pytest.mark.parametrize("name", [name for name in READERS if name != "folder"])
def test_every_adapter_answers_an_empty_folder_with_one_clear_error(tmp_path, name):
    with pytest.raises(FaceSetError) as caught:
        load(name, tmp_path, size=8, cache=tmp_path / "cache")
    assert str(tmp_path) in str(caught.value)
    assert not (tmp_path / "cache").exists() or not any((tmp_path / "cache").iterdir())


def test_publishers_say_what_they_expect():
    table = publishers()
    assert list(table.index) == [*READERS, *SCENES]
    assert table[["title", "terms", "layout"]].ne("").all(axis=None)


def test_the_page_lists_what_the_adapters_say_today():
    """Code hashes count an adapter only where its name is used: DVC does not see a change of this table."""
    path = ROOT / "results" / DEFAULT_PROFILE / "01_faces.publishers.csv"
    kept = pd.read_csv(path, index_col="source")
    assert kept.to_dict() == publishers()[list(kept)].to_dict(), "run `dvc repro --force --single-item faces`"
