"""Alter faces: `python -m lib.deidentify photos FOLDER OUT --protection blur --strength 0.1`, or `video`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any, TextIO

from lib.deidentify.arguments import make_parser
from lib.deidentify.photos.detection import detector_named
from lib.deidentify.photos.discovery import CLUTTER, PhotosError, check_apart, check_folders
from lib.deidentify.photos.folder import BrokenOffError, FolderOptions, protect_folder
from lib.deidentify.photos.manifest import PROTECTED, FileRecord, Manifest, distances_text, number_of
from lib.deidentify.photos.preview import listed_previews, write_previews
from lib.deidentify.photos.recognition import RECOGNISED, SAME_PERSON, recognised
from lib.deidentify.photos.regions import Paste, careful_paste
from lib.deidentify.protect import chosen_protection, recogniser_named
from lib.deidentify.protections.base import Protection, ProtectionError
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.protections.protect_set import protect_faceset
from lib.deidentify.video.options import VideoOptions
from lib.faces.faceset import FaceSet, FaceSetError

BROKEN_OFF = 3


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: workers and parts go
    given = vars(make_parser().parse_args(arguments))
    action = {"photos": _photos, "video": _video, "faces": _faces}[given.pop("command")]
    try:
        name = given.pop("protection")
        told = {option: given.pop(option) for option in ("strength", "angle", "per", "key", "key_file")}
        protection = chosen_protection(name, clip=action is _video, **told)
        if action is not _faces:
            given["paste"] = careful_paste(name, given.pop("region"), given.pop("tint"))
        return action(given, protection)
    except BrokenOffError as error:
        say(str(error), sys.stderr)
        return BROKEN_OFF
    except (PhotosError, ProtectionError, FaceSetError, FileExistsError) as error:
        say(str(error), sys.stderr)
    except BrokenExecutor:
        say("a worker died, perhaps for want of memory: go on with fewer --workers", sys.stderr)
        return BROKEN_OFF
    except KeyboardInterrupt:
        say("broken off: the same command goes on where this one stopped", sys.stderr)
        return BROKEN_OFF
    return 2


def _photos(given: dict[str, Any], protection: Protection) -> int:
    detector = detector_named(given.pop("detector"), given.pop("small_faces"), given.pop("threshold"))
    preview = given.pop("preview")
    given["recogniser"] = recogniser_named(given.pop("recogniser"))
    address = given.pop("cluster")
    folder, out, workers = given.pop("folder"), given.pop("out"), given.pop("workers")
    options = FolderOptions(**given)
    check_folders(Path(folder), Path(out), None if preview is None else Path(preview))
    if preview is not None:
        listed_previews(Path(preview))
    client = _client(address)
    try:
        manifest = protect_folder(folder, out, protection, detector, options, workers=workers, client=client)
    finally:
        if client is not None:
            client.close()
    _report(manifest, out, options.dry_run, _advice(protection, options.paste))
    _say_all(manifest.withstands)
    if preview is not None and not options.dry_run:
        try:
            _, left = write_previews(manifest, out, preview, overwrite=options.overwrite)
        except (OSError, PhotosError) as error:
            raise BrokenOffError(f"the copies are made, but not their previews: {error}") from error
        for name in left[:20]:
            say(f"no preview: {preview}/{name} is not ours, leads elsewhere or cannot be written", sys.stderr)
    return 0 if manifest.complete else 1


def _report(manifest: Manifest, out: str, dry: bool, advice: str) -> None:
    """Counts to stdout, and what was not protected, the first of it."""
    for status, count in manifest.counts.items():
        say(f"{count:7d}  {'would be ' if dry and status == PROTECTED else ''}{status}")
    lost = [record for record in manifest.records if record.status not in (PROTECTED, CLUTTER)]
    known = [record for record in manifest.records if RECOGNISED in record.notes]
    for record in lost[:20]:
        reason = f"{record.status}{': ' * bool(record.detail)}{record.detail}"
        say(f"not protected: {record.file}: {reason}")
    if len(lost) > 20:
        say(f"... and {len(lost) - 20} more")
    for record in known[:20]:
        say(f"still recognised: {record.file}: {_recognised_faces(record)}", sys.stderr)
    if known:
        say(
            f"{number_of(len(known), 'copy')} {'shows' if len(known) == 1 else 'show'} a face that dlib's "
            f"matcher takes for the same person (distance below {SAME_PERSON}): {advice}",
            sys.stderr,
        )
    if manifest.others:
        say(f"not made by this tool: {number_of(len(manifest.others), 'file')} in {out}")
    say("nothing was written" if dry else f"the list of all files: {out}/manifest.csv")


def _recognised_faces(record: FileRecord) -> str:
    """Which faces of a copy are still recognised: number, box in the photograph, distance."""
    parts = []
    for number in recognised(record.distances):
        box = record.boxes[number]
        edges = " ".join(f"{edge:.0f}" for edge in (box.left, box.top, box.right, box.bottom))
        distance = distances_text(record.distances[number : number + 1])
        parts.append(f"face {number + 1} of {record.faces} at {edges}, distance {distance}")
    return "; ".join(parts)


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        say(line)


def _video(given: dict[str, Any], protection: Protection) -> int:
    from lib.deidentify.video.protect_clip import protect_clip

    detector = detector_named(given.pop("detector"), given.pop("small_faces"), given.pop("threshold"))
    clip, out = Path(given.pop("clip")), Path(given.pop("out"))
    recogniser = recogniser_named(given.pop("recogniser"))
    options = VideoOptions(recogniser=recogniser, **given)
    report = protect_clip(clip, out, protection, detector, options)
    for line in report.lines(out):
        say(line)
    if report.recognised:
        names = ", ".join(map(str, report.recognised))
        say(
            f"{'persons' if len(report.recognised) > 1 else 'person'} {names}: still recognised by dlib's "
            f"matcher (median distance below {SAME_PERSON}): {_advice(protection, options.paste)}",
            sys.stderr,
        )
    _say_all(report.withstands)
    return 0 if report.complete else 1


def _advice(protection: Protection, paste: Paste) -> str:
    """What to do where a face is still recognised."""
    if isinstance(protection, SolidFill):
        around = ", hair or outline: --region head replaces these too" if paste.region == "face" else ""
        return f"of the face itself nothing is left; what is alike lies around it{around}"
    stronger = "a higher strength or " * hasattr(protection, "strength")
    return f"choose {stronger}another protection"


def say(line: str, file: TextIO | None = None) -> None:
    """Print one line, whatever the names in it: what would end it, steer a terminal or not be encoded is
    written as its code. Where nobody reads any more, nothing is printed: the run has its status all the same.
    """
    file = file or sys.stdout
    safe = "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in line
    )
    encoding = getattr(file, "encoding", None) or "utf-8"
    try:
        print(safe.encode(encoding, "backslashreplace").decode(encoding), file=file, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, file.fileno())  # what is left in the buffer, and all that follows, goes there
        os.close(nowhere)


def _faces(given: dict[str, Any], protection: Protection) -> int:
    folder = Path(given["folder"])
    check_apart(folder, Path(given["out"]))
    try:
        faces = FaceSet.open(folder)
    except FaceSetError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError) as error:
        raise FaceSetError(f"{folder}: no whole packed set of faces ({error}): pack it again") from error
    done = protect_faceset(faces, protection, given["out"], batch=given["batch"])
    say(f"{len(done)} images, mean distance {done.labels['distance'].mean():.2f} grey levels: {given['out']}")
    return 0


def _client(address: str | None) -> Any:
    if address is None:
        return None
    from distributed import Client

    try:
        return Client(address)
    except (OSError, ValueError) as error:
        raise PhotosError(f"no scheduler answers at {address}: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
