"""Judges of dlib: its frontal face detector and its recogniser (King 2009, 2017).

The models lie in the package `face_recognition_models`, which is found without importing it: its import
needs a part of setuptools that is gone.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path

import dlib
import numpy as np
from joblib import Parallel, cpu_count, delayed

from lib.faces.detections import Detections
from lib.faces.loading.align import MEAN_SHAPE, similarity
from lib.judges.base import Detector, Judgement, judge_batches
from lib.judges.packaged_catalogue import (
    DLIB_CHIP,
    DLIB_FRONTAL,
    DLIB_RECOGNISER,
    DLIB_SHA256,
    POINTS_5,
    POINTS_68,
    RECOGNISER,
)
from lib.judges.subject_face import enlarged, enlargement, find_subject_faces, reduced
from lib.judges.weights import checked, package_folder

PACKAGE = "face_recognition_models"
BOX_HALF = 1.15
"""Half the side of the detector's box in eye distances, around the five points' mean (median on LFW)."""


def model(name: str) -> Path:
    """Path of one of dlib's model files, after a check of its hash.

    Raises
    ------
    JudgeError : the package is missing or its file is another one.
    """
    path = package_folder(PACKAGE) / "models" / name
    return checked(path, DLIB_SHA256[name], f"install the package {PACKAGE} again")


def _rectangle(points: np.ndarray) -> dlib.rectangle:
    """Box that the frontal detector would give for five points (5, 2)."""
    matrix = similarity(MEAN_SHAPE, points)
    half = BOX_HALF * float(np.hypot(*matrix[:, 0]))
    (x, y) = points.mean(0)
    return dlib.rectangle(*(round(float(edge)) for edge in (x - half, y - half, x + half, y + half)))


def _five(shape: dlib.full_object_detection) -> np.ndarray:
    """Five points (eyes, nose tip, mouth corners) from the 68 points, float32 (5, 2)."""
    all_points = np.array([(part.x, part.y) for part in shape.parts()], np.float32)
    eyes = [all_points[36:42].mean(0), all_points[42:48].mean(0)]
    return np.stack([*eyes, all_points[30], all_points[48], all_points[54]])


class DlibFrontal:
    """dlib's frontal face detector (HOG); five points come from the 68-point predictor."""

    card = DLIB_FRONTAL

    def __init__(self, *, wanted: int = 320, upsampling: int = 0, least: float = 0.0) -> None:
        """Set image size, upsampling and score threshold.

        Parameters
        ----------
        wanted : pixels that the shorter side should have; smaller pictures are enlarged by a whole factor.
        upsampling : how often dlib itself doubles the picture; each finds faces of half the size, fourfold
            time.
        least : lowest score of a face.
        """
        self.wanted, self.upsampling, self.least = wanted, upsampling, least
        self.name = f"{self.card.name}, side {wanted}, upsampling {upsampling}, score {least:g}"

    @cached_property
    def _detector(self) -> dlib.fhog_object_detector:
        return dlib.get_frontal_face_detector()

    @cached_property
    def _predictor(self) -> dlib.shape_predictor:
        return dlib.shape_predictor(str(model(POINTS_68)))

    def __call__(self, image: np.ndarray) -> Detections:
        """Detect the faces in `image`, uint8 (H, W, 3) RGB."""
        factor = enlargement(image.shape[:2], self.wanted)
        large = enlarged(image, factor)
        rectangles, scores, _ = self._detector.run(large, self.upsampling, self.least)
        if not len(rectangles):
            return Detections.none()
        boxes = np.array([(r.left(), r.top(), r.right() + 1, r.bottom() + 1) for r in rectangles])
        points = np.stack([_five(self._predictor(large, r)) for r in rectangles])
        return reduced(Detections(boxes, points, np.array(scores)), factor)

    def many(self, images: np.ndarray) -> list[Detections]:
        """Detect the faces in each of `images`, uint8 (N, H, W, 3) RGB."""
        return [self(image) for image in images]


_ALONE = 16
"""Chips that one process embeds while another would only start."""


class DlibRecogniser:
    """dlib's recogniser: ResNet of 29 layers, embeddings of 128 numbers."""

    card = DLIB_RECOGNISER

    def __init__(self, detector: Detector | None = None) -> None:
        """Set the detector that finds faces if no points are given (by default dlib's frontal one)."""
        self.detector = detector or DlibFrontal()

    @cached_property
    def _predictor(self) -> dlib.shape_predictor:
        return dlib.shape_predictor(str(model(POINTS_5)))

    @cached_property
    def _file(self) -> str:
        return str(model(RECOGNISER))

    def chip(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Crop the face as the network expects it, uint8 (150, 150, 3).

        dlib's own five points are sought in the box that its detector would draw around `points` (5, 2), in
        the picture enlarged until no side is below 224 px.
        """
        factor = enlargement(image.shape[:2], 224)
        large = enlarged(image, factor)
        shape = self._predictor(large, _rectangle((points + 0.5) * factor - 0.5))
        faces = dlib.full_object_detections([shape])
        return np.asarray(dlib.get_face_chips(large, faces, DLIB_CHIP[0], 0.25)[0])

    def _embed(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        chips = [self.chip(image, five) for image, five in zip(images, points, strict=True)]
        workers = min(cpu_count(), 1 + len(chips) // _ALONE)
        parts = [chips[number::workers] for number in range(workers)]
        found = Parallel(n_jobs=workers)(delayed(_descriptors)(self._file, part) for part in parts)
        rows = np.empty((len(chips), 128), np.float32)
        for number, part in enumerate(found):
            rows[number::workers] = part
        return rows

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Embed faces.

        Parameters
        ----------
        images : uint8 (N, H, W, 3) RGB.
        points : (N, 5, 2) pixels, NaN: not found. None: dlib's own detector finds them.

        Returns
        -------
        Judgement with values (N, 128).
        """
        if points is None:
            points = find_subject_faces(images, self.detector).points
        return judge_batches(self._embed, images, points)


def _descriptors(file: str, chips: list[np.ndarray]) -> np.ndarray:
    """Embeddings of face chips, float32 (n, 128); run in processes, as dlib holds Python's lock."""
    network = _network(file)
    return np.array([network.compute_face_descriptor(chip, 0) for chip in chips], np.float32)


@cache
def _network(file: str) -> dlib.face_recognition_model_v1:
    return dlib.face_recognition_model_v1(file)
