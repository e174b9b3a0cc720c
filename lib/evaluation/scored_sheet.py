"""Faces with what a detector and a recogniser say of them: the picture at the top of chapter 01."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage import data

from lib.evaluation.scored_faces import Scored
from lib.faces.contact_sheet import contact_sheet
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.align import align, crop_template
from lib.judges.base import Detector, Judge
from lib.judges.subject_face import find_subject_faces

SAME_PERSON = 0.6
"""Distance of two of dlib's embeddings below which its author calls them one person."""
FRAME = (0.21, 0.5)
"""Distance of the eyes and height of the face in the photograph, as in rendered faces."""
FIRST = "first image"
"""Column of the sheet with which the others are compared."""


def portrait(detector: Detector, size: int) -> np.ndarray:
    """The astronaut Eileen Collins, a photograph by NASA that scikit-image ships, uint8 (size, size, 3)."""
    photograph = np.asarray(data.astronaut())
    return align(photograph, detector(photograph).points[0], crop_template(*FRAME, (size, size)))


def scored_sheet(
    faces: FaceSet, detector: Detector, recogniser: Judge, *, columns: int = 6, seed: int = 0
) -> Scored:
    """Compare faces of two subjects with the first of each, and faces of others with the first subject's.

    The last row begins with the first face of the first subject; after it come first faces of other subjects,
    and at its end the photograph of an astronaut.

    Parameters
    ----------
    faces : publishable and square.
    detector : whose points the recogniser gets.
    recogniser : gives embeddings whose Euclidean distance is meant.
    columns : images in a row, at most.
    seed : of the draw of subjects.

    Returns
    -------
    A face for each row, a treatment for each column: FIRST, then `image 2` and so on, with the `distance` of
    each embedding to that of FIRST. A row with fewer images ends in white ones without a distance.

    Raises
    ------
    FaceSetError : faces that may not be shown.
    """
    if not faces.publishable:
        raise FaceSetError(f"{faces.name}: its faces may not be shown")
    drawn = contact_sheet(faces, subjects=columns, columns=columns, seed=seed).images
    others = [row[0] for row in drawn[2:columns]]
    lines = [*drawn[:2], [drawn[0][0], *others, portrait(detector, faces.size[0])]]
    titles = [FIRST, *(f"image {at}" for at in range(2, max(map(len, lines)) + 1))]
    pictures = np.full((len(lines), len(titles), *drawn[0][0].shape), 255, np.uint8)
    distance = np.full(pictures.shape[:2], np.nan)
    for at, (line, apart) in enumerate(zip(lines, _distances(lines, detector, recogniser), strict=True)):
        pictures[at, : len(line)] = line
        distance[at, : len(line)] = apart
    distance[:, 0] = np.where(np.isinf(distance[:, 0]), np.inf, np.nan)  # no distance from themselves
    return Scored(
        {title: pictures[:, at] for at, title in enumerate(titles)},
        {"distance": {title: distance[:, at] for at, title in enumerate(titles)}},
        [*("subject A", "subject B")[: len(lines) - 1], "others"],
        SAME_PERSON,
    )


def mistaken(sheet: Scored) -> str:
    """How many faces of the last row are taken for the first subject, in words: `1 of the 5`."""
    others = np.array([one[-1] for name, one in sheet.scores["distance"].items() if name != FIRST])
    others = others[~np.isnan(others)]
    return f"{int(np.sum(others < SAME_PERSON)) or 'none'} of the {len(others)}"


def _distances(
    lines: Sequence[Sequence[np.ndarray]], detector: Detector, recogniser: Judge
) -> list[np.ndarray]:
    """Distance of each embedding of a row to that of its first image, infinite where no face was found."""
    flat = np.stack([image for line in lines for image in line])
    points = find_subject_faces(flat, detector, None, progress="").points
    embeddings = np.asarray(recogniser(flat, points).values, float)
    ends = np.cumsum([len(line) for line in lines])
    found = [
        np.linalg.norm(embeddings[end - len(line) : end] - embeddings[end - len(line)], axis=1)
        for end, line in zip(ends, lines, strict=True)
    ]
    return [np.where(np.isnan(one), np.inf, one) for one in found]
