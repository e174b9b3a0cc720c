"""Photographs a second of the folder tool's detection, against the plain union of detectors at equal recall.

    python -m benchmarks.detecting
    DETECTING_PHOTOGRAPHS=2 python -m benchmarks.detecting

The plain union shows both detectors the whole photograph in full, upright and turned by 90, 180 and 270
degrees, and enlarged: nothing is bounded, cut into tiles or left out. The tool does the same in bounded
pictures and tiles, the further ones only in case of doubt. Photographs have 2000 x 1500 px. Half of them are
easy, as most photographs of people are: upright faces of 120 to 300 px. The other half are those of
`clear_faces`, in which each leaves a doubt. Recall is of the faces that either finds.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import cv2
import numpy as np

from benchmarks.clear_faces import FIRST_SUBJECT, composite, hits, paste
from lib.deidentify.photos.detection import DetectorUnion, FoundFaces, merge
from lib.deidentify.photos.views import ENLARGED, TURNS, View
from lib.faces.loading.pack import detector_name
from lib.faces.rendered import picture
from lib.judges.dlib_detector import DlibFrontal
from lib.judges.mtcnn_judge import Mtcnn

PHOTOGRAPHS = int(os.environ.get("DETECTING_PHOTOGRAPHS", "8"))
SIZE = (1500, 2000)
FACES = 8


def easy(faces: list[np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Upright faces of 120 to 300 px, none of them covered: photograph and places, as of `composite`."""
    random = np.random.default_rng(seed)
    photo = cv2.resize(
        random.integers(60, 220, (7, 9, 3), dtype=np.uint8), SIZE[::-1], interpolation=cv2.INTER_CUBIC
    )
    places = []
    for number in random.permutation(12)[: random.integers(1, 4)]:
        side = int(random.uniform(120, 300))
        x, y = 500 * (number % 4) + 250, 500 * (number // 4) + 250
        paste(photo, faces[random.integers(len(faces))], (x, y), side, random.uniform(-10, 10))
        places.append((x, y, side))
    return photo, np.array(places)


def hard(faces: list[np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A composite of `clear_faces` on a larger ground; its faces keep their 30 to 200 px."""
    photo, places = composite(faces, seed)
    large = cv2.resize(photo, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    left, top = (SIZE[1] - photo.shape[1]) // 2, (SIZE[0] - photo.shape[0]) // 2
    large[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return large, places + np.array([left, top, 0])


def plain_union(union: DetectorUnion, photo: np.ndarray) -> FoundFaces:
    """All faces that the detectors find in the whole photograph, in full, turned, and enlarged."""
    shown = [View(np.ascontiguousarray(np.rot90(photo, turn)), turn, 1.0, 0, 0) for turn in TURNS]
    large = cv2.resize(photo, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    shown.append(View(large, 0, ENLARGED, 0, 0))
    parts = [(one, view) for one in union.detectors for view in shown]  # in the order of trust
    return merge([(detector_name(one), view.back(one(view.image))) for one, view in parts])


def photographs(faces: list[np.ndarray]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Kind, photograph and places of the faces, kinds in turn."""
    for number in range(PHOTOGRAPHS):
        kind, make = (("easy", easy), ("in doubt", hard))[number % 2]
        yield kind, *make(faces, 3000 + number)


def main() -> dict[str, float | str]:
    """Measure."""
    faces = [picture(FIRST_SUBJECT + number, 0, 224).image for number in range(FACES)]
    union = DetectorUnion([Mtcnn(), DlibFrontal()])
    union.plain(easy(faces, 2999)[0])  # networks load at the first call, which is not timed
    seconds: dict[tuple[str, str], float] = {}
    found: dict[tuple[str, str], int] = {}
    for kind, photo, places in photographs(faces):
        seen = {}
        for way, find in (("plain", lambda one: plain_union(union, one)), ("tool", union.find)):
            start = time.perf_counter()
            seen[way] = hits(find(photo), places)
            seconds[way, kind] = seconds.get((way, kind), 0) + time.perf_counter() - start
        for way, which in (*seen.items(), ("either", seen["plain"] | seen["tool"])):
            found[way, kind] = found.get((way, kind), 0) + int(which.sum())
    kinds, report = sorted({kind for _, kind in seconds}), {}
    for kind in kinds:
        count = PHOTOGRAPHS // 2 + (PHOTOGRAPHS % 2 and kind == "easy")
        for way in ("plain", "tool"):
            report[f"{kind}: faces found, {way}"] = f"{found[way, kind]} of {found['either', kind]}"
            report[f"{kind}: photographs a second, {way}"] = f"{count / seconds[way, kind]:.3g}"
        report[f"{kind}: times as fast as the plain union"] = (
            f"{seconds['plain', kind] / seconds['tool', kind]:.2f} (aim: 2)"
        )
    ratio = sum(seconds["plain", kind] for kind in kinds) / sum(seconds["tool", kind] for kind in kinds)
    return report | {"times as fast, both kinds together": ratio}


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(main())
