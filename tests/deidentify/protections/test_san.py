"""The semi-adversarial network as a protection: from a shelf, on faces and on photographs."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lib.book import paths
from lib.deidentify import __main__ as command
from lib.deidentify.photos.folder import protect_folder
from lib.deidentify.protections import san, stored
from lib.deidentify.protections.base import ProtectionError, protect
from lib.deidentify.protections.protect_set import protect_faceset
from lib.deidentify.protections.registry import protection_named
from lib.deidentify.protections.san import SanProtection
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.loading.align import crop_template
from lib.faces.loading.pack import crop_name
from lib.training.inference import predict_images, reconstruct
from tests.deidentify.photos.tiny_photos import Knows, photograph
from tests.deidentify.tiny_shelf import SIDE, fill
from tests.exact import exactly, same_pixels


@pytest.fixture(scope="module")
def shelf(tmp_path_factory, world):
    """The threshold lies in the middle of what the untrained classifier says, so both labels occur."""
    folder = tmp_path_factory.mktemp("shelf")
    logits = predict_images(fill(folder).get("classifier"), small(world).images)
    return fill(folder, threshold=float(np.median(logits)))


def small(world, crop=None) -> FaceSet:
    """Every other pixel of 24 faces, as a set cut by the networks' template."""
    faces = world.take(np.arange(0, 96, 4))
    crop = crop_name(crop_template(0.32, 0.49, (SIDE, SIDE))) if crop is None else crop
    about = {**faces.about, "crop": crop}
    return FaceSet(np.asarray(faces.images)[:, ::2, ::2].copy(), faces.labels, "small", about, True)


def test_the_predicted_label_decides(shelf, world):
    images = small(world).images
    made = SanProtection(shelf.folder)
    grey = to_grey(images)[..., None]
    labels = made.predicted(grey)
    assert 0 < labels.mean() < 1
    said = predict_images(shelf.get("classifier"), images)
    np.testing.assert_array_equal(labels, said > shelf.about("classifier")["threshold"])
    told = SanProtection(shelf.folder, label="told")
    out = protect(made, images)
    assert same_pixels(out, protect(told, images, Male=labels.astype(bool)))
    wrong = protect(told, images, Male=1 - labels)
    assert (np.abs(out.astype(int) - wrong).reshape(len(out), -1).max(1) > 0).all()
    plain = reconstruct(shelf.get("ours"), images, labels)["op"]
    assert same_pixels(out[..., 0], plain) and out.shape == images.shape
    assert protect(made, images[:0]).shape == (0, SIDE, SIDE, 3)


def test_each_output_is_another_picture(shelf, world):
    images = small(world).images[:4]
    op, nt, sm = (protect(SanProtection(shelf.folder, output=o), images) for o in ("op", "nt", "sm"))
    assert (op != sm).any() and (nt != sm).any() and (op != nt).any()


def test_labels_that_are_told_must_be_known(shelf, world, tmp_path):
    told = SanProtection(shelf.folder, label="told")
    faces = small(world)
    with pytest.raises(ProtectionError, match="Male must be 0 or 1"):
        protect(told, faces.images, Male=np.full(len(faces), 0.5))
    with pytest.raises(ProtectionError, match="label='predicted'"):
        told.predicted(to_grey(faces.images)[..., None])
    done = protect_faceset(faces, told, tmp_path / "out", progress=False)
    male = faces.labels["Male"].to_numpy(bool)
    assert same_pixels(done.images, protect(told, faces.images, Male=male))


def test_other_weights_have_another_name(shelf, tmp_path):
    made = SanProtection(shelf.folder)
    assert made.name == f"san ours op predicted {made.sha256[:12]}"
    assert fill(tmp_path, seed=0).folder != shelf.folder
    same = {SanProtection(shelf.folder).name, pickle.loads(pickle.dumps(made)).name}
    assert same == {made.name} and len(pickle.dumps(made)) < 5000
    for other in (SanProtection(fill(tmp_path, seed=1).folder), replace(made, output="nt"),
                  replace(made, label="told"), replace(made, precision="mixed_bfloat16")):  # fmt: skip
        assert other.name != made.name


def test_weights_exchanged_under_a_protection_are_noticed(tmp_path, world):
    made = SanProtection(fill(tmp_path).folder)
    fill(tmp_path, seed=3)
    with pytest.raises(ProtectionError, match="weights changed"):
        protect(made, small(world).images[:1])


def test_faces_cut_otherwise_are_refused(shelf, world, tmp_path):
    made = SanProtection(shelf.folder)
    assert np.allclose(made.template.points, crop_template(0.32, 0.49, (SIDE, SIDE)).points)
    for cut in ("window", "arcface", crop_name(crop_template(0.26, 0.54, (SIDE, SIDE))), "odd in odd"):
        with pytest.raises(ProtectionError, match="pack the photographs anew"):
            protect_faceset(small(world, cut), made, tmp_path / "out", progress=False)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()], "nothing is begun"
    larger = crop_name(crop_template(0.32, 0.49, (112, 112)))  # the same crop, named at another size
    faces = small(world, larger)
    done = protect_faceset(faces, made, tmp_path / "out", batch=7, progress=False)
    assert done.about["protection"] == made.name
    assert np.abs(done.images.astype(int) - protect(made, np.asarray(faces.images))).max() <= 1


def test_photographs(shelf, renderings, tmp_path):
    picture, points = photograph((200, 260), renderings[:1], [(70, 30, 2)])
    (tmp_path / "in").mkdir()
    Image.fromarray(picture).save(tmp_path / "in" / "face.png")
    detector, made = Knows({(200, 260): points}), SanProtection(shelf.folder)
    manifest = protect_folder(tmp_path / "in", tmp_path / "out", made, detector, progress=False)
    assert manifest.complete and manifest.parameters["protection"] == made.name
    after = np.asarray(Image.open(tmp_path / "out" / "face.png"))
    row, column = np.rint(points[0, 2, ::-1]).astype(int)  # the nose
    tints = after[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 3).astype(float)
    tints /= tints.sum(1, keepdims=True)
    assert np.ptp(tints, axis=0).max() < 0.01, (
        "one colour in many grey values, as the network knows grey only"
    )
    assert exactly(after[0], picture[0], because="rows outside the face are copied")
    told = SanProtection(shelf.folder, label="told")
    with pytest.raises(ValueError, match="must be told Male"):
        protect_folder(tmp_path / "in", tmp_path / "other", told, detector, progress=False)


def test_the_command_finds_what_ships(shelf, tmp_path, world, monkeypatch, capsys):
    assert stored.SHIPPED == paths.WEIGHTS
    packed = small(world).save(tmp_path / "packed")
    made = SanProtection(shelf.folder)
    monkeypatch.setattr(san, "SanProtection", lambda: made)
    words = ["faces", str(packed), str(tmp_path / "out"), "--protection", "san"]
    assert command.main(words) == 0 and "24 images" in capsys.readouterr().out
    assert FaceSet.open(tmp_path / "out").about["protection"] == made.name
    assert command.main([*words, "--strength", "0.3"]) == 2
    assert "san takes no strength" in capsys.readouterr().err


def test_what_is_missing_or_unfit_is_named(tmp_path):
    with pytest.raises(ProtectionError, match=r"ours\.npz.*dvc pull weights\.dvc.*make real"):
        SanProtection(tmp_path)
    with pytest.raises(ProtectionError, match="op, nt or sm"):
        SanProtection(tmp_path, output="other")
    fill(tmp_path / "unsaid", template="unsaid")
    with pytest.raises(ProtectionError, match="by which `template`"):
        SanProtection(tmp_path / "unsaid")
    (tmp_path / "unsaid" / "ours.npz").write_bytes(b"x")
    with pytest.raises(ProtectionError, match="cannot be read"):
        SanProtection(tmp_path / "unsaid")
    fill(tmp_path / "mixed", side=64)
    smaller = fill(tmp_path / "small", side=32)
    (tmp_path / "mixed" / "classifier.npz").write_bytes((smaller.folder / "classifier.npz").read_bytes())
    with pytest.raises(ProtectionError, match="classifier takes other pictures"):
        SanProtection(tmp_path / "mixed")


def test_naming_the_protections_brings_no_keras():
    code = "import sys; import lib.deidentify.__main__; assert 'keras' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=paths.ROOT, check=True)
    with pytest.raises(ProtectionError, match="no protection 'magic'; there are blur, pixelate, cover, san"):
        protection_named("magic")
