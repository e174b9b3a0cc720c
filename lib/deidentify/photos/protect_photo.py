"""One photograph: opened, its faces found and altered, written under a temporary name. Never raises."""

from __future__ import annotations

import os
import pickle
import stat
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lib.deidentify.photos.altered_face import has_tint
from lib.deidentify.photos.detection import FoundFaces, find_faces
from lib.deidentify.photos.discovery import SPECIAL, leads_inside, output_format
from lib.deidentify.photos.kept_metadata import kept_metadata
from lib.deidentify.photos.manifest import (
    BETWEEN,
    PROTECTED,
    FaceBox,
    FileRecord,
    file_sha256,
    sha256,
    temporary,
)
from lib.deidentify.photos.recognition import RECOGNISED, distances, recognised
from lib.deidentify.photos.reencode import ANIMATED, QUALITY, TOO_NARROW, TOO_SMALL, decode, encode
from lib.deidentify.photos.regions import FACE_ONLY, Paste
from lib.deidentify.photos.second_look import protect_and_look_again
from lib.deidentify.protections.base import Protection
from lib.faces.detections import Detections, FaceFinder
from lib.faces.loading.open_photograph import (
    DAMAGED,
    EMPTY,
    NOT_AN_IMAGE,
    TOO_LARGE,
    TRUNCATED,
    UNREADABLE,
    may_be_image,
)
from lib.faces.loading.pack import detector_name
from lib.judges.base import Judge

VERSION = 7
"""Raised when a change of the code changes the outputs; copies of another version are not gone on with."""

NO_FACE = "no face found"
NO_POINTS = "five points unknown"
SEVERAL = "several faces"
DETECTOR_FAILED = "detector failed"
FAILED = "protection failed"
LOOK_AGAIN = "look again"
"""The finished photograph shows a face that was not altered; it is not copied."""
NO_SUBJECT = "in no subject's folder"
"""The protection draws once for each subject, and the photograph lies in the folder of none."""
SEEN_LATER = "a face seen at the second look"
"""Note of a photograph with a face that was found only in its copy, and altered then."""
UNWRITABLE = "could not be written"

LASTING = (
    EMPTY,
    NOT_AN_IMAGE,
    TRUNCATED,
    DAMAGED,
    TOO_LARGE,
    TOO_SMALL,
    TOO_NARROW,
    ANIMATED,
    NO_FACE,
    NO_POINTS,
    SEVERAL,
    NO_SUBJECT,
    LOOK_AGAIN,
)
"""Answers that a second run with the same file and parameters would only repeat."""

MAX_BYTES = 1 << 29
"""Of a file that is read; a larger one is a video or an archive."""

_RAW = (".raw", ".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw", ".orf", ".rw2", ".pef", ".raf", ".srw")
"""Camera raw: what opens of them is a small preview."""
_FOREIGN = (".heic", ".heif", *_RAW)
_CLIPS = (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".mts")


@dataclass(frozen=True)
class Settings:
    """What is done to each photograph."""

    protection: Protection
    detector: FaceFinder
    one_face: bool
    max_pixels: int
    recogniser: Judge | None = None
    keep_metadata: tuple[str, ...] = ()
    paste: Paste = FACE_ONLY

    @property
    def per_subject(self) -> bool:
        """Whether the protection asks whose photograph it is: whose folder it lies in, and nobody else's."""
        return "subject" in self.protection.needs

    @property
    def second(self) -> FaceFinder:
        """Who looks at the finished copy: the same detectors, upright."""
        return getattr(self.detector, "plain", self.detector)

    @property
    def parameters(self) -> dict[str, Any]:
        """What decides an output besides the photograph."""
        return {
            "version": VERSION,
            "protection": self.protection.name,
            "region": self.paste.region,
            "tint": self.paste.tint if has_tint(self.protection) else "",
            "detector": detector_name(self.detector),
            "one_face": self.one_face or self.per_subject,
            "max_pixels": self.max_pixels,
            "jpeg_quality": QUALITY,
            "keep_metadata": list(self.keep_metadata),
            "recogniser": type(self.recogniser).__name__ if self.recogniser else "",
        }


@lru_cache(maxsize=1)
def _unpacked(settings: bytes) -> Settings:
    """Networks and detectors are loaded once in each process."""
    return pickle.loads(settings)


def protect_file(
    settings: Settings | bytes, folder: str, file: str, out: str, output: str
) -> tuple[FileRecord, str]:
    """Protect one photograph.

    Parameters
    ----------
    settings : plain or pickled.
    folder, file : where it is.
    out, output : where the copy will be; an empty `out` writes nothing.

    Returns
    -------
    Its record, and the temporary file with the output, which the caller renames; empty without one.
    """
    data = _read(Path(folder, file), file)
    if isinstance(data, FileRecord):
        return data, ""
    record = FileRecord(file, PROTECTED, bytes=len(data), sha256=sha256(data))
    try:
        settings = settings if isinstance(settings, Settings) else _unpacked(settings)
        record, image = _altered(settings, data, record)
        if image is None:
            return record, ""
        exif, kept = kept_metadata(data, settings.keep_metadata)
        record = record.noted(
            *(f"{'kept' if name in kept else 'no usable'} {name}" for name in settings.keep_metadata)
        )
        encoded = encode(image, output_format(output), exif)
    except Exception as error:  # whatever a protection raises, the photograph is listed and not copied
        return replace(record, status=FAILED, detail=f"{type(error).__name__}: {error}"), ""
    record = replace(record, output=output, output_bytes=len(encoded), output_sha256=sha256(encoded))
    try:
        return record, _write(Path(out), output, encoded) if out else ""
    except OSError as error:
        return FileRecord(file, UNWRITABLE, str(error), sha256=record.sha256), ""


def _read(path: Path, file: str) -> bytes | FileRecord:
    """The bytes of a file that may be a photograph, else its record; by size and first bytes before all."""
    try:
        size = path.lstat().st_size
        if size > MAX_BYTES:
            detail = _foreign(file) or f"more than {MAX_BYTES >> 20} MB: no photograph"
            return FileRecord(file, TOO_LARGE, detail, bytes=size)
        with open(path, "rb", opener=_without_waiting) as opened:
            if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
                return FileRecord(file, SPECIAL)  # it became a pipe after it was listed
            if size and not may_be_image(opened.read(16)):
                return FileRecord(file, NOT_AN_IMAGE, _foreign(file), bytes=size, sha256=file_sha256(path))
            opened.seek(0)
            return opened.read()
    except OSError as error:
        return FileRecord(file, UNREADABLE, str(error.strerror or error))
    except MemoryError:
        return FileRecord(file, TOO_LARGE, "not enough memory to read it")


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without waiting for the other end of a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _foreign(file: str) -> str:
    """What to do about a file in a format that is not read, by its name."""
    if file.lower().endswith(_CLIPS):
        return "a clip: `python -m lib.deidentify video` makes a copy of it"
    known = file.lower().endswith(_FOREIGN)
    return "this format is not read: export the photograph as JPEG or PNG" if known else ""


def _altered(settings: Settings, data: bytes, record: FileRecord) -> tuple[FileRecord, np.ndarray | None]:
    if record.file.lower().endswith(_RAW):
        detail = "camera raw, of which only a preview opens: export the photograph as JPEG or PNG"
        return replace(record, status=NOT_AN_IMAGE, detail=detail), None
    photo = decode(data, settings.max_pixels)
    height, width = photo.size
    record = replace(record, height=height, width=width, notes=tuple(photo.notes))
    if photo.image is None:
        detail = photo.detail or (_foreign(record.file) if photo.reason == NOT_AN_IMAGE else "")
        return replace(record, status=photo.reason, detail=detail), None
    try:
        found = find_faces(settings.detector, photo.image)
    except Exception as error:
        return replace(record, status=DETECTOR_FAILED, detail=f"{type(error).__name__}: {error}"), None
    record = replace(record, faces=len(found), boxes=_boxes(found))
    subject = record.file.split("/")[0] if "/" in record.file else ""
    alone = settings.one_face or settings.per_subject
    reason = NO_SUBJECT if settings.per_subject and not subject else _refused(found.faces, alone)
    if reason:
        detail = "put each person's photographs into a folder" if reason == NO_SUBJECT else ""
        return replace(record, status=reason, detail=detail), None
    points = found.faces.points.astype(np.float64)
    done = protect_and_look_again(
        photo.image,
        found.faces,
        settings.protection,
        settings.paste,
        settings.second,
        {"subject": np.repeat(subject, len(found))},
    )
    image, further, left = done.image, done.further, done.left
    if len(further):
        record = replace(
            record, faces=len(found) + len(further), boxes=(*record.boxes, *_boxes(further))
        ).noted(SEEN_LATER)
        points = np.concatenate([points, further.faces.points.astype(np.float64)])
        if alone:
            return replace(record, status=SEVERAL), None
    if len(left):
        clear = BETWEEN.join(box.text for box in _boxes(left))
        return replace(record, status=LOOK_AGAIN, detail=f"still clear: {clear}"), None
    record = _compared(settings.recogniser, photo.image, image, points, record)
    return replace(record, output_height=image.shape[0], output_width=image.shape[1]), image


def _compared(
    recogniser: Judge | None,
    before: np.ndarray,
    after: np.ndarray,
    points: np.ndarray,
    record: FileRecord,
) -> FileRecord:
    """The record with the recogniser's distances, and a note where one is that of the same person."""
    if recogniser is None:
        return record
    apart = distances(before, after, points, recogniser)
    record = replace(record, distances=tuple((np.floor(100 * apart) / 100).tolist()))
    return record.noted(RECOGNISED) if recognised(record.distances) else record


def _boxes(found: FoundFaces) -> tuple[FaceBox, ...]:
    """Box, score and detector of each face, to the digits of the manifest."""
    faces = zip(found.faces.boxes, found.faces.scores, found.detectors, strict=True)
    boxes = []
    for box, score, name in faces:
        left, top, right, bottom = (float(f"{edge:.0f}") for edge in box)
        boxes.append(FaceBox(left, top, right, bottom, float(f"{score:.2f}"), name.split(",")[0]))
    return tuple(boxes)


def _refused(found: Detections, one_face: bool) -> str:
    if not len(found):
        return NO_FACE
    if not np.isfinite(found.points).all():
        return NO_POINTS
    return SEVERAL if one_face and len(found) > 1 else ""


def _write(out: Path, output: str, data: bytes) -> str:
    target = out / output
    if not leads_inside(out, output):  # first: a link would lead `mkdir` outside
        raise OSError(f"{target.parent} leads out of the output folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = temporary(target, uuid.uuid4().hex)
    try:
        part.write_bytes(data)
    except OSError:
        with suppress(OSError):
            part.unlink()
        raise
    return str(part)
