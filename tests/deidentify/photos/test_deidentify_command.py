"""The command line: exit status, help, what it prints."""

import json
import re
from concurrent.futures import BrokenExecutor

import numpy as np
import pytest
from PIL import Image

from lib.deidentify import __main__ as command
from lib.faces.faceset import FaceSet
from lib.judges.base import Judgement
from tests.deidentify.photos.test_compositing import Painted
from tests.deidentify.photos.tiny_photos import Knows, backdrop, photograph


@pytest.fixture
def folder(renderings, tmp_path, monkeypatch):
    picture, points = photograph((200, 260), renderings[:1], [(70, 30, 2)])
    monkeypatch.setattr(command, "detector_named", lambda *_: Knows({(200, 260): points}))
    monkeypatch.setattr(command, "recogniser_named", lambda _: None)
    (tmp_path / "in").mkdir()
    Image.fromarray(picture).save(tmp_path / "in" / "face.png")
    return tmp_path / "in"


def call(*words):
    return command.main([str(word) for word in words])


def test_all_protected_is_nought(folder, tmp_path, capsys):
    out = tmp_path / "out"
    (folder / ".DS_Store").write_bytes(b"x")
    assert call("photos", folder, out, "--protection", "blur", "--strength", 0.2) == 0
    printed = capsys.readouterr()
    assert "1  protected" in printed.out and "manifest.csv" in printed.out
    assert "1  clutter" in printed.out and "not protected" not in printed.out
    assert "protect" in printed.err, "progress goes to stderr"
    before, after = (np.asarray(Image.open(f / "face.png")).astype(int) for f in (folder, out))
    assert np.abs(before - after).max() > 20


@pytest.mark.parametrize(
    ("protection", "words", "expected"),
    [
        ("private", [], ("head", "none")),
        ("private", ["--region", "face"], ("face", "none")),
        ("private", ["--tint", "face"], ("head", "face")),
        ("san", [], ("face", "face")),
        ("san", ["--region", "head", "--tint", "none"], ("head", "none")),
    ],
)
def test_region_and_tint_suit_the_protection_unless_told(
    folder, tmp_path, monkeypatch, protection, words, expected
):
    monkeypatch.setattr("lib.deidentify.protect.protection_named", lambda *_, **__: Painted())
    assert call("photos", folder, tmp_path / "out", "--protection", protection, *words) == 0
    written = json.loads((tmp_path / "out" / "manifest.json").read_text())["parameters"]
    assert (written["region"], written["tint"]) == expected
    copy = np.asarray(Image.open(tmp_path / "out" / "face.png")).astype(int)
    changed = (copy != np.asarray(Image.open(folder / "face.png"))).any(-1).mean()
    assert (changed > 0.5) == (expected[0] == "head"), "the head is most of this picture, the face is not"


def test_something_unprotected_is_one(folder, tmp_path, capsys):
    Image.fromarray(backdrop(90, 90)).save(folder / "hills.png")
    assert call("photos", folder, tmp_path / "out", "--protection", "cover") == 1
    assert "not protected: hills.png: no face found" in capsys.readouterr().out
    assert not (tmp_path / "out" / "hills.png").exists()


def test_dry_run_says_so(folder, tmp_path, capsys):
    assert call("photos", folder, tmp_path / "out", "--protection", "cover", "--dry-run") == 0
    assert "would be protected" in (shown := capsys.readouterr().out) and "nothing was written" in shown
    assert not (tmp_path / "out").exists()


def test_nothing_done_is_two(folder, tmp_path, capsys):
    for words in [
        ("photos", folder, folder / "out", "--protection", "blur"),
        ("photos", tmp_path / "nothing", tmp_path / "out", "--protection", "blur"),
        ("photos", folder, tmp_path / "out", "--protection", "cover", "--strength", 0.2),
        ("photos", folder, tmp_path / "out", "--protection", "blur", "--strength", 7),
        ("faces", folder, tmp_path / "out", "--protection", "blur"),
    ]:
        assert call(*words) == 2
        assert capsys.readouterr().err.strip()
    assert not (tmp_path / "out").exists()


def test_previews_lie_in_a_folder_of_their_own(folder, tmp_path):
    words = ("photos", folder, tmp_path / "out", "--protection", "cover", "--preview", tmp_path / "look")
    assert call(*words) == 0
    assert {path.name for path in (tmp_path / "look").iterdir()} == {"face.png.jpg", "previews.json"}


def test_a_scheduler_that_does_not_answer_is_no_traceback(folder, tmp_path, capsys, monkeypatch):
    import distributed

    def silent(address):
        raise OSError(f"no answer from {address}")

    monkeypatch.setattr(distributed, "Client", silent)
    words = ("--protection", "cover", "--cluster", "tcp://nowhere:1")
    assert call("photos", folder, tmp_path / "out", *words) == 2
    assert "no scheduler answers at tcp://nowhere:1" in capsys.readouterr().err


@pytest.mark.parametrize("how", [KeyboardInterrupt, BrokenExecutor], ids=["Ctrl-C", "a dead worker"])
def test_broken_off_has_a_status_of_its_own(folder, tmp_path, capsys, monkeypatch, how):
    """Copies may have been made, so it is not `2 nothing was done`."""

    def stopped(*_, **__):
        raise how

    monkeypatch.setattr(command, "protect_folder", stopped)
    assert call("photos", folder, tmp_path / "out", "--protection", "cover") == command.BROKEN_OFF == 3
    assert "go" in capsys.readouterr().err


def test_a_face_that_is_still_recognised_is_a_warning(folder, tmp_path, capsys, monkeypatch):
    def alike(images, points):
        return Judgement(np.zeros((len(images), 4)), np.ones(len(images), bool))

    monkeypatch.setattr(command, "recogniser_named", lambda _: alike)
    assert call("photos", folder, tmp_path / "out", "--protection", "pixelate", "--strength", "0.02") == 0
    warned = capsys.readouterr().err
    assert re.search(r"still recognised: face\.png: face 1 of 1 at \d+ \d+ \d+ \d+, distance 0\.00", warned)
    assert "1 copy shows a face that dlib's matcher takes" in warned and "higher strength" in warned


def test_wrong_words_stop():
    for words in [(), ("photos", "a", "b"), ("photos", "a", "b", "--protection", "magic"),
                  ("photos", "a", "b", "--protection", "blur", "--workers", "0"),
                  ("photos", "a", "b", "--protection", "blur", "--keep-metadata", "serial")]:  # fmt: skip
        with pytest.raises(SystemExit) as stopped:
            call(*words)
        assert stopped.value.code == 2


def test_help_says_what_is_not_promised(capsys):
    with pytest.raises(SystemExit):
        call("photos", "--help")
    text = " ".join(capsys.readouterr().out.split())
    for part in (
        "does not do: promise",
        "NOT copied",
        "every detector misses",
        "what the part hides, as may colour",
        "With --region face, hair, ears, neck and clothes stay",
        "page 06_tradeoff",
        "GPS",
        "exit status",
        "--overwrite",
    ):
        assert part in text


def test_a_set_of_faces(world, tmp_path, capsys):
    packed = world.take(np.arange(6)).save(tmp_path / "packed")
    assert call("faces", packed, tmp_path / "out", "--protection", "pixelate", "--strength", 0.2) == 0
    assert "6 images" in capsys.readouterr().out
    assert FaceSet.open(tmp_path / "out").about["protection"] == "pixelate 0.2 rgb"


def test_the_detectors():
    found = command.detector_named("dlib", True)
    assert found.detectors[0].upsampling == 1
    assert command.detector_named("mtcnn", False).name.startswith("mtcnn")
    union = command.detector_named("union", False, 0.5)
    assert len(union.detectors) == 2 and union.thorough and union.threshold == 0.5
