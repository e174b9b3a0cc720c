"""Rendered sequences: one subject in one light; pose and expression change smoothly and come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.faces.rendered import prepare, sample_subject
from lib.faces.rendered.scene.sequence import FIRST_SHOT, TURN, blended, render_sequence, sequence_shots
from tests.exact import exactly

MOVED = ("expression", "actions", "yaw", "pitch", "roll", "gaze")


def test_the_same_numbers_give_the_same_shots_and_another_sequence_others():
    subject = sample_subject(7)
    once, again = sequence_shots(subject, 0, 6), sequence_shots(subject, 0, 6)
    assert exactly(once, again, because="the same numbers, one machine")
    first, second = sequence_shots(subject, 0, 6)[0], sequence_shots(subject, 1, 6)[0]
    assert first.light != second.light and first.number == FIRST_SHOT == second.number - 1


@given(st.integers(0, 400), st.integers(2, 30))
@settings(max_examples=20, deadline=None)
def test_only_pose_gaze_and_expression_move(number, frames):
    shots = sequence_shots(sample_subject(number), 0, frames)
    assert len(shots) == frames
    fixed = {name: getattr(shots[0], name) for name in MOVED}
    still = [replace(shot, **fixed) for shot in shots]
    assert all(exactly(shot, shots[0], because="copies of one shot") for shot in still)
    assert not shots[0].blink and shots[0].accessories.occluder is None
    assert max(abs(shot.yaw) for shot in shots) <= TURN + 1e-9


def test_the_head_turns_from_side_to_side_and_the_end_joins_the_beginning():
    shots = sequence_shots(sample_subject(3), 0, 24)
    yaw = np.array([shot.yaw for shot in shots])
    assert yaw[0] == pytest.approx(-yaw[12]) and abs(yaw[0]) == pytest.approx(TURN)
    steps = np.abs(np.diff(np.append(yaw, yaw[0])))
    assert steps.max() < 2 * np.pi * TURN / 24 + 1e-9
    smile = np.array([shot.actions["au12"] for shot in shots])
    assert np.abs(np.diff(np.append(smile, smile[0]))).max() < 0.5


def test_two_expressions_come_and_go_with_neutral_between():
    said = [shot.expression for shot in sequence_shots(sample_subject(5), 0, 24)]
    assert said[0] == said[12] == "neutral"
    assert said[6] != "neutral" != said[18] and said[6] != said[18]


def test_a_blend_is_weighted_and_the_whole_of_one_expression_is_that_expression():
    apexes = [{"au1": 0.0, "jaw": 1.0}, {"au1": 2.0, "jaw": 0.0}]
    half = blended(apexes, np.array([0.5, 0.5]))
    assert exactly([half["au1"], half["jaw"]], [1.0, 0.5], because="halves are exact")
    assert blended(apexes, np.array([0.0, 1.0])) == apexes[1]


def test_one_frame_is_no_sequence():
    with pytest.raises(ValueError, match="2 is the least"):
        sequence_shots(sample_subject(0), 0, 1)


def test_frames_are_pictures_of_one_scene():
    frames = render_sequence(prepare(sample_subject(2)), 0, 4, size=48)
    assert [one.truth.shot for one in frames] == [FIRST_SHOT] * 4
    corner = np.stack([one.image[:6, :6] for one in frames]).astype(int)
    face = np.stack([one.image[18:30, 18:30] for one in frames]).astype(int)
    assert np.abs(corner - corner[:1]).mean() < np.abs(face - face[:1]).mean()
