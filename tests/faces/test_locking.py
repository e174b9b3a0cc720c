"""Locks: one at a time, nothing left behind in a folder, none in the way after its holder is gone."""

from __future__ import annotations

import multiprocessing
import os
import time

import pytest

from lib.faces.locking import InUseError, beside, locked


def test_a_second_one_is_refused_or_waits(tmp_path):
    for place in (tmp_path, beside(tmp_path / "new" / "pack")):
        with locked(place):
            with pytest.raises(InUseError, match=rf"process {os.getpid()}\) holds .* wait"):
                locked(place, wait=False).__enter__()
            with locked(tmp_path / "another", wait=False):
                pass
        with locked(place, wait=False):
            pass
    assert list((tmp_path / "new").iterdir()) == []


def test_a_folder_stays_empty_and_keeps_no_lock_after_an_error(tmp_path):
    with pytest.raises(KeyError), locked(tmp_path):
        raise KeyError
    assert list(tmp_path.iterdir()) == []
    with locked(tmp_path, wait=False):
        pass


def _hold(place, ready):
    with locked(place):
        ready.set()
        time.sleep(60)


def test_a_killed_run_leaves_no_lock(tmp_path):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready))
    process.start()
    assert ready.wait(20)
    with pytest.raises(InUseError), locked(tmp_path, wait=False):
        pass
    process.kill()
    process.join()
    with locked(tmp_path, wait=False):
        pass


@pytest.mark.parametrize("text", ["my own notes", "12 34", "1" * 30])
def test_a_file_that_is_no_lock_is_not_emptied(tmp_path, text):
    (tmp_path / ".lock").write_text(text)
    with pytest.raises(FileExistsError, match="is no lock"), locked(tmp_path):
        raise AssertionError("taken for a lock")
    assert (tmp_path / ".lock").read_text() == text
    (tmp_path / ".lock").write_text("4321")  # as a kill leaves it
    with locked(tmp_path):
        pass
    (tmp_path / ".lock").mkdir()
    with pytest.raises(FileExistsError), locked(tmp_path):
        raise AssertionError("a folder")
