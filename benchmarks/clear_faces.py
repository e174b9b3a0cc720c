"""Share of faces that stay clear in copies by the folder tool, for one detector and for the union of several.

    python -m benchmarks.clear_faces

Photographs are composites of rendered faces: 30 to 200 px, turned by up to 60 degrees, three in ten partly
covered. A face counts where any detector finds it in the photograph; it is clear where its centre was not
altered.
"""

from __future__ import annotations

import os
import time

import cv2
import numpy as np

from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.detection import DetectorUnion, FoundFaces, find_faces, merge
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.detections import Detector
from lib.faces.rendered import picture
from lib.judges.dlib_judges import DlibFrontal
from lib.judges.mtcnn_judge import Mtcnn

FIRST_SUBJECT = 700_000
SIZE = (900, 1200)
FACES = 8
PHOTOGRAPHS = int(os.environ.get("CLEAR_FACES_PHOTOGRAPHS", "12"))


def composite(faces: list[np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A photograph, uint8 (900, 1200, 3), and centre and side (k, 3) in pixels of the faces in it."""
    random = np.random.default_rng(seed)
    coarse = random.integers(60, 220, (7, 9, 3), dtype=np.uint8)
    photo = cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    places = []
    for number in random.permutation(12)[: random.integers(2, 6)]:  # cells of a grid: faces do not overlap
        side = int(np.exp(random.uniform(np.log(30), np.log(200))))
        face = covered(faces[random.integers(len(faces))], random)
        x, y = 300 * (number % 4) + 150, 300 * (number // 4) + 150
        paste(photo, face, (x, y), side, random.uniform(-60, 60))
        places.append((x, y, side))
    return photo, np.array(places)


def covered(face: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """The face, in three of ten cases behind a mask, a half or a bar."""
    face, side = face.copy(), len(face)
    kind = random.integers(3) if random.random() < 0.3 else 3
    tone = random.integers(0, 255, 3)
    part = (np.s_[side * 6 // 10 :, :], np.s_[:, : side // 2], np.s_[side * 4 // 10 : side // 2, :])
    if kind < 3:
        face[part[kind]] = tone
    return face


def paste(photo: np.ndarray, face: np.ndarray, centre: tuple[int, int], side: int, roll: float) -> None:
    """Paste a face as a disc of `side` pixels, rolled by degrees."""
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), roll, 1)
    small = cv2.warpAffine(small, turn, (side, side), borderMode=cv2.BORDER_REPLICATE)
    y, x = np.mgrid[:side, :side]
    inside = np.hypot(x - side / 2, y - side / 2) < side / 2
    top, left = centre[1] - side // 2, centre[0] - side // 2
    part = photo[top : top + side, left : left + side]
    part[inside] = small[inside]


def hits(found: FoundFaces, places: np.ndarray) -> np.ndarray:
    """Which of the faces at `places` (k, 3) have a box around their centre, bool (k,)."""
    boxes = found.faces.boxes
    inside = (boxes[:, None, :2] < places[None, :, :2]) & (boxes[:, None, 2:] > places[None, :, :2])
    return inside.all(-1).any(0)


def main() -> dict[str, float | str]:
    """Measure."""
    faces = [picture(FIRST_SUBJECT + number, 0, 224).image for number in range(FACES)]
    single: dict[str, Detector] = {"dlib": DlibFrontal(), "mtcnn": Mtcnn()}
    finer = [DlibFrontal(upsampling=1)]
    union = DetectorUnion([single["mtcnn"], single["dlib"]])
    plain, full = union.plain, DetectorUnion(union.detectors, always=True)
    ways: dict[str, Detector] = {"dlib alone": single["dlib"], "mtcnn alone": single["mtcnn"],
                                 "plain union": plain, "union": union, "union, all views": full}  # fmt: skip
    clear, seconds, countable = dict.fromkeys(ways, 0), dict.fromkeys(ways, 0.0), 0
    total = 0
    for detector in single.values():
        detector(composite(faces, 999)[0])  # networks load at the first call, which is not timed
    for seed in range(PHOTOGRAPHS):
        photo, places = composite(faces, 1000 + seed)
        founds, altered = {}, {}
        for name, detector in ways.items():
            start = time.perf_counter()
            founds[name] = find_faces(detector, photo)
            points = founds[name].faces.points.astype(float)
            altered[name] = protect_faces(photo, points, SolidFill()).mask if len(points) else None
            seconds[name] += time.perf_counter() - start
        extra = [("finer", one(photo)) for one in finer]
        everything = merge([*((name, one.faces) for name, one in founds.items()), *extra])
        seen = hits(everything, places)
        countable, total = countable + int(seen.sum()), total + len(places)
        for name, mask in altered.items():
            hidden = mask[places[:, 1], places[:, 0]] if mask is not None else np.zeros(len(places), bool)
            clear[name] += int((seen & ~hidden).sum())
    print(f"  {PHOTOGRAPHS} photographs, {total} faces, {countable} that any detector finds")
    shares = {f"clear faces, {name}": f"{clear[name] / max(countable, 1):.1%}" for name in ways}
    return shares | {f"photographs a second, {name}": PHOTOGRAPHS / seconds[name] for name in ways}
