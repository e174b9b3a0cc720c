"""Identities are turned or drawn anew by key, picture and subject, however a set is divided."""

import numpy as np
import pytest

from lib.deidentify.cleanir.protection import NewIdentity, RotatedIdentity
from lib.deidentify.protections.base import Protection, ProtectionError, protect
from tests.deidentify.cleanir.small_codec import pictures, small_codec
from tests.exact import exactly

CODEC = small_codec()
SUBJECTS = np.array(["a", "a", "b", "b"])


def differ(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@pytest.mark.parametrize("kind", [RotatedIdentity, NewIdentity])
def test_it_is_a_protection_whose_output_does_not_depend_on_the_batch(kind):
    one, faces = kind(CODEC, key="k"), pictures(4)
    assert isinstance(one, Protection) and one.colour == "rgb" and one.size == (32, 32)
    whole = protect(one, faces)
    assert differ(whole[2:], protect(one, faces[2:])) < 1
    assert differ(whole, protect(kind(CODEC, key="other"), faces)) > 0.5, "another key, other people"


def test_what_shares_a_draw():
    faces = pictures(4)
    axes = {
        per: RotatedIdentity(CODEC, per=per).axes(faces, subject=SUBJECTS)
        for per in ("image", "subject", "all")
    }
    counts = {per: len(np.unique(one.round(9), axis=0)) for per, one in axes.items()}
    assert counts == {"image": 4, "subject": 2, "all": 1}
    assert np.allclose(np.linalg.norm(axes["image"], axis=1), 1)
    again = RotatedIdentity(CODEC, per="subject").axes(faces[::-1], subject=SUBJECTS[::-1])
    assert exactly(again[::-1], axes["subject"], because="the same draws in another order")
    assert RotatedIdentity(CODEC, per="subject").needs == ("subject",) and RotatedIdentity(CODEC).needs == ()


def test_no_turn_is_the_reconstruction_and_half_a_turn_is_the_same_for_every_key():
    faces = pictures(3)
    halves = CODEC.encode(faces)
    assert (
        differ(RotatedIdentity(CODEC, angle=0)(faces), CODEC.decode(halves.identity, halves.attributes)) < 0.5
    )
    opposite = CODEC.decode(-halves.identity, halves.attributes)
    for key in ("a", "b"):
        assert differ(RotatedIdentity(CODEC, angle=180, key=key)(faces), opposite) < 0.5, (
            "nothing is secret there"
        )


def test_a_new_identity_says_nothing_of_the_old_one():
    faces = pictures(3)
    one = NewIdentity(CODEC, per="all", key="k")
    given = one.identities(faces)
    assert exactly(given[0], given[1], because="one draw for all")
    assert exactly(given, one.identities(255 - faces), because="faces do not matter to it")
    assert np.allclose(given[:, 3:], 0), "drawn where strangers differ"


def test_names_tell_runs_apart_without_the_key():
    names = {
        RotatedIdentity(CODEC, angle=angle, key=key).name for angle in (90, 180) for key in ("secret", "word")
    }
    names |= {NewIdentity(CODEC, key="secret").name, NewIdentity(small_codec(1), key="secret").name}
    assert len(names) == 6 and not any("secret" in name for name in names)
    with pytest.raises(ProtectionError, match="image, subject or all, not per 'photo'"):
        NewIdentity(CODEC, per="photo")
