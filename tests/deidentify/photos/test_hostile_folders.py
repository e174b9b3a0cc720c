"""Files and folders that once broke a promise of the folder tool."""

import csv
import io
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from lib.deidentify.photos import protect_photo as one
from lib.deidentify.photos import reencode
from lib.deidentify.photos.detection import DetectorUnion
from lib.deidentify.photos.discovery import CLASH, CLUTTER, PhotosError, check_folders, list_folder
from lib.deidentify.photos.folder import EXISTS, FolderOptions, protect_folder
from lib.deidentify.photos.kept_metadata import kept_metadata
from lib.deidentify.photos.manifest import EARLIER, PROTECTED, FileRecord, Manifest, read_previous
from lib.deidentify.photos.preview import write_previews
from lib.deidentify.photos.protect_photo import LOOK_AGAIN, NO_FACE, UNWRITABLE
from lib.deidentify.photos.reencode import LONGEST, SMALLEST, TOO_NARROW, decode
from lib.deidentify.photos.regions import Paste
from lib.deidentify.photos.views import views
from lib.deidentify.protections.baselines import Pixelate, SolidFill
from lib.faces.detections import Detections
from lib.faces.loading.open_photograph import NOT_AN_IMAGE, TOO_LARGE, open_photograph
from lib.judges.base import Judgement
from lib.judges.subject_face import enlargement
from tests.deidentify.photos.test_reencode import CANARY, exif
from tests.deidentify.photos.tiny_photos import backdrop
from tests.exact import exactly, same_pixels

POINTS = np.array([[70, 60], [110, 60], [90, 85], [75, 105], [105, 105]], float)


def one_face(image):
    """A face that is always there."""
    return Detections([[50, 40, 130, 120]], POINTS[None], [1.0])


def blind(image):
    """Finds nothing."""
    return Detections.none()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(backdrop(180, 240)).save(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def statuses(manifest):
    return {record.file: record.status for record in manifest.records}


def run(folder, out, detector=one_face, **options):
    return protect_folder(folder, out, SolidFill(), detector, FolderOptions(**options), progress=False)


@pytest.mark.parametrize("region", ["face", "head"])
def test_a_face_that_the_second_look_finds_is_not_called_protected(folder, tmp_path, region):
    looks = []

    def elsewhere(image):
        looks.append(0)
        if len(looks) == 1:
            return Detections([[0, 0, 30, 30]], (POINTS / 6)[None], [1.0])
        return Detections([[150, 100, 230, 170]], (POINTS / 6)[None], [1.0])

    manifest = run(folder, tmp_path / "out", elsewhere, paste=Paste(region))
    assert statuses(manifest) == {"a.png": LOOK_AGAIN} and not manifest.complete
    assert "150 100 230 170" in manifest.records[0].detail and len(looks) == 3
    assert not (tmp_path / "out" / "a.png").exists()


def test_boxes_scores_and_detectors_stand_in_the_manifest(folder, tmp_path):
    record = run(folder, tmp_path / "out", DetectorUnion([one_face], thorough=False)).records[0]
    assert record.to_row()["boxes"] == "50 40 130 120 1.00 one_face"
    assert exactly(
        FileRecord.from_row(record.to_row()), record, because="distances are written to two digits"
    )


def test_answers_are_kept_only_for_their_parameters(folder, tmp_path):
    assert statuses(run(folder, tmp_path / "out", blind)) == {"a.png": NO_FACE}
    assert statuses(run(folder, tmp_path / "out")) == {"a.png": PROTECTED}


@pytest.mark.parametrize("name", ["manifest.csv", "manifest.json", "manifest.jsonl"])
@pytest.mark.parametrize("text", ["mine", '{"files": []}', "[1]", ""])
def test_a_foreign_manifest_stays(folder, tmp_path, name, text):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_text(text)
    with pytest.raises(PhotosError, match="not written by this tool"):
        run(folder, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [name]
    assert (tmp_path / "out" / name).read_text() == text


def test_a_huge_file_is_a_row(folder, tmp_path):
    with open(folder / "film.jpg", "wb") as file:
        file.truncate(6 << 30)  # takes no room on the disk
    found = statuses(run(folder, tmp_path / "out"))
    assert found == {"a.png": PROTECTED, "film.jpg": TOO_LARGE}


def test_a_film_is_refused_by_its_first_bytes(folder, tmp_path, monkeypatch):
    (folder / "film.jpg").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(10_000))

    def read(data, *_):
        raise AssertionError("decoded")

    monkeypatch.setattr(one, "decode", read)
    found = run(folder, tmp_path / "out").records
    assert [(row.file, row.status) for row in found] == [("a.png", one.FAILED), ("film.jpg", NOT_AN_IMAGE)]
    assert found[1].bytes == 10_012 and found[1].sha256


def test_a_file_that_memory_cannot_hold_is_a_row(folder, tmp_path, monkeypatch):
    def exhausted(_):
        raise MemoryError

    monkeypatch.setattr(one, "may_be_image", exhausted)
    assert statuses(run(folder, tmp_path / "out"))["a.png"] == TOO_LARGE


def test_too_little_memory_is_a_row(folder, tmp_path, monkeypatch):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr(one, "decode", exhausted)
    assert statuses(run(folder, tmp_path / "out"))["a.png"] == one.FAILED


def test_no_pixel_of_a_large_photograph_is_lost(tmp_path):
    record = run_one(tmp_path, np.zeros((4016, 6016, 3), np.uint8))
    assert (record.output_height, record.output_width, record.notes) == (4016, 6016, ())


def run_one(tmp_path, image):
    (tmp_path / "in").mkdir()
    Image.fromarray(image).save(tmp_path / "in" / "a.jpg")
    return run(tmp_path / "in", tmp_path / "out", dry_run=True).records[0]


def test_programs_do_not_run_on_foreign_bytes():
    assert open_photograph(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n").reason == NOT_AN_IMAGE


@pytest.mark.parametrize("size", [(33, 700_000), (700_000, 33), (33, 33 * 20 + 1)])
def test_a_strip_is_refused_before_it_is_decoded(monkeypatch, size):
    """Detectors enlarge by the shorter side: 23 kB of file took 13 GB."""
    data = png(*size)
    monkeypatch.setattr(reencode, "open_photograph", None)
    photo = decode(data)
    assert (photo.reason, photo.size) == (TOO_NARROW, size) and photo.image is None


def png(height, width):
    """A black picture of one bit a pixel."""
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("shape", [(SMALLEST, SMALLEST * LONGEST), (200, 200 * LONGEST), (5000, 5000)])
def test_detectors_see_bounded_pictures_though_they_enlarge_them(shape):
    """By a whole factor until no side is below what each wants: 320 px for dlib, 224 for MTCNN."""
    shown = [view.image.shape[:2] for view in views(np.zeros((*shape, 3), np.uint8))]
    assert shown and max(high * wide * enlargement((high, wide), 320) ** 2 for high, wide in shown) <= 1600**2


MEMORY = """
import sys
import cv2
import numpy as np
from lib.deidentify.photos.reencode import decode

def kilobytes(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name))

side = 3000
for shape, kind in (((side, side), np.uint16), ((side, side, 3), np.uint16), ((side, side, 3), np.uint8)):
    image = np.zeros(shape, kind)
    image[::2] = 200 * (257 if kind is np.uint16 else 1)
    data = cv2.imencode(".png", image)[1].tobytes()
    del image
    decode(data)  # libraries load at the first call
    open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here
    before = kilobytes("VmRSS")
    assert decode(data).image.max() == 200
    print((kilobytes("VmHWM") - before) * 1024 / side**2)
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="Linux tells the peak of memory")
def test_decoding_takes_a_bounded_memory():
    """Bytes a pixel; of 13,300 px with 16 bits they were 20, 3.6 GB."""
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    used = [float(line) for line in done.stdout.split()]
    assert len(used) == 3 and max(used) < 10, "four by Pillow, three as an array, some rows between them"


def test_a_picture_is_turned_whatever_its_other_tags(monkeypatch):
    image = backdrop(40, 60)
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", exif=exif)

    def broken(*_, **__):
        raise ValueError("a rational of -1/0")

    monkeypatch.setattr(Image.Exif, "tobytes", broken)
    photo = open_photograph(buffer.getvalue())
    assert exactly(
        photo.image, np.rot90(image, 3), because="whole grey levels, only turned"
    ) and photo.notes == ("turned",)


def test_an_orientation_that_cannot_be_read_is_noted(monkeypatch):
    def broken(*_):
        raise ValueError

    buffer = io.BytesIO()
    Image.fromarray(backdrop(40, 60)).save(buffer, "PNG")
    monkeypatch.setattr(Image.Image, "getexif", broken)
    assert open_photograph(buffer.getvalue()).notes == ("orientation unreadable",)


def test_sixteen_bit_colours_are_protected_in_eight_with_a_note(folder, tmp_path):
    """The brightest value uses all 16 bits, so that nothing is stretched."""
    deep = backdrop(180, 240).astype(np.uint16) * 257
    deep[0, 0] = 65535
    (folder / "a.png").write_bytes(cv2.imencode(".png", deep[..., ::-1])[1].tobytes())
    record = run(folder, tmp_path / "out").records[0]
    assert (record.status, record.notes) == (PROTECTED, ("16 bit",))
    copy = Image.open(tmp_path / "out" / "a.png")
    assert copy.mode == "RGB" and same_pixels(np.asarray(copy)[120:, 160:], backdrop(180, 240)[120:, 160:])
    assert (np.asarray(copy)[75:95, 80:100] == 128).all(), "the face is covered"


def test_names_cannot_break_the_table_or_run_in_it(tmp_path):
    names = ["=1+1.png", "+a.png", "@b.png", "-c.png", "line\rbreak.png", "two\nlines.png", 'quo"te.png']
    Manifest(tuple(FileRecord(name, PROTECTED) for name in names), {"protection": "x"}).write(tmp_path)
    rows = list(csv.DictReader((tmp_path / "manifest.csv").read_text().splitlines()))
    assert len(rows) == len(names)
    assert not any(row["file"][0] in "=+-@" for row in rows)
    assert [record.file for record in read_previous(tmp_path)[1]] == names, (
        "the other manifest keeps the names as they are"
    )


def test_reserved_names_are_clashes_and_clutter_is_no_failure(folder, tmp_path):
    for name in ("manifest.csv", ".facevalue-x.part"):
        (folder / name).mkdir()
        Image.fromarray(backdrop(180, 240)).save(folder / name / "b.png")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    found = {entry.file: entry.reason for entry in list_folder(folder)}
    assert found["manifest.csv/b.png"] == found[".facevalue-x.part/b.png"] == CLASH
    assert found[".DS_Store"] == found["Thumbs.db"] == CLUTTER
    run(folder, tmp_path / "out")
    records = (FileRecord("a", PROTECTED), FileRecord(".DS_Store", CLUTTER))
    assert Manifest(records, {}).complete


def test_folders_are_told_apart_by_what_they_are(folder, tmp_path, monkeypatch):
    """A bind mount: another path, the same device and inode."""
    (tmp_path / "mounted").mkdir()
    stat = type(folder).stat
    monkeypatch.setattr(
        type(folder),
        "stat",
        lambda path, **options: stat(folder if path.name == "mounted" else path, **options),
    )
    with pytest.raises(PhotosError, match="mount"):
        check_folders(folder, tmp_path / "mounted")


def test_a_folder_inside_that_is_the_photographs_own_is_not_written_to(folder, tmp_path, monkeypatch):
    """OUT/sub is a bind mount of IN/sub: by its path it lies in OUT."""
    for place in (folder / "sub", tmp_path / "out" / "sub"):
        place.mkdir(parents=True)
    Image.fromarray(backdrop(180, 240)).save(folder / "sub" / "b.png")
    seen = {(tmp_path / "out" / "sub", folder / "sub")}
    same = os.path.samefile
    monkeypatch.setattr(os.path, "samefile", lambda one, other: (one, other) in seen or same(one, other))
    before = (folder / "sub" / "b.png").read_bytes()
    found = statuses(run(folder, tmp_path / "out", overwrite=True))
    assert found == {"a.png": PROTECTED, "sub/b.png": UNWRITABLE}
    assert (folder / "sub" / "b.png").read_bytes() == before
    assert not any((tmp_path / "out" / "sub").iterdir()), "nor is a temporary file left there"


def test_a_hard_link_to_a_photograph_is_replaced_and_not_written_through(folder, tmp_path):
    (tmp_path / "out").mkdir()
    os.link(folder / "a.png", tmp_path / "out" / "a.png")
    before = (folder / "a.png").read_bytes()
    assert statuses(run(folder, tmp_path / "out")) == {"a.png": EXISTS}
    assert statuses(run(folder, tmp_path / "out", overwrite=True)) == {"a.png": PROTECTED}
    assert (folder / "a.png").read_bytes() == before != (tmp_path / "out" / "a.png").read_bytes()


def test_no_folder_is_made_outside(folder, tmp_path):
    (folder / "sub" / "deep").mkdir(parents=True)
    Image.fromarray(backdrop(180, 240)).save(folder / "sub" / "deep" / "b.png")
    for place in ("out", "elsewhere"):
        (tmp_path / place).mkdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "out" / "sub")
    run(folder, tmp_path / "out")
    assert not any((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("ending", ["dng", "CR2", "nef", "arw", "orf", "rw2", "pef", "srw", "raw"])
def test_camera_raw_is_not_protected_by_its_thumbnail(folder, tmp_path, ending):
    """Most of them are TIFFs whose first page is a small preview, and open as such."""
    Image.fromarray(backdrop(180, 240)).save(folder / f"c.{ending}", "TIFF")
    record = run(folder, tmp_path / "out").records[1]
    assert (record.file, record.status) == (f"c.{ending}", NOT_AN_IMAGE) and "export" in record.detail
    assert copies(tmp_path / "out") == {"a.png"}


@pytest.mark.parametrize("first, status", [(0, PROTECTED), (1, NOT_AN_IMAGE), (3, NOT_AN_IMAGE)])
def test_a_first_page_that_is_a_reduced_preview_is_refused(folder, tmp_path, first, status):
    """Bit 0 of NewSubfileType says so, whatever the file's ending."""
    Image.fromarray(backdrop(180, 240)).save(folder / "d.tif", "TIFF", tiffinfo={254: first})
    record = run(folder, tmp_path / "out").records[1]
    assert record.status == status and ("preview" in record.detail) == (status == NOT_AN_IMAGE)


# --- every copy is in the manifest --------------------------------------------------------------------------


def listed(out):
    """Copies that the manifest knows, by their status."""
    _, records = read_previous(out)
    return {record.output: record.status for record in records if record.output_sha256}


def copies(out):
    return {path.name for path in out.iterdir() if not path.name.startswith("manifest")}


def test_a_photograph_that_was_unreadable_once_is_protected_again(folder, tmp_path, monkeypatch):
    first = run(folder, tmp_path / "out")
    whole = (folder / "a.png").read_bytes()
    (folder / "a.png").write_bytes(b"")
    again = run(folder, tmp_path / "out")
    assert [(row.file, row.status) for row in again.records] == [("a.png", EXISTS), ("a.png", EARLIER)]
    assert not again.complete and listed(tmp_path / "out") == {"a.png": EARLIER}
    (folder / "a.png").write_bytes(whole)
    assert exactly(run(folder, tmp_path / "out"), first, because="read back from the manifest")


def test_a_copy_that_was_already_there_is_withdrawn_by_an_overwriting_run(folder, tmp_path):
    run(folder, tmp_path / "out")
    Image.fromarray(backdrop(180, 240, 5)).save(folder / "a.png")
    run(folder, tmp_path / "out")
    run(folder, tmp_path / "out", overwrite=True, kind="jpeg")
    assert copies(tmp_path / "out") == {"a.png.jpg"} == set(listed(tmp_path / "out"))


def test_a_weak_copy_of_a_withdrawn_photograph_is_not_counted_as_the_new_protection(folder, tmp_path):
    Image.fromarray(backdrop(180, 240, 5)).save(folder / "b.png")
    protect_folder(folder, tmp_path / "out", Pixelate(strength=0.3), one_face, progress=False)
    (folder / "b.png").unlink()
    manifest = run(folder, tmp_path / "out", overwrite=True)
    assert manifest.counts == {PROTECTED: 1, EARLIER: 1}
    row = manifest.records[1]
    assert (row.file, row.detail) == (
        "b.png",
        "no photograph of this name is in the folder",
    ) and "pixelate 0.3" in row.made_with
    assert exactly(run(folder, tmp_path / "out"), manifest, because="read back from the manifest"), (
        "and keeps its own record"
    )


def test_copies_of_the_run_before_are_listed_after_a_kill(folder, tmp_path):
    for name in ("b.png", "c.png"):
        Image.fromarray(backdrop(180, 240, 5)).save(folder / name)
    out = tmp_path / "out"
    run(folder, out)
    seen = []

    def killed(image):
        seen.append(0)
        if len(seen) > 2:
            raise KeyboardInterrupt
        return one_face(image)

    killed.name = "one_face"
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, killed, overwrite=True, kind="jpeg")
    assert copies(out) == {"a.png.jpg", "b.png", "c.png"} and copies(out) <= set(listed(out))
    run(folder, out, killed_never, overwrite=False, kind="jpeg")
    assert {"b.png", "c.png"} <= copies(out) and copies(out) == set(listed(out))
    run(folder, out, killed_never, overwrite=True, kind="jpeg")
    assert copies(out) == {"a.png.jpg", "b.png.jpg", "c.png.jpg"} == set(listed(out))


def killed_never(image):
    return one_face(image)


killed_never.name = "one_face"


def test_files_of_others_in_the_output_folder_are_named(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "holiday.png").write_bytes(b"mine")
    assert run(folder, tmp_path / "out").others == ("holiday.png",)


# --- a strength that protects nobody ------------------------------------------------------------------------


def by_mean(images, points):
    """Embeds a face by its mean tone."""
    return Judgement(images.mean((1, 2)) / 255, np.ones(len(images), bool))


def test_a_face_that_is_still_recognised_is_noted(folder, tmp_path):
    weak = protect_folder(
        folder,
        tmp_path / "weak",
        Pixelate(strength=0.02),
        one_face,
        FolderOptions(recogniser=by_mean),
        progress=False,
    )
    assert weak.records[0].notes == ("recognised",) and weak.records[0].distances[0] < 0.1

    def far(images, points):
        return Judgement(np.arange(len(images))[:, None] * 0.75, np.ones(len(images), bool))

    strong = run(folder, tmp_path / "strong", recogniser=far)
    assert strong.records[0].notes == () and exactly(
        strong.records[0].distances, (0.75,), because="a binary fraction of two digits"
    )
    assert run(folder, tmp_path / "without").records[0].distances == ()


# --- what users ask for -------------------------------------------------------------------------------------


def test_a_preview_shows_the_copy_with_its_boxes(folder, tmp_path):
    manifest = run(folder, tmp_path / "out")
    assert write_previews(manifest, tmp_path / "out", tmp_path / "look") == (1, [])
    drawn = np.asarray(Image.open(tmp_path / "look" / "a.png.jpg")).astype(int)
    copy = np.asarray(Image.open(tmp_path / "out" / "a.png")).astype(int)
    assert manifest.records[0].boxes[0].text.startswith("50 40 130 120 ")
    assert np.abs(drawn[40, 60:120] - [255, 176, 0]).mean() < 60, "the upper edge of the box"
    assert np.abs(drawn[70:100, 70:110] - copy[70:100, 70:110]).mean() < 5, "the altered face, not the other"
    with pytest.raises(PhotosError, match="overlap"):
        write_previews(manifest, tmp_path / "out", tmp_path / "out" / "look")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_date_and_place_are_kept_on_demand_and_nothing_else(tmp_path, kind):
    tags = exif()
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2021:05:06 07:08:09"
    gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLongitudeRef] = "S", "E"
    gps[ExifTags.GPS.GPSLongitude] = (13.0, 24.0, 18.0)
    (tmp_path / "in").mkdir()
    Image.fromarray(backdrop(180, 240)).save(tmp_path / "in" / f"a.{kind.lower()}", kind, exif=tags)
    manifest = run(tmp_path / "in", tmp_path / "out", keep_metadata=("date", "place"))
    assert manifest.records[0].notes == ("kept date", "kept place")
    copy = (tmp_path / "out" / f"a.{kind.lower()}").read_bytes()
    assert CANARY not in copy
    kept = Image.open(io.BytesIO(copy)).getexif()
    assert dict(kept.get_ifd(ExifTags.IFD.Exif)) == {ExifTags.Base.DateTimeOriginal: "2021:05:06 07:08:09"}
    place = kept.get_ifd(ExifTags.IFD.GPSInfo)
    assert set(place) == {1, 2, 3, 4} and place[1] == "S"
    assert [float(part) for part in place[2]] == pytest.approx([52, 31, 12])
    run(tmp_path / "in", tmp_path / "without")
    assert not Image.open(tmp_path / "without" / f"a.{kind.lower()}").getexif()


@pytest.mark.parametrize("date", ["Grandmother", "2021:05:06 07:08:09 and more", ""])
def test_a_free_text_does_not_pass_for_a_date(date):
    tags = exif()
    tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = date
    buffer = io.BytesIO()
    Image.fromarray(backdrop(40, 60)).save(buffer, "PNG", exif=tags)
    assert kept_metadata(buffer.getvalue(), ("date", "place")) == (b"", ())
    assert kept_metadata(b"no picture", ("date",)) == (b"", ())
