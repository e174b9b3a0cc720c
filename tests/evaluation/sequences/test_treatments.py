"""Treatments: who shares a draw with whom, and that a draw per sequence differs between sequences only."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.sequences.treatments import AXES, protections, sharers, treated, treatments
from tests.evaluation.sequences.toy_sequences import toy_codec, toy_frames
from tests.exact import exactly


@pytest.fixture(scope="module")
def painted():
    frames = toy_frames(2, (2, 2))
    return frames, treated(frames, toy_codec(), 90, "key")


def test_all_treatments_are_there_and_keep_their_shape(painted):
    frames, found = painted
    assert exactly(tuple(found), treatments(), because="names") and len(AXES) == 4
    assert {one.shape for one in found.values()} == {frames.faces.images.shape}
    assert exactly(found["before"], frames.faces.images, because="not touched")


def test_a_sequence_goes_by_its_subject_until_there_is_a_second(painted):
    frames, found = painted
    assert (
        sharers(frames, "sequence").tolist() == ["000", "000", "000/1", "000/1"] + ["001"] * 2 + ["001/1"] * 2
    )
    assert sharers(frames, "subject").tolist() == ["000"] * 4 + ["001"] * 4
    first = frames.sequence == 0
    assert exactly(found["turned_subject"][first], found["turned_sequence"][first], because="one treatment")


def test_identities_are_shared_as_the_axis_says():
    frames, codec = toy_frames(2, (2, 2)), toy_codec()
    protect = protections(codec, 90, "key")
    count = {}
    for axis in AXES:
        drawn = protect[f"new_{axis}"].identities(
            np.asarray(frames.faces.images), subject=sharers(frames, axis)
        )
        count[axis] = len(np.unique(drawn.round(9), axis=0))
    assert count == {"image": 8, "sequence": 4, "subject": 2, "all": 1}


def test_the_same_key_paints_the_same_and_another_key_another_face():
    frames, codec = toy_frames(1, (2, 1)), toy_codec()
    faces = np.asarray(frames.faces.images)
    first, again, other = (protections(codec, 90, key)["new_all"].identities(faces) for key in "aab")
    assert exactly(first, again, because="the same seed") and not np.allclose(first, other)
