"""One call for folders and clips, and the notebook that makes it."""

from __future__ import annotations

import subprocess
import sys

import nbformat
import pytest
from PIL import Image

from lib.book import paths
from lib.deidentify import protect as tool
from lib.deidentify.photos.discovery import PhotosError
from lib.deidentify.photos.manifest import Manifest
from lib.deidentify.protect import chosen_protection, protect
from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.video.report import Report
from lib.faces.rendered import picture
from tests.deidentify.video.tiny_clips import Marks, frame, moving, write


@pytest.fixture
def marks(monkeypatch):
    monkeypatch.setattr(tool, "detector_named", lambda _: Marks())


def album(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(moving(1)[0]).save(tmp_path / "in" / "a.png")
    return tmp_path / "in"


def test_a_folder_and_a_clip_by_one_call(marks, tmp_path):
    told = {"protection": "cover", "recogniser": "none"}
    manifest = protect(album(tmp_path), tmp_path / "out", region="head", **told)
    assert isinstance(manifest, Manifest) and manifest.complete and (tmp_path / "out" / "a.png").is_file()
    assert manifest.parameters["region"] == "head" and manifest.withstands == ()
    clip = write(tmp_path / "in.avi", [*moving(3), *[frame()] * 20])
    report = protect(clip, tmp_path / "out.avi", lost="drop", progress=False, **told)
    assert isinstance(report, Report) and not report.complete and report.copied == 3


def test_what_is_not_taken_is_said(marks, tmp_path):
    folder, out = album(tmp_path), tmp_path / "out"
    for wrong, error in (
        ({"protection": "magic"}, ProtectionError),
        ({"protection": "blur", "angle": 90}, ProtectionError),
        ({"protection": "cover", "key": "a key of some length"}, ProtectionError),
        ({"protection": "cover", "recogniser": "nobody"}, ValueError),
        ({"protection": "cover", "loss": "black"}, TypeError),
    ):
        with pytest.raises(error):
            protect(folder, out, **{"recogniser": "none", **wrong})
    with pytest.raises(PhotosError):
        protect(tmp_path / "missing", out, "cover", recogniser="none")
    assert not out.exists()


def test_a_clip_draws_for_each_person(monkeypatch):
    made = {}
    monkeypatch.setattr(tool, "protection_named", lambda name, strength, **told: made.update(told))
    monkeypatch.setattr(tool, "secret_key", lambda *_: "secret")
    chosen_protection("cleanir", clip=True, angle=30)
    assert made == {"angle": 30, "per": "subject", "key": "secret"}
    chosen_protection("cleanir", clip=True, per="all")
    assert made["per"] == "all"
    chosen_protection("cleanir", clip=False)
    assert made["per"] is None
    chosen_protection("blur", clip=True)
    assert made == {"angle": None, "per": None, "key": None}, "no key is looked for where nothing is drawn"


def test_the_notebook_by_papermill(tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(picture(0, 0, 224).image).save(tmp_path / "in" / "a.png")
    words = [sys.executable, "-m", "papermill", str(paths.ROOT / "notebooks" / "protect.ipynb"),
             str(tmp_path / "done.ipynb"), "-p", "faces", str(tmp_path / "in"), "-p", "copies",
             str(tmp_path / "out"), "-p", "protection", "pixelate", "-p", "strength", "0.2",
             "-y", "options: {detector: dlib, recogniser: none, region: head}"]  # fmt: skip
    done = subprocess.run(words, cwd=paths.ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    printed = "".join(
        output.get("text", "")
        for cell in nbformat.read(tmp_path / "done.ipynb", 4).cells
        for output in cell.get("outputs", [])
    )
    assert "1  protected" in printed and "all was protected" in printed
    assert (tmp_path / "out" / "a.png").is_file()
