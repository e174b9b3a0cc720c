"""Nothing but pixels comes back."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from lib.deidentify.photos.reencode import ANIMATED, SMALLEST, TOO_SMALL, decode, encode
from lib.faces.loading.open_photograph import NOT_AN_IMAGE, TRUNCATED
from tests.deidentify.photos.tiny_photos import backdrop
from tests.exact import exactly

SECRET = "Grandmother at 52.5200 N"
CANARY = SECRET.encode()


def exif(orientation: int = 1) -> Image.Exif:
    """A camera's EXIF: orientation, place, serial number, a comment, a preview."""
    tags = Image.Exif()
    tags[ExifTags.Base.Orientation] = orientation
    tags[ExifTags.Base.ImageDescription] = SECRET
    tags[ExifTags.Base.Make] = SECRET
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.BodySerialNumber] = SECRET
    tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    tags.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSAreaInformation] = CANARY
    return tags


def loaded(image: np.ndarray, kind: str, orientation: int = 1) -> bytes:
    """A file with all the metadata that its format takes."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">' + CANARY + b"</x:xmpmeta>"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif(orientation), "icc_profile": profile}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = text
    else:
        options |= {"xmp": xmp, "quality": 100}
    if kind == "JPEG":
        options |= {"comment": CANARY, "subsampling": 0}
    if kind == "WEBP":
        options["lossless"] = True
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, kind, **options)
    data = buffer.getvalue()
    assert data.count(CANARY) >= (2 if kind == "TIFF" else 3)
    return data


def png_chunks(data: bytes) -> set[bytes]:
    place, found = 8, set()
    while place < len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        assert (
            zlib.crc32(data[place + 4 : place + 8 + length])
            == struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0]
        )
        found.add(kind)
        place += 12 + length
    return found


def jpeg_segments(data: bytes) -> set[int]:
    place, found = 2, set()
    while data[place + 1] != 0xDA:
        found.add(data[place + 1])
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("output", ["JPEG", "PNG"])
def test_metadata_stay_behind(kind, output):
    photo = decode(loaded(backdrop(64, 80), kind))
    data = encode(photo.image, output)
    for mark in (
        CANARY,
        b"Exif",
        b"GPS",
        b"xmp",
        b"adobe",
        b"ICC",
        b"iCCP",
        b"eXIf",
        b"tEXt",
        b"Grandmother",
    ):
        assert mark not in data
    again = Image.open(io.BytesIO(data))
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert not again.getexif() and not again.getxmp()
    if output == "PNG":
        assert png_chunks(data) == {b"IHDR", b"IDAT", b"IEND"}
    else:
        assert not jpeg_segments(data) & {*range(0xE1, 0xF0), 0xFE}, "no application segment, no comment"


def test_the_wrong_variant_fails():
    """Saving the opened picture itself carries its metadata along."""
    buffer = io.BytesIO()
    opened = Image.open(io.BytesIO(loaded(backdrop(64, 80), "PNG")))
    opened.save(buffer, "PNG", exif=opened.getexif())
    assert CANARY in buffer.getvalue()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_and_not_turned_twice(orientation):
    image = backdrop(64, 80)
    photo = decode(loaded(image, "PNG", orientation))
    assert photo.image.shape[:2] == ((64, 80) if orientation < 5 else (80, 64))
    again = decode(encode(photo.image, "PNG"))
    assert exactly(again.image, photo.image, because="PNG keeps every pixel") and "turned" not in again.notes


def test_png_keeps_every_byte_and_jpeg_nearly():
    image = backdrop(64, 80)
    assert exactly(decode(encode(image, "PNG")).image, image, because="PNG keeps every pixel")
    assert np.abs(decode(encode(image, "JPEG")).image.astype(int) - image).mean() < 1.5


def wide_profile() -> bytes:
    """sRGB with red and blue changed over: what is applied shows."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    tags = {bytes(data[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    data[red : red + 8], data[blue : blue + 8] = data[blue : blue + 8], data[red : red + 8]
    return bytes(data)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_colour_profile_is_applied_before_it_is_dropped():
    image = backdrop(40, 50)
    photo = decode(encoded(Image.fromarray(image), "PNG", icc_profile=wide_profile()))
    assert photo.notes == ("profile applied",)
    assert np.abs(photo.image.astype(int) - image[..., ::-1]).max() <= 3


def test_profiles_that_cannot_be_applied_are_noted():
    picture = Image.fromarray(backdrop(40, 50))
    broken = decode(encoded(picture, "PNG", icc_profile=b"no profile at all"))
    assert broken.notes == ("profile dropped",) and exactly(
        broken.image, np.asarray(picture), because="PNG keeps every pixel"
    )
    grey = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert decode(encoded(picture.convert("CMYK"), "JPEG", icc_profile=grey)).notes[-1] == "profile dropped"


def test_what_is_refused():
    frames = [Image.fromarray(backdrop(40, 50, seed)) for seed in range(3)]
    for kind in ("GIF", "TIFF", "PNG"):
        animated = decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert animated.image is None and animated.reason == ANIMATED
        assert animated.detail.startswith("3 frames or pages")
        assert ("lib.deidentify video" in animated.detail) == (kind == "GIF"), "a clip is made of it"
    tiny = decode(encode(backdrop(SMALLEST - 1, 90), "PNG"))
    assert (tiny.reason, tiny.size) == (TOO_SMALL, (SMALLEST - 1, 90))
    assert decode(b"text").reason == NOT_AN_IMAGE
    assert decode(encode(backdrop(90, 90), "JPEG")[:900]).reason == TRUNCATED


def test_a_telephone_s_preview_is_left_behind():
    first, second = (Image.fromarray(backdrop(40, 50, seed)) for seed in range(2))
    data = encoded(first, "MPO", save_all=True, append_images=[second])
    photo = decode(data)
    assert photo.image is not None and photo.image.shape == (40, 50, 3)
