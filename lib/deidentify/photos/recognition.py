"""Whether a recogniser still takes an altered face for the same person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lib.faces.loading.align import apply, crop_template, similarity, warp
from lib.judges.base import Judge

SAME_PERSON = 0.6
"""Distance of two embeddings by dlib's matcher below which its publisher takes them for one person."""

RECOGNISED = "recognised"
"""Note of a photograph with a face that is no further from the original's than SAME_PERSON."""

_CROP = crop_template(0.22, 0.5, (256, 256))


def distances(before: np.ndarray, after: np.ndarray, points: np.ndarray, recogniser: Judge) -> np.ndarray:
    """Euclidean distance of the embeddings of each face in a photograph and in its copy.

    Parameters
    ----------
    before, after : uint8 (H, W, 3) RGB.
    points : (k, 5, 2) the five points of each face; one place of the photograph shows it before and after.
    recogniser : of the task `identity`; sees upright crops of 256 px.

    Returns
    -------
    float64 (k,); NaN where the recogniser takes none.
    """
    values = _values((before, after), points, recogniser).astype(np.float64)
    return np.asarray(np.linalg.norm(values[: len(points)] - values[len(points) :], axis=1))


def recognised(apart: Iterable[float]) -> list[int]:
    """Which faces, from 0 on, the recogniser still takes for the same person by their distances."""
    return [number for number, one in enumerate(apart) if one < SAME_PERSON]  # NaN is not


def embeddings(image: np.ndarray, points: np.ndarray, recogniser: Judge) -> np.ndarray:
    """Embeddings of faces in a picture, float32 (k, E); NaN where the recogniser takes none.

    Parameters
    ----------
    image : uint8 (H, W, 3) RGB.
    points, recogniser : as for `distances`.
    """
    return _values((image,), points, recogniser).astype(np.float32)


def _values(images: Sequence[np.ndarray], points: np.ndarray, recogniser: Judge) -> np.ndarray:
    """Embeddings of the faces at the same points of several pictures, one picture after the other."""
    points = np.asarray(points, np.float64)
    matrices = [similarity(five, _CROP.points) for five in points]
    crops = [warp(image, matrix, _CROP.size) for image in images for matrix in matrices]
    within = np.stack([apply(matrix, five) for matrix, five in zip(matrices, points, strict=True)])
    return np.asarray(recogniser(np.stack(crops), np.concatenate([within] * len(images))).values)
