"""What a chapter's parameters make of its faces."""

from __future__ import annotations

import pytest

from lib.book import faces, paths
from lib.faces.loading.align import Template


@pytest.fixture
def asked(monkeypatch):
    """What the front door is asked for."""
    calls = []
    monkeypatch.setattr(faces.load, "load", lambda *names, **how: calls.append((names, how)))
    return calls


def test_rendered_faces_bring_their_points_and_photographs_are_searched(asked):
    faces.opened("rendered", "data/rendered", size=64)
    faces.opened("lfw", "photographs/lfw", size=112, aligned=[0.32, 0.55], limit=9)
    (names, plain), (_, aligned) = asked
    assert names == ("rendered", paths.ROOT / "data" / "rendered")
    assert plain["detector"] is None and plain["crop"] == "window" and plain["limit"] is None
    assert aligned["detector"].name.startswith("dlib_frontal") and aligned["limit"] == 9
    assert isinstance(aligned["crop"], Template) and aligned["crop"].size == (112, 112)
    assert plain["cache"] == aligned["cache"] == paths.CACHE


def test_an_alignment_has_two_numbers():
    with pytest.raises(ValueError, match="values to unpack"):
        faces.crop_of(64, [0.32])
