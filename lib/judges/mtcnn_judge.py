"""Judge of the detector MTCNN (Zhang, Zhang, Li and Qiao 2016), from the package `mtcnn`."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from lib.faces.detections import Detections
from lib.judges.packaged_catalogue import MTCNN, MTCNN_SHA256
from lib.judges.subject_face import enlarged, enlargement, reduced
from lib.judges.weights import checked, package_folder

SMALLEST = 20
"""Height in pixels of the smallest face looked for. Above 20 the package (1.0.0) builds scales that are too
small for its first network, takes the error for "no faces", and finds nothing in some sizes of picture."""
BATCH = 8


class Mtcnn:
    """MTCNN face detector: three small networks in a cascade on an image pyramid."""

    card = MTCNN

    def __init__(self, *, wanted: int = 224, least: float = 0.8) -> None:
        """Set image size and score threshold.

        Parameters
        ----------
        wanted : pixels that the shorter side should have; smaller pictures are enlarged by a whole factor.
        least : lowest probability of a face in the third network, in [0, 1].
        """
        self.wanted, self.least = wanted, least
        self.name = f"{self.card.name}, side {wanted}, score {least:g}"

    @cached_property
    def _network(self) -> Any:
        folder = package_folder("mtcnn") / "assets" / "weights"
        for name, expected in MTCNN_SHA256.items():
            checked(folder / name, expected, "install the package mtcnn 1.0.0 again")
        from mtcnn import MTCNN

        return MTCNN()

    def __call__(self, image: np.ndarray) -> Detections:
        """Detect the faces in `image`, uint8 (H, W, 3) RGB."""
        return self.many(image[None])[0]

    def many(self, images: np.ndarray) -> list[Detections]:
        """Detect the faces in each of `images`, uint8 (N, H, W, 3) RGB, in small batches."""
        factor = enlargement(images.shape[1:3], self.wanted)
        found: list[Detections] = []
        for start in range(0, len(images), BATCH):
            part = [enlarged(image, factor) for image in images[start : start + BATCH]]
            rows = self._rows(part)
            found += [reduced(_faces(rows[rows[:, 0] == at]), factor) for at in range(len(part))]
        return found

    def _rows(self, images: list[np.ndarray]) -> np.ndarray:
        """All faces in `images`, one row each: image number, box, score, five x, five y."""
        rows = self._network.detect_faces(
            images,
            box_format="xyxy",
            output_type="numpy",
            fit_to_image=False,
            min_face_size=SMALLEST,
            threshold_onet=self.least,
        )
        return np.asarray(rows).reshape(-1, 16)


def _faces(rows: np.ndarray) -> Detections:
    return Detections(rows[:, 1:5], np.stack([rows[:, 6:11], rows[:, 11:16]], -1), rows[:, 5])
