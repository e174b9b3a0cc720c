"""Bytes of a photograph to pixels and back, with nothing but pixels coming back.

Pixels are upright and in sRGB: the EXIF orientation is applied, an embedded colour profile is converted.
What is written is made from the pixels alone, so EXIF, GPS, XMP, thumbnails, comments and profiles cannot
follow; what `metadata` carries over on demand is handed in.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from lib.faces.loading.open_photograph import (
    DAMAGED,
    FORMATS,
    MAX_PIXELS,
    NOT_AN_IMAGE,
    Photograph,
    open_photograph,
)

QUALITY = 95
"""Of JPEG, with colour at full resolution (4:4:4)."""

SMALLEST = 32
"""Pixels that the shorter side must have, that a face may be found at all."""

ANIMATED = "animated"
TOO_SMALL = "too small"
TOO_NARROW = "too narrow"

LONGEST = 20
"""Longer side over the shorter one; detectors enlarge by the shorter side, and memory grows by the longer."""

_SUBFILE = 254
"""Number of the TIFF tag whose lowest bit says that a page is a reduced version of another."""

_ONE_PICTURE = ("MPO",)
"""Formats whose further frames are previews or depth maps of the one photograph; they are left behind."""


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Open a photograph that is to be protected.

    Returns
    -------
    Photograph, uint8 (H, W, 3) sRGB and upright; or the reason why not: one of `open_photograph.REASONS`,
    `too narrow`, `animated` (several frames or pages, of which only one would be protected), `too small`.
    What need not be decoded to be refused is not, and has the size that is stored, not turned upright. Notes
    beside those of `open_photograph`: `profile applied`, `profile dropped` (CMYK, or broken).
    """
    header = _header(data)
    refused = _refused(header) if header is not None else None
    if refused is not None:
        return refused
    photo = open_photograph(data, max_pixels=max_pixels)
    if photo.image is None:
        return photo
    if header is None:
        return Photograph(None, DAMAGED, "its frames or pages cannot be counted", photo.size)
    if not header.profile:
        return photo
    image, note = _to_srgb(photo.image, header.profile)
    return replace(photo, image=image, notes=(*photo.notes, note))


@dataclass(frozen=True)
class _Header:
    """What a file says of itself before it is decoded; height and width as stored."""

    kind: str
    size: tuple[int, int]
    frames: int
    profile: bytes
    reduced: bool


def _header(data: bytes) -> _Header | None:
    """What the file says of itself; None where it is none that opens."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            frames = getattr(picture, "n_frames", 1)
    except Exception:  # Pillow raises anything on broken bytes; `open_photograph` finds the reason
        return None
    tags = getattr(picture, "tag_v2", {})
    reduced = picture.format == "TIFF" and bool(tags.get(_SUBFILE, 0) & 1)
    size, profile = (picture.height, picture.width), picture.info.get("icc_profile") or b""
    return _Header(picture.format or "", size, frames, profile, reduced)


def _refused(header: _Header) -> Photograph | None:
    """The answer to what need not be decoded to be refused."""
    if min(header.size) < SMALLEST:
        detail = f"the shorter side must have {SMALLEST} px"
        return Photograph(None, TOO_SMALL, detail, header.size)
    if max(header.size) > LONGEST * min(header.size):
        detail = f"one side is more than {LONGEST} times the other"
        return Photograph(None, TOO_NARROW, detail, header.size)
    if header.reduced:
        detail = "the first page is a reduced preview, as in camera raw files"
        return Photograph(None, NOT_AN_IMAGE, detail, header.size)
    if header.frames > 1 and header.kind not in _ONE_PICTURE:
        detail = f"{header.frames} frames or pages"
        if header.kind == "GIF":
            detail += ": `python -m lib.deidentify video` makes a copy of it as a clip"
        return Photograph(None, ANIMATED, detail, header.size)
    return None


def _to_srgb(image: np.ndarray, profile: bytes) -> tuple[np.ndarray, str]:
    """Pixels seen through an RGB profile, as sRGB. Profiles of other colours no longer fit the pixels."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space.strip() != "RGB":
            return image, "profile dropped"
        target = ImageCms.createProfile("sRGB")
        seen = ImageCms.profileToProfile(Image.fromarray(image), source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image, "profile dropped"
    assert seen is not None
    return np.asarray(seen), "profile applied"


def encode(image: np.ndarray, kind: str, exif: bytes = b"") -> bytes:
    """The pixels, uint8 (H, W, 3), as `JPEG` (QUALITY, 4:4:4) or `PNG` (lossless), with no metadata but
    `exif`."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"quality": QUALITY, "subsampling": 0} if kind == "JPEG" else {}
    if exif:
        options["exif"] = exif
    Image.fromarray(image).save(buffer, kind, **options)
    return buffer.getvalue()
