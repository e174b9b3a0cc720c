"""What a page quotes of the run on photographs, before and after there is one."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.book import paths, photographs, results


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A project without results."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setenv("FACEVALUE_OUT", str(tmp_path / "out"))
    return tmp_path


def test_without_a_run_a_page_says_how_to_make_one(nowhere):
    otherwise = photographs.missing("05_gender_roc", "curves")
    assert photographs.values("05_gender_roc") == {}
    assert photographs.table("05_gender_roc", "curves", otherwise) is otherwise
    assert "make real" in otherwise.to_string()


def test_with_a_run_it_is_that_of_photographs(nowhere):
    for profile, number in ((photographs.PROFILE, 1), (paths.DEFAULT_PROFILE, 2)):
        results.write(
            "05_gender_roc",
            {"a": number},
            parameters={},
            profile=profile,
            folder=nowhere / "results" / profile,
        )
        results.write_table(
            "05_gender_roc", "curves", pd.DataFrame({"a": [number]}), nowhere / "results" / profile
        )
    assert photographs.values("05_gender_roc") == {"a": 1}
    assert photographs.table("05_gender_roc", "curves", pd.DataFrame())["a"].tolist() == [1]


def test_a_damaged_result_is_no_missing_one(nowhere):
    file = nowhere / "results" / photographs.PROFILE / "05_gender_roc.json"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        photographs.values("05_gender_roc")
