"""`cleanir` by the folder tool: stored weights, angle or new identity, key, colour, several faces, clips."""

from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from PIL import Image

from lib.deidentify import __main__ as command
from lib.deidentify.cleanir.cleaned_identity import CleanedNewIdentity
from lib.deidentify.cleanir.protection import NewIdentity, RotatedIdentity, key_hash
from lib.deidentify.cleanir.stored_protection import StoredCleanir
from lib.deidentify.photos.compositing import protect_faces
from lib.deidentify.photos.folder import protect_folder
from lib.deidentify.photos.protect_photo import NO_SUBJECT, SEVERAL
from lib.deidentify.photos.regions import Paste
from lib.deidentify.protections.base import ProtectionError, protect
from lib.deidentify.protections.registry import protection_named
from lib.deidentify.video.options import VideoOptions
from lib.deidentify.video.protect_clip import protect_clip
from lib.deidentify.video.report import Report
from tests.deidentify.photos.tiny_photos import Knows, backdrop
from tests.deidentify.tiny_cleanir import SIDE, TEMPLATE, fill
from tests.deidentify.video.tiny_clips import BLUE, RED, SIZE, Marks, frame, read, write
from tests.exact import exactly, same_pixels

KEY, OTHER = "a secret of some length", "another secret of length"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return fill(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def faces():
    return np.stack([backdrop(SIDE, SIDE, seed) for seed in range(4)])


def test_what_is_chosen_is_what_is_made(weights, faces):
    new, turned = StoredCleanir(weights, key=KEY), StoredCleanir(weights, angle=90, key=KEY)
    assert new.size == (SIDE, SIDE) and new.colour == "rgb" and new.repaints and new.needs == ()
    eyes = new.template.points[1] - new.template.points[0]
    assert eyes[0] == pytest.approx(TEMPLATE[0] * SIDE, abs=1e-4)
    codec, cleaner = new.networks
    assert cleaner is None and not new.cleaned
    assert same_pixels(protect(new, faces), NewIdentity(codec, key=KEY)(faces))
    assert same_pixels(protect(turned, faces), RotatedIdentity(codec, key=KEY, angle=90)(faces))
    assert (protect(new, faces) != protect(turned, faces)).any()
    assert (protect(new, faces) != protect(StoredCleanir(weights, key=OTHER), faces)).any()
    assert protect(new, faces[:0]).shape == (0, SIDE, SIDE, 3)
    one_by_one = np.concatenate([protect(new, faces[n : n + 1]) for n in range(4)])
    assert same_pixels(one_by_one, protect(new, faces)), "draws do not hang on batches"


def test_new_identities_are_cleaned_where_there_is_a_cleaner(weights, faces, tmp_path):
    plain, folder = StoredCleanir(weights, key=KEY), fill(tmp_path / "weights", cleaner=True)
    new, turned = StoredCleanir(folder, key=KEY), StoredCleanir(folder, angle=90, key=KEY)
    assert new.cleaned and not turned.cleaned
    codec, cleaner = new.networks
    assert same_pixels(protect(new, faces), CleanedNewIdentity(codec, key=KEY, cleaner=cleaner)(faces))
    assert (protect(new, faces) != protect(plain, faces)).any() and new.name != plain.name
    assert same_pixels(protect(turned, faces), protect(StoredCleanir(weights, angle=90, key=KEY), faces))
    (folder / "cleanir_cleaner.npz").write_bytes(b"PK")
    with pytest.raises(ProtectionError, match="cleaner.npz.*dvc pull"):
        protect(StoredCleanir(folder, key=OTHER), faces)


def test_a_subjects_pictures_share_an_identity(weights):
    same = np.repeat(backdrop(SIDE, SIDE)[None], 3, 0)
    made = StoredCleanir(weights, per="subject", key=KEY)
    out = protect(made, same, subject=np.array(["anna", "bert", "anna"]))
    assert same_pixels(out[0], out[2]) and (out[0] != out[1]).any() and made.needs == ("subject",)


def test_names_say_all_but_the_key(weights, tmp_path):
    made = StoredCleanir(weights, angle=120, per="all", key=KEY)
    assert made.name == f"cleanir 120 degrees per all key {key_hash(KEY)} {made.sha256[:12]}"
    assert StoredCleanir(weights, key=KEY).name.startswith("cleanir new identity per image key ")
    names = {StoredCleanir(weights, **told).name for told in
             ({}, {"angle": 0}, {"angle": 90}, {"per": "all"}, {"key": KEY})}  # fmt: skip
    names.add(StoredCleanir(fill(tmp_path, seed=1)).name)
    assert len(names) == 6, "whatever changes the output changes the name"
    assert KEY not in repr(made) + made.name
    assert exactly(pickle.loads(pickle.dumps(made)), made, because="pickled numbers are copied")


def test_what_cannot_be_made_is_said(weights, tmp_path):
    with pytest.raises(ProtectionError, match="cleanir_encoder.npz.*dvc pull"):
        StoredCleanir(tmp_path)
    for wrong, said in (({"angle": float("nan")}, "degrees"), ({"per": "face"}, "per 'face'")):
        with pytest.raises(ProtectionError, match=said):
            StoredCleanir(weights, **wrong)
    with pytest.raises(ProtectionError, match="template"):
        StoredCleanir(fill(tmp_path / "unsaid", template="unsaid"))
    with pytest.raises(ProtectionError, match="blur takes no angle"):
        protection_named("blur", angle=90)
    damaged = fill(tmp_path / "damaged")
    (damaged / "cleanir_decoder.npz").write_bytes(b"PK")
    with pytest.raises(ProtectionError, match="dvc pull"):
        protect(StoredCleanir(damaged), np.zeros((1, SIDE, SIDE, 3), np.uint8))


def test_pasted_in_colour_and_each_face_its_own(weights):
    photo = frame((RED, 60, 64), (BLUE, 130, 64), marked=False)
    points = Marks()(frame((RED, 60, 64), (BLUE, 130, 64))).points.astype(float)
    made = StoredCleanir(weights, key=KEY)
    plain, tinted = (protect_faces(photo, points, made, Paste("face", tint)) for tint in ("none", "face"))
    for done in (plain, tinted):
        assert exactly(done.image[~done.mask], photo[~done.mask], because="copied pixels")
        assert done.image.shape == photo.shape
    middles = [np.s_[54:74, x - 10 : x + 10] for x in (60, 130)]
    before, after, flat = (
        [one[spot].reshape(-1, 3).mean(0) for spot in middles] for one in (photo, tinted.image, plain.image)
    )
    for face in range(2):
        assert np.abs(after[face] - before[face]).max() < np.abs(flat[face] - before[face]).max()
    assert (plain.image[middles[0]] != plain.image[middles[1]]).any()


def album(folder, *names):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(frame((RED, 60 + 9 * number, 64))).save(folder / name)
    return folder


def test_a_folder_for_each_person(weights, tmp_path):
    folder = album(tmp_path / "in", "anna/1.png", "anna/2.png", "bert/1.png", "loose.png")
    Image.fromarray(frame((RED, 60, 64), (BLUE, 140, 64))).save(folder / "anna" / "both.png")
    made = StoredCleanir(weights, per="subject", key=KEY)
    manifest = protect_folder(folder, tmp_path / "out", made, Marks(), progress=False)
    status = {record.file: record.status for record in manifest.records}
    assert status["loose.png"] == NO_SUBJECT and status["anna/both.png"] == SEVERAL
    assert [status[name] for name in ("anna/1.png", "anna/2.png", "bert/1.png")] == ["protected"] * 3
    assert manifest.parameters["protection"] == made.name and manifest.parameters["tint"] == "face"
    assert not any(
        KEY.encode() in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()
    )


def test_the_command_keeps_the_key_to_itself(weights, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        command, "detector_named", lambda *_: Knows({SIZE: Marks()(frame((RED, 60, 64))).points})
    )
    monkeypatch.setattr(command, "recogniser_named", lambda _: None)
    monkeypatch.setattr(StoredCleanir.__init__, "__defaults__", (weights, None, "image", ""))
    monkeypatch.setenv("FACEVALUE_KEY", KEY)
    folder = album(tmp_path / "in", "a.png")
    words = ["photos", str(folder), str(tmp_path / "out"), "--protection", "cleanir", "--angle", "150"]
    assert command.main(words) == 0
    shown = capsys.readouterr()
    written = (tmp_path / "out" / "manifest.json").read_text()
    told = json.loads(written)["parameters"]["protection"]
    assert told.startswith(f"cleanir 150 degrees per image key {key_hash(KEY)} ")
    assert KEY not in shown.out + shown.err + written
    (said,) = json.loads(written)["withstands"]
    assert said in shown.out and said.startswith("Nobody measured what copies by 150 degrees withstand")


def test_a_clip_has_one_new_identity_for_each_person(weights, tmp_path):
    pictures = [frame((RED, 60, 64), (BLUE, 140, 64))] * 3
    made = StoredCleanir(weights, per="subject", key=KEY)
    source = write(tmp_path / "in.avi", pictures)
    report = protect_clip(source, tmp_path / "out.mkv", made, Marks(), VideoOptions(progress=False))
    assert report.complete and len(report.persons) == 2 and report.persons[0].protection == made.name
    copy = read(tmp_path / "out.mkv")
    assert np.abs(copy[0].astype(int) - copy[2]).mean() < 3, "equal frames, equal faces"
    written = (tmp_path / "out.mkv.report.json").read_text()
    assert KEY not in written and "Nobody measured what copies by a new identity" in written
    assert report.withstands == made.withstands == Report.load(tmp_path / "out.mkv.report.json").withstands
