"""The stage on rendered faces with an untrained codec: everything the page needs is kept."""

import dataclasses

import keras
import numpy as np
import pytest

from lib.deidentify.cleanir.attribute_cleaning import AttributeCleaner
from lib.deidentify.cleanir.cleaned_identity import CleanedNewIdentity
from lib.deidentify.cleanir.protection import NewIdentity, RotatedIdentity
from lib.deidentify.protections.base import ProtectionError
from lib.evaluation.parties import OWN_MATCHERS
from lib.evaluation.rotation import judged, restoring, rivals
from lib.evaluation.rotation.attackers import ATTACKERS, PER_IMAGE
from lib.evaluation.rotation.make_views import SECRET
from lib.evaluation.rotation.painter import NEW, OURS, Painter, angle_names
from lib.evaluation.rotation.people import TEST
from lib.evaluation.rotation.stage import CLEANER, VIEWS
from lib.evaluation.rotation.views import Views
from lib.judges.result_keys import HELD_OUT_MATCHER
from lib.networks.restorer import restorer
from tests.exact import same_pixels


def test_angles_and_identities_are_painted_as_the_protections_paint(world, codec):
    cleaner = AttributeCleaner.fit(codec.encode(world.images[:40]).attributes, world.subjects[:40], 2)
    painter = Painter(codec, cleaner)
    photos, told = painter.photos(world, np.arange(6)), {"subject": world.subjects[:6]}
    assert angle_names(60) == ["0", "60", "120", "180"]
    for per in ("image", "subject", "all"):
        protections = {
            "60": RotatedIdentity(codec, per, "k", angle=60.0),
            NEW: NewIdentity(codec, per, "k"),
            OURS: CleanedNewIdentity(codec, per, "k", cleaner=cleaner),
        }
        for condition, protection in protections.items():
            wanted = protection(photos.images, **told)
            assert same_pixels(painter.paint(photos, condition, per, "k"), wanted)
    assert not same_pixels(painter.paint(photos, "60", key="k"), painter.paint(photos, "60", key="l"))
    with pytest.raises(ValueError, match="cleaner"):
        Painter(codec).paint(photos, OURS)
    with pytest.raises(ProtectionError, match="cleaner"):
        CleanedNewIdentity(codec)
    assert CleanedNewIdentity(codec, cleaner=cleaner).name != NewIdentity(codec).name


def test_everything_that_the_page_needs_is_kept(stage, kept):
    views = Views.load(kept.folder / VIEWS)
    assert set(stage.conditions) < set(views.conditions())
    for condition in stage.conditions:
        attackers = {name for name, _ in judged.possible(views, TEST, condition, tuple(ATTACKERS))}
        assert attackers == set(ATTACKERS)
    assert set(rivals.RIVALS) < set(views.conditions())
    for rival in rivals.RIVALS:
        attackers = {name for name, _ in judged.possible(views, TEST, rival, tuple(ATTACKERS))}
        assert attackers == set(PER_IMAGE)  # nothing is shared, so nobody can link by it
    found = judged.judge_all(views, views.conditions(), photos=(1, 2), replicates=20)
    for condition, by in found.items():
        for attack, one in by.items():
            assert set(one.rank_one) == {1, 2} and one.auc.defined, (condition, attack)
    assert AttributeCleaner.load(kept.folder / CLEANER).removed in (0, 2)
    assert kept.get(restoring.NAME).input["image"].shape[1:] == (64, 64, 3)
    assert len(kept.history(restoring.NAME).table) == 1
    angle = judged.best_angle(views, angle_names(90)).angle
    assert angle in ("0", "90", "180")


def test_k_same_averages_those_who_play_no_other_part(stage):
    parts = stage.parts(OWN_MATCHERS[HELD_OUT_MATCHER])
    assert parts["crowd"].subjects <= parts["codec"].subjects
    for name in (*stage.groups, "attackers", "held_out"):
        assert not parts["codec"].subjects & parts[name].subjects


def test_without_rivals_nothing_of_them_is_painted(stage, codec):
    cleaner = AttributeCleaner.fit(np.eye(8), np.repeat(np.arange(4), 2), 0)
    assert not dataclasses.replace(stage, rivals=False).painter(cleaner).rivals
    assert set(stage.painter(cleaner).rivals) == set(rivals.RIVALS)


def test_rivals_are_painted_alike_for_everybody_but_another_persons_face(stage):
    painter = stage.painter(AttributeCleaner.fit(np.eye(8), np.repeat(np.arange(4), 2), 0))
    photos = painter.photos(stage.faces, stage.groups[TEST].probes)
    for name in rivals.RIVALS:
        one, other = (painter.paint(photos, name, key=key) for key in ("a", "b"))
        assert one.shape == photos.images.shape and same_pixels(one, other) == (name != rivals.ANOTHER)
    part = painter.paint(photos.take(np.array([1])), rivals.K_SAME_SELECT)
    assert same_pixels(part, painter.paint(photos, rivals.K_SAME_SELECT)[1:2])
    shown = {one.tobytes() for one in stage.faces.images[stage.crowd_rows]}
    assert {one.tobytes() for one in painter.paint(photos, rivals.ANOTHER)} <= shown


def test_what_the_restorer_is_told():
    none = (0,) * len(rivals.RIVALS)
    assert restoring.told("0") == pytest.approx((1, 0, *none))
    assert restoring.told("120") == pytest.approx((-0.5, 0.75**0.5, *none))
    assert not any(restoring.told(OURS))
    assert sum(restoring.told(rivals.K_SAME)) == pytest.approx(1)
    assert len({restoring.told(name) for name in rivals.RIVALS}) == len(rivals.RIVALS)


def test_a_restorer_gives_pictures_and_uses_what_it_is_told():
    keras.utils.set_random_seed(2)
    network = restorer(32, condition=len(restoring.told("")), widths=(4, 6, 8), code=5)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    made = [restoring.restored(network, pictures, one) for one in ("0", "180")]
    assert made[0].shape == pictures.shape and made[0].dtype == np.uint8
    assert np.abs(made[0].astype(int) - made[1]).max() > 0
    with pytest.raises(ValueError, match="halved 3 times"):
        restorer(36, widths=(4, 6, 8))


def test_axes_per_subject_are_shared_and_per_image_are_not(world, codec):
    painter = Painter(codec)
    photos = painter.photos(world, np.flatnonzero(np.isin(world.subjects, world.subjects[:1]))[:3])
    painter.paint(photos, "90", "subject", SECRET)
    painter.paint(photos, "90", "image", SECRET)
    shared, own = photos.axes["subject", SECRET], photos.axes["image", SECRET]
    np.testing.assert_allclose(shared[0], shared[1])
    assert np.abs(own[0] - own[1]).max() > 0.01
