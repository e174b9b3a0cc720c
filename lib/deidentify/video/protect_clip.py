"""A clip in, a clip with altered faces out: first all frames are searched, then altered and looked at again.

Two passes, as who is who, and where a face must have been between two sightings, is known only when the clip
was seen whole. Memory holds one frame, and a few numbers of each face. What both passes find is kept in
segments, so that a run goes on after a kill: the search where it was, and the altering without its second
look at frames that come out the same.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lib.deidentify.photos.altered_face import has_tint
from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.protect_photo import VERSION as VERSION_OF_PHOTOGRAPHS
from lib.deidentify.protections.base import Protection
from lib.deidentify.video.clip import DRIFT, Clip, ClipWriter, check_output, frames, open_clip
from lib.deidentify.video.options import PLAIN, VideoOptions
from lib.deidentify.video.placements import Placements, placements
from lib.deidentify.video.report import Report, counted, found_persons, save_rows
from lib.deidentify.video.sightings import SEGMENT, Sightings, SightingsOfFrames
from lib.deidentify.video.sound import add_sound, check_sound
from lib.deidentify.video.tracking import persons
from lib.deidentify.video.verdicts import FrameProtection, Verdict, load_verdicts, save_verdicts
from lib.deidentify.video.work_folder import REPORT, ROWS, beside, is_finished, moves, work_folder
from lib.faces.detections import FaceFinder
from lib.faces.loading.pack import detector_name
from lib.files import part_path, sha256_of

VERSION = 1
"""Raised when a change of the code changes the copies; a run does not go on from another version's work."""


def protect_clip(
    source: str | Path,
    out: str | Path,
    protection: Protection,
    detector: FaceFinder,
    options: VideoOptions = PLAIN,
) -> Report:
    """Protect every face that the detector finds in a clip.

    A run that was killed goes on when it is started again with the same parameters. A copy that such a run
    finished stays, and its report is returned.

    Parameters
    ----------
    source : a clip.
    out : the copy, whose ending says its format; `.frames.csv` and `.report.json` behind its name are the
        list of frames and the report.
    protection : may need no label but `points` and `subject`: each person of the clip is one.
    detector : finds all faces of a frame.
    options : what is wanted of the copy.

    Raises
    ------
    PhotosError : nothing was done: a file that is no clip, a copy that is there or would replace the clip, an
        ending or a codec that is not known, another run for the same copy, a protection that needs labels.
    BrokenOffError : the copy could no longer be written on the way.
    """
    source, out = Path(source), Path(out)
    _check(source, out, protection, options)
    clip = open_clip(source)
    parameters = _parameters(source, out, protection, detector, options)
    if not options.overwrite and (known := _finished_before(out, parameters)) is not None:
        return known
    with work_folder(out, parameters, overwrite=options.overwrite) as folder:
        if not is_finished(folder, parameters):
            run = _Run(clip, folder, out, protection, detector, options, parameters)
            run.make()
        report = Report.load(folder / REPORT)
        for made, target in moves(folder, out):
            if made.exists() and target.suffix != ".json":
                os.replace(made, target)
        shutil.copyfile(folder / REPORT, part_path(beside(out, REPORT)))
        os.replace(part_path(beside(out, REPORT)), beside(out, REPORT))
    return report


@dataclass(frozen=True)
class _Run:
    """One clip, the folder of what is known of it, and what is to be done."""

    clip: Clip
    folder: Path
    out: Path
    protection: Protection
    detector: FaceFinder
    options: VideoOptions
    parameters: dict[str, Any]

    def make(self) -> None:
        """Make copy, list and report in the folder."""
        found = self._search()
        faces = placements(found, persons(found, self.options.bridge), self.options.bridge)
        segments = list(range(0, found.frames, SEGMENT))
        copy = self.folder / f"copy{self.out.suffix}"
        with ClipWriter(copy, self.clip.size, self.clip.rate) as writer:
            self._alter(writer, faces, found.frames)
        if not writer.written:
            raise PhotosError(f"{self.clip.path}: no frame can be shown, so there is no clip to be made")
        notes = [*self.clip.notes, *_notes(self.clip, found)]
        if self.options.sound == "keep":
            notes += filter(None, [add_sound(copy, self.clip.path)])

        def verdicts() -> Iterator[Verdict]:
            return chain.from_iterable(load_verdicts(self._look(start)) for start in segments)

        save_rows(self.folder / ROWS, verdicts(), found.seconds, faces, self.options.lost)
        counts, copied = counted(verdicts())
        Report(
            self.parameters,
            notes,
            found.frames,
            copied,
            counts,
            found_persons(faces, verdicts(), self.protection.name),
            not _ends_early(self.clip, found.frames),
            self.clip.size,
            self.clip.rate,
            sha256_of(copy),
            tuple(getattr(self.protection, "withstands", ())),
        ).save(self.folder / REPORT)

    def _look(self, start: int) -> Path:
        return self.folder / f"look-{start:09d}.json"

    def _search(self) -> Sightings:
        """Faces of all frames, those of segments that were searched before from their files."""
        parts = list[Sightings]()
        while (part := Sightings.load(self.folder / f"found-{len(parts) * SEGMENT:09d}.npz")) is not None:
            parts.append(part)
            if part.frames < SEGMENT:  # the last one
                return Sightings.joined(parts)
        start, gathered = len(parts) * SEGMENT, SightingsOfFrames(self.detector, self.options.recogniser)
        with self._bar("search", start) as bar:
            for frame in frames(self.clip, start):
                gathered.add(frame)
                bar.update()
                if frame.number % SEGMENT == SEGMENT - 1:
                    parts.append(self._keep(gathered, len(parts) * SEGMENT))
                    gathered = SightingsOfFrames(self.detector, self.options.recogniser)
        parts.append(self._keep(gathered, len(parts) * SEGMENT))
        return Sightings.joined(parts)

    def _keep(self, gathered: SightingsOfFrames, start: int) -> Sightings:
        found = gathered.sightings()
        found.save(self.folder / f"found-{start:09d}.npz")
        return found

    def _alter(self, writer: ClipWriter, faces: Placements, count: int) -> None:
        """Write all frames; what was seen of them stands in a file for each segment."""
        second = getattr(self.detector, "plain", self.detector)
        mark = f"{self.parameters['clip_sha256'][:16]} person"
        work = FrameProtection(self.protection, self.options.paste, second, self.options.recogniser, mark)
        black = np.zeros((*self.clip.size, 3), np.uint8)
        known, new = list[Verdict](), list[Verdict]()
        with self._bar("alter", 0, count) as bar:
            for frame in frames(self.clip):
                at = frame.number % SEGMENT
                if at == 0:
                    known, new = load_verdicts(self._look(frame.number)), []
                one = known[at] if at < len(known) else None
                image, verdict = work.altered(frame.image, frame.number, faces.of(frame.number), one)
                new.append(verdict)
                if image is not None or self.options.lost == "black":
                    writer.write(black if image is None else image)
                if at == SEGMENT - 1 or frame.number == count - 1:
                    save_verdicts(self._look(frame.number - at), new)
                bar.update()
                if frame.number == count - 1:
                    return
        raise OSError(f"{self.clip.path}: it became shorter while it was read")

    def _bar(self, what: str, start: int, count: int = 0) -> tqdm:
        return tqdm(total=count or self.clip.said or None, initial=start, desc=what, unit="frame",
                    disable=not self.options.progress)  # fmt: skip


def _check(source: Path, out: Path, protection: Protection, options: VideoOptions) -> None:
    check_output(out)
    unknown = [name for name in protection.needs if name not in ("points", "subject")]
    if unknown:
        raise PhotosError(
            f"{protection.name} must be told {', '.join(unknown)} of each face, which a clip does not say: "
            "wrap it so that it predicts them"
        )
    if options.sound == "keep":
        check_sound(options.lost)
    for one in (out, beside(out, ROWS), beside(out, REPORT)):
        if source.exists() and one.exists() and os.path.samefile(source, one):
            raise PhotosError(f"{out} would replace the clip itself: choose another name")


def _parameters(
    source: Path, out: Path, protection: Protection, detector: FaceFinder, options: VideoOptions
) -> dict[str, Any]:
    """What decides the copy."""
    try:
        sha256 = sha256_of(source)
    except OSError as error:
        raise PhotosError(f"{source} cannot be read ({error.strerror})") from error
    return {
        "version": f"{VERSION} {VERSION_OF_PHOTOGRAPHS}",
        "clip_sha256": sha256,
        "protection": protection.name,
        "region": options.paste.region,
        "tint": options.paste.tint if has_tint(protection) else "",
        "detector": detector_name(detector),
        "recogniser": type(options.recogniser).__name__ if options.recogniser else "",
        "lost": options.lost,
        "bridge": options.bridge,
        "sound": options.sound,
        "format": out.suffix.lower(),
    }


def _finished_before(out: Path, parameters: dict[str, Any]) -> Report | None:
    """The report of a copy that was made with these parameters and has not changed since."""
    try:
        report = Report.load(beside(out, REPORT))
        same = report.parameters == parameters and report.sha256 == sha256_of(out)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return report if same else None


def _notes(clip: Clip, found: Sightings) -> list[str]:
    """What the copy does not show as the clip did."""
    notes = []
    if _ends_early(clip, found.frames):
        notes.append(f"{found.frames} of {clip.said} frames could be read: the clip is damaged or cut short")
    if found.resized.any():
        notes.append(
            f"{int(found.resized.sum())} frames came in another size and were brought to the first's"
        )
    drift = np.abs(found.seconds - found.seconds[0] - np.arange(found.frames) / clip.rate).max()
    if drift > DRIFT:
        notes.append(
            f"frames do not come at a constant rate; the copy shows {clip.rate:g} a second and is up to "
            f"{drift:.1f} s ahead or behind"
        )
    return notes


def _ends_early(clip: Clip, count: int) -> bool:
    """Whether clearly fewer frames could be read than the container speaks of, which is often an estimate."""
    return count < clip.said - max(2, 0.02 * clip.said)
