"""Arguments of the command line, and what its help promises."""

from __future__ import annotations

import argparse
from typing import get_args

from lib.deidentify.photos.detection import MEMBERS, UNION
from lib.deidentify.photos.discovery import KINDS
from lib.deidentify.photos.kept_metadata import KEEPABLE
from lib.deidentify.photos.regions import REGIONS, TINTS
from lib.deidentify.protections.registry import PROTECTIONS
from lib.deidentify.video.options import BRIDGE, Lost

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

`cleanir` splits a face into who it is and how it looks (pose, expression, light), and paints it again as
somebody else. Without --angle the other identity is drawn anew, of nobody: the safer choice, as the drawn one
says nothing of the old one. With --angle the old identity is turned by so many degrees: a small angle leaves
the person recognisable, 180 is the opposite of the old identity, which whoever knows the method turns back,
and what lies between is more or less near to both. In neither case is the other half of what the network
knows of a face guaranteed to be free of the person. --per says what shares a draw: each face its own (image;
pictures of one person cannot be joined), each person (subject, in photographs a folder for each; a pseudonym:
all pictures of a person can be joined), or everybody (all). Draws depend on a secret key: who has it and a
candidate's photograph can make the copy again and compare. Give it by the variable FACEVALUE_KEY or
--key-file, as a shell keeps its commands; without one a random key is drawn once for this user and kept in
~/.config/face-value/key. No report holds it, only the first digits of its hash.

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
STATUS_OF_CLIPS = (
    "exit status: 0 every frame was protected; 1 some were not, see OUT.frames.csv; 2 nothing was done;\n"
    "3 broken off"
)


VIDEO = """\
What it does: finds the faces in every frame of a clip, follows each person through it, alters every face, and
writes a clip of the same size and rate: no sound, no subtitles, no metadata. With --protection cleanir each
person gets one new identity for the whole clip. Between two sightings of a person that are at most --bridge
frames apart the face is altered where it must have been, and for a few frames before the first and after the
last one where it was. Every altered frame is looked at once more. A frame in which no face was found, in
which a face stays clear, or which fails is NOT copied: it is black in the copy, or left out (--lost drop).
Every frame has a row in OUT.frames.csv, and OUT.report.json says what was done and whom it found when.

What it does not do: promise that nobody is recognised. In a frame with a face that was found, another one
that every detector misses stays as it is. Clothes, gait, place and company remain, and whoever sees a person
move for minutes learns more than from a photograph. Sound is dropped, as voices and names identify;
--sound keep takes it over as it is, where the program ffmpeg is installed.

The same command goes on where a run was killed: what it knows lies in a folder beside OUT,
.facevalue-NAME.part, and is removed at the end. The ending of OUT chooses the format: .mp4, .m4v and .mov
(MPEG-4), .avi (Motion JPEG), .webm (VP9), .mkv (FFV1: without loss, large).
"""


def make_parser() -> argparse.ArgumentParser:
    """Parser of `photos`, `video` and `faces`."""
    parser = argparse.ArgumentParser(prog="python -m lib.deidentify", description="Alter faces.")
    commands = parser.add_subparsers(dest="command", required=True)
    shape = argparse.RawDescriptionHelpFormatter
    photos = commands.add_parser(
        "photos", help="a folder of photographs", description=PROMISES, epilog=STATUS, formatter_class=shape
    )
    video = commands.add_parser(
        "video", help="a clip", description=VIDEO, epilog=STATUS_OF_CLIPS, formatter_class=shape
    )
    faces = commands.add_parser(
        "faces", help="a packed FaceSet", description="A FaceSet in, another one out."
    )
    photos.add_argument("folder", help="with photographs, searched recursively; links are not followed")
    photos.add_argument("out", help="new folder, not inside the other one")
    video.add_argument("clip", help="anything that OpenCV reads")
    video.add_argument("out", help="the new clip, .mp4, .m4v, .mov, .avi, .webm or .mkv")
    faces.add_argument("folder", help="of a packed FaceSet")
    faces.add_argument("out", help="new folder, not inside the other one")
    for one in (photos, video, faces):
        _add_protection(one, ("subject", "all") if one is video else ("image", "subject", "all"))
    for one in (photos, video):
        _add_detection(one)
    _add_photos(photos)
    _add_video(video)
    faces.add_argument("--batch", type=positive, default=256, help="images at a time")
    return parser


def _add_protection(parser: argparse.ArgumentParser, shared: tuple[str, ...]) -> None:
    add = parser.add_argument
    add("--protection", choices=sorted(PROTECTIONS), required=True)
    add("--strength", type=float,
        help="blur: width, pixelate: side of a cell; parts of the crop's width")  # fmt: skip
    add("--angle", type=float,
        help="cleanir: degrees to turn the identity by; without it a new one is drawn: safer")  # fmt: skip
    add("--per", choices=shared, help=f"cleanir: what shares a new identity or an axis; else {shared[0]}")
    add("--key", help="cleanir: secret of the draws; better by --key-file or FACEVALUE_KEY, as shells and "
        "lists of processes show this one")  # fmt: skip
    add("--key-file", metavar="FILE", help="cleanir: file with the secret")


def _add_detection(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--detector", choices=(UNION, *MEMBERS), default=UNION,
        help="who finds the faces; union: MTCNN and dlib, in case of doubt turned and enlarged")  # fmt: skip
    add("--small-faces", action="store_true",
        help="dlib: look for faces from 40 instead of 80 px on, at four times the cost")  # fmt: skip
    add("--threshold", type=_share, default=0.0,
        help="lowest score of a face; above 0 faces stay clear that a detector was less sure of")  # fmt: skip
    add("--recogniser", choices=("dlib", "none"), default="dlib",
        help="who compares each face before and after, and in a clip tells persons apart")  # fmt: skip
    add("--region", choices=REGIONS,
        help="what is replaced: the face, or the whole head with hair and neck; without it head for private, "
        "whose promise hair would break, face for the others")  # fmt: skip
    add("--tint", choices=TINTS,
        help="colour of a face that a network paints: the mean of the old face, or none; without it none for "
        "private, face for the others")  # fmt: skip
    add("--overwrite", action="store_true", help="replace what lies in OUT under the same names")


def _add_photos(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--format", choices=KINDS, default="keep", dest="kind",
        help="keep: JPEG stays JPEG, all else becomes PNG")  # fmt: skip
    add("--keep-metadata", type=_keepable, default=(), metavar="date,place",
        help="carry date, place or both over into the copies; without it nothing is")  # fmt: skip
    add("--preview", metavar="FOLDER",
        help="draw the faces' boxes on small pictures of the copies, in a folder of its own")  # fmt: skip
    add("--one-face", action="store_true", help="refuse photographs with several faces")
    add("--dry-run", action="store_true", help="do all but write")
    add("--workers", type=positive, default=1, help="processes")
    add("--cluster", help="address of a Dask scheduler whose workers see both folders, tcp://host:8786")


def _add_video(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--lost", choices=get_args(Lost), default="black",
        help="a frame that cannot be shown: black, or left out, which shortens the clip")  # fmt: skip
    add("--bridge", type=positive, default=BRIDGE, metavar="FRAMES",
        help="longest gap between two sightings over which a face is altered unseen")  # fmt: skip
    add("--sound", choices=("drop", "keep"), default="drop",
        help="keep: take the sound over as it is, voices and all; needs the program ffmpeg")  # fmt: skip


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


def positive(text: str) -> int:
    """A whole number from 1 on; ValueError for another text."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value
