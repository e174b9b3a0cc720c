"""Faces with what a detector and a recogniser say of them: the picture at the top of chapter 01."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from skimage import data

from lib.faces.contact_sheet import contact_sheet
from lib.faces.faceset import FaceSet, FaceSetError
from lib.faces.loading.align import align, crop_template
from lib.judges.base import Detector, Judge
from lib.judges.subject_face import find_subject_faces

SAME_PERSON = 0.6
"""Distance of two of dlib's embeddings below which its author calls them one person."""
FRAME = (0.21, 0.5)
"""Distance of the eyes and height of the face in the photograph, as in rendered faces."""


@dataclass(frozen=True)
class ScoredSheet:
    """Rows of faces, each compared with the first face of its row.

    Attributes
    ----------
    cells : rows of uint8 images (H, W, 3), white where a row has fewer.
    rows, columns : their names.
    captions : text below each image; empty below a white one.
    distances : row by row, the distance of each embedding to that of the first; NaN where no face was found.
    """

    cells: list[list[np.ndarray]]
    rows: list[str]
    columns: list[str]
    captions: list[list[str]]
    distances: list[np.ndarray]

    @property
    def mistaken(self) -> str:
        """How many of the others are taken for the first subject, in words: `1 of the 5`."""
        others = self.distances[-1][1:]
        return f"{int(np.sum(others < SAME_PERSON)) or 'none'} of the {len(others)}"


def portrait(detector: Detector, size: int) -> np.ndarray:
    """The astronaut Eileen Collins, a photograph by NASA that scikit-image ships, uint8 (size, size, 3)."""
    photograph = np.asarray(data.astronaut())
    return align(photograph, detector(photograph).points[0], crop_template(*FRAME, (size, size)))


def scored_sheet(
    faces: FaceSet, detector: Detector, recogniser: Judge, *, columns: int = 6, seed: int = 0
) -> ScoredSheet:
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

    Raises
    ------
    FaceSetError : faces that may not be shown.
    """
    if not faces.publishable:
        raise FaceSetError(f"{faces.name}: its faces may not be shown")
    drawn = contact_sheet(faces, subjects=columns, columns=columns, seed=seed).images
    others = [row[0] for row in drawn[2:columns]]
    lines = [*drawn[:2], [drawn[0][0], *others, portrait(detector, faces.size[0])]]
    distances = _distances(lines, detector, recogniser)
    white = np.full_like(drawn[0][0], 255)
    captions = [[_words(one, k == 0) for k, one in enumerate(line)] for line in distances]
    width = max(map(len, lines))
    return ScoredSheet(
        [[*line, *[white] * (width - len(line))] for line in lines],
        [*("subject A", "subject B")[: len(lines) - 1], "others"],
        ["first image", *[""] * (width - 1)],
        [[*line, *[""] * (width - len(line))] for line in captions],
        distances,
    )


def _distances(
    lines: Sequence[Sequence[np.ndarray]], detector: Detector, recogniser: Judge
) -> list[np.ndarray]:
    flat = np.stack([image for line in lines for image in line])
    points = find_subject_faces(flat, detector, None, progress="").points
    embeddings = np.asarray(recogniser(flat, points).values, float)
    ends = np.cumsum([len(line) for line in lines])
    return [
        np.linalg.norm(embeddings[end - len(line) : end] - embeddings[end - len(line)], axis=1)
        for end, line in zip(ends, lines, strict=True)
    ]


def _words(distance: float, first: bool) -> str:
    if np.isnan(distance):
        return "no face found"
    who = "same person" if distance < SAME_PERSON else "someone else"
    return "" if first else f"distance {distance:.2f}\n{who}"
