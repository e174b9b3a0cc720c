"""Nothing is overwritten, and a run that was killed goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.protect_photo import NO_FACE
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.video import protect_clip as running
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.protect_clip import protect_clip
from lib.files import part_path
from tests.deidentify.video.tiny_clips import BLUE, Marks, moving, read, write
from tests.exact import exactly, same_pixels
from tests.processes import alive, wait_for

QUIET = VideoOptions(progress=False)
COVER, MARKS = SolidFill(), Marks()


def test_nothing_is_overwritten(tmp_path):
    source, out = write(tmp_path / "in.avi", moving(3)), tmp_path / "out.avi"
    for there in (out, tmp_path / "out.avi.frames.csv", tmp_path / "out.avi.report.json"):
        there.write_text("mine")
        with pytest.raises(PhotosError, match="is there"):
            protect_clip(source, out, COVER, MARKS, QUIET)
        assert there.read_text() == "mine"
        there.unlink()
    first = protect_clip(source, out, COVER, MARKS, QUIET)
    changed = out.stat().st_mtime_ns
    assert (
        exactly(protect_clip(source, out, COVER, MARKS, QUIET), first, because="nothing is computed anew")
        and out.stat().st_mtime_ns == changed
    )
    with pytest.raises(PhotosError, match="is there"):
        protect_clip(source, out, COVER, MARKS, replace(QUIET, bridge=3))
    again = protect_clip(source, out, COVER, MARKS, replace(QUIET, bridge=3, overwrite=True))
    assert again.parameters["bridge"] == 3 and len(read(out)) == 3
    for wrong in (source, tmp_path / "no" / ".." / "in.avi"):
        (tmp_path / "no").mkdir(exist_ok=True)
        with pytest.raises(PhotosError, match="replace the clip itself"):
            protect_clip(source, wrong, COVER, MARKS, replace(QUIET, overwrite=True))


KILLED = """
import sys, time
from tests.deidentify.video.tiny_clips import Marks
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.video import protect_clip as running
from lib.deidentify.video.options import VideoOptions

class Slow(Marks):
    def __call__(self, image):
        time.sleep(float(sys.argv[3]))
        return super().__call__(image)

running.SEGMENT = 5
running.protect_clip(sys.argv[1], sys.argv[2], SolidFill(), Slow(), VideoOptions(progress=False))
"""


def test_a_run_that_was_killed_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "SEGMENT", 5)
    source, out = write(tmp_path / "in.avi", moving(40)), tmp_path / "out.avi"
    whole = protect_clip(source, tmp_path / "whole.avi", COVER, MARKS, QUIET)
    folder = part_path(out)
    for until in ("found-000000005.npz", "look-000000005.json"):
        words = [sys.executable, "-c", KILLED, str(source), str(out), "0.1"]
        child = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        wait_for(lambda until=until: (folder / until).exists(), 300)
        with pytest.raises(PhotosError, match="another run makes"):
            protect_clip(source, out, COVER, MARKS, QUIET)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert not alive(child.pid) and not out.exists()
    looks = Counting()
    report = protect_clip(source, out, COVER, looks, QUIET)
    assert looks.looked < 40, "what was searched and looked at is known"
    assert replace_sha(report) == replace_sha(whole) and not folder.exists()
    assert all(same_pixels(a, b) for a, b in zip(read(out), read(tmp_path / "whole.avi"), strict=True))


def replace_sha(report):
    return replace(report, sha256="")


class Counting(Marks):
    looked = 0

    def __call__(self, image):
        Counting.looked += 1
        return super().__call__(image)


def test_a_kill_while_the_copy_is_moved_loses_nothing(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in.avi", moving(3)), tmp_path / "out.avi"

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(running.shutil, "copyfile", killed)
    with pytest.raises(KeyboardInterrupt):
        protect_clip(source, out, COVER, MARKS, QUIET)
    assert out.exists() and not (tmp_path / "out.avi.report.json").exists()
    monkeypatch.undo()
    report = protect_clip(source, out, COVER, MARKS, QUIET)
    assert report.complete and (tmp_path / "out.avi.report.json").exists()
    assert not part_path(out).exists()


def test_other_parameters_begin_anew(tmp_path, monkeypatch):
    source, out = write(tmp_path / "in.avi", moving(3)), tmp_path / "out.avi"
    monkeypatch.setattr(running._Run, "_alter", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        protect_clip(source, out, COVER, MARKS, QUIET)
    assert list(part_path(out).glob("found-*"))
    monkeypatch.undo()
    report = protect_clip(source, out, COVER, Marks((BLUE,), "blue"), QUIET)
    assert report.counts == {NO_FACE: 3}, "what another detector found does not count"
