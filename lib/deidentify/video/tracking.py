"""Who is who in a clip: faces followed by place, and persons joined by what a recogniser says.

By place alone two persons who cross are exchanged, and one who comes back is another. So a stretch ends where
it is in doubt whom a face belongs to. What is clear on both sides is joined by the recogniser, and the
doubtful stretch between goes to whom it lies next to. A wrong choice gives a person a second new identity, or
two persons one; it leaves no face as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from lib.deidentify.photos.detection import box_gaps
from lib.deidentify.photos.recognition import SAME_PERSON
from lib.deidentify.video.sightings import Sightings

REACH = 0.5
"""Distance that a face may move from one frame to the next beside what it did before, in its sides."""
REACH_A_FRAME, FURTHEST = 0.1, 1.2
"""By how much that grows with each frame in which it was not seen, and its limit."""


@dataclass
class Stretch:
    """Sightings of one face in following frames.

    Attributes
    ----------
    rows : of the sightings, ascending.
    first, last : frames.
    doubtful : whether each of its faces might have been another's.
    start, box : the first box and the last one.
    step : by how much its centre moves in a frame.
    """

    rows: list[int]
    first: int
    last: int
    doubtful: bool
    start: np.ndarray
    box: np.ndarray
    step: np.ndarray = field(default_factory=lambda: np.zeros(2))

    def add(self, row: int, frame: int, box: np.ndarray) -> None:
        """The next sighting."""
        moved = ((box[:2] + box[2:]) - (self.box[:2] + self.box[2:])) / 2
        self.step = moved / (frame - self.last)
        self.rows.append(row)
        self.last, self.box = frame, box

    def at(self, frame: int) -> np.ndarray:
        """The box where it would be in a later frame, if it goes on moving."""
        return self.box + np.tile(self.step * (frame - self.last), 2)

    def reach(self, frame: int) -> float:
        """How far from there it may be."""
        return min(REACH + REACH_A_FRAME * (frame - self.last - 1), FURTHEST)

    def apart_in_time(self, other: Stretch) -> bool:
        """Whether both may be one person: nobody has two faces."""
        return self.last < other.first or other.last < self.first


def persons(sightings: Sightings, bridge: int) -> np.ndarray:
    """The person of each sighting, int (k,), from 1 on by first appearance.

    Parameters
    ----------
    bridge : frames without a sighting over which a face is followed by place.
    """
    known = sightings.embeddings.shape[1] > 1
    followed = stretches(sightings, bridge, told_apart=known)
    groups = _joined(followed, sightings, bridge) if known else [[one] for one in followed]
    groups.sort(key=lambda group: (min(one.first for one in group), min(one.rows[0] for one in group)))
    out = np.zeros(len(sightings), np.int64)
    for number, group in enumerate(groups, start=1):
        for one in group:
            out[one.rows] = number
    return out


def stretches(sightings: Sightings, bridge: int, *, told_apart: bool) -> list[Stretch]:
    """Faces followed by place, each as far as it is clear whose it is, or as it is not.

    Parameters
    ----------
    bridge : as for `persons`.
    told_apart : whether somebody tells persons apart later; else the nearest is taken in doubt, too.
    """
    done, active = list[Stretch](), list[Stretch]()
    for frame in np.unique(sightings.frame):
        done += [one for one in active if frame - one.last > bridge + 1]
        active = [one for one in active if frame - one.last <= bridge + 1]
        rows = list(range(*np.searchsorted(sightings.frame, [frame, frame + 1]).tolist()))
        boxes = sightings.boxes[rows]
        near = _near(active, boxes, int(frame))
        taken = dict[int, Stretch]()
        for _, one, place in sorted(near):
            if place not in taken and active[one] not in taken.values():
                taken[place] = active[one]
        for place, row in enumerate(rows):
            doubtful = told_apart and _doubtful(near, place)
            before = taken.get(place)
            if before is not None and before.doubtful == doubtful:
                before.add(row, int(frame), boxes[place])
                continue
            if before is not None:
                active.remove(before)
                done.append(before)
            active.append(Stretch([row], int(frame), int(frame), doubtful, boxes[place], boxes[place]))
    return done + active


def _near(active: Sequence[Stretch], boxes: np.ndarray, frame: int) -> list[tuple[float, int, int]]:
    """Distance, number of the stretch and of the face, of all that may belong together."""
    pairs = []
    for number, one in enumerate(active):
        apart = box_gaps(one.at(frame), boxes)
        pairs += [(float(apart[at]), number, int(at)) for at in np.flatnonzero(apart < one.reach(frame))]
    return pairs


def _doubtful(near: Sequence[tuple[float, int, int]], place: int) -> bool:
    """Whether a face may belong to several stretches, or one of its stretches to several faces."""
    own = {one for _, one, at in near if at == place}
    return len(own) > 1 or any(one in own and at != place for _, one, at in near)


class _Groups:
    """Stretches by person; at first each is somebody."""

    def __init__(self, followed: Sequence[Stretch], means: Sequence[np.ndarray]) -> None:
        self.followed, self.means = followed, means
        self.of = [[number] for number in range(len(followed))]

    def join(self, one: int, other: int) -> None:
        """Two stretches are of one person."""
        both = sorted(self.of[one] + self.of[other])
        for number in both:
            self.of[number] = both

    def may_be_one(self, one: int, other: int) -> bool:
        """Whether the persons of two stretches are two so far, and are never seen at once."""
        return self.of[one] is not self.of[other] and all(
            self.followed[a].apart_in_time(self.followed[b]) for a in self.of[one] for b in self.of[other]
        )

    def distance(self, one: int, other: int) -> float:
        """Mean distance of the embeddings of two stretches' persons; NaN where either has none."""
        apart = [
            float(np.linalg.norm(self.means[a] - self.means[b]))
            for a in self.of[one]
            for b in self.of[other]
            if self.is_known(a) and self.is_known(b)
        ]
        return float(np.mean(apart)) if apart else np.nan

    def is_known(self, number: int) -> bool:
        """Whether the recogniser may speak for a stretch: it is clear whose it is, and it was recognised."""
        return not self.followed[number].doubtful and bool(np.isfinite(self.means[number]).all())

    def has_known(self, number: int) -> bool:
        """Whether any stretch of a person is known."""
        return any(self.is_known(one) for one in self.of[number])


def _joined(followed: Sequence[Stretch], sightings: Sightings, bridge: int) -> list[list[Stretch]]:
    """Stretches by person: those that are known by the recogniser, nearest first, the others by place."""
    groups = _Groups(followed, [_mean(sightings.embeddings[one.rows]) for one in followed])
    for _, one, other in sorted(_alike(groups)):
        if groups.may_be_one(one, other) and groups.distance(one, other) < SAME_PERSON:
            groups.join(one, other)
    for _, one, other in sorted(_beside(followed, bridge)):
        if groups.may_be_one(one, other) and not (groups.has_known(one) and groups.has_known(other)):
            groups.join(one, other)
    found = {id(group): group for group in groups.of}
    return [[followed[number] for number in group] for group in found.values()]


def _mean(embeddings: np.ndarray) -> np.ndarray:
    known = embeddings[np.isfinite(embeddings).all(1)]
    return known.mean(0) if len(known) else np.full(embeddings.shape[1], np.nan)


def _alike(groups: _Groups) -> Iterator[tuple[float, int, int]]:
    """Distance and numbers of stretches that the recogniser takes for one person."""
    known = np.array([number for number in range(len(groups.followed)) if groups.is_known(number)], int)
    means = np.array([groups.means[number] for number in known])
    for row, one in enumerate(known.tolist()):
        apart = np.linalg.norm(means[row + 1 :] - means[row], axis=1)
        for at in np.flatnonzero(apart < SAME_PERSON).tolist():
            yield float(apart[at]), one, int(known[row + 1 + at])


def _beside(followed: Sequence[Stretch], bridge: int) -> Iterator[tuple[float, int, int]]:
    """How far the first box of a stretch lies from where one that ended before would be, and both numbers."""
    firsts = np.array([one.first for one in followed])
    for number, one in enumerate(followed):
        for other in np.flatnonzero((firsts > one.last) & (firsts <= one.last + bridge + 1)).tolist():
            after = followed[other]
            apart = float(box_gaps(one.at(after.first), after.start[None])[0])
            if apart < FURTHEST:
                yield apart, number, other
