"""Alter faces: `python -m lib.deidentify photos FOLDER OUT --protection blur --strength 0.1`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any, TextIO

from lib.deidentify.photos.detection import MEMBERS, UNION, detector_named
from lib.deidentify.photos.discovery import KINDS, PhotosError, check_apart, check_folders
from lib.deidentify.photos.folder import BrokenOffError, FolderOptions, protect_folder
from lib.deidentify.photos.kept_metadata import KEEPABLE
from lib.deidentify.photos.manifest import PROTECTED, Manifest, distances_text
from lib.deidentify.photos.preview import listed_previews, write_previews
from lib.deidentify.photos.recognition import RECOGNISED, SAME_PERSON
from lib.deidentify.photos.regions import REGIONS, TINTS, Paste, careful_paste
from lib.deidentify.protections.base import Protection, ProtectionError
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.protections.protect_set import protect_faceset
from lib.deidentify.protections.registry import PROTECTIONS, protection_named
from lib.faces.faceset import FaceSet, FaceSetError
from lib.judges.base import Judge

PROMISES = """\
What it does: finds the faces in each photograph, alters each one within its outline (with --region head it
also fills the rest of the head from what lies around it), and writes a copy without EXIF, GPS, XMP,
thumbnails, comments or colour profile (colours become sRGB; --keep-metadata keeps the date or the place,
nothing else). Pixels beyond the region stay as they are, but for JPEG, which is written anew (quality 95,
4:4:4). A recogniser compares each face before and after; a small distance is a warning. A photograph in which
no face was found, or that failed in any way, is listed in OUT/manifest.csv with the reason and is NOT copied.

What it does not do: promise that nobody is recognised. A face that every detector misses stays as it is, so
look at every copy. Clothes, place and company remain. Blur and pixels can be undone in part, or read by a
network trained on blurred faces; of the protections here only `cover` takes the face away. `san` keeps the
face recognisable on purpose: it is made to mislead networks that read gender, not people, and not a network
that was trained on its outputs. `private` paints a new face from what a recogniser may say of the old one:
kin to it, not a picture of it.

What a copy leaves readable: what lies around the altered part may tell what the part hides, as may colour
where a protection keeps it. With --region face, hair, ears, neck and clothes stay. A network that learned
from such copies reads perceived gender from what stays, whatever the new face shows, and better still from
several pictures of a person; some published networks that never saw a copy read it too. --region head
replaces a fixed outline around the head, hair and neck included. What lies beyond it stays: clothes,
jewellery, build, hair that falls further than the shoulders. A grey protection's face gets with --tint face
the mean colour of the old face and no more of its colour; by itself that tells a little of perceived gender
(benchmarks/colour_leak.py), and --tint none leaves it out. How much each of this lets an attacker read is on
the page 06_tradeoff of the book (`make read`).

Names of files are kept, and the manifest ties copies to originals: keep it to yourself.
"""
STATUS = (
    "exit status: 0 every file was protected; 1 some were not, see the manifest; 2 nothing was done;\n"
    "3 broken off"
)
BROKEN_OFF = 3


def main(arguments: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: workers and parts go
    given = vars(_parser().parse_args(arguments))
    action = {"photos": _photos, "faces": _faces}[given.pop("command")]
    try:
        name = given.pop("protection")
        protection = protection_named(name, given.pop("strength"))
        if action is _photos:
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
    given["recogniser"] = _recogniser(given.pop("recogniser"))
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
    lost = [record for record in manifest.records if record.status != PROTECTED]
    known = [record for record in manifest.records if RECOGNISED in record.notes]
    for record in lost[:20]:
        reason = f"{record.status}{': ' * bool(record.detail)}{record.detail}"
        say(f"not protected: {record.file}: {reason}")
    if len(lost) > 20:
        say(f"... and {len(lost) - 20} more")
    for record in known[:20]:
        apart = distances_text(record.distances)
        say(f"still recognised: {record.file}: distance {apart}", sys.stderr)
    if known:
        say(
            f"{len(known)} copies show a face that dlib's matcher takes for the same person (below "
            f"{SAME_PERSON}): {advice}",
            sys.stderr,
        )
    if manifest.others:
        say(f"{len(manifest.others)} files in {out} were not made by this tool")
    say("nothing was written" if dry else f"the list of all files: {out}/manifest.csv")


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


def _recogniser(name: str) -> Judge | None:
    if name == "none":
        return None
    from lib.judges.dlib_recogniser import DlibRecogniser

    return DlibRecogniser()


def _client(address: str | None) -> Any:
    if address is None:
        return None
    from distributed import Client

    try:
        return Client(address)
    except (OSError, ValueError) as error:
        raise PhotosError(f"no scheduler answers at {address}: {error}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib.deidentify", description="Alter faces.")
    commands = parser.add_subparsers(dest="command", required=True)
    photos = commands.add_parser(
        "photos", help="a folder of photographs", description=PROMISES, epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    faces = commands.add_parser(
        "faces", help="a packed FaceSet", description="A FaceSet in, another one out."
    )
    _add_common(photos, "folder with photographs, searched recursively; links are not followed")
    _add_common(faces, "folder of a packed FaceSet")
    faces.add_argument("--batch", type=_positive, default=256, help="images at a time")
    add = photos.add_argument
    add(
        "--detector",
        choices=(UNION, *MEMBERS),
        default=UNION,
        help="who finds the faces; union: MTCNN and dlib, in case of doubt turned and enlarged",
    )
    add("--region", choices=REGIONS,
        help="what is replaced: the face, or the whole head with hair and neck; without it head for private, "
        "whose promise hair would break, face for the others")  # fmt: skip
    add("--tint", choices=TINTS,
        help="colour of a grey protection's face: the mean of the old face, or none; without it none for "
        "private, face for the others")  # fmt: skip
    add("--format", choices=KINDS, default="keep", dest="kind",
        help="keep: JPEG stays JPEG, all else becomes PNG")  # fmt: skip
    add("--small-faces", action="store_true",
        help="dlib: look for faces from 40 instead of 80 px on, at four times the cost")  # fmt: skip
    add("--threshold", type=_share, default=0.0,
        help="lowest score of a face; above 0 faces stay clear that a detector was less sure of")  # fmt: skip
    add("--recogniser", choices=("dlib", "none"), default="dlib",
        help="who compares each face before and after; distances stand in the manifest")  # fmt: skip
    add("--keep-metadata", type=_keepable, default=(), metavar="date,place",
        help="carry date, place or both over into the copies; without it nothing is")  # fmt: skip
    add("--preview", metavar="FOLDER",
        help="draw the faces' boxes on small pictures of the copies, in a folder of its own")  # fmt: skip
    add("--one-face", action="store_true", help="refuse photographs with several faces")
    add("--overwrite", action="store_true", help="replace what lies in OUT under the same names")
    add("--dry-run", action="store_true", help="do all but write")
    add("--workers", type=_positive, default=1, help="processes")
    add("--cluster", help="address of a Dask scheduler whose workers see both folders, tcp://host:8786")
    return parser


def _keepable(text: str) -> tuple[str, ...]:
    names = tuple(name for name in KEEPABLE if name in text.split(","))
    if set(names) != set(text.split(",")):
        raise ValueError(text)
    return names


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:  # nor NaN
        raise ValueError(text)
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _add_common(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("folder", help=what)
    parser.add_argument("out", help="new folder, not inside the other one")
    parser.add_argument("--protection", choices=sorted(PROTECTIONS), required=True)
    parser.add_argument(
        "--strength", type=float, help="blur: width, pixelate: side of a cell; parts of the crop's width"
    )


if __name__ == "__main__":
    sys.exit(main())
