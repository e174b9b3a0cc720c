"""Small pictures of the finished copies, with the boxes in which faces were altered: to look through fast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.manifest import PROTECTED, FileRecord, Manifest
from lib.deidentify.photos.reencode import encode
from lib.files import write_bytes

SIDE = 640
"""Pixels of the longer side of a preview."""

COLOUR = (255, 176, 0)


def write_previews(manifest: Manifest, out: str | Path, folder: str | Path) -> int:
    """Draw every protected copy below `out` into `folder`, as `<copy>.jpg`; returns how many.

    Made from the copies, never from the photographs: a preview shows no face that its copy does not.

    Raises
    ------
    PhotosError : the folder lies in `out` or holds it; a copy would take a preview for its neighbour.
    """
    out, folder = Path(out), Path(folder)
    inside, outside = folder.resolve(), out.resolve()
    if inside.is_relative_to(outside) or outside.is_relative_to(inside):
        raise PhotosError(f"{folder} and {out} overlap: choose another folder for the previews")
    drawn = 0
    for record in manifest.records:
        if record.status == PROTECTED and record.output and (out / record.output).is_file():
            write_bytes(folder / f"{record.output}.jpg", _drawn(out / record.output, record))
            drawn += 1
    return drawn


def _drawn(path: Path, record: FileRecord) -> bytes:
    with Image.open(path, formats=("JPEG", "PNG")) as opened:
        picture = opened.convert("RGB")
    scale = min(1.0, SIDE / max(picture.size))
    small = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    pen = ImageDraw.Draw(small)
    for box in record.boxes:
        left, top, right, bottom = (edge * scale for edge in (box.left, box.top, box.right, box.bottom))
        pen.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), outline=COLOUR, width=2)
    return encode(np.asarray(small), "JPEG")
