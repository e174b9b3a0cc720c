"""Clips: short videos of one face each, their frames in memory. Nothing of them may be published.

Layout of the tar: videos that OpenCV opens, anywhere. A video below `grid/<speaker>/` is of that speaker, as
in the GRID corpus; any other shows a subject of its own, called by its file.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from lib.faces.faceset import FaceSetError

VIDEOS = (".mp4", ".mpg", ".avi", ".mov")


@dataclass(frozen=True)
class Clip:
    """Some frames of a video in order, each uint8 (H, W, 3) RGB; its name in the tar, and who is seen."""

    name: str
    subject: str
    frames: list[np.ndarray]


def read_clips(path: str | Path, frames: int, every: int = 1) -> list[Clip]:
    """Read the first frames of each video in a tar file.

    Parameters
    ----------
    frames : of each clip at most.
    every : takes each such frame: 2 is every second one.

    Raises
    ------
    FaceSetError : the file is missing or no tar, there is no video in it, or OpenCV cannot read one.
    """
    path = Path(path)
    if not path.is_file():
        raise FaceSetError(f"{path} is missing: name a tar file of short videos")
    clips = []
    try:
        with tarfile.open(path) as tar, tempfile.TemporaryDirectory() as folder:
            for member in sorted(tar.getmembers(), key=lambda one: one.name):
                if member.isfile() and PurePosixPath(member.name).suffix.lower() in VIDEOS:
                    part = Path(folder) / f"clip{PurePosixPath(member.name).suffix}"
                    part.write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
                    pictures = list(_frames_of(part, frames, every))
                    if not pictures:
                        raise FaceSetError(f"{member.name} in {path} holds no frame that OpenCV can read")
                    clips.append(Clip(member.name, subject_of(member.name), pictures))
    except tarfile.TarError as error:
        raise FaceSetError(f"{path} is no tar file, or damaged: {error}") from error
    if not clips:
        raise FaceSetError(f"{path} holds no video ({', '.join(VIDEOS)})")
    return clips


def subject_of(name: str) -> str:
    """Who is seen in the video of this name in the tar."""
    parts = PurePosixPath(name).parts
    if len(parts) > 2 and parts[-3] == "grid":
        return f"grid {parts[-2]}"
    return PurePosixPath(name).stem


def _frames_of(path: Path, frames: int, every: int) -> Iterator[np.ndarray]:
    video = cv2.VideoCapture(str(path))
    try:
        for at in range(frames * every):
            there, picture = video.read()
            if not there:
                return
            if at % every == 0:
                yield np.ascontiguousarray(picture[..., ::-1])
    finally:
        video.release()
