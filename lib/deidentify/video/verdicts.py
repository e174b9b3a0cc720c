"""One frame: its faces altered, the result looked at once more, and what was seen kept for a later run."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.manifest import PROTECTED
from lib.deidentify.photos.protect_photo import FAILED, LOOK_AGAIN, NO_FACE
from lib.deidentify.photos.recognition import distances
from lib.deidentify.photos.regions import Paste
from lib.deidentify.photos.second_look import protect_and_look_again
from lib.deidentify.protections.base import Protection
from lib.deidentify.video.placements import BRIDGED, LINGERING, SEEN, Placements
from lib.faces.detections import FaceFinder
from lib.files import write_text
from lib.judges.base import Judge

UNSEEN = "protected where faces must be"
"""No face was found in the frame, but before and after; it is altered in between."""
COPIED = (PROTECTED, UNSEEN)
COMPARED = 10
"""Frames between two in which faces are compared before and after."""


@dataclass(frozen=True)
class Verdict:
    """What became of a frame.

    Attributes
    ----------
    status : PROTECTED, UNSEEN, or why the frame is not copied.
    detail : more on the reason.
    further : (k, 5, 2) as lists, points of the faces that only the second look found.
    checksum : of the altered frame's pixels; 0 where it is not copied.
    distances : person -> distance of the face before and after, where it was compared.
    """

    status: str
    detail: str = ""
    further: list[list[list[float]]] = field(default_factory=list)
    checksum: int = 0
    distances: Mapping[int, float] = field(default_factory=dict)

    @property
    def copied(self) -> bool:
        """Whether the frame may be shown."""
        return self.status in COPIED


@dataclass(frozen=True)
class FrameProtection:
    """What is done to each frame.

    Attributes
    ----------
    protection, paste : as in `compositing.protect_faces`.
    second : who looks at the altered frame.
    recogniser : compares faces before and after, or None.
    mark : of the clip; with a person's number it is the subject that protections are told.
    """

    protection: Protection
    paste: Paste
    second: FaceFinder
    recogniser: Judge | None
    mark: str

    def altered(
        self, image: np.ndarray, number: int, faces: Placements, known: Verdict | None = None
    ) -> tuple[np.ndarray | None, Verdict]:
        """The altered frame, or None where it must not be shown, and the verdict. Never raises.

        Parameters
        ----------
        image : uint8 (H, W, 3) RGB. number : of the frame.
        faces : those of the frame.
        known : of an earlier run; the second look is spared where the same pixels come out.
        """
        if not faces.shown:
            return None, Verdict(NO_FACE)
        try:
            if known is not None:
                done = self._again(image, faces, known) if known.copied else None
                if done is not None or not known.copied:
                    return done, known
            return self._looked_at(image, number, faces)
        except (
            Exception
        ) as error:  # whatever a protection or a detector raises, the frame is listed, not shown
            return None, Verdict(FAILED, f"{type(error).__name__}: {error}")

    def _subjects(self, faces: Placements, further: int = 0) -> dict[str, np.ndarray]:
        owners = [*faces.person, *[faces.person[0]] * further]
        return {"subject": np.array([f"{self.mark} {owner}" for owner in owners])}

    def _again(self, image: np.ndarray, faces: Placements, known: Verdict) -> np.ndarray | None:
        further = np.array(known.further, np.float64).reshape(-1, 5, 2)
        points = np.concatenate([faces.points, further])
        labels = self._subjects(faces, len(further))
        done = protect_faces(image, points, self.protection, self.paste, labels).image
        return done if zlib.crc32(done.tobytes()) == known.checksum else None

    def _looked_at(
        self, image: np.ndarray, number: int, faces: Placements
    ) -> tuple[np.ndarray | None, Verdict]:
        done = protect_and_look_again(
            image, faces.faces, self.protection, self.paste, self.second, self._subjects(faces)
        )
        further = done.further.faces.points.astype(np.float64).tolist()
        if len(done.left):
            places = "; ".join(" ".join(f"{edge:.0f}" for edge in box) for box in done.left.faces.boxes)
            return None, Verdict(LOOK_AGAIN, f"still clear: {places}", further)
        seen = faces.kind == SEEN
        apart = self._compared(image, done.image, faces, seen) if number % COMPARED == 0 else {}
        status = PROTECTED if seen.any() else UNSEEN
        return done.image, Verdict(status, "", further, zlib.crc32(done.image.tobytes()), apart)

    def _compared(
        self, before: np.ndarray, after: np.ndarray, faces: Placements, seen: np.ndarray
    ) -> dict[int, float]:
        if self.recogniser is None or not seen.any():
            return {}
        found = distances(before, after, faces.points[seen], self.recogniser)
        pairs = zip(faces.person[seen].tolist(), found.tolist(), strict=True)
        return {person: round(apart, 3) for person, apart in pairs if np.isfinite(apart)}


def save_verdicts(path: Path, verdicts: Sequence[Verdict]) -> None:
    """Keep the verdicts of a segment, whole or not at all."""
    write_text(path, json.dumps([asdict(one) for one in verdicts]))


def load_verdicts(path: Path) -> list[Verdict]:
    """The verdicts of a segment; none where there are none, or they are damaged."""
    try:
        return [_verdict(row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []


def _verdict(row: dict[str, Any]) -> Verdict:
    apart = {int(person): float(one) for person, one in row.pop("distances").items()}
    return Verdict(**row, distances=apart)


def kinds_text(faces: Placements) -> dict[str, str]:
    """Persons of a frame as its row names them: those seen, and those altered where they must be."""
    return {
        "persons": " ".join(map(str, sorted(faces.person[faces.kind == SEEN]))),
        "unseen": " ".join(
            map(str, sorted(faces.person[(faces.kind == BRIDGED) | (faces.kind == LINGERING)]))
        ),
    }
