"""Photographs a second of the folder tool by stage, for each protection, and memory on a clip of any length.

    python -m benchmarks.protecting
    PROTECTING_PHOTOGRAPHS=2 python -m benchmarks.protecting

Photographs have 2000 x 1500 px and one to three upright faces of 120 to 300 px, as the easy ones of
`detecting`. Searching is the same for all protections, so what a protection costs is its share beside it. A
protection whose weights are not here is left out. The clip's memory is the process's peak after 100 frames
and after 500, by protections that need no networks: a ratio of 1 is flat.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks._processes import peak_mb
from benchmarks.clear_faces import FIRST_SUBJECT
from benchmarks.detecting import FACES, easy
from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.detection import DetectorUnion
from lib.deidentify.photos.reencode import decode, encode
from lib.deidentify.photos.regions import careful_paste
from lib.deidentify.protections.base import Protection, ProtectionError
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.protections.registry import PROTECTIONS, protection_named
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.protect_clip import protect_clip
from lib.faces.detections import Detections
from lib.faces.rendered import picture
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.mtcnn_judge import Mtcnn

PHOTOGRAPHS = int(os.environ.get("PROTECTING_PHOTOGRAPHS", "6"))
CLIP = (240, 320)
SHORT, LONG = 100, 500


def protections() -> dict[str, Protection]:
    """All that can be made here."""
    found = {}
    for name in PROTECTIONS:
        try:
            found[name] = protection_named(name)
        except ProtectionError:
            continue
    return found


def timed(seconds: dict[str, float], stage: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """What `work` returns; its time is added."""
    start = time.perf_counter()
    done = work(*arguments)
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start
    return done


def stages() -> dict[str, float]:
    """Seconds of each stage for all photographs."""
    faces = [picture(FIRST_SUBJECT + number, 0, 224).image for number in range(FACES)]
    union, chosen = DetectorUnion([Mtcnn(), DlibFrontal()]), protections()
    warm = easy(faces, 2999)[0]
    points = union.find(warm).faces.points.astype(float)  # networks load at the first call, untimed
    for name, protection in chosen.items():
        protect_faces(warm, points, protection, careful_paste(name))
    seconds: dict[str, float] = {}
    for number in range(PHOTOGRAPHS):
        file = BytesIO()
        Image.fromarray(easy(faces, 5000 + number)[0]).save(file, "JPEG", quality=95)
        photo = timed(seconds, "open", decode, file.getvalue(), 1 << 28).image
        found = timed(seconds, "search", union.find, photo).faces
        if not len(found):
            continue
        five = found.points.astype(float)
        for name, protection in chosen.items():
            copy = timed(
                seconds, f"alter, {name}", protect_faces, photo, five, protection, careful_paste(name)
            ).image
        timed(seconds, "second look", union.plain.find, copy)
        timed(seconds, "encode", encode, copy, "JPEG")
    return seconds


def one_face(image: np.ndarray) -> Detections:
    """A detector of the clip's dark square."""
    rows, columns = np.nonzero(image[..., 1] < 60)
    if len(rows) < 100:
        return Detections.none()
    x, y = columns.mean(), rows.mean()
    points = np.array([[x - 9, y - 8], [x + 9, y - 8], [x, y], [x - 8, y + 9], [x + 8, y + 9]])
    return Detections(np.array([[x - 20, y - 20, x + 20, y + 20]]), points[None], np.ones(1))


def memory(folder: Path, count: int) -> float:
    """The process's peak in MB after a clip of `count` frames."""
    source = folder / f"{count}.avi"
    out = cv2.VideoWriter(str(source), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25.0, CLIP[::-1])
    for number in range(count):
        image = np.full((*CLIP, 3), 180, np.uint8)
        left = 40 + number % 200
        image[100:130, left : left + 30] = 20
        out.write(image)
    out.release()
    options = VideoOptions(progress=False)
    protect_clip(source, folder / f"{count}.mp4", SolidFill(), one_face, options)
    return peak_mb()


def main() -> dict[str, float | str]:
    """Measure."""
    report: dict[str, float | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        short, long = (memory(Path(folder), count) for count in (SHORT, LONG))
    report[f"memory after {LONG} frames over that after {SHORT}"] = f"{long / short:.3f} (aim: 1)"
    seconds = stages()
    for stage, one in seconds.items():
        share = one / seconds["search"]
        report[f"{stage}: photographs a second"] = (
            f"{PHOTOGRAPHS / one:.3g}, {share:.2f} of the search's time"
        )
    return report


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(main())
