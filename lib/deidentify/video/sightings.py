"""Faces found in the frames of a clip, kept in segments so that a run that was killed goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from lib.arrays import WeightsError, read_arrays, write_arrays
from lib.deidentify.photos.detection import SAME_FACE, box_gaps, find_faces, merge
from lib.deidentify.photos.recognition import embeddings
from lib.deidentify.video.clip import Frame
from lib.faces.detections import Detections, FaceFinder
from lib.judges.base import Judge

SEGMENT = 50
"""Frames after which what was found is kept."""
EVERY = 5
"""Frames between two in which faces are recognised anyway."""
APART = 1.5
"""Distance of two faces' centres in their mean side below which one may soon be taken for the other."""


@dataclass(frozen=True)
class Sightings:
    """Faces of consecutive frames.

    Attributes
    ----------
    frame : int (k,), number of each face's frame, ascending.
    boxes, points, scores : (k, 4), (k, 5, 2) and (k,), as in Detections; every point is known.
    embeddings : float32 (k, E); NaN where a face was not recognised, E = 0 without a recogniser.
    seconds : (n,) when each frame is shown.
    resized : (n,) bool, frames that came in another size.
    """

    frame: np.ndarray
    boxes: np.ndarray
    points: np.ndarray
    scores: np.ndarray
    embeddings: np.ndarray
    seconds: np.ndarray
    resized: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.seconds)

    @classmethod
    def joined(cls, parts: Sequence[Sightings]) -> Sightings:
        """Those of segments, in order."""
        wide = max(part.embeddings.shape[1] for part in parts)
        filled = [
            part.embeddings if part.embeddings.shape[1] == wide else np.full((len(part), wide), np.nan)
            for part in parts
        ]
        every = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls)
                 if one.name != "embeddings"}  # fmt: skip
        return cls(**every, embeddings=np.concatenate(filled))

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        write_arrays(path, {one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Sightings | None:
        """Read it; None where there is none, or it is damaged."""
        try:
            return cls(**read_arrays(path))
        except (WeightsError, TypeError):
            return None


class SightingsOfFrames:
    """Gathers the sightings of one segment, frame by frame."""

    def __init__(self, detector: FaceFinder, recogniser: Judge | None) -> None:
        """With who finds faces, and who recognises them."""
        self.detector, self.recogniser = detector, recogniser
        self._found = list[Detections]()
        self._embeddings = list[np.ndarray]()
        self._frames = list[Frame]()

    def add(self, frame: Frame) -> None:
        """Look at a frame."""
        found = find_faces(self.detector, frame.image).faces
        if not np.isfinite(found.points).all():
            found = merge([("", found)]).faces
        before = self._found[-1] if self._found else None
        self._embeddings.append(self._embedded(frame, found, before))
        self._found.append(found)
        self._frames.append(Frame(frame.number, frame.seconds, frame.image[:0], frame.resized))

    def _embedded(self, frame: Frame, found: Detections, before: Detections | None) -> np.ndarray:
        if self.recogniser is None:
            return np.zeros((len(found), 0), np.float32)
        if not len(found) or (frame.number % EVERY and before is not None and settled(before, found)):
            return np.full((len(found), 1), np.nan, np.float32)
        return embeddings(frame.image, found.points, self.recogniser)

    def sightings(self) -> Sightings:
        """Of all frames since the beginning."""
        wide = max((one.shape[1] for one in self._embeddings), default=0)
        filled = [np.zeros((0, wide), np.float32)] + [
            one if one.shape[1] == wide else np.full((len(one), wide), np.nan, np.float32)
            for one in self._embeddings
        ]
        counts = [len(one) for one in self._found]
        found = [Detections.none(), *self._found]  # a last segment may have no frame
        return Sightings(
            np.repeat(np.array([frame.number for frame in self._frames], np.int64), counts),
            np.concatenate([one.boxes for one in found]),
            np.concatenate([one.points for one in found]),
            np.concatenate([one.scores for one in found]),
            np.concatenate(filled),
            np.array([frame.seconds for frame in self._frames], float),
            np.array([frame.resized for frame in self._frames], bool),
        )


def settled(before: Detections, found: Detections) -> bool:
    """Whether it goes without saying who is who: as many faces as in the frame before, each near one of them,
    and no two near each other."""
    if len(before) != len(found):
        return False
    for row, box in enumerate(found.boxes):
        others = np.delete(found.boxes, row, axis=0)
        if (box_gaps(box, before.boxes) < SAME_FACE).sum() != 1 or (box_gaps(box, others) < APART).any():
            return False
    return True
