"""Clips read and written by OpenCV: frames in the shape and at the rate that the copy will have.

Only containers of moving pictures are opened, known by their first bytes: the same library would open a
playlist, too, and fetch what it names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from lib.deidentify.photos.discovery import PhotosError

FORMATS = {
    ".mp4": "mp4v",
    ".m4v": "mp4v",
    ".mov": "mp4v",
    ".avi": "MJPG",
    ".webm": "VP90",
    ".mkv": "FFV1",
}
"""Codec by the ending of the copy's name."""
RATE = 25.0
"""Frames a second where a clip does not say it."""
RATES = (0.1, 1000.0)
MOST_PIXELS = 1 << 25
"""Of a frame: 8192 x 4096; a larger one is a broken or hostile header."""
DRIFT = 0.5
"""Seconds by which a frame may come earlier or later than at a constant rate before it is said."""

_STARTS = (
    b"\x1aE\xdf\xa3",  # Matroska, WebM
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"\x00\x00\x00\x01",  # H.264, H.265
    b"FLV\x01",
    b"0&\xb2u\x8ef\xcf\x11",  # ASF, WMV
    b"OggS",
    b"\x06\x0e+4",  # MXF
    b"YUV4MPEG2",
    b"GIF8",
)
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")


@dataclass(frozen=True)
class Clip:
    """A clip that opens, and what its frames will be.

    Attributes
    ----------
    path : of the file.
    size : height and width of every frame as it is handed out, both even, as codecs want it.
    decoded : height and width of the first frame before that.
    rate : frames a second.
    said : number of frames that the container speaks of; 0 where it does not.
    notes : what is changed on reading.
    """

    path: Path
    size: tuple[int, int]
    decoded: tuple[int, int]
    rate: float
    said: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """One frame of a clip.

    Attributes
    ----------
    number : from 0 on.
    seconds : when it is shown.
    image : uint8 (H, W, 3) RGB, upright, in the clip's `size`.
    resized : whether it came in another size than the first.
    """

    number: int
    seconds: float
    image: np.ndarray
    resized: bool


def open_clip(path: Path) -> Clip:
    """What is to be known of a clip before it is read.

    Raises
    ------
    PhotosError : not a file, not a clip, damaged, or without a frame.
    """
    _check_kind(path)
    with _capture(path) as source:
        read, first = source.read()
        if not read or first is None or not first.size:
            raise PhotosError(f"{path}: no frame can be read: the clip is damaged or empty, export it anew")
        rate, said = source.get(cv2.CAP_PROP_FPS), source.get(cv2.CAP_PROP_FRAME_COUNT)
        across, down = source.get(cv2.CAP_PROP_SAR_NUM), source.get(cv2.CAP_PROP_SAR_DEN)
        turned = source.get(cv2.CAP_PROP_ORIENTATION_META) % 180 == 90
    height, width = decoded = first.shape[0], first.shape[1]
    if height * width > MOST_PIXELS or min(height, width) < 16:
        raise PhotosError(f"{path}: frames of {width} x {height} pixels: scale the clip, then try again")
    notes = []
    if across > 0 and down > 0 and across != down and max(across / down, down / across) < 8:
        height, width = _squared(height, width, across / down, turned)
        notes.append(f"pixels that are not square: frames brought to {width} x {height}")
    if height % 2 or width % 2:
        notes.append("odd size: the last row or column is left out")
    if not RATES[0] <= rate <= RATES[1]:
        notes.append(f"no frame rate: taken for {RATE:g} a second")
        rate = RATE
    count = int(said) if math.isfinite(said) and 0 < said < 1e9 else 0
    return Clip(path, (height // 2 * 2, width // 2 * 2), decoded, float(rate), count, tuple(notes))


def _squared(height: int, width: int, wide: float, turned: bool) -> tuple[int, int]:
    """The size of a frame whose pixels become square, by their width over their height."""
    return (round(height * wide), width) if turned else (height, round(width * wide))


def frames(clip: Clip, start: int = 0) -> Iterator[Frame]:
    """The frames of a clip from `start` on, one at a time; those before are decoded and not handed out, as
    to jump is not exact in every format."""
    height, width = clip.size
    with _capture(clip.path) as source:
        for number in range(1 << 62):
            if not source.grab():
                return
            if number < start:
                continue
            read, image = source.retrieve()
            if not read or image is None:
                return
            image = image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            resized = image.shape[:2] != clip.decoded
            if not (0 <= image.shape[0] - height <= 1 and 0 <= image.shape[1] - width <= 1):
                image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
            rgb = np.ascontiguousarray(image[:height, :width, ::-1])
            yield Frame(number, source.get(cv2.CAP_PROP_POS_MSEC) / 1000, rgb, resized)


def check_output(out: Path) -> str:
    """The codec of a copy by its name; PhotosError for an ending that is not known."""
    codec = FORMATS.get(out.suffix.lower())
    if codec is None:
        raise PhotosError(f"{out}: a copy ends with {', '.join(FORMATS)}: name it like this")
    return codec


class ClipWriter:
    """A clip that is being written; used as a context manager it is closed and counted at the end."""

    def __init__(self, path: Path, size: tuple[int, int], rate: float) -> None:
        """Begin a clip.

        Parameters
        ----------
        path : its ending says the format. size : height and width, even. rate : frames a second.

        Raises
        ------
        PhotosError : this OpenCV has no such codec, or the file cannot be made.
        """
        self.path, self.size, self.written = path, size, 0
        code = cv2.VideoWriter.fourcc(*check_output(path))
        with suppress(cv2.error):
            self._file = cv2.VideoWriter(str(path.resolve()), cv2.CAP_FFMPEG, code, rate, size[::-1])
        if not getattr(self, "_file", None) or not self._file.isOpened():
            raise PhotosError(
                f"{path.suffix}: no clip of this kind can be begun: the codec {check_output(path)} is "
                "missing here, or the disk is full; choose another ending, such as .avi"
            )

    def __enter__(self) -> ClipWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.release()
        if kind is None:
            self._check()

    def write(self, image: np.ndarray) -> None:
        """Append a frame, uint8 (H, W, 3) RGB; ValueError for another size, which OpenCV drops unsaid."""
        if image.shape != (*self.size, 3) or image.dtype != np.uint8:
            raise ValueError(f"a frame of {image.shape} {image.dtype} in a clip of {self.size}")
        self._file.write(np.ascontiguousarray(image[..., ::-1]))
        self.written += 1

    def _check(self) -> None:
        """Raise OSError unless the file holds all frames written: a full disk is not told otherwise."""
        found = 0
        if self.written:
            with _capture(self.path) as made:
                while made.grab():
                    found += 1
        if found != self.written:
            raise OSError(f"{self.path}: {found} of {self.written} frames were written: is the disk full?")


@contextmanager
def _capture(path: Path) -> Iterator[cv2.VideoCapture]:
    """A file opened by FFmpeg alone: another reader takes a name with % for a series of pictures."""
    source = cv2.VideoCapture(str(path.resolve()), cv2.CAP_FFMPEG)
    try:
        if not source.isOpened():
            raise PhotosError(f"{path}: it cannot be opened as a clip: damaged, or a codec that is not known")
        source.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)
        yield source
    finally:
        source.release()


def is_clip(path: Path) -> bool:
    """Whether a file's first bytes are those of a container of moving pictures; OSError if unreadable."""
    with open(path, "rb") as file:
        start = file.read(400)
    avi = start[:4] in (b"RIFF", b"RIFX") and start[8:12] == b"AVI "
    stream = len(start) > 376 and start[0] == start[188] == start[376] == 0x47  # MPEG transport stream
    return avi or stream or start[4:8] in _BOXES or start.startswith(_STARTS)


def _check_kind(path: Path) -> None:
    if not path.is_file():  # a pipe would be waited for
        raise PhotosError(f"{path} is no file: name a clip")
    try:
        known = is_clip(path)
    except OSError as error:
        raise PhotosError(f"{path} cannot be read ({error.strerror})") from error
    if not known:
        raise PhotosError(f"{path} is no clip that is read: export it as .mp4, .avi, .mkv or .webm")
