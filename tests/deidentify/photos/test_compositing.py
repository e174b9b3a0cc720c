"""Faces are replaced, all of each, and nothing else is touched."""

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.deidentify.photos.altered_face import coloured
from lib.deidentify.photos.compositing import CROP, SIDES, crop_placement, protect_faces
from lib.deidentify.photos.regions import RAMP, face_mask, feather_mask
from lib.deidentify.protections.base import ProtectionError
from lib.deidentify.protections.baselines import Blur, SolidFill
from lib.faces.loading.align import MEAN_SHAPE, TEMPLATES, apply, invert
from tests.deidentify.photos.tiny_photos import backdrop, photograph
from tests.exact import exactly, same_pixels


@dataclass(frozen=True)
class Fixed(SolidFill):
    """Cover at a size and template of a network."""

    size = (112, 112)
    template = TEMPLATES["arcface"]

    def __call__(self, faces, **labels):
        assert faces.shape[1:3] == (112, 112)
        return super().__call__(faces)


@dataclass(frozen=True)
class Told(SolidFill):
    needs = ("points",)

    def __call__(self, faces, **labels):
        wanted = CROP.at(faces.shape[1:3])
        assert np.abs(labels["points"][0] - wanted).max() < 0.15 * faces.shape[2]
        return super().__call__(faces)


@dataclass(frozen=True)
class Lazy(SolidFill):
    """The wrong variant: hands the face back."""

    def __call__(self, faces, **labels):
        return faces


def at(x, y, eyes, turn=0.0):
    """Five points of a mean face around (x, y), turned by degrees."""
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    return MEAN_SHAPE @ np.array([[c, s], [-s, c]]) * eyes + [x, y]


@settings(max_examples=40, deadline=None)
@given(st.floats(-3, 243), st.floats(-3, 183), st.floats(4, 120), st.floats(-180, 180))
def test_outside_the_mask_every_byte_stays(x, y, eyes, turn):
    photo = backdrop(180, 240)
    before = photo.copy()
    done = protect_faces(photo, at(x, y, eyes, turn)[None], Fixed())
    assert exactly(photo, before, because="whole grey levels that nothing may touch")
    assert exactly(done.image[~done.mask], photo[~done.mask], because="pixels outside the mask are copied")
    assert done.image.shape == photo.shape and done.image.dtype == np.uint8


@pytest.mark.parametrize("eyes", [6, 25, 70])
@pytest.mark.parametrize("turn", [0, 30, 180])
def test_the_whole_face_is_gone(eyes, turn):
    photo = backdrop(500, 500)
    done = protect_faces(photo, at(250, 250, eyes, turn)[None], SolidFill())
    y, x = np.mgrid[:500, :500]
    near = np.hypot(x - 250, y - 250) < 1.4 * eyes  # from the mean of the points: chin, cheeks and brow
    assert near.sum() > 100 and (done.image[near] == 128).all()
    far = np.hypot(x - 250, y - 250) > 3.0 * eyes + 2
    assert not done.mask[far].any()


def test_every_face_of_the_picture(renderings):
    spots = [(20, 30, 2), (200, 40, 2), (330, 160, 1)]
    photo, points = photograph((260, 420), renderings[:3], spots)
    done = protect_faces(photo, points, Blur(strength=0.2))
    for five in points:
        x, y = five.mean(0).astype(int)
        patch = np.s_[y - 8 : y + 8, x - 8 : x + 8]
        assert done.mask[patch].all() and (done.image[patch] != photo[patch]).mean() > 0.5


def test_where_faces_overlap_nothing_comes_back():
    photo = backdrop(200, 260)
    first, second = at(100, 100, 30), at(150, 100, 30)
    done = protect_faces(photo, np.stack([first, second]), SolidFill()).image
    y, x = np.mgrid[:200, :260]
    assert (done[np.hypot(x - 100, y - 100) < 42] == 128).all()
    assert (done[np.hypot(x - 150, y - 100) < 42] == 128).all()


def test_edges_are_soft():
    mask = feather_mask((100, 50))
    assert mask.shape == (100, 50) and mask.max() == 1 and mask.min() < 0.02
    assert np.allclose(mask, mask[::-1], atol=1e-6) and np.allclose(mask, mask[:, ::-1], atol=1e-6)
    assert (np.diff(mask[50, :25]) >= 0).all()
    flat = np.full((300, 300, 3), 250, np.uint8)
    done = protect_faces(flat, at(150, 150, 40)[None], SolidFill()).image.astype(int)
    assert np.abs(np.diff(done[150, :, 0])).max() < 30, "no visible seam"


FACE = (1, 9, 10, 13, 15)
"""Parts of a rendering within a face: skin, mouth, eyes, beard, spectacles."""
HEAD = (*FACE, 2, 4, 5, 12)
"""And ears, hats, hair."""
HEAD_BREADTH, HEAD_HEIGHT, EYE_DISTANCE = 152, 232, 63
"""Millimetres of a mean head, chin to crown, and between its pupils (ANSUR 1988, means of both sexes)."""


def parts_within(one, matrix, size):
    """A rendering's map of parts in the crop (255: beyond the picture), and the hull of its landmarks."""
    parts = cv2.warpAffine(one.truth.parts, matrix, size[::-1], None, cv2.INTER_NEAREST, borderValue=255)
    hull = np.zeros(size, np.uint8)
    corners = cv2.convexHull(apply(matrix, one.truth.landmarks).astype(np.float32))
    cv2.fillConvexPoly(hull, np.rint(corners).astype(np.int32), 1)
    return parts, hull.astype(bool)


def test_the_mask_holds_the_face(renderings):
    """By the renderer's own map, heads turned up to 45 degrees too: next to nothing shines through."""
    assert max(abs(one.truth.yaw) for one in renderings) > 40
    for one in renderings:
        matrix, size = crop_placement(SolidFill(), one.truth.points)
        parts, hull = parts_within(one, matrix, size)
        face = hull & np.isin(parts, FACE)
        soft = face_mask(size, apply(matrix, one.truth.points))
        assert face.sum() > 100 and (soft[face] >= 0.99).mean() >= 0.99
        assert soft.min() >= 0 and soft.max() <= 1
    assert face_mask((60, 60), at(30, 30, 90)).shape == (60, 60), "a face larger than its crop"


def spilled(weights, parts):
    """Part of the weight that lies on what is no head."""
    known = parts < 255
    return weights[known & ~np.isin(parts, HEAD)].sum() / weights[known].sum()


def test_the_mask_is_no_larger_than_a_head_needs(renderings):
    """On average it spills no more than around a mean head that lies in it wholly; a square does."""
    head = np.pi / 4 * HEAD_BREADTH * HEAD_HEIGHT / EYE_DISTANCE**2
    shares, squares, mean_heads = [], [], []
    for one in renderings:
        matrix, size = crop_placement(SolidFill(), one.truth.points)
        parts, _ = parts_within(one, matrix, size)
        shares.append(spilled(face_mask(size, apply(matrix, one.truth.points)), parts))
        squares.append(spilled(np.ones(size), parts))
        mean_face = CROP.at(size)  # in a crop of the same size, as the ramp is no less than a pixel
        eyes = mean_face[1, 0] - mean_face[0, 0]
        mean_heads.append(1 - head / (face_mask(size, mean_face).sum() / eyes**2))
    assert np.mean(shares) <= np.mean(mean_heads) < np.mean(squares)


@dataclass(frozen=True)
class Painted(SolidFill):
    """A grey protection that paints every face alike, with a pattern."""

    colour: str = "grey"

    def __call__(self, faces, **labels):
        rows = np.linspace(90, 160, faces.shape[1]).astype(np.uint8)
        return np.broadcast_to(rows[:, None, None], faces.shape).copy()


def test_the_copy_of_a_grey_protection_is_a_colour_photograph(renderings):
    photo, points = photograph((260, 260), renderings[:1], [(70, 50, 2)])
    done = protect_faces(photo, points, Painted())
    x, y = points[0].mean(0).astype(int)
    patch = np.s_[y - 15 : y + 15, x - 15 : x + 15]
    before, after = photo[patch].reshape(-1, 3).mean(0), done.image[patch].reshape(-1, 3).mean(0)
    assert np.ptp(before) > 10, "the face has a colour"
    assert np.ptp(after) > 5, "what is painted has one too"
    assert (np.argsort(after) == np.argsort(before)).all(), "the same"


def gradients(image):
    """Largest step of any channel to the pixel on the left or above, in grey levels, (H, W)."""
    levels = image.astype(np.float32)
    across = np.abs(np.diff(levels, axis=1, prepend=levels[:, :1]))
    return np.maximum(across, np.abs(np.diff(levels, axis=0, prepend=levels[:1]))).max(-1)


def border_of(mask, width):
    """Pixels that lie no further than `width` from the border of a mask, on either side."""
    within, beyond = (cv2.distanceTransform(one.astype(np.uint8), cv2.DIST_L2, 5) for one in (mask, ~mask))
    return np.maximum(within, beyond) <= width


def test_the_seam_is_no_stronger_than_the_picture_s_own_edges(renderings):
    """By the 95th percentile of steps: over the ramp no more than in the whole picture, and at the border of
    what was altered those that were there, but for rounding. Without a ramp the border shows."""
    for one in renderings[::4]:
        photo = cv2.resize(one.image, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
        points = (one.truth.points + 0.5) * 4 - 0.5
        done = protect_faces(photo, points[None], Painted())
        matrix, size = crop_placement(Painted(), points)
        painted = cv2.warpAffine(
            Painted()(np.zeros((*size, 3), np.uint8)), invert(matrix), photo.shape[1::-1]
        )
        pasted = np.where(done.mask[..., None], painted, photo)
        ramp, edge = border_of(done.mask, RAMP * size[0]), border_of(done.mask, 1.5)
        own = np.quantile(gradients(photo), 0.95)
        assert (
            np.quantile(gradients(done.image)[ramp], 0.95) <= own < np.quantile(gradients(pasted)[edge], 0.95)
        )
        there = np.quantile(gradients(photo)[edge], 0.95)
        assert abs(np.quantile(gradients(done.image)[edge], 0.95) - there) <= 2


def test_of_the_colour_only_its_mean_enters_the_copy():
    """An attacker on the copy's colour learns its mean, whatever the colours of eyes, lips or make-up."""
    random = np.random.default_rng(3)
    one = random.integers(40, 220, (20, 20, 3), dtype=np.uint8)
    other = random.permutation(one.reshape(-1, 3)).reshape(one.shape)
    painted = np.repeat(random.integers(0, 200, (20, 20, 1), dtype=np.uint8), 3, -1)
    mask = np.ones((20, 20), np.float32)
    assert same_pixels(coloured(painted, one, mask), coloured(painted, other, mask))
    grey = np.repeat(one[..., :1], 3, -1)
    assert same_pixels(coloured(painted, grey, mask), painted), "a grey photograph stays grey"
    assert same_pixels(coloured(painted, one * 0, mask), painted)


def test_a_grey_protection_that_hands_the_face_back_is_a_failure(renderings):
    @dataclass(frozen=True)
    class Idle(SolidFill):
        colour: str = "grey"

        def __call__(self, faces, **labels):
            return faces

    photo, points = photograph((260, 260), renderings[:1], [(70, 50, 2)])
    with pytest.raises(ProtectionError, match="left a face as it was"):
        protect_faces(photo, points, Idle())


def test_crop_sizes():
    assert crop_placement(Fixed(), at(50, 50, 20))[1] == (112, 112)
    assert crop_placement(SolidFill(), at(50, 50, 24))[1] == (100, 100), "as many pixels as the face has"
    assert crop_placement(SolidFill(), at(50, 50, 2))[1] == (SIDES[0],) * 2
    assert crop_placement(SolidFill(), at(50, 50, 900))[1] == (SIDES[1],) * 2
    matrix, _ = crop_placement(Fixed(), at(60, 70, 33, 20))
    assert np.abs(apply(matrix, at(60, 70, 33, 20)) - TEMPLATES["arcface"].points).max() < 8
    protect_faces(backdrop(200, 200), at(100, 100, 30, 15)[None], Told())


def test_a_face_that_stays_as_it_was_is_a_failure():
    with pytest.raises(ProtectionError, match="left a face as it was"):
        protect_faces(backdrop(100, 100), at(50, 50, 20)[None], Lazy())


def test_a_face_beyond_the_picture_is_no_protection():
    with pytest.raises(ProtectionError, match="altered nothing"):
        protect_faces(backdrop(100, 100), at(300, 50, 20)[None], SolidFill())
    with pytest.raises(ProtectionError, match="altered nothing"):
        protect_faces(backdrop(100, 100), np.zeros((0, 5, 2)), SolidFill())


def test_unknown_points_stop():
    with pytest.raises(ValueError, match="unknown"):
        protect_faces(backdrop(100, 100), np.full((1, 5, 2), np.nan), SolidFill())


def test_the_altered_face_lies_where_it_was():
    """A protection that changes one level only: the face must not move."""
    photo = cv2.GaussianBlur(np.random.default_rng(0).integers(0, 255, (200, 200, 3), np.uint8), (0, 0), 6)

    @dataclass(frozen=True)
    class Hardly(SolidFill):
        def __call__(self, faces, **labels):
            return np.where(faces < 255, faces + 1, faces).astype(np.uint8)

    done = protect_faces(photo, at(100, 100, 30, 12)[None], Hardly()).image.astype(int)
    assert np.abs(done - photo).max() <= 4
    inside = np.s_[80:120, 80:120]
    assert 0.5 < (done - photo)[inside].mean() < 1.5
