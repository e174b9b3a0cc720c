"""Date and place of a photograph, carried over into its copy where that is asked for; nothing else is.

Each value is read, checked and written anew, so no free text, serial number or preview can come along.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterable

from PIL import ExifTags, Image

from lib.faces.loading.open_photograph import FORMATS

KEEPABLE = ("date", "place")
"""Metadata that can be kept: when the photograph was taken, and latitude, longitude and altitude."""

_DATE = re.compile(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d")
_OFFSET = re.compile(r"[+-]\d\d:\d\d")
_DATES = (
    (ExifTags.Base.DateTimeOriginal, _DATE),
    (ExifTags.Base.DateTimeDigitized, _DATE),
    (ExifTags.Base.OffsetTimeOriginal, _OFFSET),
)
_PLACES = (
    (ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "NS", 90),
    (ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "EW", 180),
)


def kept_metadata(data: bytes, wanted: Iterable[str]) -> tuple[bytes, tuple[str, ...]]:
    """EXIF data for a copy with what is `wanted` of a photograph's own, and which of it was found.

    Parameters
    ----------
    data : the photograph's file.
    wanted : names of KEEPABLE.

    Returns
    -------
    EXIF bytes, empty without any; and the names of what they hold. Values that are broken are left out.
    """
    exif, found = Image.Exif(), []
    for name in wanted:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tags = Image.open(io.BytesIO(data), formats=FORMATS).getexif()
                taken = {"date": _take_date, "place": _take_place}[name](tags, exif)
        except (OSError, ValueError, TypeError, SyntaxError, ZeroDivisionError, OverflowError):
            continue  # broken EXIF data: nothing is kept of them
        if taken:
            found.append(name)
    return (exif.tobytes() if found else b""), tuple(found)


def _take_date(tags: Image.Exif, target: Image.Exif) -> bool:
    own = tags.get_ifd(ExifTags.IFD.Exif)
    values = {int(tag): str(own[tag]) for tag, form in _DATES if tag in own and form.fullmatch(str(own[tag]))}
    if values:
        target.get_ifd(ExifTags.IFD.Exif).update(values)
    return bool(values)


def _take_place(tags: Image.Exif, target: Image.Exif) -> bool:
    own = tags.get_ifd(ExifTags.IFD.GPSInfo)
    values: dict[int, object] = {}
    for tag, side, letters, limit in _PLACES:
        parts = tuple(float(part) for part in own.get(tag, ()))
        letter = str(own.get(side, "")).strip("\0 ")
        if len(parts) != 3 or len(letter) != 1 or letter not in letters:
            return False
        if not all(math.isfinite(part) and 0 <= part <= limit for part in parts):
            return False
        values |= {side: letter, tag: parts}
    height = float(own.get(ExifTags.GPS.GPSAltitude, math.nan))
    if math.isfinite(height) and 0 <= height < 20_000:
        below = own.get(ExifTags.GPS.GPSAltitudeRef, b"\0") in (b"\1", 1)
        values |= {ExifTags.GPS.GPSAltitudeRef: b"\1" if below else b"\0", ExifTags.GPS.GPSAltitude: height}
    target.get_ifd(ExifTags.IFD.GPSInfo).update(values)
    return True
