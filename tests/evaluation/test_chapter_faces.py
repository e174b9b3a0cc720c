"""What a chapter's parameters make of its faces."""

from __future__ import annotations

import pytest

from lib.evaluation import chapter_faces
from lib.faces.loading.align import Template


@pytest.fixture
def asked(monkeypatch):
    """What the front door is asked for."""
    calls = []
    monkeypatch.setattr(chapter_faces.load, "load", lambda *names, **how: calls.append((names, how)))
    return calls


def test_rendered_faces_bring_their_points_and_photographs_are_searched(asked, tmp_path):
    chapter_faces.open_faces("rendered", tmp_path / "rendered", cache=tmp_path, size=64)
    chapter_faces.open_faces("lfw", tmp_path / "lfw", cache=tmp_path, size=112, aligned=[0.32, 0.55], limit=9)
    (names, plain), (_, aligned) = asked
    assert names == ("rendered", tmp_path / "rendered")
    assert plain["detector"] is None and plain["crop"] == "window" and plain["limit"] is None
    assert aligned["detector"].name.startswith("dlib_frontal") and aligned["limit"] == 9
    assert isinstance(aligned["crop"], Template) and aligned["crop"].size == (112, 112)
    assert plain["cache"] == aligned["cache"] == tmp_path


def test_an_alignment_has_two_numbers():
    with pytest.raises(ValueError, match="values to unpack"):
        chapter_faces.crop_of(64, [0.32])
