"""Where each person's face is altered in each frame: where it was seen, and where it must have been.

Points of a detector tremble from frame to frame; a mean over three frames calms what is pasted. It is exact
for a face that moves evenly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.deidentify.photos.detection import SAME_FACE, box_gaps
from lib.deidentify.video.sightings import Sightings
from lib.faces.detections import Detections

SEEN, BRIDGED, LINGERING = range(3)
LINGER = 5
"""Frames before the first and after the last sighting of a person in which the face is altered where it was:
detectors lose a face that turns away before it has gone."""


@dataclass(frozen=True)
class Placements:
    """Faces to be altered, of all frames.

    Attributes
    ----------
    frame : int (k,), ascending. person : int (k,), from 1 on.
    boxes, points : (k, 4) and (k, 5, 2), in pixels.
    kind : int8 (k,): SEEN, BRIDGED between two sightings, or LINGERING before the first or after the last.
    """

    frame: np.ndarray
    person: np.ndarray
    boxes: np.ndarray
    points: np.ndarray
    kind: np.ndarray

    def of(self, number: int) -> Placements:
        """Those of one frame."""
        rows = slice(*np.searchsorted(self.frame, [number, number + 1]))
        return Placements(
            self.frame[rows], self.person[rows], self.boxes[rows], self.points[rows], self.kind[rows]
        )

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def shown(self) -> bool:
        """Whether any face was seen here, or before and after."""
        return bool((self.kind != LINGERING).any())

    @property
    def faces(self) -> Detections:
        """As of a detector that is sure."""
        return Detections(self.boxes, self.points, np.ones(len(self)))


def placements(sightings: Sightings, person: np.ndarray, bridge: int) -> Placements:
    """Where to alter faces.

    Parameters
    ----------
    person : int (k,) of each sighting, as of `tracking.persons`.
    bridge : longest gap between two sightings of a person that is bridged, in frames.
    """
    parts = [_of_person(sightings, np.flatnonzero(person == one), bridge) for one in np.unique(person)]
    if not parts:
        none = np.zeros(0, np.int64)
        return Placements(none, none, np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0, np.int8))
    frame, place, kind = (np.concatenate([part[n] for part in parts]) for n in range(3))
    owner = np.repeat(np.unique(person), [len(part[0]) for part in parts])
    order = np.lexsort((owner, -kind, frame))  # of one frame first those where nothing was seen
    order = order[_wanted(frame[order], place[order, :2].reshape(-1, 4), kind[order])]
    frame, place, kind, owner = frame[order], place[order], kind[order], owner[order]
    return Placements(frame, owner, place[:, :2].reshape(-1, 4), place[:, 2:], kind)


def _wanted(frame: np.ndarray, boxes: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Which places to keep, bool (k,): none where a face lingers and another one is seen there."""
    kept = np.ones(len(frame), bool)
    for row in np.flatnonzero(kind == LINGERING):
        first, end = np.searchsorted(frame, [frame[row], frame[row] + 1])
        others = boxes[first:end][kind[first:end] != LINGERING]
        kept[row] = not (box_gaps(boxes[row], others) < SAME_FACE).any()
    return kept


def _of_person(sightings: Sightings, rows: np.ndarray, bridge: int) -> tuple[np.ndarray, ...]:
    """Frames, places (k, 7, 2), which are the two corners of the box and the five points, and kinds."""
    frame = sightings.frame[rows]
    corners = sightings.boxes[rows].reshape(-1, 2, 2)
    place = _calmed(frame, np.concatenate([corners, sightings.points[rows]], 1).astype(np.float64))
    frames, places, kinds = [frame], [place], [np.full(len(frame), SEEN, np.int8)]

    def add(numbers: np.ndarray, where: np.ndarray, kind: int) -> None:
        frames.append(numbers)
        places.append(where)
        kinds.append(np.full(len(numbers), kind, np.int8))

    for at in np.flatnonzero(np.diff(frame) > 1):
        gap = np.arange(frame[at] + 1, frame[at + 1])
        if len(gap) <= bridge:
            share = ((gap - frame[at]) / (frame[at + 1] - frame[at]))[:, None, None]
            add(gap, (1 - share) * place[at] + share * place[at + 1], BRIDGED)
        else:
            half = len(gap) // 2
            for numbers, one in ((gap[: min(LINGER, half)], at), (gap[-min(LINGER, half) :], at + 1)):
                add(numbers, np.repeat(place[one][None], len(numbers), 0), LINGERING)
    before = np.arange(max(0, frame[0] - LINGER), frame[0])
    after = np.arange(frame[-1] + 1, min(frame[-1] + LINGER + 1, sightings.frames))
    add(before, np.repeat(place[:1], len(before), 0), LINGERING)
    add(after, np.repeat(place[-1:], len(after), 0), LINGERING)
    return np.concatenate(frames), np.concatenate(places), np.concatenate(kinds)


def _calmed(frame: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Places as means over three frames, weighed 1, 2, 1, where the frames before and after were seen."""
    out = place.copy()
    inner = np.flatnonzero((np.diff(frame)[:-1] == 1) & (np.diff(frame)[1:] == 1)) + 1
    out[inner] = (place[inner - 1] + 2 * place[inner] + place[inner + 1]) / 4
    return out
