"""Clips that are none, broken or odd, and copies that cannot be made: each is said."""

from __future__ import annotations

import csv
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.folder import BrokenOffError
from lib.deidentify.photos.protect_photo import NO_FACE
from lib.deidentify.photos.reencode import ANIMATED, decode
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


def test_an_animated_picture_is_a_clip(tmp_path):
    first, *others = (Image.fromarray(one) for one in moving(6))
    first.save(tmp_path / "in.gif", save_all=True, append_images=others, duration=40)
    report = protect_clip(tmp_path / "in.gif", tmp_path / "out.avi", COVER, MARKS, QUIET)
    assert report.complete and report.frames == 6 and report.rate == pytest.approx(25)
    photo = decode((tmp_path / "in.gif").read_bytes(), 1 << 20)
    assert photo.reason == ANIMATED and "lib.deidentify video" in photo.detail


@pytest.mark.parametrize(
    "name", ["p%03d.avi", "-dash.avi", "a b\nc.avi", "=1+1.avi", "cafe\u0301.avi", "clip.jpg"]
)
def test_names_are_taken_as_they_are(tmp_path, name):
    """A name with % is no series of pictures, and none is an option or a formula."""
    write(tmp_path / "in.avi", moving(3)).rename(tmp_path / name)
    assert protect_clip(tmp_path / name, tmp_path / f"{name}.avi", COVER, MARKS, QUIET).complete
    rows = list(csv.reader((tmp_path / f"{name}.avi.frames.csv").open(encoding="utf-8", newline="")))
    assert len(rows) == 4 and len(read(tmp_path / f"{name}.avi")) == 3


def test_nothing_but_pictures_comes_through(tmp_path):
    source = write(tmp_path / "in.mp4", moving(3), "mp4v")
    with open(source, "ab") as file:  # a box that players pass over
        file.write(struct.pack(">I", 8 + 90) + b"free" + b"WHEREABOUT" * 9)
    protect_clip(source, tmp_path / "out.mp4", COVER, MARKS, QUIET)
    assert not any(b"WHEREABOUT" in path.read_bytes() for path in tmp_path.glob("out.mp4*"))


def test_a_turned_clip_is_upright(tmp_path):
    """The matrix of an .mp4's track says how it is shown."""
    source = write(tmp_path / "in.mp4", [np.rot90(one, 1).copy() for one in moving(6)], "mp4v")
    data = bytearray(source.read_bytes())
    plain, quarter = ([65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30], [0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30])
    place = data.index(struct.pack(">9i", *plain), data.index(b"tkhd"))
    data[place : place + 36] = struct.pack(">9i", *quarter)
    source.write_bytes(data)
    clip = open_clip(source)
    assert clip.size == (128, 192), "as it was before it was laid on its side"
    report = protect_clip(source, tmp_path / "out.mp4", COVER, MARKS, QUIET)
    assert report.complete and report.size == (128, 192)
    assert read(tmp_path / "out.mp4")[0].shape == (128, 192, 3), "and says nothing of turning any more"


def test_noise_in_a_clip_ends_in_a_list(tmp_path):
    source = write(tmp_path / "in.avi", moving(30))
    for seed in range(4):
        data, random = bytearray(source.read_bytes()), np.random.default_rng(seed)
        for place in random.integers(len(data) // 4, len(data), 200):
            data[place] = random.integers(256)
        noisy = tmp_path / f"{seed}.avi"
        noisy.write_bytes(bytes(data))
        out = tmp_path / f"{seed}.out.avi"
        try:
            report = protect_clip(noisy, out, COVER, MARKS, QUIET)
        except PhotosError:
            assert not out.exists()
            continue
        shown = read(out)
        assert len(shown) == report.frames == sum(report.counts.values())
        black = [not one.any() or one.max() < 16 for one in shown]
        assert sum(not one for one in black) == report.copied


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
