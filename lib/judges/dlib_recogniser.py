"""DlibRecogniser: the recogniser of dlib behind its 5-point predictor (King 2017)."""

from __future__ import annotations

from functools import cached_property

import dlib
import numpy as np

from lib.faces.loading.align import MEAN_SHAPE, similarity
from lib.judges.base import Detector, Judgement, judge_batches
from lib.judges.dlib_detector import DlibFrontal, model
from lib.judges.dlib_network import dlib_network
from lib.judges.layer_graph import LayerGraph
from lib.judges.packaged_catalogue import DLIB_CHIP, DLIB_RECOGNISER, POINTS_5, RECOGNISER
from lib.judges.subject_face import enlarged, enlargement, find_subject_faces

BOX_HALF = 1.15
"""Half the side of the detector's box in eye distances, around the five points' mean (median on LFW)."""


def _rectangle(points: np.ndarray) -> dlib.rectangle:
    """Box that the frontal detector would give for five points (5, 2)."""
    matrix = similarity(MEAN_SHAPE, points)
    half = BOX_HALF * float(np.hypot(*matrix[:, 0]))
    (x, y) = points.mean(0)
    return dlib.rectangle(*(round(float(edge)) for edge in (x - half, y - half, x + half, y + half)))


class DlibRecogniser:
    """dlib's matcher: ResNet of 29 layers, embeddings of 128 numbers."""

    card = DLIB_RECOGNISER

    def __init__(self, detector: Detector | None = None) -> None:
        """Set the detector that finds faces if no points are given (by default dlib's frontal one)."""
        self.detector = detector or DlibFrontal()

    @cached_property
    def _predictor(self) -> dlib.shape_predictor:
        return dlib.shape_predictor(str(model(POINTS_5)))

    @cached_property
    def _network(self) -> LayerGraph:
        return dlib_network(model(RECOGNISER))

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
        return self._network(np.stack(chips) / np.float32(255))["embedding"].numpy()

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
