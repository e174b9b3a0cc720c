"""Clips: some frames of each video of a tar, who is seen in it, and what is no such tar."""

from __future__ import annotations

import tarfile

import cv2
import numpy as np
import pytest

from lib.faces.faceset import FaceSetError
from lib.faces.loading.clips import read_clips, subject_of


def _video(path, frames: int) -> None:
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (48, 32))
    for at in range(frames):
        out.write(np.full((32, 48, 3), (10, 20, 10 * at), np.uint8))  # blue, green, red
    out.release()


@pytest.fixture
def clips(tmp_path):
    _video(tmp_path / "v.avi", 12)
    (tmp_path / "notes.txt").write_text("no video")
    with tarfile.open(tmp_path / "clips.tar", "w") as tar:
        for name in ("grid/s1/b.avi", "grid/s1/a.avi", "other/woman.avi"):
            tar.add(tmp_path / "v.avi", name)
        tar.add(tmp_path / "notes.txt", "notes.txt")
    return tmp_path / "clips.tar"


def test_frames_are_rgb_in_order_and_every_second_one_is_taken(clips):
    found = read_clips(str(clips), 4, every=2)
    assert [one.name for one in found] == ["grid/s1/a.avi", "grid/s1/b.avi", "other/woman.avi"]
    assert [one.subject for one in found] == ["grid s1", "grid s1", "woman"]
    red = [float(frame[..., 0].mean()) for frame in found[0].frames]
    assert len(red) == 4 and np.allclose(red, [0, 20, 40, 60], atol=6)
    assert found[0].frames[3][..., 2].mean() < 25


def test_a_clip_may_be_shorter_than_asked(clips):
    assert [len(one.frames) for one in read_clips(clips, 100)] == [12] * 3


def test_only_videos_below_grid_share_a_speaker():
    assert subject_of("grid/s3/lgaf4n.mpg") == subject_of("x/grid/s3/other.mpg") == "grid s3"
    assert subject_of("pyfeat/single.mp4") == "single" and subject_of("grid/lonely.mpg") == "lonely"


def test_what_is_no_tar_of_videos_is_named(tmp_path, clips):
    with pytest.raises(FaceSetError, match="is missing"):
        read_clips(tmp_path / "none.tar", 2)
    (tmp_path / "bad.tar").write_bytes(b"not a tar" * 100)
    with pytest.raises(FaceSetError, match="no tar file"):
        read_clips(tmp_path / "bad.tar", 2)
    with tarfile.open(tmp_path / "text.tar", "w") as tar:
        tar.add(tmp_path / "notes.txt", "notes.txt")
    with pytest.raises(FaceSetError, match="holds no video"):
        read_clips(tmp_path / "text.tar", 2)
    (tmp_path / "broken.avi").write_bytes(b"RIFF" + bytes(60))
    with tarfile.open(tmp_path / "broken.tar", "w") as tar:
        tar.add(tmp_path / "broken.avi", "broken.avi")
    with pytest.raises(FaceSetError, match="no frame"):
        read_clips(tmp_path / "broken.tar", 2)
