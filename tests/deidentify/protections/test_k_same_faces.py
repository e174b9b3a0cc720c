"""k-Same: the mean of the nearest faces of others, known by hand; its Select variant stays in the group."""

import numpy as np
import pytest

from lib.deidentify.protections.base import ProtectionError, protect
from lib.deidentify.protections.k_same_faces import KSame
from tests.exact import exactly

GALLERY = np.repeat([10, 20, 40, 80], 12).reshape(4, 2, 2, 3).astype(np.uint8)
TOWARDS = np.array([[1.0, 0], [1, 0.1], [0, 1], [-0.1, 1]])
FACES = np.full((2, 2, 2, 3), 200, np.uint8)
NEAR_FIRST_AND_THIRD = np.array([[5.0, 0], [0, 3]])


def test_mean_of_the_nearest_without_the_face_itself():
    made = protect(KSame(GALLERY, TOWARDS, nearest=2), FACES, embedding=NEAR_FIRST_AND_THIRD)
    assert made[:, 0, 0, 0].tolist() == [15, 60]
    one = protect(KSame(GALLERY, TOWARDS, nearest=1), FACES, embedding=NEAR_FIRST_AND_THIRD)
    assert one[:, 0, 0, 0].tolist() == [10, 40]


def test_select_stays_in_the_group():
    groups = np.array(["calm", "glad", "calm", "glad"])
    chosen = KSame(GALLERY, TOWARDS, groups, nearest=1)
    told = {"embedding": NEAR_FIRST_AND_THIRD, "group": np.array(["glad", "glad"])}
    assert protect(chosen, FACES, **told)[:, 0, 0, 0].tolist() == [20, 80]
    with pytest.raises(ProtectionError, match="group"):
        chosen(FACES, embedding=NEAR_FIRST_AND_THIRD, group=np.array(["glad", "cross"]))


def test_everybody_for_whom_the_same_faces_are_near_gets_the_same_face():
    made = KSame(GALLERY, TOWARDS, nearest=4)(FACES, embedding=NEAR_FIRST_AND_THIRD)
    assert exactly(made[0], made[1], because="copied pixels")


def test_a_face_that_was_not_found_gets_a_mean_too():
    made = KSame(GALLERY, TOWARDS, nearest=2)(FACES[:1], embedding=np.array([[np.nan, np.nan]]))
    assert made[0, 0, 0, 0] == 15


def test_galleries_that_are_too_small():
    with pytest.raises(ProtectionError, match="1 to 4"):
        KSame(GALLERY, TOWARDS, nearest=5)
    with pytest.raises(ProtectionError, match="1 to 1"):
        KSame(GALLERY, TOWARDS, np.array(list("aaab")), nearest=2)
    with pytest.raises(ProtectionError, match="uint8"):
        KSame(GALLERY.astype(float), TOWARDS)


def test_the_name_tells_galleries_and_kinds_apart():
    names = {
        KSame(GALLERY, TOWARDS, nearest=2).name,
        KSame(GALLERY[::-1].copy(), TOWARDS, nearest=2).name,
        KSame(GALLERY, TOWARDS, np.array(list("aabb")), nearest=2).name,
        KSame(GALLERY, TOWARDS, nearest=1).name,
    }
    assert len(names) == 4
