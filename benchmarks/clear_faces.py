"""Faces that stay clear in copies by the folder tool, to each detector, for single detectors and their union.

    python -m benchmarks.clear_faces
    CLEAR_FACES_PHOTOGRAPHS=FOLDER python -m benchmarks.clear_faces
    CLEAR_FACES_COMPOSITES=4 python -m benchmarks.clear_faces

Photographs are composites of rendered faces: 30 to 200 px, turned by up to 60 degrees, three in ten partly
covered. A face counts where any detector finds it in the photograph; it is clear where its centre was not
altered, and clear to a detector where most of the box in which that one sees it was not altered. The
photographs of a folder, if one is named, come in addition: there every box counts as a face.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.detection import DetectorUnion, FoundFaces, find_faces, merge, unaltered_faces
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.detections import FaceFinder
from lib.faces.loading.open_photograph import open_photograph
from lib.faces.rendered import picture
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.mtcnn_judge import Mtcnn

FIRST_SUBJECT = 700_000
SIZE = (900, 1200)
FACES = 8
COMPOSITES = int(os.environ.get("CLEAR_FACES_COMPOSITES", "12"))
FOLDER = os.environ.get("CLEAR_FACES_PHOTOGRAPHS", "")


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


def photographs(faces: list[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Photographs, uint8 (H, W, 3), and the places of the faces, (k, 3) as of `composite`; None: unknown."""
    for seed in range(COMPOSITES):
        yield composite(faces, 1000 + seed)
    for path in sorted(Path(FOLDER).rglob("*")) if FOLDER else ():
        photo = open_photograph(path) if path.is_file() else None
        if photo is not None and photo.image is not None:
            yield photo.image, None


def centres(found: FoundFaces) -> np.ndarray:
    """Places (k, 3) of found faces: centre and shorter side of each box."""
    boxes = found.faces.boxes
    sides = (boxes[:, 2:] - boxes[:, :2]).min(1, initial=np.inf)
    return np.column_stack([(boxes[:, :2] + boxes[:, 2:]) / 2, sides]).astype(int)


def true_faces(found: FoundFaces, places: np.ndarray | None) -> FoundFaces:
    """Of some boxes those around a face; all where the places are unknown."""
    if places is None:
        return found
    rows = [row for row in range(len(found)) if hits(_only(found, row), places).any()]
    return FoundFaces(found.faces.take(rows), tuple(found.detectors[row] for row in rows))


def _only(found: FoundFaces, row: int) -> FoundFaces:
    return FoundFaces(found.faces.take([row]), (found.detectors[row],))


def altered_part(photo: np.ndarray, found: FoundFaces) -> np.ndarray:
    """Pixels of the copy that were altered, bool (H, W)."""
    if not len(found):
        return np.zeros(photo.shape[:2], bool)
    return protect_faces(photo, found.faces.points.astype(float), SolidFill()).mask


def main() -> dict[str, float | str]:
    """Measure."""
    faces = [picture(FIRST_SUBJECT + number, 0, 224).image for number in range(FACES)]
    single: dict[str, FaceFinder] = {"dlib": DlibFrontal(), "mtcnn": Mtcnn()}
    readers = single | {"dlib at 40 px": DlibFrontal(upsampling=1)}
    union = DetectorUnion([single["mtcnn"], single["dlib"]])
    full = DetectorUnion(union.detectors, always=True)
    ways: dict[str, FaceFinder] = {f"{name} alone": one for name, one in single.items()}
    ways |= {"plain union": union.plain, "union": union, "union, all views": full}
    seconds = dict.fromkeys(ways, 0.0)
    clear: Counter[str] = Counter()
    clear_to: Counter[tuple[str, str]] = Counter()
    seen_by: Counter[str] = Counter()
    countable = total = count = 0
    for detector in single.values():
        detector(composite(faces, 999)[0])  # networks load at the first call, which is not timed
    for photo, places in photographs(faces):
        count += 1
        founds, masks = {}, {}
        for name, detector in ways.items():
            start = time.perf_counter()
            founds[name] = find_faces(detector, photo)
            masks[name] = altered_part(photo, founds[name])
            seconds[name] += time.perf_counter() - start
        reading = {name: find_faces(one, photo) for name, one in readers.items()}
        everything = merge([(name, one.faces) for name, one in [*founds.items(), *reading.items()]])
        known = centres(everything) if places is None else places
        inside = (known[:, 0] < photo.shape[1]) & (known[:, 1] < photo.shape[0]) & (known[:, :2] >= 0).all(1)
        known = known[inside]
        seen = hits(everything, known)
        countable, total = countable + int(seen.sum()), total + len(known)
        for name, mask in masks.items():
            clear[name] += int((seen & ~mask[known[:, 1], known[:, 0]]).sum())
            for reader, found in reading.items():
                true, boxes = true_faces(found, places), founds[name].faces.boxes
                clear_to[name, reader] += len(unaltered_faces(true, mask, boxes))
        for reader, found in reading.items():
            seen_by[reader] += len(true_faces(found, places))
    print(f"  {count} photographs, {total} faces, {countable} that any detector finds")
    report: dict[str, float | str] = {
        f"clear faces, {name}": f"{clear[name]} ({clear[name] / max(countable, 1):.1%})" for name in ways
    }
    for name in ways:
        report |= {f"clear to {one}, {name}": f"{clear_to[name, one]} of {seen_by[one]}" for one in readers}
    return report | {f"photographs a second, {name}": count / seconds[name] for name in ways}


if __name__ == "__main__":
    for what, value in main().items():
        print(f"  {what}: {value}")
