"""Files that are whole or not there."""

from __future__ import annotations

import os

import pytest

from lib.book.files import write_whole


def test_folders_are_made_and_what_was_there_is_replaced(tmp_path):
    path = write_whole(tmp_path / "results" / "deep" / "a.json", "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    write_whole(path, "b")
    assert path.read_text() == "b" and os.listdir(path.parent) == ["a.json"]


def test_a_kill_before_the_rename_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_whole(tmp_path / "a.json", "old")

    def killed(*paths):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert path.read_text() == "old"
