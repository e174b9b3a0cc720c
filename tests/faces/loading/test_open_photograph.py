from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lib.faces.loading import open_photograph as module
from lib.faces.loading.open_photograph import open_photograph
from tests.exact import exactly


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def colours(height: int = 40, width: int = 60) -> Image.Image:
    """Red above, blue below: turned pictures can be told."""
    image = np.zeros((height, width, 3), np.uint8)
    image[: height // 2, :, 0] = 255
    image[height // 2 :, :, 2] = 255
    return Image.fromarray(image)


def noise(height: int = 64, width: int = 80) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def test_path_bytes_and_file_object_give_the_same(tmp_path):
    data = encoded(noise())
    path = tmp_path / "a.png"
    path.write_bytes(data)
    images = [open_photograph(source).image for source in (path, str(path), data, io.BytesIO(data))]
    for image in images:
        assert exactly(image, np.asarray(noise()), because="PNG keeps every pixel")
    assert open_photograph(path).size == (64, 80) and open_photograph(path).notes == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "PPM", "GIF"])
def test_the_usual_formats_open(kind):
    photo = open_photograph(encoded(colours(), kind))
    assert photo and photo.image.shape == (40, 60, 3) and photo.image.dtype == np.uint8
    assert photo.image[5, 5, 0] > 200 > 50 > photo.image[5, 5, 2]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_done_once(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = np.asarray(colours())
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}
    stored = np.rot90(raw, -turns[orientation])
    photo = open_photograph(encoded(Image.fromarray(stored.copy()), "PNG", exif=exif))
    assert photo.image.shape == (40, 60, 3) and photo.size == (40, 60)
    np.testing.assert_array_equal(photo.image[5, 5], [255, 0, 0])
    assert ("turned" in photo.notes) == (orientation > 1)


def test_sixteen_bit_grey_keeps_its_tones():
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    photo = open_photograph(encoded(Image.fromarray(ramp)))
    np.testing.assert_array_equal(photo.image[..., 0].ravel(), np.arange(256))
    assert photo.notes == ("16 bit",)


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_values_of_fewer_bits_are_not_black(bits):
    """Cameras and microscopes store 12 bits in 16."""
    ramp = np.linspace(0, 2**bits - 1, 256).astype(np.uint16).reshape(16, 16)
    photo = open_photograph(encoded(Image.fromarray(ramp)))
    np.testing.assert_allclose(photo.image[..., 0].ravel(), np.arange(256), atol=1)
    assert photo.notes == ("16 bit", "stretched")


@pytest.mark.parametrize("suffix", ["png", "ppm", "tiff"])
def test_sixteen_bit_colours_become_eight_with_a_note(suffix):
    values = np.full((8, 9, 3), 40_000, np.uint16)
    values[..., 0] = 1_000
    photo = open_photograph(cv2.imencode(f".{suffix}", values)[1].tobytes())
    assert photo.notes == ("16 bit",)
    np.testing.assert_allclose(photo.image[4, 4], [156, 156, 4], atol=1)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_colours_of_twelve_bits_are_not_black(suffix):
    values = np.full((8, 9, 3), 4095, np.uint16)
    values[..., 0], values[:4, :, 1] = 1_024, 2_048
    photo = open_photograph(cv2.imencode(f".{suffix}", values)[1].tobytes())
    assert photo.notes == ("16 bit", "stretched")
    np.testing.assert_allclose(photo.image[2, 4], [255, 128, 64], atol=1)
    np.testing.assert_allclose(photo.image[6, 4], [255, 255, 64], atol=1)


def test_sixteen_bit_colours_in_planes_are_refused():
    """Pillow reads them as other colours: a face in them would not be found."""
    values, strips = np.full((3, 8, 9), 40_000, np.uint16), 3
    tags = {256: (3, [9]), 257: (3, [8]), 258: (3, [16] * 3), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]),
            278: (3, [8]), 284: (3, [2]), 273: (4, [0] * strips), 279: (4, [144] * strips)}  # fmt: skip
    assert open_photograph(tiff(tags, values.tobytes())).detail == module.PLANES


def tiff(tags: dict[int, tuple[int, list[int]]], pixels: bytes) -> bytes:
    """A little-endian TIFF: tags by number with kind (3: short, 4: long) and values, then `pixels`."""
    place, longer = 8 + 2 + 12 * len(tags) + 4, b""
    end = place + sum({3: 2, 4: 4}[kind] * len(v) for kind, v in tags.values() if len(v) * kind > 4)
    tags[273] = (4, [end + n * (len(pixels) // len(tags[273][1])) for n in range(len(tags[273][1]))])
    rows = b""
    for number, (kind, values) in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}{'HI'[kind - 3]}", *values)
        if len(packed) > 4:
            longer, packed = longer + packed, struct.pack("<I", place + len(longer))
        rows += struct.pack("<HHI", number, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4) + longer + pixels


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_reduced_sixteen_bit_picture_is_turned_too(kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    values = np.linspace(0, 65535, 40 * 60).astype(np.uint16).reshape(40, 60)
    photo = open_photograph(encoded(Image.fromarray(values), kind, exif=exif), max_pixels=700)
    assert photo.image.shape == (30, 20, 3) and photo.size == (60, 40)
    assert photo.notes[:2] == ("16 bit", "reduced")
    assert photo.image[0, -1, 0] < 20 and photo.image[-1, 0, 0] > 235, "dark was above, is now to the right"


def test_float_tiff_in_the_unit_range():
    values = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    photo = open_photograph(encoded(Image.fromarray(values), "TIFF"))
    np.testing.assert_array_equal(photo.image[..., 1].ravel(), np.arange(256))


def test_cmyk():
    photo = open_photograph(encoded(colours().convert("CMYK"), "JPEG", quality=95))
    assert photo.notes == ("CMYK",)
    np.testing.assert_allclose(photo.image[5, 5], [255, 0, 0], atol=8)


def test_palette_grey_and_one_bit():
    grey_palette = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert("P")
    np.testing.assert_array_equal(
        open_photograph(encoded(grey_palette)).image[..., 2].ravel(), np.arange(256)
    )
    one_bit = Image.fromarray(np.eye(8, dtype=bool))
    assert exactly(
        open_photograph(encoded(one_bit)).image[..., 0],
        255 * np.eye(8, dtype=int),
        because="black and white alone",
    )
    assert open_photograph(encoded(noise().convert("L"))).image.shape == (64, 80, 3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_become_white(mode):
    picture = Image.new("RGBA", (8, 8), (10, 10, 10, 255))
    picture.paste((10, 10, 10, 0), (0, 0, 4, 8))
    photo = open_photograph(encoded(picture.convert(mode)))
    assert photo.notes == ("transparent",)
    np.testing.assert_array_equal(photo.image[0, 0], [255, 255, 255])
    np.testing.assert_allclose(photo.image[0, 7], [10, 10, 10], atol=6)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_an_animation_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = open_photograph(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert photo.notes == ("first frame",)
    np.testing.assert_array_equal(photo.image[3, 3], [255, 0, 0])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("part", [0.5, 0.95])
def test_truncated(kind, part):
    data = encoded(noise(), kind)
    photo = open_photograph(data[: int(part * len(data))])
    assert not photo and photo.image is None
    assert photo.reason in (module.TRUNCATED, module.DAMAGED, module.NOT_AN_IMAGE)


def test_a_truncated_jpeg_is_called_so():
    data = encoded(noise(), "JPEG")
    photo = open_photograph(data[: len(data) // 2])
    assert photo.reason == module.TRUNCATED and photo.size == (64, 80)


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", module.EMPTY),
        (b"%PDF-1.7 no picture", module.NOT_AN_IMAGE),
        (b"\0" * 999, module.NOT_AN_IMAGE),
    ],
)
def test_not_an_image(data, reason):
    assert open_photograph(data).reason == reason


def test_a_missing_file_and_a_folder(tmp_path):
    assert open_photograph(tmp_path / "none.jpg").reason == module.UNREADABLE
    assert open_photograph(tmp_path).reason == module.UNREADABLE


def test_one_pixel():
    assert open_photograph(encoded(Image.new("RGB", (1, 1), "red"))).image.tolist() == [[[255, 0, 0]]]


def test_a_broken_exif_block_costs_no_picture():
    data = encoded(colours(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f broken")
    assert open_photograph(data).image.shape == (40, 60, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_a_large_picture_is_reduced(kind, mode):
    if kind == "JPEG" and mode in ("P", "RGBA"):
        pytest.skip("JPEG has no such mode")
    photo = open_photograph(encoded(colours(400, 600).convert(mode), kind), max_pixels=10_000)
    assert photo.size == (400, 600) and "reduced" in photo.notes
    height, width = photo.image.shape[:2]
    assert height * width <= 10_000 and width / height == pytest.approx(1.5, abs=0.05)
    assert exactly(photo.image[2, 2, 0], photo.image[2, 2].max(), because="a channel of the same pixel")


def test_a_turned_large_picture():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = open_photograph(encoded(colours(400, 600), "JPEG", exif=exif), max_pixels=60_000)
    assert photo.size == (600, 400) and photo.image.shape == (300, 200, 3)
    assert photo.notes == ("reduced", "turned")


def test_a_header_that_claims_too_much_is_refused_without_decoding():
    assert open_photograph(b"P5 60000 60000 255\n" + bytes(100)).reason == module.TOO_LARGE


HUGE = """
import io, resource, sys
from PIL import Image
from lib.faces.loading.open_photograph import open_photograph
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
photo = open_photograph(data, max_pixels=6_000_000)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(photo.size, photo.image.shape[0] * photo.image.shape[1], (after - before) // 1024)
"""


def test_a_hundred_megapixels_take_bounded_memory():
    data = encoded(Image.new("L", (10_000, 10_000), 128), "JPEG")
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", HUGE], input=data, capture_output=True, cwd=root, check=True)
    *size, pixels, megabytes = done.stdout.decode().replace("(", "").replace(")", "").replace(",", "").split()
    assert size == ["10000", "10000"] and int(pixels) <= 6_000_000
    assert int(megabytes) < 100, "the picture alone is 100 MB; it must be reduced while it is decoded"
    assert b"DecompressionBomb" not in done.stderr


def test_no_warning_and_no_changed_filters_for_a_large_picture(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 3000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_photograph(encoded(noise()))
    assert open_photograph(encoded(noise(100, 100))).reason == module.TOO_LARGE


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "TIFF"]), st.data())
def test_broken_bytes_never_raise(kind, data):
    broken = bytearray(encoded(colours(), kind))
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    photo = open_photograph(bytes(broken))
    assert (photo.image is None) == (photo.reason in module.REASONS)
