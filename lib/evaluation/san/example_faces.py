"""Example faces that may be shown on a page: rendered subjects, and scikit-image's astronaut."""

from __future__ import annotations

import numpy as np
from skimage import data

from lib.faces.faceset import FaceSet
from lib.faces.loading.align import Template, align, apply, similarity
from lib.judges.dlib_detector import DlibFrontal


def example_faces(faces: FaceSet, template: Template, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Aligned first images of `count` subjects, evenly spaced, and of the astronaut, with points.

    Parameters
    ----------
    faces : publishable, with five points.
    template : of the crop.

    Returns
    -------
    uint8 (count + 1, H, W, 3) of the template's size, and the points in them, float32 (count + 1, 5, 2).

    Raises
    ------
    ValueError : faces that may not be shown, or without points.
    """
    if not faces.publishable or faces.points is None:
        raise ValueError(f"{faces.name}: examples need faces that may be shown and whose points are known")
    firsts = np.unique(faces.subjects, return_index=True)[1]
    rows = np.sort(firsts)[np.linspace(0, len(firsts) - 1, count).astype(int)]
    pairs = zip(faces.images[rows], faces.points[rows], strict=True)
    found = [*(_cut(image, five, template) for image, five in pairs), astronaut(template)]
    return np.stack([image for image, _ in found]), np.stack([five for _, five in found])


def astronaut(template: Template) -> tuple[np.ndarray, np.ndarray]:
    """Portrait of Eileen Collins (NASA) that scikit-image ships, aligned: uint8 (H, W, 3), points (5, 2)."""
    photograph = np.asarray(data.astronaut())
    return _cut(photograph, DlibFrontal()(photograph).points[0], template)


def _cut(image: np.ndarray, points: np.ndarray, template: Template) -> tuple[np.ndarray, np.ndarray]:
    moved = apply(similarity(points, template.points), points)
    return align(image, points, template), np.asarray(moved, np.float32)
