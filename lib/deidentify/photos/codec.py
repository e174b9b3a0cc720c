"""Bytes of a photograph to pixels and back, with nothing but pixels coming back.

Pixels are upright and in sRGB: the EXIF orientation is applied, an embedded colour profile is converted.
What is written is made from the pixels alone, so EXIF, GPS, XMP, thumbnails, comments and profiles cannot
follow; what `metadata` carries over on demand is handed in.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from lib.faces.loading.photograph import FORMATS, MAX_PIXELS, NOT_AN_IMAGE, Photograph, open_photograph

QUALITY = 95
"""Of JPEG, with colour at full resolution (4:4:4)."""

SMALLEST = 32
"""Pixels that the shorter side must have, that a face may be found at all."""

ANIMATED = "animated"
TOO_SMALL = "too small"
TOO_NARROW = "too narrow"

LONGEST = 20
"""Longer side over the shorter one; detectors enlarge by the shorter side, and memory grows by the longer."""

_ONE_PICTURE = ("MPO",)
"""Formats whose further frames are previews or depth maps of the one photograph; they are left behind."""


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Open a photograph that is to be protected.

    Returns
    -------
    Photograph, uint8 (H, W, 3) sRGB and upright; or the reason why not: one of `photograph.REASONS`,
    `too narrow`, `animated` (several frames or pages, of which only one would be protected), `too small`.
    Notes beside those of `open_photograph`: `profile applied`, `profile dropped` (CMYK, or broken).
    """
    photo = open_photograph(data, max_pixels=max_pixels)
    if photo.image is None:
        return photo
    if min(photo.image.shape[:2]) < SMALLEST:
        detail = f"the shorter side must have {SMALLEST} px"
        return Photograph(None, TOO_SMALL, detail, photo.size, photo.notes)
    if max(photo.image.shape[:2]) > LONGEST * min(photo.image.shape[:2]):
        detail = f"one side is more than {LONGEST} times the other"
        return Photograph(None, TOO_NARROW, detail, photo.size, photo.notes)
    kind, frames, profile, reduced = _header(data)
    if reduced:
        detail = "the first page is a reduced preview, as in camera raw files"
        return Photograph(None, NOT_AN_IMAGE, detail, photo.size, photo.notes)
    if frames > 1 and kind not in _ONE_PICTURE:
        return Photograph(None, ANIMATED, f"{frames} frames or pages", photo.size, photo.notes)
    if not profile:
        return photo
    image, note = _to_srgb(photo.image, profile)
    return replace(photo, image=image, notes=(*photo.notes, note))


def _header(data: bytes) -> tuple[str, int, bytes, bool]:
    """Format, number of frames, colour profile, whether the first page is a reduced preview."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    tags = getattr(picture, "tag_v2", {})
    reduced = picture.format == "TIFF" and bool(tags.get(254, 0) & 1)
    frames = getattr(picture, "n_frames", 1)
    return picture.format or "", frames, picture.info.get("icc_profile") or b"", reduced


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
