"""DlibFrontal: the frontal face detector of dlib with its 68-point predictor (King 2009).

The models lie in the package `face_recognition_models`, which is found without importing it: its import
needs a part of setuptools that is gone.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import dlib
import numpy as np

from lib.faces.detections import Detections
from lib.judges.packaged_catalogue import DLIB_FRONTAL, DLIB_SHA256, POINTS_68
from lib.judges.subject_face import enlarged, enlargement, reduced
from lib.judges.weights import checked, package_folder

PACKAGE = "face_recognition_models"


def model(name: str) -> Path:
    """Path of one of dlib's model files, after a check of its hash.

    Raises
    ------
    JudgeError : the package is missing or its file is another one.
    """
    path = package_folder(PACKAGE) / "models" / name
    return checked(path, DLIB_SHA256[name], f"install the package {PACKAGE} again")


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
