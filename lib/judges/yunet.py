"""YuNet face detector with five points: decoding of its output maps (Wu, Peng and Yu, 2023)."""

from __future__ import annotations

import cv2
import numpy as np

from lib.faces.detections import Detections
from lib.judges.base import ModelCard
from lib.judges.layer_graph import LayerGraph
from lib.judges.subject_face import enlarged, enlargement, reduced

STRIDES = (8, 16, 32)
PIXELS = 16 * 320 * 320
"""Pixels that go through the network at once: bounds its memory."""


def _cells(maps: dict[str, np.ndarray], stride: int, picture: int, least: float) -> tuple[np.ndarray, ...]:
    """Boxes (k, 4), points (k, 5, 2) and scores (k,) of one image at one stride."""
    kinds = (maps[f"{kind}_{stride}"][picture] for kind in ("cls", "obj", "bbox", "kps"))
    likely, present, box, points = kinds
    scores = np.sqrt(np.clip(likely[..., 0], 0, 1) * np.clip(present[..., 0], 0, 1))
    row, column = np.nonzero(scores >= least)
    cell = np.stack([column, row], 1).astype(np.float32)
    offsets, sizes = np.split(box[row, column], 2, axis=1)
    centres, half = (cell + offsets) * stride, np.exp(sizes) * stride / 2
    five = (points[row, column].reshape(-1, 5, 2) + cell[:, None]) * stride
    return np.concatenate([centres - half, centres + half], 1), five, scores[row, column]


def decode(maps: dict[str, np.ndarray], picture: int, least: float, overlap: float) -> Detections:
    """Faces of one image of a batch, after non-maximum suppression.

    Parameters
    ----------
    maps : `cls`, `obj`, `bbox`, `kps` at each of STRIDES, (n, height / stride, width / stride, channels).
    picture : which of the batch.
    least : lowest score, in [0, 1].
    overlap : highest intersection over union of two faces.
    """
    parts = [_cells(maps, stride, picture, least) for stride in STRIDES]
    boxes, points, scores = (np.concatenate(list(part)) for part in zip(*parts, strict=True))
    if not len(scores):
        return Detections.none()
    corner_and_size = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
    kept = cv2.dnn.NMSBoxes(corner_and_size.tolist(), scores.tolist(), least, overlap)
    return Detections(boxes, points, scores).take(np.asarray(kept, int).ravel())


class YuNet:
    """YuNet detector; small images are enlarged until no side is below `wanted` pixels."""

    def __init__(
        self,
        card: ModelCard,
        graph: LayerGraph,
        *,
        wanted: int = 224,
        least: float = 0.6,
        overlap: float = 0.3,
    ) -> None:
        """Make a detector of the network's layers.

        Parameters
        ----------
        card, graph : who it is and its layers.
        wanted : pixels that the shorter side should have.
        least : lowest score of a face, in [0, 1].
        overlap : highest intersection over union of two faces.
        """
        self.card, self.graph = card, graph
        self.wanted, self.least, self.overlap = wanted, least, overlap
        self.name = f"{card.name}, side {wanted}, score {least:g}, overlap {overlap:g}"

    def __call__(self, image: np.ndarray) -> Detections:
        """Detect the faces in `image`, uint8 (H, W, 3) RGB."""
        return self.many(image[None])[0]

    def many(self, images: np.ndarray) -> list[Detections]:
        """Detect the faces in each of `images`, uint8 (N, H, W, 3) RGB."""
        factor = enlargement(images.shape[1:3], self.wanted)
        height, width = (-(-side * factor // 32) * 32 for side in images.shape[1:3])
        step = max(1, PIXELS // (height * width))
        found: list[Detections] = []
        for start in range(0, len(images), step):
            part = images[start : start + step]
            padded = np.zeros((len(part), height, width, 3), np.float32)
            for row, image in enumerate(part):
                large = enlarged(image, factor)
                padded[row, : large.shape[0], : large.shape[1]] = large / np.float32(255)
            maps = {key: value.numpy() for key, value in self.graph(padded).items()}
            faces = (decode(maps, row, self.least, self.overlap) for row in range(len(part)))
            found += [reduced(face, factor) for face in faces]
        return found
