"""Find the subject's face in each image: detect, then choose one face for all judges.

Points are found once, by one detector, and shared by all judges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from tqdm import tqdm

from lib.faces.detections import Detections
from lib.judges.base import Detector, known
from lib.measures.detection import iou

CHUNK = 128


def enlargement(size: tuple[int, int], wanted: int) -> int:
    """Integer factor that enlarges an image of `size` (height, width) to `wanted` pixels or more per side.

    Detectors miss faces of a few dozen pixels that they find in the same picture enlarged.
    """
    return max(1, math.ceil(wanted / min(size)))


def enlarged(image: np.ndarray, factor: int) -> np.ndarray:
    """Image uint8 (H, W, 3) enlarged by an integer `factor` with cubic interpolation."""
    if factor == 1:
        return np.ascontiguousarray(image)
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def reduced(faces: Detections, factor: float) -> Detections:
    """Detections in an enlarged image, converted to pixels of the original image."""
    return Detections(faces.boxes / factor, (faces.points + 0.5) / factor - 0.5, faces.scores)


def centre_inside(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Whether the centre of each of `boxes` (k, 4) lies inside `box` (4,), bool (k,)."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return ((centres >= box[:2]) & (centres < box[2:])).all(1)


def choose_subject(faces: Detections, size: tuple[int, int], box: np.ndarray | None = None) -> int:
    """Index of the face that belongs to the subject, among several detected ones.

    With a labelled `box` (4,) the one that overlaps most with it; else the most central of the large ones,
    those of at least a quarter of the largest area, in a picture of `size` (height, width).
    """
    if box is not None:
        overlap = np.zeros(len(faces))
        solid = faces.areas > 0
        overlap[solid] = iou(box[None], faces.boxes[solid])[0]
        return int(overlap.argmax())
    large = np.flatnonzero(faces.areas >= faces.areas.max() / 4)
    centres = (faces.boxes[large, :2] + faces.boxes[large, 2:]) / 2
    middle = np.array([size[1], size[0]]) / 2
    return int(large[((centres - middle) ** 2).sum(1).argmin()])


@dataclass(frozen=True)
class SubjectFaces:
    """The subject's face in each of N images: box, five points and score.

    Attributes
    ----------
    found : bool (N,), whether a face was found, and where boxes are labelled in the right place: centre
        inside the labelled box.
    points : float32 (N, 5, 2) pixels; NaN where no face was found or the detector gives no points.
    boxes : float32 (N, 4) left, top, right, bottom, half-open; NaN where no face was found.
    scores : float32 (N,) the detector's own; NaN where no face was found.
    """

    found: np.ndarray
    points: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray

    @property
    def acquired(self) -> np.ndarray:
        """Whether a face with all five points was found, bool (N,)."""
        return known(self.points)


def find_subject_faces(
    images: np.ndarray, detector: Detector, boxes: np.ndarray | None = None, *, progress: str = ""
) -> SubjectFaces:
    """Detect faces in each image and choose the subject's.

    Parameters
    ----------
    images : uint8 (N, H, W, 3) RGB, may be a memory map.
    detector : finds all faces of a picture.
    boxes : labelled face boxes (N, 4), NaN where unknown; without them any place counts as right.
    progress : title of a progress bar on stderr; none if empty.
    """
    count = len(images)
    out = SubjectFaces(
        np.zeros(count, bool),
        np.full((count, 5, 2), np.nan, np.float32),
        np.full((count, 4), np.nan, np.float32),
        np.full(count, np.nan, np.float32),
    )
    with tqdm(total=count, desc=progress, disable=not progress, leave=False) as bar:
        for start in range(0, count, CHUNK):
            part = np.asarray(images[start : start + CHUNK])
            for row, faces in enumerate(detector.many(part), start):
                _keep(out, row, faces, part.shape[1:3], None if boxes is None else boxes[row])
            bar.update(len(part))
    return out


def _keep(
    out: SubjectFaces, row: int, faces: Detections, size: tuple[int, int], box: np.ndarray | None
) -> None:
    if not len(faces):
        return
    labelled = box if box is not None and np.isfinite(box).all() else None
    face = choose_subject(faces, size, labelled)
    if labelled is not None and not centre_inside(faces.boxes[[face]], labelled)[0]:
        return
    out.found[row] = True
    out.points[row] = faces.points[face]
    out.boxes[row] = faces.boxes[face]
    out.scores[row] = faces.scores[face]
