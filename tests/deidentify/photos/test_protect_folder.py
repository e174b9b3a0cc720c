"""A folder of photographs: every file has an answer, and only what is protected is copied."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster
from PIL import Image

from lib.deidentify.__main__ import BROKEN_OFF
from lib.deidentify.photos import folder as room
from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.discovery import (
    CLASH,
    LINK,
    SPECIAL,
    UNREADABLE_FOLDER,
    PhotosError,
    list_folder,
    output_name,
)
from lib.deidentify.photos.folder import EXISTS, FolderOptions, protect_folder
from lib.deidentify.photos.manifest import (
    EARLIER,
    PROTECTED,
    FaceBox,
    FileRecord,
    Manifest,
    read_previous,
    sha256,
)
from lib.deidentify.photos.protect_photo import (
    DETECTOR_FAILED,
    FAILED,
    NO_FACE,
    NO_POINTS,
    SEVERAL,
    UNWRITABLE,
    Settings,
    protect_file,
)
from lib.deidentify.photos.reencode import ANIMATED, TOO_SMALL, encode
from lib.deidentify.photos.regions import Paste
from lib.deidentify.protections.baselines import Blur, SolidFill
from lib.faces.loading.open_photograph import EMPTY, NOT_AN_IMAGE, TRUNCATED, UNREADABLE
from lib.faces.locking import locked
from tests.deidentify.photos.test_reencode import CANARY, encoded, loaded
from tests.deidentify.photos.tiny_photos import Knows, backdrop, photograph
from tests.exact import exactly, same_pixels

ONE, TWO, NONE = (200, 260), (180, 300), (150, 160)


@pytest.fixture(scope="module")
def album(renderings):
    """Pictures by their size, and a detector that knows the faces in them."""
    one, points_one = photograph(ONE, renderings[:1], [(70, 30, 2)])
    two, points_two = photograph(TWO, renderings[4:6], [(10, 20, 2), (160, 30, 2)], seed=1)
    knows = Knows({ONE: points_one, TWO: points_two})
    return {ONE: one, TWO: two, NONE: backdrop(*NONE)}, knows


@pytest.fixture(scope="module")
def pictured(album, tmp_path_factory):
    pictures, _ = album
    folder = tmp_path_factory.mktemp("photographs")
    (folder / "summer").mkdir(parents=True)
    (folder / "a.png").write_bytes(loaded(pictures[ONE], "PNG"))
    (folder / "summer" / "two.PNG").write_bytes(encode(pictures[TWO], "PNG"))
    (folder / "summer" / "b.jpg").write_bytes(loaded(pictures[ONE], "JPEG"))
    (folder / "c.webp").write_bytes(loaded(pictures[ONE], "WEBP"))
    (folder / "hills.png").write_bytes(encode(pictures[NONE], "PNG"))
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def folder(pictured, tmp_path):
    return shutil.copytree(pictured, tmp_path / "in")


def run(folder, out, album, protection=None, *, workers=1, client=None, **options):
    how = {"workers": workers, "client": client, "progress": False}
    return protect_folder(folder, out, protection or SolidFill(), album[1], FolderOptions(**options), **how)


def statuses(manifest):
    return {record.file: record.status for record in manifest.records}


def tree(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


WELL = {
    "a.png": PROTECTED,
    "c.webp": PROTECTED,
    "hills.png": NO_FACE,
    "notes.txt": NOT_AN_IMAGE,
    "summer/b.jpg": PROTECTED,
    "summer/two.PNG": PROTECTED,
}
COPIES = {"a.png", "c.webp.png", "summer/b.jpg", "summer/two.PNG"}


def test_copies_and_manifest(folder, album, tmp_path):
    before = tree(folder)
    manifest = run(folder, tmp_path / "out", album)
    assert statuses(manifest) == WELL and not manifest.complete
    out = tree(tmp_path / "out")
    assert set(out) == COPIES | {"manifest.csv", "manifest.json"}
    assert tree(folder) == before
    for record in manifest.records:
        assert record.sha256 == sha256(before[record.file]) and record.bytes == len(before[record.file])
        assert (record.output in COPIES) == (record.status == PROTECTED)
        if record.output:
            assert record.output_sha256 == sha256(out[record.output])
            assert record.faces == (2 if "two" in record.file else 1)
            assert (record.height, record.width) == (record.output_height, record.output_width)
            assert CANARY not in out[record.output]
    pixels = np.asarray(Image.open(tmp_path / "out" / "a.png"))
    expected = protect_faces(album[0][ONE], album[1].where[ONE], SolidFill())
    assert same_pixels(pixels, expected.image)
    assert exactly(
        pixels[~expected.mask], album[0][ONE][~expected.mask], because="pixels outside the mask are copied"
    )
    assert (pixels[expected.mask] != album[0][ONE][expected.mask]).any(-1).mean() > 0.9


def test_the_manifest_on_disk(folder, album, tmp_path):
    manifest = run(folder, tmp_path / "out", album)
    content = json.loads((tmp_path / "out" / "manifest.json").read_text())
    with open(tmp_path / "out" / "manifest.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["file"] for row in table] == [row["file"] for row in content["files"]] == sorted(WELL)
    assert {row["file"]: row["status"] for row in table} == WELL
    assert content["counts"] == manifest.counts == {PROTECTED: 4, NO_FACE: 1, NOT_AN_IMAGE: 1}
    assert content["parameters"]["protection"] == "cover rgb" and content["parameters"]["detector"] == "knows"
    assert content["parameters"]["region"] == "face" and content["parameters"]["tint"] == ""
    assert content["parameters"]["jpeg_quality"] == 95 and "pillow" in content["software"]
    assert str(tmp_path) not in json.dumps(content), "nothing of this machine"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_manifest_is_written_row_by_row(tmp_path, count):
    """In the form that one call of a library would give, but never as one text."""
    box = FaceBox(1.0, 2.0, 30.0, 40.0, 0.5, "dlib")
    told = {"boxes": (box,), "distances": (0.7,)}
    records = tuple(FileRecord(f"{number} é\n.png", PROTECTED, **told) for number in range(count))
    manifest = Manifest(records, {"protection": "cover"}, ("mine.txt",), ("Withstood.",))
    manifest.write(tmp_path)
    written = (tmp_path / "manifest.json").read_text()
    content = json.loads(written)
    assert written == json.dumps(content, indent=1) + "\n" and len(content["files"]) == count
    assert content["files"] == [record.to_row() for record in records], "rows are texts and whole numbers"
    rows = list(csv.reader((tmp_path / "manifest.csv").open(newline="")))
    assert len(rows) == count + 1 and {len(row) for row in rows} == {len(rows[0])}
    told, read = read_previous(tmp_path)
    assert told == {"protection": "cover"} and [one.to_row() for one in read] == content["files"]


def test_a_second_run_does_nothing(folder, album, tmp_path, monkeypatch):
    first = run(folder, tmp_path / "out", album)
    stamps = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").rglob("*.*g")}
    monkeypatch.setattr(room, "protect_file", None)
    assert exactly(run(folder, tmp_path / "out", album), first, because="read back from the manifest")
    assert {p: p.stat().st_mtime_ns for p in stamps} == stamps


def test_nothing_is_overwritten_unless_told(folder, album, tmp_path):
    out = tmp_path / "out"
    (out / "summer").mkdir(parents=True)
    (out / "a.png").write_bytes(b"mine")
    (out / "summer" / "b.jpg").symlink_to(folder / "summer" / "b.jpg")
    found = statuses(run(folder, out, album))
    assert found == WELL | {"a.png": EXISTS, "summer/b.jpg": EXISTS}
    assert (out / "a.png").read_bytes() == b"mine"
    original = (folder / "summer" / "b.jpg").read_bytes()
    assert statuses(run(folder, out, album, overwrite=True)) == WELL
    assert (out / "a.png").read_bytes() != b"mine"
    assert (folder / "summer" / "b.jpg").read_bytes() == original, "the link is replaced, not what it names"


def test_a_changed_photograph_or_copy_is_not_taken_for_done(folder, album, tmp_path):
    out = tmp_path / "out"
    run(folder, out, album)
    (folder / "a.png").write_bytes(loaded(np.ascontiguousarray(album[0][ONE][:, ::-1]), "PNG"))
    (out / "c.webp.png").write_bytes(b"edited")
    found = run(folder, out, album)
    assert [row.status for row in found.records if row.file == "a.png"] == [EXISTS, EARLIER]
    assert statuses(found) == WELL | {"a.png": EARLIER, "c.webp": EXISTS} and found.others == ()
    (out / "c.webp.png").unlink()
    assert statuses(run(folder, out, album)) == WELL | {"a.png": EARLIER}


def test_other_parameters_need_another_folder(folder, album, tmp_path):
    out = tmp_path / "out"
    run(folder, out, album)
    before = tree(out)
    with pytest.raises(PhotosError, match="other parameters"):
        run(folder, out, album, Blur())
    with pytest.raises(PhotosError, match="other parameters"):
        run(folder, out, album, kind="png")
    assert tree(out) == before
    run(folder, out, album, overwrite=True, kind="jpeg")
    assert {name for name in tree(out) if "manifest" not in name} == {
        "a.png.jpg", "c.webp.jpg", "summer/b.jpg", "summer/two.PNG.jpg",
    }, "copies of the run before that this one replaces are gone"  # fmt: skip


@dataclass(frozen=True)
class Painted(SolidFill):
    """A grey protection that paints every face alike."""

    colour: str = "grey"

    def __call__(self, faces, **labels):
        return np.full_like(faces, 140)


def test_another_region_or_tint_is_another_parameter(folder, album, tmp_path):
    out, head = tmp_path / "out", Paste("head", "none")
    found = run(folder, out, album, Painted(), paste=head)
    assert statuses(found) == WELL and found.parameters["region"] == "head"
    assert found.parameters["tint"] == "none"
    expected = protect_faces(album[0][TWO], album[1].where[TWO], Painted(), head).image
    assert same_pixels(np.asarray(Image.open(out / "summer" / "two.PNG")), expected)
    before = tree(out)
    for paste in (Paste(), Paste("head", "face"), Paste("face", "none")):
        with pytest.raises(PhotosError, match="other parameters"):
            run(folder, out, album, Painted(), paste=paste)
    assert tree(out) == before
    replaced = run(folder, out, album, Painted(), overwrite=True)
    assert statuses(replaced) == WELL and replaced.parameters["region"] == "face"
    run(folder, tmp_path / "colour", album, paste=Paste("face", "face"))
    again = run(folder, tmp_path / "colour", album, paste=Paste("face", "none"))
    assert statuses(again) == WELL, "a protection of colours has no tint, so this changes nothing"


def test_a_copy_that_can_no_longer_be_made_is_withdrawn(folder, album, tmp_path):
    run(folder, tmp_path / "out", album)
    blind = protect_folder(
        folder, tmp_path / "out", SolidFill(), Knows(), FolderOptions(overwrite=True), progress=False
    )
    assert PROTECTED not in blind.counts
    assert set(tree(tmp_path / "out")) == {"manifest.csv", "manifest.json"}


def test_a_photograph_that_went_away_stays_in_the_list(folder, album, tmp_path):
    run(folder, tmp_path / "out", album)
    (folder / "a.png").unlink()
    again = run(folder, tmp_path / "out", album)
    assert {r.file: r.detail for r in again.records}["a.png"] == "no photograph of this name is in the folder"


def test_dry_run(folder, album, tmp_path):
    assert statuses(run(folder, tmp_path / "out", album, dry_run=True)) == WELL
    assert not (tmp_path / "out").exists()


# --- files that cannot be protected -------------------------------------------------------------------------


@dataclass(frozen=True)
class Moody(SolidFill):
    """Fails in a way of choice."""

    how: str = "raises"

    def __call__(self, faces, **labels):
        if self.how == "raises":
            raise RuntimeError("out of memory")
        return faces if self.how == "copies" else faces[:, :5]


@pytest.mark.parametrize("how", ["raises", "copies", "crops"])
def test_a_protection_that_fails_is_listed_and_not_copied(folder, album, tmp_path, how):
    manifest = run(folder, tmp_path / "out", album, Moody(how=how))
    assert statuses(manifest) == {k: FAILED if v == PROTECTED else v for k, v in WELL.items()}
    assert set(tree(tmp_path / "out")) == {"manifest.csv", "manifest.json"}
    assert all(record.detail and not record.output for record in manifest.records if record.status == FAILED)


def test_bad_files_one_by_one(folder, album, tmp_path):
    picture = album[0][ONE]
    frames = [Image.fromarray(picture)] * 2
    frames[1] = Image.fromarray(picture[::-1])
    bad = {
        "empty.jpg": (b"", EMPTY),
        "half.jpg": (encode(picture, "JPEG")[:3000], TRUNCATED),
        "moving.gif": (encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), ANIMATED),
        "dot.png": (encode(picture[:1, :1], "PNG"), TOO_SMALL),
        "phone.HEIC": (b"\0\0\0\x18ftypheic", NOT_AN_IMAGE),
    }
    for name, (data, _) in bad.items():
        (folder / name).write_bytes(data)
    manifest = run(folder, tmp_path / "out", album)
    assert statuses(manifest) == WELL | {name: reason for name, (_, reason) in bad.items()}
    details = {record.file: record.detail for record in manifest.records}
    assert "export" in details["phone.HEIC"] and details["moving.gif"].startswith("2 frames or pages: ")


def test_links_pipes_and_unreadable_files(folder, album, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.png").write_bytes(encode(album[0][ONE], "PNG"))
    (folder / "link.png").symlink_to(outside / "x.png")
    (folder / "linked").symlink_to(outside)
    (folder / "lost.png").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.png")
    found = statuses(run(folder, tmp_path / "out", album))
    assert found == WELL | {"link.png": LINK, "linked": LINK, "lost.png": LINK, "pipe.png": SPECIAL}
    assert set(tree(tmp_path / "out")) == COPIES | {"manifest.csv", "manifest.json"}


def test_files_and_folders_that_cannot_be_read(folder, album, tmp_path, monkeypatch):
    """The test may run as an administrator, whom permissions do not stop."""
    settings = Settings(SolidFill(), album[1], False, 10**6)
    record, part = protect_file(settings, str(folder), "gone.png", str(tmp_path / "out"), "gone.png")
    assert (record.status, part) == (UNREADABLE, "")
    scan = os.scandir

    def refusing(path):
        if str(path).endswith("summer"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = {entry.file: (entry.reason, entry.detail) for entry in list_folder(folder)}
    assert found["summer"] == (UNREADABLE_FOLDER, "Permission denied") and "summer/b.jpg" not in found
    assert run(folder, tmp_path / "out", album).counts[UNREADABLE_FOLDER] == 1


def test_a_full_disk_leaves_nothing_half_written(folder, album, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, data):
        if ".facevalue-manifest" in path.name:
            return write(path, data)
        write(path, data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    manifest = run(folder, tmp_path / "out", album)
    assert statuses(manifest) == {k: UNWRITABLE if v == PROTECTED else v for k, v in WELL.items()}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"manifest.csv", "manifest.json", "summer"}
    assert not any((tmp_path / "out" / "summer").iterdir())


def test_detectors_that_fail_or_see_too_much(folder, album, tmp_path):
    def blind(image):
        raise ValueError("no")

    def vague(image):
        found = album[1](image)
        found.points[...] = np.nan
        return found

    done = protect_folder(folder, tmp_path / "out", SolidFill(), blind, progress=False)
    assert done.counts == {DETECTOR_FAILED: 5, NOT_AN_IMAGE: 1}
    done = protect_folder(folder, tmp_path / "out2", SolidFill(), vague, progress=False)
    assert done.counts == {NO_POINTS: 4, NO_FACE: 1, NOT_AN_IMAGE: 1}
    done = run(folder, tmp_path / "out3", album, one_face=True)
    assert statuses(done) == WELL | {"summer/two.PNG": SEVERAL}


# --- names --------------------------------------------------------------------------------------------------


def test_names_say_the_format_and_do_not_depend_on_neighbours():
    names = [output_name(name) for name in ("a.jpg", "a.JPEG", "a.png", "a.webp", "a", "b.tar.gif")]
    assert names == ["a.jpg", "a.JPEG", "a.png", "a.webp.png", "a.png", "b.tar.gif.png"]
    assert [output_name(name, "png") for name in ("a.jpg", "a.PNG")] == ["a.jpg.png", "a.PNG"]
    assert [output_name(name, "jpeg") for name in ("a.jpg", "a.png")] == ["a.jpg", "a.png.jpg"]


def test_clashes_are_listed_and_none_is_written(folder, album, tmp_path):
    picture = encode(album[0][ONE], "PNG")
    names = ["d.jpg", "d.png", "c.webp.PNG", "e.png", "E.png", "\u00e4.png", "a\u0308.png"]
    for name in names:
        (folder / name).write_bytes(picture)
    found = statuses(run(folder, tmp_path / "out", album))
    clashing = {"c.webp": CLASH, "c.webp.PNG": CLASH, "e.png": CLASH, "E.png": CLASH}
    clashing |= {"\u00e4.png": CLASH, "a\u0308.png": CLASH}
    assert found == WELL | {"d.jpg": PROTECTED, "d.png": PROTECTED} | clashing
    assert {"d.jpg", "d.png"} <= set(tree(tmp_path / "out"))


def test_names_that_are_no_text(folder, album, tmp_path):
    name = os.fsdecode(b"caf\xe9.png")
    (folder / name).write_bytes(encode(album[0][ONE], "PNG"))
    found = run(folder, tmp_path / "out", album)
    assert statuses(found)[name] == PROTECTED and (tmp_path / "out" / name).is_file()
    assert r"caf\udce9.png" in (tmp_path / "out" / "manifest.csv").read_text()
    assert exactly(run(folder, tmp_path / "out", album), found, because="read back from the manifest")


def test_folders_that_overlap(folder, album, tmp_path):
    (tmp_path / "way").symlink_to(folder)
    for out in (folder, folder / "out", tmp_path, tmp_path / "way" / "out", folder / "summer" / ".." / "x"):
        with pytest.raises(PhotosError, match="overlap"):
            run(folder, out, album)
    assert len(tree(folder)) == len(WELL)


def test_folders_that_cannot_be(folder, album, tmp_path):
    (tmp_path / "file").write_text("x")
    for wrong, match in [(tmp_path / "file", "no folder"), (tmp_path / "file" / "out", "cannot be written")]:
        with pytest.raises(PhotosError, match=match):
            run(folder, wrong, album)
    with pytest.raises(PhotosError, match="is no folder"):
        run(tmp_path / "nothing", tmp_path / "out", album)
    (tmp_path / "void").mkdir()
    with pytest.raises(PhotosError, match="holds no file"):
        run(tmp_path / "void", tmp_path / "out", album)


def test_an_output_folder_that_leads_elsewhere(folder, album, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "summer").symlink_to(folder / "summer")
    before = tree(folder)
    manifest = run(folder, tmp_path / "out", album, overwrite=True)
    assert statuses(manifest) == WELL | {"summer/b.jpg": UNWRITABLE, "summer/two.PNG": UNWRITABLE}
    assert tree(folder) == before


def test_a_protection_that_must_be_told_labels(folder, album, tmp_path):
    @dataclass(frozen=True)
    class Asks(SolidFill):
        needs = ("Male",)

    with pytest.raises(PhotosError, match="must be told Male"):
        run(folder, tmp_path / "out", album, Asks())
    assert not (tmp_path / "out").exists()


def test_listing_is_sorted(folder):
    assert [entry.file for entry in list_folder(folder)] == sorted(WELL)


# --- kills, machines, real detectors ------------------------------------------------------------------------


@dataclass(frozen=True)
class Stops(SolidFill):
    """The run is broken off at the third photograph."""

    def __call__(self, faces, **labels):
        calls[0] += 1
        if calls[0] == 3:
            raise KeyboardInterrupt
        return super().__call__(faces)


calls = [0]


def test_a_broken_run_goes_on(folder, album, tmp_path):
    out = tmp_path / "out"
    calls[0] = 0
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, album, Stops())
    assert set(tree(out)) == {"a.png", "c.webp.png", "manifest.jsonl"}
    with open(out / "manifest.jsonl", "a") as journal:
        journal.write('{"file": "summer/b.j')
    (out / ".facevalue-0123.part").write_bytes(b"half")
    (out / "c.webp.png").unlink()  # recorded, then killed before it had its name
    calls[0] = 10
    assert statuses(run(folder, out, album, Stops())) == WELL
    assert calls[0] == 14, "one copy was there already"
    calls[0] = 10
    run(folder, tmp_path / "whole", album, Stops())
    assert tree(out) == tree(tmp_path / "whole")


def started(program, album, count, folder, out):
    """A process that runs the program on `count` equal photographs, whose points are in a file."""
    folder.mkdir(exist_ok=True)
    photo = encode(album[0][ONE], "PNG")
    for number in range(count):
        (folder / f"{number:03d}.png").write_bytes(photo)
    script, points = folder.with_name("program.py"), folder.with_name("points.npy")
    script.write_text(program)
    np.save(points, album[1].where[ONE])
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, *map(str, (script, folder, out, points))]
    return subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(root)}, cwd=root)


KILLED = """
import sys, time
from pathlib import Path
from lib.deidentify.photos.folder import protect_folder
from lib.deidentify.protections.baselines import SolidFill
from tests.deidentify.photos.tiny_photos import Knows
import numpy as np

def slow(image):
    time.sleep(0.1)
    return knows(image)

slow.name = "slow"
knows = Knows({(200, 260): np.load(sys.argv[3])})
protect_folder(sys.argv[1], sys.argv[2], SolidFill(), slow, progress=False)
"""


def test_kill_9_leaves_whole_files_only(album, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    process = started(KILLED, album, 30, folder, out)
    while process.poll() is None and len(list(out.glob("*.png"))) < 4:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    there = {path.name: path.read_bytes() for path in out.glob("*.png")}
    assert 4 <= len(there) < 30, "killed on the way"
    assert started(KILLED, album, 30, folder, out).wait() == 0
    assert {path.name for path in out.iterdir()} == {p.name for p in folder.iterdir()} | {
        "manifest.csv",
        "manifest.json",
    }
    whole = (out / "000.png").read_bytes()
    assert all((out / name).read_bytes() == data == whole for name, data in there.items())


def test_two_runs_at_once(folder, album, tmp_path):
    (tmp_path / "out").mkdir()
    with locked(tmp_path / "out"), pytest.raises(PhotosError, match="another run"):
        run(folder, tmp_path / "out", album)


def test_the_same_here_in_processes_and_on_a_cluster(folder, album, tmp_path):
    run(folder, tmp_path / "here", album, Blur())
    run(folder, tmp_path / "processes", album, Blur(), workers=2)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        run(folder, tmp_path / "cluster", album, Blur(), client=client)
    here = tree(tmp_path / "here")
    assert set(here) == COPIES | {"manifest.csv", "manifest.json"}
    assert tree(tmp_path / "processes") == here
    assert tree(tmp_path / "cluster") == here


def test_with_a_real_detector(renderings, tmp_path):
    from lib.judges.dlib_detector import DlibFrontal

    folder = tmp_path / "in"
    folder.mkdir()
    straight = sorted(renderings, key=lambda one: abs(one.truth.yaw) + abs(one.truth.pitch))[:2]
    picture, points = photograph((300, 560), straight, [(30, 40, 3), (330, 60, 3)])
    (folder / "pair.jpg").write_bytes(loaded(picture, "JPEG", orientation=1))
    (folder / "turned.png").write_bytes(loaded(np.rot90(picture).copy(), "PNG", orientation=6))
    (folder / "hills.png").write_bytes(encode(backdrop(300, 400), "PNG"))
    manifest = protect_folder(folder, tmp_path / "out", SolidFill(), DlibFrontal(), progress=False)
    assert statuses(manifest) == {"hills.png": NO_FACE, "pair.jpg": PROTECTED, "turned.png": PROTECTED}
    for name in ("pair.jpg", "turned.png"):
        copy = np.asarray(Image.open(tmp_path / "out" / name)).astype(int)
        assert copy.shape == picture.shape, "upright"
        for five in points:
            x, y = five[:, 0].astype(int), five[:, 1].astype(int)
            assert np.abs(copy[y, x] - 128).max() < 12, "eyes, nose and mouth are gone"
        assert len(DlibFrontal()(copy.astype(np.uint8))) == 0


ORPHANS = """
import sys
import numpy as np
from lib.deidentify.__main__ import main
from lib.deidentify import __main__ as command
from tests.deidentify.photos.tiny_photos import Slow

if __name__ == "__main__":
    command.detector_named = lambda *_: Slow({(200, 260): np.load(sys.argv[3])})
    sys.exit(main(["photos", sys.argv[1], sys.argv[2], "--protection", "cover", "--workers", "2",
                   "--recogniser", "none"]))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told to end"])
def test_workers_end_with_their_parent(album, tmp_path, how):
    folder, out = tmp_path / "in", tmp_path / "out"
    process = started(ORPHANS, album, 200, folder, out)
    while process.poll() is None and not list(out.glob("*.png")):
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert len(workers) >= 2
    process.send_signal(how)
    status = process.wait(60)
    assert status == (BROKEN_OFF if how == signal.SIGTERM else -signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    if how == signal.SIGTERM:
        assert not list(out.rglob(".facevalue-*"))
