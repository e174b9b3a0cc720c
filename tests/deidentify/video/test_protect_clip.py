"""A clip in, a clip out: what is shown, what is black, what is listed."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import pytest

from lib.deidentify import __main__ as command
from lib.deidentify.photos.manifest import PROTECTED
from lib.deidentify.photos.protect_photo import FAILED, LOOK_AGAIN, NO_FACE
from lib.deidentify.protections.baselines import SolidFill
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.protect_clip import protect_clip
from lib.deidentify.video.verdicts import UNSEEN
from lib.faces.detections import Detections
from lib.files import part_path
from tests.deidentify.video.tiny_clips import BLUE, GROUND, RED, Marks, by_mark, frame, moving, read, write

QUIET = VideoOptions(progress=False)
COVER, MARKS = SolidFill(), Marks()


def rows(out):
    with open(f"{out}.frames.csv", newline="") as file:
        return list(csv.DictReader(file))


def statuses(out):
    return [row["status"] for row in rows(out)]


def is_black(picture):
    return int(picture.max()) < 20


@dataclass(frozen=True)
class Paints(SolidFill):
    """One tone for each subject, in the order in which they come."""

    needs = ("subject",)
    told: dict = field(default_factory=dict, compare=False)

    def __call__(self, faces, **labels):
        (subject,) = labels["subject"]
        return np.full_like(faces, 40 + 60 * self.told.setdefault(str(subject), len(self.told)))


def test_every_face_is_altered_and_followed(tmp_path):
    source = write(tmp_path / "Käthe im Garten.avi", moving(60))
    out = tmp_path / "über all" / "copy of it.mp4"
    report = protect_clip(source, out, COVER, MARKS, replace(QUIET, recogniser=by_mark))
    assert report.complete and report.counts == {PROTECTED: 60} and report.frames == 60
    (person,) = report.persons
    assert (person.first, person.last, person.seen, person.bridged) == (0, 59, 60, 0)
    assert person.distance > 1 and person.protection == COVER.name and not report.recognised
    before, after = read(source), read(out)
    assert len(after) == 60 and after[0].shape == before[0].shape
    for number, picture in enumerate(after):
        x = 50 + 2 * number
        assert np.abs(picture[54:74, x - 10 : x + 10].astype(int) - 128).mean() < 12
        assert np.abs(picture[:20, :20].astype(int) - GROUND).mean() < 6
    assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FPS) == pytest.approx(25)
    assert not part_path(out).exists()
    assert {path.name for path in out.parent.iterdir()} == {
        out.name, f"{out.name}.frames.csv", f"{out.name}.report.json"
    }  # fmt: skip


@pytest.mark.parametrize("lost", ["black", "drop"])
def test_frames_without_a_face_are_listed_and_not_copied(tmp_path, lost):
    empty = [frame((RED, 90, 64), marked=False)] * 30
    source = write(tmp_path / "in.avi", [*moving(10), *empty, *moving(10)])
    out = tmp_path / "out.avi"
    report = protect_clip(source, out, COVER, MARKS, replace(QUIET, lost=lost))
    assert not report.complete and report.counts == {NO_FACE: 30, PROTECTED: 20}
    copy, places = read(out), [row["in_copy"] for row in rows(out)]
    assert len(copy) == (50 if lost == "black" else 20)
    assert statuses(out) == [PROTECTED] * 10 + [NO_FACE] * 30 + [PROTECTED] * 10
    if lost == "black":
        assert [is_black(one) for one in copy] == [False] * 10 + [True] * 30 + [False] * 10
        assert set(places[10:40]) == {"black"} and places[40] == "40"
    else:
        assert not any(map(is_black, copy)) and set(places[10:40]) == {"dropped"} and places[40] == "10"


def test_a_short_gap_is_altered_where_the_face_must_be(tmp_path):
    pictures = moving(30)
    for number in range(12, 18):
        pictures[number] = frame((RED, 50 + 2 * number, 64), marked=False)
    out = tmp_path / "out.avi"
    report = protect_clip(write(tmp_path / "in.avi", pictures), out, COVER, MARKS, QUIET)
    assert report.complete and report.counts == {PROTECTED: 24, UNSEEN: 6}
    assert np.abs(read(out)[15][54:74, 70:90].astype(int) - 128).mean() < 12
    assert report.persons[0].bridged == 6 and rows(out)[15]["unseen"] == "1"
    short = protect_clip(tmp_path / "in.avi", tmp_path / "b.avi", COVER, MARKS, replace(QUIET, bridge=3))
    assert short.counts == {PROTECTED: 24, NO_FACE: 6}


def test_each_person_has_one_new_face_through_the_clip(tmp_path):
    pictures = [frame((RED, 40 + 3 * n, 64), (BLUE, 160 - 3 * n, 64)) for n in range(8)]
    pictures += [frame((RED, 64, 64), (BLUE, 136, 64))] * 4
    out, paints = tmp_path / "out.mkv", Paints()
    report = protect_clip(
        write(tmp_path / "in.avi", pictures), out, paints, MARKS, replace(QUIET, recogniser=by_mark)
    )
    assert len(report.persons) == 2 and len(paints.told) == 2
    for n, picture in enumerate(read(out)):
        red, blue = (40 + 3 * n, 160 - 3 * n) if n < 8 else (64, 136)
        tones = {int(picture[64, red].mean()), int(picture[64, blue].mean())}
        assert len(tones) == 2 and all(min(abs(tone - one) for one in (40, 100)) < 8 for tone in tones)
        assert abs(int(picture[64, red].mean()) - int(read_first(out)[64, 40].mean())) < 8


def read_first(out):
    return read(out)[0]


@dataclass(frozen=True)
class Later(Marks):
    """Misses blue faces at the first look, as one that is hidden behind another may be."""

    name: str = "later"
    colours: tuple = (RED,)

    @property
    def plain(self):
        return Marks()


def test_what_the_second_look_finds_is_altered_too(tmp_path):
    source = write(tmp_path / "in.avi", [frame((RED, 40, 64), (BLUE, 140, 64))] * 4)
    report = protect_clip(source, tmp_path / "out.avi", COVER, Later(), QUIET)
    assert report.counts == {PROTECTED: 4} and rows(tmp_path / "out.avi")[0]["faces"] == "2"
    assert np.abs(read(tmp_path / "out.avi")[2][54:74, 130:150].astype(int) - 128).mean() < 12


@dataclass(frozen=True)
class Sees(Marks):
    """Sees a face in the corner of every altered frame."""

    @property
    def plain(self):
        return lambda image: Detections(np.array([[0, 0, 30, 30]]), np.full((1, 5, 2), np.nan), np.ones(1))


@dataclass(frozen=True)
class Fails(SolidFill):
    def __call__(self, faces, **labels):
        raise RuntimeError("no more memory")


@pytest.mark.parametrize(
    ("protection", "detector", "status"), [(COVER, Sees(), LOOK_AGAIN), (Fails(), MARKS, FAILED)]
)
def test_a_frame_that_is_clear_or_failed_is_black(tmp_path, protection, detector, status):
    out = tmp_path / "out.avi"
    report = protect_clip(write(tmp_path / "in.avi", moving(3)), out, protection, detector, QUIET)
    assert set(statuses(out)) == {status} and not report.complete and report.copied == 0
    assert all(map(is_black, read(out))) and rows(out)[0]["detail"]


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "detector_named", lambda *_: MARKS)
    monkeypatch.setattr(command, "recogniser_named", lambda _: None)
    source = write(tmp_path / "in.avi", [*moving(3), *[frame()] * 20])
    words = ["video", str(source), str(tmp_path / "out.mp4"), "--protection", "pixelate", "--strength", "0.3"]
    assert command.main(words) == 1
    printed = capsys.readouterr().out
    for part in ("3  frames protected", "20  frames no face found", "1  followed as persons; pixelate",
                 "not shown: 20 frames, black", "no sound", "out.mp4.frames.csv"):  # fmt: skip
        assert part in printed
    assert command.main([*words, "--lost", "drop"]) == 2 and "is there" in capsys.readouterr().err
    assert json.loads((tmp_path / "out.mp4.report.json").read_text())["counts"] == {NO_FACE: 20, PROTECTED: 3}
    with pytest.raises(SystemExit):
        command.main(["video", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    for part in (
        "NOT copied",
        "one new identity",
        "no sound",
        "every detector misses",
        "goes on where a run was",
    ):
        assert part in told
