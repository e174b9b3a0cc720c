"""Results: plain values, provenance without traces of the machine, equal bytes, reading back."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.book import Chapter, paths, results
from lib.book.parameters import ProfileError
from lib.measures.estimate import Estimate, estimates_in
from tests.exact import exactly


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEVALUE_OUT", str(tmp_path))
    monkeypatch.setenv("FACEVALUE_PROFILE", "smoke")
    monkeypatch.delenv("FACEVALUE_CHAPTER", raising=False)


VALUES = {
    "auc": Estimate(0.98765432, 0.97, 1.0, 50),
    "judges": {"mtcnn": {"found": Estimate(math.nan, n=0, why="no image")}},
    "counts": np.array([1, 2]),
    "mean": np.float32(0.1),
    "table": pd.Series({"a": 1.5, "b": np.nan}),
    "still": None,
    "good": np.bool_(True),
}


def test_values_become_plain_json():
    plain = results.plain(VALUES)
    assert plain["auc"] == pytest.approx({"estimate": 0.987654, "low": 0.97, "high": 1.0, "n": 50})
    assert plain["judges"]["mtcnn"]["found"]["estimate"] is None
    assert plain["counts"] == [1, 2] and plain["mean"] == pytest.approx(0.1) and plain["good"] is True
    assert plain["table"] == {"a": 1.5, "b": None}


def test_all_figures_by_their_dotted_keys():
    values = results.plain(VALUES)
    found = estimates_in(values)
    assert set(found) == {"auc", "judges.mtcnn.found"}
    assert (
        exactly(
            found["auc"],
            Estimate(0.987654, 0.97, 1.0, 50),
            because="rounded to 6 decimals once, then read back",
        )
        and found["judges.mtcnn.found"].why == "no image"
    )
    assert set(estimates_in(values, "celeba")) == {"celeba.auc", "celeba.judges.mtcnn.found"}
    assert estimates_in([values]) == {}


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_floats_keep_six_digits_and_rounding_again_changes_nothing(value):
    once = results.plain(value)
    assert exactly(results.plain(once), once, because="what is rounded stays as it is")
    if once is None:
        assert not math.isfinite(value)
    else:
        assert once == pytest.approx(value, rel=5e-6)


def test_writing_twice_gives_equal_bytes_and_reading_gives_figures(tmp_path):
    path = results.write("01_faces", VALUES, parameters={"seed": 3, "path": "data/rendered"})
    first = path.read_bytes()
    reordered = dict(reversed(VALUES.items()))
    assert results.write("01_faces", reordered, parameters={"path": "data/rendered", "seed": 3}) == path
    assert path.read_bytes() == first
    record = results.read("smoke", "01_faces")
    assert exactly(
        record["auc"], Estimate(0.987654, 0.97, 1.0, 50), because="rounded to 6 decimals once, then read back"
    )
    assert record["judges.mtcnn.found"].why == "no image"
    assert record.provenance["seed"] == 3 and "judges.dlib" not in record and "auc" in record
    with pytest.raises(KeyError, match="no 'dlib'; there are mtcnn"):
        record["judges.dlib"]
    metrics = json.loads((tmp_path / "results/smoke/metrics/01_faces.json").read_text())
    assert exactly(
        metrics,
        {"auc": 0.987654, "mean": 0.1, "table": {"a": 1.5}},
        because="rounded to 6 decimals once, then read back",
    )


def test_inputs_are_hashed_by_content_and_name(tmp_path):
    folder = tmp_path / "shards"
    folder.mkdir()
    (folder / "a.tar").write_bytes(b"a")
    before = results.input_hashes([folder])
    assert set(before) == {"shards"}
    (folder / "b.tar").write_bytes(b"")
    assert results.input_hashes([folder]) != before
    assert results.input_hashes({"celeba": "0" * 64}) == {"celeba": "0" * 64}
    with pytest.raises(results.ResultError, match="gone is missing"):
        results.input_hashes([tmp_path / "gone"])


def test_no_place_of_this_machine_enters_a_result(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEVALUE_PHOTOGRAPHS", "/mnt/disk/private")
    parameters = {"path": "/mnt/disk/private/celeba.zip", "other": "/opt/lfw", "seed": 1}
    text = results.write("01_faces", {"a": 1}, parameters=parameters, inputs={"/mnt/disk/x": "0"}).read_text()
    kept = json.loads(text)["provenance"]
    assert kept["parameters"]["path"] == "photographs/celeba.zip" and kept["parameters"]["other"] == "lfw"
    assert kept["inputs"] == {"x": "0"} and "/mnt" not in text and "/opt" not in text
    for value in (str(paths.ROOT / "x"), "/mnt/disk/private/a.jpg", str(tmp_path)):
        with pytest.raises(results.ResultError, match="path of this machine"):
            results.write("01_faces", {"worst": value}, parameters={})


def test_no_date_host_or_commit_in_provenance():
    path = results.write("01_faces", {}, parameters={})
    record = json.loads(path.read_text())
    known = {"chapter", "profile", "parameters", "seed", "inputs", "versions", "code", "protocol"}
    assert set(record["provenance"]) == known


def test_tables_are_written_and_read():
    frame = pd.DataFrame({"n": [1, 2], "distance": [1 / 3, np.nan]})
    path = results.write_table("02_prototypes", "settling", frame)
    assert path.read_text() == "n,distance\n1,0.333333\n2,\n"
    assert list(results.read_table("smoke", "02_prototypes", "settling")["n"]) == [1, 2]


def test_a_missing_result_says_what_makes_it():
    with pytest.raises(results.ResultError, match="`make book` makes it"):
        results.read("rendered", "99_none")
    with pytest.raises(results.ResultError, match="`make real` makes it"):
        results.read("real", "99_none")


def test_a_chapter_knows_its_parameters_and_its_name(monkeypatch):
    names = dict(results.plain(_parameters()))
    chapter = Chapter("01_faces", {**names, "other": 1})
    assert not set(chapter.parameters) ^ set(names) and chapter.profile == "smoke"
    with pytest.raises(ProfileError, match="lacks"):
        Chapter("01_faces", {})
    monkeypatch.setenv("FACEVALUE_CHAPTER", "02_prototypes")
    with pytest.raises(ProfileError, match="it is '02_prototypes'"):
        Chapter("01_faces", names)


def _parameters():
    from lib.book.parameters import parameters

    return parameters("01_faces")


def test_by_hand_writes_below_build(monkeypatch):
    monkeypatch.delenv("FACEVALUE_OUT")
    assert paths.results() == paths.ROOT / "build" / "by_hand" / "results" / "smoke"


def test_a_reference_names_profile_chapter_and_key():
    assert results.Reference.parse(" real/05_gender_roc.celeba.op.auc ") == results.Reference(
        "real", "05_gender_roc", "celeba.op.auc"
    )
    assert results.Reference.parse("01_faces.mean").profile == "smoke", "that of this run"


@pytest.mark.parametrize("text", ["", "01_faces", "real/01_faces", "a/b/c.d", "real/.key", "01_faces."])
def test_a_reference_of_another_form_is_an_error(text):
    with pytest.raises(results.ResultError, match=r"refers to no result; the form is `profile/chapter.key`"):
        results.Reference.parse(text)
