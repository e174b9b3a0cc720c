"""Frames of sequences: in order, cut where the points say; lost ones leave a gap that nothing steps over."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.sequences.frames import clip_frames, rendered_frames
from lib.faces.detections import Detections
from lib.faces.faceset import FaceSetError
from lib.faces.loading.align import apply, crop_template
from lib.faces.loading.clips import Clip
from lib.judges.packaged_catalogue import DLIB_FRONTAL
from tests.evaluation.sequences.toy_sequences import toy_frames
from tests.exact import exactly

POINTS = np.array([[20, 20], [40, 20], [30, 30], [22, 40], [38, 40]], np.float32)


class BrightFaces:
    """Finds one face, always in the same place, unless the frame is dark."""

    card, name = DLIB_FRONTAL, "toy"

    def __call__(self, image: np.ndarray) -> Detections:
        if image.mean() < 10:
            return Detections(np.zeros((0, 4)), np.zeros((0, 5, 2)), np.zeros(0))
        return Detections(np.array([[10.0, 10, 50, 50]]), POINTS[None], np.ones(1))

    def many(self, images: np.ndarray) -> list[Detections]:
        return [self(image) for image in images]


def _clip(name: str, subject: str, tones: list[int]) -> Clip:
    return Clip(name, subject, [np.full((64, 72, 3), tone, np.uint8) for tone in tones])


def test_steps_join_frames_of_one_sequence_only():
    earlier, later = toy_frames(2, (3, 2)).steps
    assert exactly(earlier, [0, 1, 3, 5, 6, 8], because="whole numbers")
    assert exactly(later, earlier + 1, because="whole numbers")


def test_a_lost_frame_is_counted_and_nothing_steps_over_its_gap():
    clips = [_clip("a", "one", [90, 90, 0, 90]), _clip("b", "one", [80, 80]), _clip("c", "two", [70])]
    found = clip_frames(clips, BrightFaces(), crop=crop_template(0.28, 0.52, (32, 32)), size=32)
    assert found.lost == 1 and len(found) == 6 and not found.faces.publishable
    assert found.sequence.tolist() == [0, 0, 0, 1, 1, 0]
    assert found.time.tolist() == [0, 1, 3, 0, 1, 0]
    assert found.steps[1].tolist() == [1, 4]


def test_clips_without_any_face_are_an_error():
    with pytest.raises(FaceSetError, match="no face"):
        clip_frames([_clip("a", "one", [0])], BrightFaces(), crop="window", size=32)


@pytest.mark.parametrize("crop", [crop_template(0.28, 0.52, (32, 32)), "window"])
def test_rendered_frames_are_cut_at_their_points(crop):
    found = rendered_frames(["000002", "000005"], (2, 2), scene=48, crop=crop, size=32, workers=1)
    assert found.faces.size == (32, 32) and found.photos[0].shape == (48, 48, 3)
    assert found.faces.subjects.tolist() == ["000002"] * 4 + ["000005"] * 4
    assert found.faces.publishable and found.sequence.tolist() == [0, 0, 1, 1] * 2
    moved = np.stack([apply(m, p) for m, p in zip(found.matrices, found.points, strict=True)])
    np.testing.assert_allclose(found.faces.points, moved, atol=1e-3)
    again = rendered_frames(["000005"], (2, 2), scene=48, crop=crop, size=32, workers=1)
    assert exactly(again.faces.images, found.faces.images[4:], because="the same numbers, one machine")


def test_frames_are_kept_as_they_are_given():
    frames = toy_frames(1, (3,))
    with pytest.raises(dataclasses.FrozenInstanceError):
        frames.lost = 3
