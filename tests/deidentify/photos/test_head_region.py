"""The region `head`: what it replaces, and that the filling says nothing that the copy does not show."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.deidentify.photos.compositing import alter_faces, protect_faces
from lib.deidentify.photos.pasting import EVEN, paste_faces
from lib.deidentify.photos.regions import FACE_ONLY, Paste, careful_paste
from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.protections.baselines import Blur, SolidFill
from lib.deidentify.protections.registry import PROTECTIONS
from tests.deidentify.photos.test_compositing import HEAD, Painted, at, border_of, gradients
from tests.deidentify.photos.tiny_photos import backdrop, photograph
from tests.exact import exactly, same_pixels

HEADS = Paste("head", "none")


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 240), st.floats(0, 180), st.floats(4, 60), st.floats(-180, 180))
def test_beyond_the_head_every_byte_stays(x, y, eyes, turn):
    photo = backdrop(180, 240)
    before = photo.copy()
    done = protect_faces(photo, at(x, y, eyes, turn)[None], SolidFill(), HEADS)
    assert exactly(photo, before, because="whole grey levels that nothing may touch")
    assert exactly(done.image[~done.mask], photo[~done.mask], because="pixels outside the mask are copied")
    assert (done.mask | ~done.faces).all() and done.mask.sum() >= done.faces.sum()


def solid(photo, points, eyes):
    """Where the photograph is wholly replaced: further from its border than the ramp is wide."""
    mask = protect_faces(photo, points, SolidFill(), HEADS).mask
    return cv2.distanceTransform(np.pad(mask, 1, mode="edge").astype(np.uint8), cv2.DIST_L2, 5)[
        1:-1, 1:-1
    ] > (0.6 * eyes)


@pytest.mark.parametrize("turn", [0, 40, 180])
def test_of_what_the_outline_holds_nothing_enters_the_copy(turn):
    """Any other hair, neck or collar within it gives the same bytes; the altered face is the same here."""
    eyes, points = 14, at(150, 140, 14, turn)[None]
    photo = backdrop(300, 300)
    inner = solid(photo, points, eyes)
    assert inner.sum() > 20 * eyes**2, "most of a head, 6 x 4 eye distances"
    other = np.where(inner[..., None], np.random.default_rng(1).integers(0, 256, photo.shape), photo)
    done = [protect_faces(one.astype(np.uint8), points, SolidFill(), HEADS) for one in (photo, other)]
    assert same_pixels(done[0].image, done[1].image)
    kept = [protect_faces(one.astype(np.uint8), points, SolidFill()).image for one in (photo, other)]
    assert not same_pixels(kept[0], kept[1]), "the region `face` keeps the hair"


def test_the_filling_follows_what_stays_visible_alone():
    """Computed from pixels that the copy shows unaltered: it tells nothing beyond them."""
    photo, points = backdrop(300, 300), at(150, 140, 14)[None]
    mask = protect_faces(photo, points, SolidFill(), HEADS).mask
    random = np.random.default_rng(2).integers(0, 256, photo.shape).astype(np.uint8)
    inside = protect_faces(np.where(mask[..., None], random, photo), points, SolidFill(), HEADS).image
    outside = protect_faces(np.where(mask[..., None], photo, random), points, SolidFill(), HEADS).image
    ring = solid(photo, points, 14) & ~protect_faces(photo, points, SolidFill(), HEADS).faces
    before = protect_faces(photo, points, SolidFill(), HEADS).image
    assert same_pixels(inside[ring], before[ring])
    assert (outside[ring] != before[ring]).mean() > 0.5


def test_the_filling_has_the_tone_of_what_lies_around():
    photo = np.zeros((300, 300, 3), np.uint8) + np.array([200, 120, 40], np.uint8)
    points = at(150, 140, 14)[None]
    y, x = np.mgrid[:300, :300]
    photo[np.hypot(x - 150, y - 140) < 2.3 * 14] = (20, 20, 20)
    done = protect_faces(photo, points, SolidFill(), HEADS)
    assert np.abs(done.image[~done.faces].astype(int) - [200, 120, 40]).max() <= 1


def test_where_nothing_stays_visible_the_filling_is_even():
    photo = backdrop(100, 100)
    done = protect_faces(photo, at(50, 50, 40)[None], Painted(), HEADS)
    assert done.mask.all() and (done.image[~done.faces] == EVEN).all()


def test_the_outline_holds_head_and_hair(renderings):
    """By the renderer's own map, turned heads and long hair too: next to nothing shows beyond it."""
    shares = []
    for one in renderings:
        head = np.isin(one.truth.parts, HEAD)
        done = protect_faces(one.image, one.truth.points[None].astype(float), SolidFill(), HEADS)
        shares.append((head & done.mask).sum() / head.sum())
        face = protect_faces(one.image, one.truth.points[None].astype(float), SolidFill())
        assert not (face.mask & ~done.mask).any(), "the head holds the face"
    assert np.mean(shares) >= 0.99 and min(shares) >= 0.9


def test_every_head_of_the_picture_is_filled_before_the_faces_are_pasted():
    """Neighbours, cheek to cheek: no filling covers a face, and no face is seen by a filling."""
    photo = backdrop(300, 400)
    points = np.stack([at(160, 140, 20), at(230, 140, 20)])
    done = protect_faces(photo, points, SolidFill(), HEADS)
    for x in (160, 230):
        assert (done.image[125:155, x - 15 : x + 15] == 128).all() and done.faces[140, x]
    bright = photo.copy()
    bright[done.mask] = 255
    again = protect_faces(bright, points, SolidFill(), HEADS).image
    rest = solid(photo, points[:1], 20) & ~done.faces
    assert same_pixels(again[rest], done.image[rest])


def test_the_seams_are_soft(renderings):
    """By the 95th percentile of steps: over the ramps no more than in the picture itself."""
    photo, points = photograph((420, 420), renderings[:1], [(140, 120, 2)])
    smooth = cv2.GaussianBlur(photo, (0, 0), 1)
    done = protect_faces(smooth, points, Painted(), HEADS)
    eyes = float(np.hypot(*(points[0, 1] - points[0, 0])))
    for mask in (done.mask, done.faces):
        steps = gradients(done.image)[border_of(mask, 0.6 * eyes)]
        assert np.quantile(steps, 0.95) <= max(np.quantile(gradients(smooth), 0.95), 255 * 1.6 / (0.5 * eyes))


@dataclass(frozen=True)
class Beyond(SolidFill):
    """Hands back the face."""

    def __call__(self, faces, **labels):
        return faces


def test_promises_of_the_face_hold_for_the_head():
    with pytest.raises(ProtectionError, match="left a face as it was"):
        protect_faces(backdrop(100, 100), at(50, 50, 20)[None], Beyond(), HEADS)
    with pytest.raises(ProtectionError, match="altered nothing"):
        protect_faces(backdrop(100, 100), at(150, 50, 20)[None], SolidFill(), HEADS)


def test_the_tint_is_a_choice(renderings):
    photo, points = photograph((260, 260), renderings[:1], [(70, 50, 2)])
    x, y = points[0].mean(0).astype(int)
    patch = np.s_[y - 8 : y + 8, x - 8 : x + 8]
    for region in ("face", "head"):
        tinted = protect_faces(photo, points, Painted(), Paste(region, "face")).image[patch]
        grey = protect_faces(photo, points, Painted(), Paste(region, "none")).image[patch]
        assert np.ptp(tinted.astype(int), axis=-1).mean() > 5 and (np.ptp(grey, axis=-1) == 0).all()
        colour = [
            protect_faces(photo, points, Blur(), Paste(region, tint)).image for tint in ("face", "none")
        ]
        assert same_pixels(colour[0], colour[1]), "a protection of colours has no tint to lose"


def test_one_alteration_can_be_pasted_in_several_ways(renderings):
    photo, points = photograph((260, 420), renderings[:2], [(20, 30, 2), (200, 40, 2)])
    faces = alter_faces(photo, points, Painted())
    for paste in (FACE_ONLY, HEADS):
        whole = protect_faces(photo, points, Painted(), paste)
        assert same_pixels(paste_faces(photo, faces, paste).image, whole.image)


def test_what_suits_a_protection():
    assert careful_paste("private") == Paste("head", "none")
    assert {name for name in PROTECTIONS if careful_paste(name) != FACE_ONLY} == {"private"}
    assert careful_paste("private", "face") == Paste("face", "none")
    assert careful_paste("san", "head", "none") == Paste("head", "none")
