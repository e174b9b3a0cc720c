"""Runs into a folder in which somebody wrote, or where a run was killed; previews and pipes that break."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.folder import EXISTS, FolderOptions, _Run, protect_folder
from lib.deidentify.photos.manifest import EARLIER, file_sha256, read_previous
from lib.deidentify.photos.preview import LIST, write_previews
from lib.deidentify.protections.baselines import SolidFill
from lib.faces.detections import Detections
from tests.deidentify.photos.tiny_photos import backdrop

POINTS = np.array([[70, 60], [110, 60], [90, 85], [75, 105], [105, 105]], float)
ROOT = Path(__file__).resolve().parents[3]


def one_face(image):
    """A face that is always there."""
    return Detections([[50, 40, 130, 120]], POINTS[None], [1.0])


def picture(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(backdrop(180, 240, seed)).save(path)


@pytest.fixture
def folder(tmp_path):
    picture(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def run(folder, out, **options):
    return protect_folder(folder, out, SolidFill(), one_face, FolderOptions(**options), progress=False)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def another_column(text):
    return text.replace('"file"', '"reviewed","file"', 1)


def another_row(text):
    return text + '"my own notes: looked at all copies"\n'


def a_note(text):
    head, row = text.splitlines()
    return f'{head}\n{row[:-2]}looked at"\n'


def another_table(text):
    return "inventory,of,mine\n1,2,3\n"


@pytest.mark.parametrize("change", [another_column, another_row, a_note, another_table])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_table_that_somebody_wrote_into_stays(folder, tmp_path, change, overwrite):
    out = tmp_path / "out"
    run(folder, out)
    table = out / "manifest.csv"
    table.write_text(change(table.read_text()))
    before = contents(out)
    with pytest.raises(PhotosError, match=r"manifest\.csv was not written by this tool, or changed since"):
        run(folder, out, overwrite=overwrite)
    assert contents(out) == before
    table.unlink()
    assert run(folder, out).complete, "moved away, as the message says"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("manifest.json", '{"parameters":["protection"],"files":{}}'),
        ("manifest.json", '{"parameters":{"protection":"x"},"files":{}}'),
        ("manifest.json", '{"parameters":{"protection":"x"},"files":[{"file":1,"status":2}]}'),
        ("manifest.json", '{"parameters":{"protection":"x"},"files":[5]}'),
        ("manifest.json", '{"parameters":{"protection":"x"},"files":[],"mine":1}'),
        ("manifest.jsonl", '{"protection":1}\n[1]\n'),
        ("manifest.jsonl", '["protection"]\n'),
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_a_foreign_manifest_stays_whatever_its_shape(folder, tmp_path, name, text, beside):
    """Also beside whole ones."""
    out = tmp_path / "out"
    out.mkdir()
    if beside:
        run(folder, out)
    (out / name).write_text(text)
    before = contents(out)
    with pytest.raises(PhotosError, match="not written by this tool"):
        run(folder, out, overwrite=True)
    assert contents(out) == before


def test_after_a_kill_between_the_two_manifests_the_run_goes_on(folder, tmp_path, monkeypatch):
    out, replace = tmp_path / "out", os.replace

    def killed(part, target):
        if Path(target).name == "manifest.json":
            raise KeyboardInterrupt
        replace(part, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        run(folder, out)
    monkeypatch.undo()
    assert {"manifest.csv", "manifest.jsonl", "a.png"} <= set(contents(out))
    assert run(folder, out).complete and set(contents(out)) == {"manifest.csv", "manifest.json", "a.png"}


def test_a_copy_keeps_its_record_after_a_kill_before_the_next_got_its_name(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(folder, out)
    digest = file_sha256(out / "a.png")
    picture(folder / "a.png", 5)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(_Run, "_named", killed)
    with pytest.raises(KeyboardInterrupt):
        run(folder, out, overwrite=True)
    monkeypatch.undo()
    assert file_sha256(out / "a.png") == digest
    manifest = run(folder, out)
    assert [(row.file, row.status) for row in manifest.records] == [("a.png", EXISTS), ("a.png", EARLIER)]
    assert manifest.records[1].output_sha256 == digest == read_previous(out)[1][1].output_sha256
    assert manifest.others == ()


def test_a_preview_whose_name_cannot_be_is_left_out_and_the_rest_drawn(folder, tmp_path):
    look, out = tmp_path / "look", tmp_path / "out"
    long, longest = "l" * 236 + ".png", "m" * 250 + ".png"
    for name in (long, longest, "sub/b.png", "z.png"):
        picture(folder / name)
    look.mkdir()
    (look / "sub").write_bytes(b"mine")
    drawn, left = write_previews(run(folder, out), out, look)
    assert drawn == 3 and left == [f"{longest}.jpg", "sub/b.png.jpg"]
    assert set(contents(look)) == {LIST, "sub", "a.png.jpg", f"{long}.jpg", "z.png.jpg"}
    assert (look / "sub").read_bytes() == b"mine"


def test_the_preview_of_an_earlier_copy_stays(folder, tmp_path):
    look, out = tmp_path / "look", tmp_path / "out"
    picture(folder / "b.png", 2)
    write_previews(run(folder, out), out, look)
    picture(folder / "a.png", 3)
    before = contents(look)
    manifest = run(folder, out)
    assert EARLIER in {row.status for row in manifest.records}
    write_previews(manifest, out, look)
    assert contents(look) == before
    (out / "a.png").unlink()
    manifest = run(folder, out)
    (out / "a.png").unlink()
    write_previews(manifest, out, look)
    assert set(contents(look)) == {LIST, "b.png.jpg"} == {LIST, *json.loads((look / LIST).read_text())}


CALL = """
import sys
from lib.deidentify import __main__ as command
from tests.deidentify.photos.test_later_runs import one_face
command.detector_named = lambda *_: one_face
sys.exit(command.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("status", [0, 1])
def test_a_reader_that_goes_away_changes_no_status(folder, tmp_path, status):
    if status:
        (folder / "b.png").write_bytes(b"")
    words = ["photos", folder, tmp_path / "out", "--protection", "cover", "--recogniser", "none"]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", CALL, *words], stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    os.close(writing)
    assert done.returncode == status and "Broken" not in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / "out" / "manifest.csv").exists()
