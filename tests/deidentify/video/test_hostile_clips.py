"""Clips that are none, broken or odd, and copies that cannot be made: each is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.folder import BrokenOffError
from lib.deidentify.photos.protect_photo import NO_FACE
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.video import clip as clips
from lib.deidentify.video import sound
from lib.deidentify.video.clip import ClipWriter, frames, open_clip
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.protect_clip import protect_clip
from lib.files import part_path
from tests.deidentify.video.tiny_clips import Marks, frame, moving, read, write

QUIET = VideoOptions(progress=False)
COVER, MARKS = SolidFill(), Marks()


def test_odd_sizes_and_grey_clips(tmp_path):
    pictures = [np.repeat(one.mean(-1, keepdims=True).astype(np.uint8), 3, -1) for one in moving(3)]
    grey = write(tmp_path / "grey.avi", pictures)
    assert next(frames(open_clip(grey))).image.shape == (128, 192, 3)
    assert protect_clip(grey, tmp_path / "g.avi", COVER, MARKS, QUIET).counts == {NO_FACE: 3}
    clip = replace(open_clip(write(tmp_path / "in.avi", moving(3))), size=(126, 190))
    shown = list(frames(clip))
    assert [one.image.shape for one in shown] == [(126, 190, 3)] * 3 and not shown[0].resized
    assert next(frames(replace(clip, decoded=(64, 96)))).resized


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.mp4", b"", "is no clip that is read"),
        ("a.mp4", b"hello" * 100, "is no clip that is read"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "is no clip that is read"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile other.avi\n", "is no clip that is read"),
        ("a.mp4", b"\0\0\0\x18ftypmp42" + bytes(400), "cannot be opened|no frame"),
        ("a.avi", b"RIFF\0\0\0\0AVI " + bytes(400), "cannot be opened|no frame"),
    ],
)
def test_what_is_no_clip_is_said(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PhotosError, match=said) as error:
        protect_clip(tmp_path / name, tmp_path / "out.avi", COVER, MARKS, QUIET)
    assert name in str(error.value) and [path.name for path in tmp_path.iterdir()] == [name]


def test_a_clip_that_is_cut_short_is_not_complete(tmp_path):
    source = write(tmp_path / "in.avi", moving(40))
    data = source.read_bytes()
    source.write_bytes(data[: len(data) // 2])
    report = protect_clip(source, tmp_path / "out.avi", COVER, MARKS, QUIET)
    assert 0 < report.frames < 38 and report.copied == report.frames
    assert not report.whole and "damaged or cut short" in " ".join(report.notes)


def test_copies_that_cannot_be_made(tmp_path, monkeypatch):
    source = write(tmp_path / "in.avi", moving(3))
    with pytest.raises(PhotosError, match=r"ends with \.mp4"):
        protect_clip(source, tmp_path / "out.gif", COVER, MARKS, QUIET)
    with pytest.raises(PhotosError, match="cannot be written"):
        protect_clip(source, source / "below" / "out.avi", COVER, MARKS, QUIET)
    part_path(tmp_path / "out.avi").mkdir()
    (part_path(tmp_path / "out.avi") / "letter.txt").write_text("mine")
    with pytest.raises(PhotosError, match="not of this tool"):
        protect_clip(source, tmp_path / "out.avi", COVER, MARKS, QUIET)
    with pytest.raises(PhotosError, match="must be told Male"):
        protect_clip(source, tmp_path / "o.avi", replace_needs(("Male",)), MARKS, QUIET)
    monkeypatch.setitem(clips.FORMATS, ".avi", "XXXX")
    with pytest.raises(PhotosError, match="codec XXXX is missing"):
        protect_clip(source, tmp_path / "o.avi", COVER, MARKS, QUIET)


def replace_needs(needs):
    class Needs(SolidFill):
        pass

    Needs.needs = needs
    return Needs()


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    source = write(tmp_path / "in.avi", moving(3))
    writes = ClipWriter.write

    def loses(self, image):
        if self.written == 1:
            self.written += 1
        else:
            writes(self, image)

    monkeypatch.setattr(ClipWriter, "write", loses)
    with pytest.raises(BrokenOffError, match="is the disk full"):
        protect_clip(source, tmp_path / "out.avi", COVER, MARKS, QUIET)
    assert not (tmp_path / "out.avi").exists()
    with pytest.raises(ValueError, match="in a clip of"):
        writes(ClipWriter(tmp_path / "x.avi", (32, 32), 25), np.zeros((30, 32, 3), np.uint8))


def test_sound(tmp_path, monkeypatch):
    source = write(tmp_path / "in.avi", moving(3))
    kept = replace(QUIET, sound="keep")
    monkeypatch.setattr(sound.shutil, "which", lambda _: None)
    with pytest.raises(PhotosError, match="ffmpeg, which is not here"):
        protect_clip(source, tmp_path / "out.avi", COVER, MARKS, kept)
    with pytest.raises(PhotosError, match="run ahead"):
        protect_clip(source, tmp_path / "out.avi", COVER, MARKS, replace(kept, lost="drop"))
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho 'Stream map 1:a matches no streams' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sound.shutil, "which", lambda _: str(program))
    report = protect_clip(source, tmp_path / "out.avi", COVER, MARKS, kept)
    assert (
        "no sound could be taken over: Stream map" in report.notes[-1]
        and len(read(tmp_path / "out.avi")) == 3
    )


def test_a_clip_of_which_nothing_is_left_is_no_clip(tmp_path):
    source = write(tmp_path / "in.avi", [frame()] * 3)
    with pytest.raises(PhotosError, match="no frame can be shown"):
        protect_clip(source, tmp_path / "out.avi", COVER, MARKS, replace(QUIET, lost="drop"))
    assert not (tmp_path / "out.avi").exists()
