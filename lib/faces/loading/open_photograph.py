"""Open any file as a photograph: upright (EXIF), 8-bit RGB, bounded size, or the reason why not.

The image is upright (EXIF rotation done once), 8-bit RGB, the first frame of an animation, on white where it
was transparent, and of bounded size. What was done to it is noted.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

EMPTY = "empty file"
NOT_AN_IMAGE = "not an image"
TRUNCATED = "truncated"
DAMAGED = "damaged"
TOO_LARGE = "too large"
UNREADABLE = "unreadable file"
REASONS = (EMPTY, NOT_AN_IMAGE, TRUNCATED, DAMAGED, TOO_LARGE, UNREADABLE)
"""Why there is no image."""

MAX_PIXELS = 24_000_000
"""What `open_photograph` keeps unless told otherwise: 24 megapixels, 72 MB as an array."""

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "PPM")
"""Formats that are opened. Others that Pillow knows run programs (EPS: Ghostscript) or are no photographs."""

PLANES = "16-bit colours in planes are not read: export the photograph as JPEG or PNG"
"""Detail of a TIFF that Pillow and OpenCV open as other colours than it holds."""

_BEGINNINGS = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"II", b"MM", b"GIF8", b"BM", b"P")
"""First bytes of FORMATS."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIXTEEN_BIT = ("I", "I;16", "I;16L", "I;16B", "I;16N")
_PLANAR, _BITS = 284, 258
"""Numbers of TIFF tags: colours interleaved (1) or in planes (2), and bits of each."""
_ROWS = 512
_filters = threading.Lock()


@dataclass(frozen=True)
class Photograph:
    """An opened photograph, or the reason why there is none.

    Attributes
    ----------
    image : uint8 (H, W, 3) RGB, or None.
    reason : one of REASONS where there is no image, else empty.
    detail : what the decoder said, for a report.
    size : height and width, upright, before any reduction; (0, 0) where unknown.
    notes : what was done on the way, from a small vocabulary: `turned`, `orientation unreadable`,
        `first frame`, `transparent`, `16 bit` (8 are kept), `stretched` (values of fewer than 16 bits in 16),
        `CMYK`, `reduced`.
    """

    image: np.ndarray | None
    reason: str = ""
    detail: str = ""
    size: tuple[int, int] = (0, 0)
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.image is not None


def may_be_image(beginning: bytes) -> bool:
    """Whether a file's first bytes fit one of FORMATS, so that other files need not be read."""
    return beginning.startswith(_BEGINNINGS)


@contextmanager
def _without_bomb_warning() -> Iterator[None]:
    """Context manager: silence Pillow's size warning, as large images are reduced."""
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


def open_photograph(source: str | Path | bytes | BinaryIO, *, max_pixels: int = MAX_PIXELS) -> Photograph:
    """Open one photograph; never raises for what the bytes hold.

    Parameters
    ----------
    source : path, the bytes themselves, or a binary file object.
    max_pixels : a larger picture is reduced by a whole factor to at most this many pixels; JPEG already while
        it is decoded, so 100 megapixels take no more memory than the reduced picture.

    Returns
    -------
    Photograph with an image, or with a reason: an empty file, not an image, truncated, otherwise damaged, too
    large (above twice `PIL.Image.MAX_IMAGE_PIXELS`, 179 megapixels), a file that cannot be read.
    """
    try:
        data = _bytes(source)
    except OSError as error:
        return Photograph(None, UNREADABLE, str(error))
    if not data:
        return Photograph(None, EMPTY)
    try:
        with _without_bomb_warning():
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        return Photograph(None, TOO_LARGE, str(error))
    except UnidentifiedImageError:
        return Photograph(None, NOT_AN_IMAGE)
    except Exception as error:  # Pillow's readers raise anything on broken headers
        return Photograph(None, DAMAGED, repr(error))
    try:
        if _deep_planes(picture):
            return Photograph(None, NOT_AN_IMAGE, PLANES, picture.size[::-1])
        return _decode(picture, data, max_pixels)
    except Exception as error:  # and on broken data
        return Photograph(None, _reason(error), str(error), picture.size[::-1])


def _bytes(source: str | Path | bytes | BinaryIO) -> bytes:
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    if isinstance(source, str | Path):
        return Path(source).read_bytes()
    return source.read()


def _reason(error: Exception) -> str:
    text = str(error).lower()
    cut = isinstance(error, EOFError) or any(
        word in text for word in ("truncated", "incomplete", "end of file")
    )
    return TRUNCATED if cut else DAMAGED


def _decode(picture: Image.Image, data: bytes, max_pixels: int) -> Photograph:
    notes = []
    if getattr(picture, "is_animated", False):
        picture.seek(0)
        notes.append("first frame")
    whole, deep = picture.size, _stored_deeper(picture)
    shrink = _factor(whole, max_pixels)
    if shrink > 1:
        picture.draft(picture.mode, (max(whole[0] // shrink, 1), max(whole[1] // shrink, 1)))
    picture.load()
    orientation = _orientation(picture)
    if picture.mode in _SIXTEEN_BIT or picture.mode == "F":
        values, depth = _eight_bit(np.asarray(picture))
        picture = Image.fromarray(values)
        notes += depth
    elif deep:
        picture, depth = _deep_colours(picture, data)
        notes += depth
    if picture.size != whole or shrink > 1:
        notes.append("reduced")
        picture = _reduce(picture, _factor(picture.size, max_pixels))
    if orientation in _TURNS:
        picture = picture.transpose(_TURNS[orientation])
    if orientation != 1:
        notes.append("turned" if orientation else "orientation unreadable")
    image, more = _to_rgb(picture)
    size = whole if orientation >= 5 else whole[::-1]
    return Photograph(_pixels(image), size=(size[0], size[1]), notes=(*notes, *more))


def _pixels(picture: Image.Image) -> np.ndarray:
    """The pixels of an RGB picture, uint8 (H, W, 3); a few rows at a time, as Pillow copies them twice."""
    width, height = picture.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, _ROWS):
        pixels[top : top + _ROWS] = np.asarray(picture.crop((0, top, width, min(top + _ROWS, height))))
    return pixels


def _deep_planes(picture: Image.Image) -> bool:
    """Whether a TIFF keeps 16-bit colours in one plane each."""
    tags = getattr(picture, "tag_v2", {})
    return tags.get(_PLANAR, 1) == 2 and max(tags.get(_BITS, (8,))) > 8


def _deep_colours(picture: Image.Image, data: bytes) -> tuple[Image.Image, list[str]]:
    """A loaded picture whose file has 16-bit colours, with its 8 bits out of the range that they use.

    Pillow kept the upper 8 bits. Where those are dark, as a camera stored 12 or 14 bits in 16, OpenCV gives
    all 16, in much memory, so up to twice MAX_PIXELS. A PPM tells its own range, and alpha uses all of it:
    there Pillow's bits are right.
    """
    known = picture.format in ("PNG", "TIFF") and picture.mode == "RGB" and not _transparent(picture)
    if not known or picture.width * picture.height > 2 * MAX_PIXELS or _brightest(picture) >= 2**14 >> 8:
        return picture, ["16 bit"]
    values = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if values is None or values.dtype != np.uint16 or values.shape != (*picture.size[::-1], 3):
        return picture, ["16 bit"]
    eight, depth = _eight_bit(values[..., ::-1])
    return Image.fromarray(eight), depth


def _brightest(picture: Image.Image) -> int:
    """Highest value of any channel of an RGB picture."""
    return max(int(np.flatnonzero(picture.getchannel(band).histogram())[-1]) for band in range(3))


def _stored_deeper(picture: Image.Image) -> bool:
    """Whether an image not yet loaded has 16-bit channels, which Pillow reduces silently."""
    told = [tile[3] if isinstance(tile[3], tuple) else (tile[3],) for tile in getattr(picture, "tile", ())]
    return any(
        one > 255
        if isinstance(one, int) and picture.format == "PPM"
        else isinstance(one, str) and "16" in one
        for arguments in told
        for one in arguments
    )


def _orientation(picture: Image.Image) -> int:
    """EXIF orientation of an opened image, 1 to 8; 0 if the EXIF data are broken.

    Read from the file's own picture, as what is computed from it may lose the EXIF data; and turned here, as
    `ImageOps.exif_transpose` fails where another tag cannot be written again.
    """
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # as above: anything on broken bytes
        return 0
    return orientation if orientation in _TURNS else 1


def _factor(size: tuple[int, int], max_pixels: int) -> int:
    return int(np.ceil(np.sqrt(size[0] * size[1] / max_pixels)))


def _reduce(picture: Image.Image, factor: int) -> Image.Image:
    """Image reduced by averaging `factor` x `factor` pixels; palettes are converted first."""
    if factor <= 1:
        return picture
    if picture.mode in ("P", "PA", "1"):
        picture = picture.convert("RGBA" if _transparent(picture) else "RGB")
    return picture.reduce(factor)


def _transparent(picture: Image.Image) -> bool:
    return picture.has_transparency_data


def _to_rgb(picture: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    if _transparent(picture):
        colour = picture.convert("RGBA")
        white = Image.new("RGBA", colour.size, "white")
        return Image.alpha_composite(white, colour).convert("RGB"), ("transparent",)
    if picture.mode == "RGB":
        return picture, ()
    return picture.convert("RGB"), ("CMYK",) if picture.mode == "CMYK" else ()


def _eight_bit(values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Convert values of more than 8 bits to 0..255; also notes `16 bit`, and `stretched` where they use less.

    Integers are scaled by the smallest range of 8, 10, 12, 14 or 16 bits that holds them, as cameras and
    microscopes store 12 bits in 16; floats by 1, 255, 65535 or their own range.
    """
    if values.dtype.kind == "f":
        values = np.nan_to_num(values)
        brightest = values.max(initial=0)
        scale: Any = next((top for top in (1, 255, 65535) if brightest <= top), brightest)
        return np.clip(np.rint(values / scale * 255), 0, 255).astype(np.uint8), ["16 bit"]
    brightest = int(values.max(initial=0))
    top = next((2**bits - 1 for bits in (8, 10, 12, 14) if 0 < brightest < 2**bits), 65535)
    out = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _ROWS):  # integers, a few rows at a time, to save memory
        rows = np.clip(values[start : start + _ROWS], 0, 65535).astype(np.uint32)
        out[start : start + _ROWS] = (rows * 255 + top // 2) // top
    return out, ["16 bit", *["stretched"] * (top < 65535)]
