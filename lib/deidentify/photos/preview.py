"""Small pictures of the finished copies, with the boxes in which faces were altered: to look through fast.

The list `previews.json` in their folder holds their hashes, so that only what this tool drew is replaced or
removed.
"""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lib.deidentify.photos.discovery import PhotosError, check_apart, leads_inside
from lib.deidentify.photos.manifest import PROTECTED, FileRecord, Manifest, file_sha256, sha256, temporary
from lib.deidentify.photos.recognition import recognised
from lib.deidentify.photos.reencode import encode
from lib.files import write_bytes, write_text

LIST = "previews.json"

ENDING = ".jpg"

_BY_NAME = (errno.ENAMETOOLONG, errno.ENOTDIR, errno.EEXIST, errno.EISDIR)
"""Errors that this one name causes, and the next one need not."""

SIDE = 640
"""Pixels of the longer side of a preview."""

COLOUR, RECOGNISED_COLOUR = (255, 176, 0), (220, 38, 127)
"""Of a box, and of one whose face is still recognised, which is drawn thicker, too."""


def write_previews(
    manifest: Manifest, out: str | Path, folder: str | Path, *, overwrite: bool = False
) -> tuple[int, list[str]]:
    """Draw every protected copy below `out` into `folder`, as `<copy>.jpg`; remove those whose copy is gone.

    Made from the copies, never from the photographs: a preview shows no face that its copy does not.

    Parameters
    ----------
    overwrite : replace files of these names that this tool did not draw.

    Returns
    -------
    How many were drawn, and the names of those that were not: a file that is not ours has the name or that of
    their folder, or the name is too long.

    Raises
    ------
    PhotosError : the folder lies in `out` or holds it; its list is not ours.
    OSError : it cannot be written.
    """
    out, folder = Path(out), Path(folder)
    check_apart(out, folder)
    known = listed_previews(folder)
    ours = {name for name, digest in known.items() if digest == file_sha256(folder / name)}
    drawn, left = dict[str, str](), list[str]()
    try:
        for record in manifest.records:
            if record.status == PROTECTED and record.output and (out / record.output).is_file():
                name = f"{record.output}{ENDING}"
                if not leads_inside(folder, name) or not (
                    overwrite or name in ours or not os.path.lexists(folder / name)
                ):
                    left.append(name)
                    continue
                data = _drawn(out / record.output, record)
                try:
                    write_bytes(folder / name, data, part=temporary(folder / name, "preview"))
                except OSError as error:
                    if error.errno not in _BY_NAME:
                        raise
                    left.append(name)
                    continue
                drawn[name] = sha256(data)
        for name in ours - set(drawn):
            if not (out / name.removesuffix(ENDING)).is_file():
                (folder / name).unlink()
                del known[name]
    finally:
        if folder.is_dir():
            write_text(folder / LIST, json.dumps(known | drawn, indent=1, sort_keys=True) + "\n")
    return len(drawn), left


def listed_previews(folder: Path) -> dict[str, str]:
    """Names and SHA-256 of the previews that this tool drew into `folder`; those outside it do not count.

    Raises
    ------
    PhotosError : a file has the list's name and is none.
    """
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in listed.items() if leads_inside(folder, name)}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise PhotosError(f"{folder / LIST} was not written by this tool: move it away") from error


def _drawn(path: Path, record: FileRecord) -> bytes:
    with Image.open(path, formats=("JPEG", "PNG")) as opened:
        picture = opened.convert("RGB")
    scale = min(1.0, SIDE / max(picture.size))
    small = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    pen = ImageDraw.Draw(small)
    known = recognised(record.distances)
    for number, box in enumerate(record.boxes):
        left, top, right, bottom = (edge * scale for edge in (box.left, box.top, box.right, box.bottom))
        colour, width = (RECOGNISED_COLOUR, 4) if number in known else (COLOUR, 2)
        corners = (left, top, max(left, right - 1), max(top, bottom - 1))
        pen.rectangle(corners, outline=colour, width=width)
    return encode(np.asarray(small), "JPEG")
