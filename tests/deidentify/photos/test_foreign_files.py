"""Files of others in every folder that the tool writes: they stay, whatever their names or a manifest say."""

from __future__ import annotations

import io
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.deidentify import __main__ as command
from lib.deidentify.photos.discovery import CLASH, CLUTTER, SPECIAL, PhotosError, check_folders, list_folder
from lib.deidentify.photos.folder import BrokenOffError, FolderOptions, protect_folder
from lib.deidentify.photos.manifest import PROTECTED, Journal, clear_temporary, file_sha256
from lib.deidentify.photos.preview import LIST, write_previews
from lib.deidentify.photos.protect_photo import SEEN_LATER, SEVERAL, Settings, protect_file
from lib.deidentify.photos.regions import Paste
from lib.deidentify.protections.baselines import Blur, SolidFill
from lib.faces.detections import Detections
from tests.deidentify.photos.tiny_photos import backdrop

POINTS = np.array([[70, 60], [110, 60], [90, 85], [75, 105], [105, 105]], float)
ROOT = Path(__file__).resolve().parents[3]


def one_face(image):
    """A face that is always there."""
    return Detections([[50, 40, 130, 120]], POINTS[None], [1.0])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(command, "detector_named", lambda *_: one_face)
    monkeypatch.setattr(command, "recogniser_named", lambda _: None)
    (tmp_path / "in").mkdir()
    Image.fromarray(backdrop(180, 240)).save(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def run(folder, out, detector=one_face, protection=None, **options):
    protection = protection or SolidFill()
    return protect_folder(folder, out, protection, detector, FolderOptions(**options), progress=False)


def call(*words):
    return command.main([str(word) for word in words])


def photos(folder, out, *words):
    return call("photos", folder, out, "--protection", "cover", *words)


def test_no_two_of_the_three_folders_overlap(folder, tmp_path, capsys):
    """A preview is named as a photograph may be: `a.png.jpg`."""
    (folder / "a.png.jpg").write_bytes(b"a photograph")
    (tmp_path / "file").write_text("x")
    for preview in (folder, folder / "deep", tmp_path, tmp_path / "out", tmp_path / "out" / "p"):
        with pytest.raises(PhotosError, match="overlap"):
            check_folders(folder, tmp_path / "out", preview)
        assert photos(folder, tmp_path / "out", "--preview", preview) == 2
    assert photos(folder, tmp_path / "out", "--preview", tmp_path / "file") == 2
    assert not (tmp_path / "out").exists() and (folder / "a.png.jpg").read_bytes() == b"a photograph"


def test_previews_replace_and_remove_nothing_that_is_not_theirs(folder, tmp_path, capsys):
    look, out = tmp_path / "look", tmp_path / "out"
    (look / "a.png.jpg.part").mkdir(parents=True)
    for name in ("a.png.jpg", "a.png.jpg.part/keep.txt"):
        (look / name).write_bytes(b"mine")
    assert photos(folder, out, "--preview", look) == 0
    assert "no preview" in capsys.readouterr().err
    assert (look / "a.png.jpg").read_bytes() == b"mine" == (look / "a.png.jpg.part/keep.txt").read_bytes()
    assert photos(folder, out, "--preview", look, "--overwrite") == 0
    assert Image.open(look / "a.png.jpg").size == (240, 180)


def test_a_preview_goes_with_its_copy(folder, tmp_path):
    manifest = run(folder, tmp_path / "out")
    write_previews(manifest, tmp_path / "out", tmp_path / "look")
    (tmp_path / "look" / "other.jpg").write_bytes(b"mine")
    listed = json.loads((tmp_path / "look" / LIST).read_text())
    victim = tmp_path / "victim.txt"
    victim.write_bytes(b"victim")
    listed |= {"other.jpg": "0" * 64, "../victim.txt": file_sha256(victim)}
    (tmp_path / "look" / LIST).write_text(json.dumps(listed))
    blind = run(folder, tmp_path / "out", lambda _: Detections.none(), overwrite=True)
    assert write_previews(blind, tmp_path / "out", tmp_path / "look") == (0, [])
    assert {path.name for path in (tmp_path / "look").iterdir()} == {LIST, "other.jpg"} and victim.exists()
    (tmp_path / "look" / LIST).write_text("[1]")
    with pytest.raises(PhotosError, match="not written by this tool"):
        write_previews(blind, tmp_path / "out", tmp_path / "look")


def test_after_the_copies_the_status_is_not_nothing_was_done(folder, tmp_path, capsys, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(command, "write_previews", full)
    assert photos(folder, tmp_path / "out", "--preview", tmp_path / "look") == command.BROKEN_OFF
    monkeypatch.setattr(Journal, "add", full)
    with pytest.raises(BrokenOffError, match="No space"):
        run(folder, tmp_path / "out2")
    assert photos(folder, tmp_path / "out3") == command.BROKEN_OFF


def test_a_lock_that_is_none_stays(folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock").write_bytes(b"precious")
    with pytest.raises(PhotosError, match="is no lock"):
        run(folder, tmp_path / "out")
    assert (tmp_path / "out" / ".lock").read_bytes() == b"precious"
    (folder / ".lock").mkdir()
    (folder / ".lock" / "b.png").write_bytes((folder / "a.png").read_bytes())
    assert {one.file: one.reason for one in list_folder(folder)} == {".lock/b.png": CLASH, "a.png": ""}


@pytest.mark.parametrize("output", ["../victim.txt", "{}", "way/victim.txt"])
def test_a_manifest_deletes_nothing_outside_its_folder(folder, tmp_path, output):
    victim, out = tmp_path / "victim.txt", tmp_path / "out"
    victim.write_bytes(b"precious")
    run(folder, out)
    (out / "way").symlink_to(tmp_path)
    content = json.loads((out / "manifest.json").read_text())
    content["files"][0] |= {"output": output.format(victim), "output_sha256": file_sha256(victim)}
    (out / "manifest.json").write_text(json.dumps(content))
    try:
        run(folder, out, overwrite=True)
    except PhotosError as error:
        assert "not written by this tool" in str(error)
    assert victim.read_bytes() == b"precious"


def test_a_run_in_a_folder_below_keeps_its_half_written_files(tmp_path):
    for name in ("b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".facevalue-1.part").write_bytes(b"half")
    (tmp_path / "b" / ".lock").write_text("1")
    clear_temporary(tmp_path)
    assert [path.parent.name for path in tmp_path.rglob(".facevalue-*")] == ["b"]


def test_a_file_that_became_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "a.png")
    settings = Settings(SolidFill(), one_face, False, 10**6)
    record, _ = protect_file(settings, str(tmp_path), "a.png", str(tmp_path / "out"), "a.png")
    assert record.status == SPECIAL


def test_a_photograph_by_a_name_of_clutter_is_tried(folder, tmp_path):
    (folder / "._real.png").write_bytes((folder / "a.png").read_bytes())
    (folder / "._a.png").write_bytes(b"\0\5\x16\7\0\2\0\0" + bytes(90))
    found = {record.file: record.status for record in run(folder, tmp_path / "out").records}
    assert found == {"._a.png": CLUTTER, "._real.png": PROTECTED, "a.png": PROTECTED}


def test_faces_of_the_second_look_are_counted(folder, tmp_path):
    small = POINTS / 4 + [180, 120]

    def shy(image):
        """The wrong count: the second face is seen only where the first one is gone."""
        gone = (image[75:95, 80:100] == 128).all()
        if not gone:
            return one_face(image)
        return Detections([[50, 40, 130, 120], [190, 125, 220, 155]], np.stack([POINTS, small]), [1.0, 0.9])

    record = run(folder, tmp_path / "out", shy).records[0]
    assert (record.status, record.faces, len(record.boxes)) == (PROTECTED, 2, 2)
    assert SEEN_LATER in record.notes
    assert run(folder, tmp_path / "one", shy, one_face=True).records[0].status == SEVERAL


@pytest.mark.parametrize("region", ["face", "head"])
def test_a_face_of_the_second_look_covers_no_other(folder, tmp_path, region):
    """It lies beside the first, within the outline of its head; both are altered, and both are seen."""
    beside = POINTS + np.array([100, 0])

    def shy(image):
        """The second face is seen only where the first one is gone."""
        if not (image[75:95, 80:100] == 128).all():
            return one_face(image)
        return Detections([[50, 40, 130, 120], [150, 40, 230, 120]], np.stack([POINTS, beside]), [1.0, 0.9])

    record = run(folder, tmp_path / "out", shy, paste=Paste(region)).records[0]
    assert (record.status, record.faces) == (PROTECTED, 2) and SEEN_LATER in record.notes
    copy = np.asarray(Image.open(tmp_path / "out" / "a.png"))
    assert (copy[75:95, 80:100] == 128).all() and (copy[75:95, 180:200] == 128).all()


def test_copies_of_another_folder_are_not_taken_for_photographs_that_went_away(folder, tmp_path):
    run(folder, tmp_path / "out")
    (tmp_path / "second").mkdir()
    Image.fromarray(backdrop(180, 240, 3)).save(tmp_path / "second" / "b.png")
    with pytest.raises(PhotosError, match="another folder's photographs"):
        run(tmp_path / "second", tmp_path / "out")


def test_names_cannot_forge_lines():
    for encoding in ("utf-8", "ascii"):
        file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        command.say("a\n9 protected\x1b[2J\r\u202e\u2028\udce9 \u4e2d \u00e4", file)
        file.flush()
        shown = file.buffer.getvalue().decode(encoding)
        assert shown.count("\n") == 1 and shown[:-1].isprintable() and r"\x1b" in shown
        assert ("\u4e2d" in shown) == (encoding == "utf-8")


def test_advice_fits_the_protection():
    face, head = Paste("face"), Paste("head")
    assert "higher strength" in command._advice(Blur(), face)
    assert "strength" not in command._advice(SolidFill(), face)
    assert "--region head" in command._advice(SolidFill(), face)
    assert "--region" not in command._advice(SolidFill(), head)


@pytest.mark.parametrize("value", ["nan", "inf", "5", "-1"])
def test_thresholds_that_no_face_reaches_stop(folder, tmp_path, value):
    with pytest.raises(SystemExit):
        photos(folder, tmp_path / "out", f"--threshold={value}")


def test_metadata_that_was_asked_for_and_not_there_is_noted(folder, tmp_path):
    assert run(folder, tmp_path / "out", keep_metadata=("date",)).records[0].notes == ("no usable date",)


def test_sets_that_are_broken_or_overlap_stop_with_a_line(world, tmp_path, capsys):
    packed = world.take(np.arange(4)).save(tmp_path / "packed")
    blur = ("--protection", "blur")
    assert call("faces", packed, packed / "out", *blur) == 2
    for batch in ("0", "-1"):
        with pytest.raises(SystemExit):
            call("faces", packed, tmp_path / "out", *blur, "--batch", batch)
    for name, data in [("faceset.json", b"{"), ("faceset.json", b"{}"), ("images.npy", b"\x93NUMPY")]:
        kept = (packed / name).read_bytes()
        (packed / name).write_bytes(data)
        assert call("faces", packed, tmp_path / "out", *blur) == 2
        assert "pack it again" in capsys.readouterr().err
        (packed / name).write_bytes(kept)


def test_names_of_folders_are_no_commands(tmp_path):
    """To make and to the shell: what the tool gets is what was typed."""
    tools = tmp_path / "v" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").write_text(f"#!/bin/bash\nprintf '%s\\n' \"$@\" > '{tmp_path}/got'\n")
    (tools / "dvc").write_text("#!/bin/bash\n")
    for one in tools.iterdir():
        one.chmod(0o755)
    (tmp_path / "v" / ".ready").touch()
    given = f'-x`touch {tmp_path}/PWN`"; touch {tmp_path}/PWN; "$(shell touch {tmp_path}/PWN)$HOME'
    words = ["make", "protect", f"VENV={tmp_path}/v", f"IN={given}", "OUT=o", "PROTECTION=blur"]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True, env=dict(os.environ))
    got = (tmp_path / "got").read_text().splitlines()
    assert got[2:] == ["photos", "--protection=blur", "--", given, "o"]
    assert not (tmp_path / "PWN").exists()
