"""What was done to a clip: a row for each frame, and a report on persons, counts and parameters."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lib.deidentify.photos.manifest import number_of, software
from lib.deidentify.photos.recognition import SAME_PERSON
from lib.deidentify.video.placements import BRIDGED, SEEN, Placements
from lib.deidentify.video.verdicts import COPIED, Verdict, kinds_text
from lib.deidentify.video.work_folder import REPORT, ROWS, beside
from lib.files import atomic_write, write_text

COLUMNS = ("frame", "seconds", "status", "in_copy", "persons", "unseen", "faces", "detail")
BLACK, DROPPED = "black", "dropped"


@dataclass
class Person:
    """One person of a clip.

    Attributes
    ----------
    number : from 1 on. protection : what gave the new face: method, angle, hash of the key.
    first, last : frames in which the person was seen first and last.
    seen, bridged : frames in which the face was found, and in which it was altered between two sightings.
    distance : median of the recogniser's distances between the face before and after; None if not compared.
    """

    number: int
    protection: str
    first: int
    last: int
    seen: int
    bridged: int
    distance: float | None = None


@dataclass
class Report:
    """What was done to a clip.

    Attributes
    ----------
    parameters : what decides the copy. notes : what was changed or lost on the way.
    frames, copied : frames that were read, and that the copy shows altered.
    counts : frames of each status. persons : who was found.
    whole : whether the clip could be read to its end.
    size : height and width. rate : frames a second.
    sha256 : of the copy.
    withstands : sentences on which attackers the protection withstands, where it says so itself.
    """

    parameters: dict[str, Any]
    notes: list[str]
    frames: int
    copied: int
    counts: dict[str, int]
    persons: list[Person]
    whole: bool
    size: tuple[int, int]
    rate: float
    sha256: str = ""
    withstands: tuple[str, ...] = ()
    software: dict[str, str] = field(default_factory=software)

    @property
    def complete(self) -> bool:
        """Whether every frame of the clip was protected."""
        return self.whole and self.copied == self.frames

    @property
    def recognised(self) -> list[int]:
        """Persons whom the recogniser still takes for themselves, in the median."""
        return [one.number for one in self.persons if one.distance is not None and one.distance < SAME_PERSON]

    def lines(self, out: Path) -> list[str]:
        """What is printed."""
        lost = self.parameters["lost"]
        what = {"black": "black in the copy", "drop": "left out of the copy"}[lost]
        lines = [f"{count:7d}  frames {status}" for status, count in self.counts.items()]
        lines += [f"{len(self.persons):7d}  followed as persons; {self.parameters['protection']}"]
        if self.copied < self.frames:
            lines.append(f"not shown: {number_of(self.frames - self.copied, 'frame')}, {what}")
        lines += [f"note: {note}" for note in self.notes]
        if self.parameters["sound"] == "drop":
            lines.append("the copy has no sound")
        return [*lines, f"the list of all frames: {beside(out, ROWS)}; on persons: {beside(out, REPORT)}"]

    def save(self, path: Path) -> None:
        """Write it as JSON, whole or not at all."""
        write_text(path, json.dumps({**asdict(self), "complete": self.complete}, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Report:
        """Read what `save` wrote; OSError, ValueError, KeyError or TypeError where it is none."""
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("no report")
        content.pop("complete")
        content["persons"] = [Person(**one) for one in content["persons"]]
        told = {name: tuple(content.get(name, ())) for name in ("size", "withstands")}
        return cls(**{**content, **told})


def save_rows(
    path: Path, verdicts: Iterable[Verdict], seconds: np.ndarray, faces: Placements, lost: str
) -> None:
    """Write the table with a row for each frame, whole or not at all.

    Parameters
    ----------
    seconds : (n,) when each frame is shown. faces : of all frames.
    lost : `black` or `drop`.
    """
    shown = 0
    with atomic_write(path) as part, open(part, "w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writeheader()
        for number, verdict in enumerate(verdicts):
            of_frame = faces.of(number)
            place = shown if verdict.copied else BLACK if lost == "black" else DROPPED
            shown += verdict.copied or lost == "black"
            table.writerow(
                {
                    "frame": number,
                    "seconds": f"{seconds[number]:.3f}",
                    "status": verdict.status,
                    "in_copy": place,
                    **kinds_text(of_frame),
                    "faces": (len(of_frame) + len(verdict.further)) * verdict.copied,
                    "detail": verdict.detail.replace("\n", " "),
                }
            )


def counted(verdicts: Iterable[Verdict]) -> tuple[dict[str, int], int]:
    """Frames of each status, the most frequent first, and those that the copy shows altered."""
    counts = Counter(one.status for one in verdicts)
    return dict(counts.most_common()), sum(counts[status] for status in COPIED)


def found_persons(faces: Placements, verdicts: Iterable[Verdict], protection: str) -> list[Person]:
    """Who was found in a clip."""
    apart: dict[int, list[float]] = {}
    for verdict in verdicts:
        for person, one in verdict.distances.items():
            apart.setdefault(person, []).append(one)
    people = []
    for number in np.unique(faces.person).tolist():
        own = faces.person == number
        seen = faces.frame[own & (faces.kind == SEEN)]
        bridged = int((own & (faces.kind == BRIDGED)).sum())
        median = round(float(np.median(apart[number])), 3) if number in apart else None
        people.append(Person(number, protection, int(seen[0]), int(seen[-1]), len(seen), bridged, median))
    return people
