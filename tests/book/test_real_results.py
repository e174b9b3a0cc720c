"""What a page quotes of the run on photographs, before and after there is one."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.book import chapter_text, paths, real_results, results

DESCRIBED = chapter_text.protocol("05_gender_roc")


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A project without results."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setenv("FACEVALUE_OUT", str(tmp_path / "out"))
    return tmp_path


def test_without_a_run_a_page_says_how_to_make_one(nowhere):
    otherwise = real_results.missing("05_gender_roc", "curves")
    assert real_results.values("05_gender_roc") == {}
    assert real_results.table("05_gender_roc", "curves", otherwise) is otherwise
    assert "make real" in otherwise.to_string()


def test_with_a_run_it_is_that_of_photographs(nowhere):
    for profile, number in ((real_results.PROFILE, 1), (paths.DEFAULT_PROFILE, 2)):
        results.write(
            "05_gender_roc",
            {"a": number},
            parameters={},
            profile=profile,
            folder=nowhere / "results" / profile,
            protocol=DESCRIBED,
        )
        results.write_table(
            "05_gender_roc", "curves", pd.DataFrame({"a": [number]}), nowhere / "results" / profile
        )
    assert real_results.values("05_gender_roc") == {"a": 1}
    assert real_results.table("05_gender_roc", "curves", pd.DataFrame())["a"].tolist() == [1]


def test_photographs_stand_below_the_own_table(nowhere, monkeypatch):
    own = pd.DataFrame({"part": ["test"], "auc": ["0.9"]})
    assert real_results.beside("05_gender_roc", "parts", own, "rendered")["faces"].tolist() == ["rendered"]
    folder = nowhere / "results" / real_results.PROFILE
    made = {"profile": real_results.PROFILE, "folder": folder, "protocol": DESCRIBED}
    results.write("05_gender_roc", {"a": 1}, parameters={}, **made)
    results.write_table("05_gender_roc", "parts", own.assign(auc="0.8"), folder)
    both = real_results.beside("05_gender_roc", "parts", own, "rendered")
    assert both.to_dict("list") == {
        "faces": ["rendered", "photographs"], "part": ["test", "test"], "auc": ["0.9", 0.8],
    }  # fmt: skip
    monkeypatch.setenv("FACEVALUE_PROFILE", real_results.PROFILE)
    assert len(real_results.beside("05_gender_roc", "parts", own, "celeba")) == 1


def test_a_damaged_result_is_no_missing_one(nowhere):
    file = nowhere / "results" / real_results.PROFILE / "05_gender_roc.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        real_results.values("05_gender_roc")


DESCRIBED = chapter_text.protocol("05_gender_roc")
"""The number that the chapter names today."""


def write(nowhere, protocol):
    folder = nowhere / "results" / real_results.PROFILE
    results.write("05_gender_roc", {"a": 1}, parameters={}, profile="real", folder=folder, protocol=protocol)
    results.write_table("05_gender_roc", "curves", pd.DataFrame({"a": [1]}), folder)


def test_a_result_of_another_protocol_is_an_error_wherever_it_is_quoted(nowhere):
    write(nowhere, protocol=99)
    with pytest.raises(results.ResultError, match="made by protocol 99"):
        real_results.values("05_gender_roc")
    with pytest.raises(results.ResultError, match="make real"):
        real_results.table("05_gender_roc", "curves", pd.DataFrame())
    assert len(real_results.stale_quotes(["05_gender_roc", "06_matching_roc"], nowhere)) == 1


def test_a_result_without_a_number_is_shown_under_a_box(nowhere):
    write(nowhere, protocol=0)
    assert real_results.values("05_gender_roc") == {"a": 1}
    assert "05_gender_roc" in real_results.box("05_gender_roc").data
    write(nowhere, protocol=DESCRIBED)
    assert real_results.box("05_gender_roc") is None
    assert real_results.box("06_matching_roc") is None, "there is no run on photographs"
    assert real_results.stale_quotes(["05_gender_roc"], nowhere) == []
