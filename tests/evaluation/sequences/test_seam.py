"""The seam: none where nothing was changed, a step of known height, and what feather and colour do to it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.sequences.seam import WAYS, border_gradient, pasted, seams
from lib.faces.faceset import POINT_COLUMNS
from tests.evaluation.sequences.toy_sequences import DRAWS, SIZE, toy_frames
from tests.exact import exactly


def _flat_frames(tone: int = 100, size: int = 4 * SIZE):
    """Even faces in even frames; crops large enough for a border that is wider than a pixel."""
    frames = toy_frames(3, (2,))
    larger = size / SIZE
    labels = frames.faces.labels.copy()
    labels[list(POINT_COLUMNS)] *= larger
    flat = np.full((len(frames), size, size, 3), tone, np.uint8)
    matrices = frames.matrices.copy()
    matrices[:, :, 2] *= larger
    return dataclasses.replace(
        frames,
        faces=dataclasses.replace(frames.faces, images=flat, labels=labels),
        photos=[np.full((2 * size, 2 * size, 3), tone, np.uint8) for _ in range(len(frames))],
        points=frames.points * larger,
        matrices=matrices,
    )


def test_the_gradient_of_a_step_is_half_of_its_height_and_that_of_a_flat_picture_none():
    share = np.zeros((40, 40), np.float32)
    share[10:30, 10:30] = 1
    image = (100 + 40 * share).astype(np.uint8)[..., None].repeat(3, -1)
    steep = border_gradient(image, share)
    assert 0.8 * 20 < steep <= 20  # less where the border turns
    assert border_gradient(np.full_like(image, 9), share) == pytest.approx(0)


def test_a_mask_without_border_has_no_seam_to_measure():
    image = np.zeros((8, 8, 3), np.uint8)
    assert np.isnan(border_gradient(image, np.zeros((8, 8), np.float32)))
    assert np.isnan(border_gradient(image, np.ones((8, 8), np.float32)))


def test_feathering_softens_a_brighter_face_and_its_colour_removes_it():
    frames = _flat_frames()
    altered = np.asarray(frames.faces.images) + np.uint8(40)
    found = {way: one.estimate for way, one in seams(frames, np.arange(6), altered, **DRAWS).items()}
    assert set(found) == set(WAYS)
    assert found["hard"] > 2 * found["feather"] > 2 * found["colour"]
    assert found["colour"] == pytest.approx(0, abs=0.05)


def test_an_unchanged_face_leaves_no_seam():
    frames = _flat_frames()
    found = seams(frames, np.arange(6), np.asarray(frames.faces.images), **DRAWS)
    assert all(one.estimate == pytest.approx(0) for one in found.values())


def test_the_frame_outside_the_mask_is_not_touched():
    frames = _flat_frames()
    original = np.asarray(frames.faces.images[0])
    photo, points, matrix = frames.photos[0], frames.points[0], frames.matrices[0]
    ways = pasted(photo, points, matrix, original, np.full_like(original, 200))
    for image in ways.values():
        assert exactly(image[: 2 * SIZE], photo[: 2 * SIZE], because="copied")
    assert ways["hard"].max() == ways["feather"].max() == 200
    assert exactly(ways["colour"], photo, because="an even face in the colour of its border is the frame")
