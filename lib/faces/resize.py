"""A set of faces in another size, with everything that is measured in pixels."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from lib.faces.faceset import BOX_COLUMNS, POINT_COLUMNS, FaceSet


def resized(faces: FaceSet, size: tuple[int, int]) -> FaceSet:
    """The pictures reduced to `size` (height, width); each pixel is the mean over the area that it covers.

    Points and boxes, where there are any, are scaled along. Of the same size the set comes back as it is.
    """
    if faces.size == size:
        return faces
    images = np.empty((len(faces), *size, 3), np.uint8)
    for row in range(len(faces)):
        images[row] = cv2.resize(np.asarray(faces.images[row]), size[::-1], interpolation=cv2.INTER_AREA)
    labels = faces.labels.copy()
    stretch = np.array([size[1] / faces.size[1], size[0] / faces.size[0]])
    if faces.points is not None:
        labels[list(POINT_COLUMNS)] = ((faces.points + 0.5) * stretch - 0.5).reshape(len(faces), 10)
    if faces.boxes is not None:
        labels[list(BOX_COLUMNS)] = faces.boxes * np.tile(stretch, 2)
    return dataclasses.replace(faces, images=images, labels=labels)
