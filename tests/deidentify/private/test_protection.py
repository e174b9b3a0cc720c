"""Only the code gets out: equal codes, equal pictures, whatever the photograph; what is kept comes back."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from lib.arrays import WeightsError
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.private import protection as private_room
from lib.deidentify.private.encoder import (
    FaceEncoder,
    erased_targets,
    fit_encoder,
    head_pose,
    nuisance_features,
    stored_name,
)
from lib.deidentify.private.eraser_choice import choose_eraser
from lib.deidentify.private.erasure import fit_eraser
from lib.deidentify.private.protection import Private, generated, stored_private
from lib.deidentify.protections.base import Protection, ProtectionError, protect
from lib.deidentify.protections.k_same import KSameOppositeGender
from lib.faces.grey import as_rgb
from lib.faces.loading.align import crop_template
from lib.judges.base import JudgeError, judge_batches
from lib.judges.book_networks import MatcherJudge
from lib.judges.packaged_catalogue import DLIB_RECOGNISER
from lib.judges.recogniser_embeddings import unit_embeddings, unit_rows
from lib.judges.registry import MAKERS
from lib.networks.face_decoder import face_decoder
from lib.networks.matcher import matcher
from lib.training.inference import predict_images
from lib.training.loop.device import set_determinism
from tests.exact import exactly, same_pixels

SIZE, DIMENSION = 32, 6
GENERATOR = {"size": SIZE, "code": DIMENSION, "nuisance": 4, "widths": (8, 8, 8, 4, 4), "seed": 4}
MATCHER = {"size": SIZE, "dimensions": DIMENSION, "widths": (4, 8)}


def people(seed=0, subjects=120, each=3):
    """Rows of unit length whose covariance tells the class, as recognisers' do."""
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(subjects), each)
    male = subject % 2 == 1
    spread = np.where(male[::each, None], [3, 0.3, 1, 1, 1, 1], [0.3, 3, 1, 1, 1, 1])
    rows = (rng.normal(size=(subjects, DIMENSION)) * spread)[subject]
    return unit_rows(rows + 0.1 * rng.normal(size=rows.shape)), male, subject


def pictures(count, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE, 1), np.uint8)


class FirstPixels:
    """Embeds by the first pixels: two photographs that agree in those have one embedding."""

    card = replace(DLIB_RECOGNISER, name="first pixels")

    def __call__(self, images, points=None):
        return judge_batches(
            lambda part, _: part[:, 0, :DIMENSION, 0].astype(np.float32) - 127.5, images, points
        )


def own_matcher(network=None):
    return MatcherJudge(network or matcher(**MATCHER), trained_on="nothing", settings=MATCHER)


def test_the_pose_by_hand():
    upright = np.array([[0.4, 0.5], [0.6, 0.5], [0.5, 0.6], [0.45, 0.7], [0.55, 0.7]])
    np.testing.assert_allclose(head_pose(upright[None])[0], [0.5, 0.5, 0.2, 0, 0, 0.5], atol=1e-12)
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])  # turned about the middle between the eyes
    turned = (upright - 0.5) @ quarter.T + 0.5
    np.testing.assert_allclose(head_pose(turned[None])[0], [0.5, 0.5, 0.2, np.pi / 2, 0, 0.5], atol=1e-12)
    aside = upright + np.array([[0, 0], [0, 0], [0.04, 0], [0, 0], [0, 0]])
    np.testing.assert_allclose(head_pose(aside[None])[0, 4:], [0.2, 0.5], atol=1e-12)
    assert nuisance_features(pictures(1), SIZE * upright[None], pose=True).shape == (1, 10)


def test_a_coder_that_was_told_the_pose_is_told_it_again():
    points = np.tile(SIZE * np.linspace(0.3, 0.7, 10).reshape(5, 2), (3, 1, 1))
    told = private(FirstPixels(), light=10).coder(pictures(3), points).nuisance
    assert told.shape == (3, 10)


def private(recogniser, light=None):
    rows, male, subject = people()
    noise = np.random.default_rng(5).normal(0.5, 0.1, (len(rows), light or 4))
    coder = fit_encoder(recogniser, fit_eraser(rows, male, subject, removed=2), rows, noise, male, subject)
    set_determinism(3)
    settings = {**GENERATOR, "code": coder.dimension, "nuisance": light or 4}
    template = crop_template(0.32, 0.49, (SIZE, SIZE))
    return Private(coder, face_decoder(**settings), settings, template)


def test_equal_codes_give_equal_pictures_whatever_the_photograph():
    protection = private(FirstPixels(), 6)
    faces, points = pictures(3), np.full((3, 5, 2), 9.0)
    faces[1] = 255 - faces[0]
    faces[1, 0, :DIMENSION] = faces[0, 0, :DIMENSION]
    codes = protection.coder(faces, points)
    codes.nuisance[:] = codes.nuisance[0]
    shown = protection.picture(codes)
    assert same_pixels(shown[0], shown[1])
    assert (shown[0] != shown[2]).any()  # another code
    alone = protection.coder(faces[1:2], points[1:2])
    alone.nuisance[:] = codes.nuisance[0]
    assert same_pixels(protection.picture(alone)[0], shown[0])


def test_the_number_of_faces_asked_for_does_not_matter():
    net = face_decoder(16, 3, widths=(8, 8, 8, 4, 4), seed=4)
    codes = np.random.default_rng(3).normal(size=(9, 3)).astype(np.float32)
    together = generated(net, codes, batch=4)
    assert together.dtype == np.uint8 and together.shape == (9, 16, 16, 1)
    assert same_pixels(generated(net, codes[5:6], batch=4), together[5:6])


def test_a_face_that_was_not_found_shows_nothing():
    protection = private(FirstPixels(), 6)
    points = np.full((2, 5, 2), 9.0)
    points[1] = np.nan
    shown = protection(pictures(2), points=points)
    assert (shown[1] == 128).all() and (shown[0] != 128).any()


def test_nobody_found_shows_nothing():
    protection, points = private(FirstPixels(), 6), np.full((2, 5, 2), np.nan)
    assert np.isnan(unit_embeddings(protection.coder.recogniser, pictures(2), points)).all()
    assert (protection(pictures(2), points=points) == 128).all()


def test_a_recogniser_that_needs_points_must_be_told_them_and_another_does_not_see_them():
    with pytest.raises(JudgeError, match="must be told five points"):
        unit_embeddings(FirstPixels(), pictures(2))
    ours, lost = own_matcher(), np.full((2, 5, 2), np.nan)
    rows = unit_embeddings(ours, pictures(2), lost)
    assert rows.shape == (2, DIMENSION) and rows.dtype == np.float32
    np.testing.assert_allclose(rows, unit_rows(ours(as_rgb(pictures(2)[..., 0])).values), atol=1e-6)


def test_recognisers_have_the_names_under_which_shipped_coders_know_them():
    assert stored_name(own_matcher()) == "matcher"
    assert stored_name(MAKERS["dlib_recogniser"]()) == "dlib_recogniser"


def test_a_matcher_without_its_settings_cannot_be_kept(tmp_path):
    unknown = MatcherJudge(matcher(**MATCHER), trained_on="nothing")
    with pytest.raises(ValueError, match="with `settings`"):
        private(unknown).save(tmp_path)


def test_it_is_a_protection_and_comes_back_from_its_folder(tmp_path):
    set_determinism(4)
    protection = private(own_matcher())
    assert isinstance(protection, Protection) and protection.needs == () and protection.colour == "grey"
    protection.save(tmp_path)
    again = Private.load(tmp_path)
    faces = pictures(5, 1).repeat(3, axis=-1)
    assert same_pixels(protect(again, faces), protect(protection, faces))
    assert again.name == protection.name and again.template.size == (SIZE, SIZE)
    again.generator.get_layer("tone").bias.assign([0.5])
    assert again.name != protection.name
    (tmp_path / "eraser.npz").unlink()
    with pytest.raises(ValueError, match="fit the eraser again"):
        Private.load(tmp_path)


def test_a_folder_is_a_protection_that_other_processes_read(tmp_path):
    made, faces = private(own_matcher()), pictures(3)
    made.save(tmp_path)
    one = stored_private(tmp_path)
    assert isinstance(one, Protection)
    assert exactly(
        (one.name, one.size, one.needs, one.colour),
        (made.name, made.size, made.needs, made.colour),
        because="settings as they were given",
    )
    sent = pickle.dumps(one)
    assert pickle.loads(sent) is one, "once in each process"
    private_room._read.cache_clear()
    again = pickle.loads(sent)
    assert again is not one and same_pixels(again(faces), made(faces))
    (tmp_path / "coder.npz").write_bytes(b"another")
    private_room._read.cache_clear()
    with pytest.raises(ProtectionError, match="changed since"):
        pickle.loads(sent)


def test_a_folder_without_weights_says_where_they_come_from(tmp_path):
    with pytest.raises(ProtectionError, match=r"generator.npz missing.*dvc pull"):
        stored_private(tmp_path)


def test_a_picture_as_large_as_the_photograph_from_a_smaller_one():
    small = private(FirstPixels(), 6)
    large = replace(small, side=2 * SIZE)
    faces = pictures(2).repeat(2, axis=1).repeat(2, axis=2)
    codes = large.coder(faces, np.full((2, 5, 2), 9.0))
    assert codes.told.shape == (2, DIMENSION - 2 + 6)
    shown, expected = large.picture(codes), small.picture(codes)
    assert large.size == shown.shape[1:3] == (64, 64) and shown.shape[-1] == 1 and large.name != small.name
    assert abs(shown.astype(float).mean() - expected.mean()) < 1


def test_a_coder_stays_with_its_recogniser(tmp_path):
    protection = private(FirstPixels(), 6)
    protection.coder.save(tmp_path)
    with pytest.raises(WeightsError, match="made for first pixels, not for matcher"):
        FaceEncoder.load(tmp_path, own_matcher())


def test_codes_are_those_of_the_own_matcher_erased_and_of_variance_one():
    set_determinism(4)
    network = matcher(**MATCHER)
    coder = private(own_matcher(network)).coder
    faces = pictures(4, 2)
    rows = unit_rows(predict_images(network, faces))
    kept = coder.eraser.transported(rows) @ coder.arrays["basis"]
    expected = (kept - coder.arrays["centre"]) / coder.arrays["spread"]
    np.testing.assert_allclose(coder(faces).code, expected, rtol=1e-4, atol=1e-5)
    fitted = coder.coded(people()[0], np.full((360, 4), 0.5))
    np.testing.assert_allclose(fitted.code.std(axis=0), 1, rtol=1e-3)


def test_nuisance_by_hand():
    image = np.zeros((1, 4, 4, 1), np.uint8)
    image[0, :2, 2:], image[0, 3, 0] = 255, 255
    points = np.zeros((1, 5, 2))
    points[0, 2] = (1, 3)
    np.testing.assert_allclose(nuisance_features(image, points), [[0, 1, 0.25, 0, 0.25, 0.75]])
    np.testing.assert_allclose(nuisance_features(image, None), [[0, 1, 0.25, 0]])


def quadratic_gap(rows, male):
    """How far the classes' covariances are apart, relative to their size."""
    one, two = (np.cov(rows[male == label].T) for label in (False, True))
    return np.linalg.norm(one - two) / np.linalg.norm(one + two)


def test_targets_are_erased_ones_and_missing_rows_stay_missing():
    rows, male, subject = people()
    given = 7 * rows
    given[-1] = np.nan
    fitted = np.flatnonzero(subject < 80)
    targets = erased_targets(given, male, subject, fitted, removed=2)
    assert np.isnan(targets[-1]).all() and np.isfinite(targets[:-1]).all()
    others = subject[:-1] >= 80
    assert quadratic_gap(rows[:-1][others], male[:-1][others]) > 0.6
    assert quadratic_gap(targets[:-1][others], male[:-1][others]) < 0.4


def test_directions_that_are_removed_or_hardly_vary_are_not_in_the_code():
    rows, male, subject = people()
    flat = rows.copy()
    flat[:, -1] = 1e-5 * np.where(male, 1, -1)  # tells the label, but for its size
    flat = unit_rows(flat)
    eraser = fit_eraser(flat, male, subject, removed=2)
    noise = np.random.default_rng(5).normal(0.5, 0.1, (len(rows), 4))
    coder = fit_encoder(own_matcher(), eraser, flat, noise, male, subject)
    basis = coder.arrays["basis"].astype(float)
    assert coder.dimension == DIMENSION - 3 and np.allclose(basis.T @ basis, np.eye(DIMENSION - 3), atol=1e-6)
    assert np.abs(basis.T @ np.linalg.qr(eraser.arrays["axes"][:, :2])[0]).max() < 1e-5
    assert np.abs(basis[-1]).max() < 1e-3
    few = fit_encoder(own_matcher(), eraser, flat, noise, male, subject, dimension=2)
    assert few.dimension == 2 and few.coded(flat, noise).told.shape == (len(rows), 6)


def test_coders_of_the_first_format_are_read(tmp_path):
    """They keep all directions of the erased embedding."""
    coder = private(FirstPixels(), 6).coder
    erased = coder.eraser(people()[0])
    old = {name: one for name, one in coder.arrays.items() if name != "basis"}
    old |= {"centre": erased.mean(0), "spread": erased.std(0) + 1e-6}
    first = FaceEncoder(coder.recogniser, coder.eraser, {k: np.float32(v) for k, v in old.items()})
    first.save(tmp_path)
    again = FaceEncoder.load(tmp_path, FirstPixels())
    told = again.coded(people()[0], np.full((360, 6), 0.5))
    assert told.code.shape == (360, DIMENSION)
    np.testing.assert_allclose(told.code.mean(0), 0, atol=1e-3)


def test_as_few_directions_go_as_will_do():
    samples = [EmbeddingSet(*people(seed, subjects)) for seed, subjects in ((1, 120), (2, 60), (3, 60))]
    samples = [EmbeddingSet(s.embeddings, s.positive, s.subjects + 1000 * i) for i, s in enumerate(samples)]
    rows, male, subject = people()
    eraser = fit_eraser(rows, male, subject, removed=0, pooling=1.0)  # one map for both
    noise = np.full((len(rows), 4), 0.5) + np.random.default_rng(0).normal(0, 0.1, (len(rows), 4))

    def fitted(removed):
        return fit_encoder(own_matcher(), eraser.removing(removed), rows, noise, male, subject)

    def coded(encoder):
        def codes(one):
            told = encoder.coded(one.embeddings, np.full((len(one.positive), 4), 0.5)).code
            return EmbeddingSet(told, one.positive, one.subjects)

        return tuple(codes(one) for one in samples)

    found, tried = choose_eraser(fitted, coded, (0, 2, 4), wanted=0.75, wanted_averaged=0.8)
    assert found.eraser.facts["removed"] == 2 and tried[0].one > 0.9
    assert [one.removed for one in tried] == [0, 2, 4] and tried[1].dimension == DIMENSION - 2
    strict, tried = choose_eraser(fitted, coded, (0, 2), wanted=0.1, wanted_averaged=0.1)
    assert strict.eraser.facts["removed"] == min(tried, key=lambda one: one.one + one.averaged).removed


def test_the_mean_with_the_nearest_face_of_the_other_gender():
    gallery = np.stack([np.full((SIZE, SIZE, 1), tone, np.uint8) for tone in (0, 100, 200)])
    faces = np.full((2, SIZE, SIZE, 1), 50, np.uint8)
    faces[:, 0, :DIMENSION, 0] = [255, 255, 0, 0, 0, 0]
    recogniser, points = FirstPixels(), np.zeros((2, 5, 2))
    near = unit_embeddings(recogniser, faces, points)[0]
    embeddings = unit_rows(np.stack([near, near + 0.5 * np.eye(DIMENSION)[0], -near]))
    male = np.array([False, True, True])
    rival = KSameOppositeGender(recogniser, gallery, embeddings, male)
    shown = rival(faces, Male=np.array([0, 1]), points=points)
    assert isinstance(rival, Protection) and shown[0, -1, -1, 0] == 75 and shown[1, -1, -1, 0] == 25
    with pytest.raises(ProtectionError, match="nearest must lie in 1 to 1"):
        KSameOppositeGender(recogniser, gallery, embeddings, male, nearest=2)
