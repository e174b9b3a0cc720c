"""Faces that may be shown, cut as a network knows them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation.san.example_faces import example_faces
from lib.faces.loading.align import crop_template

TEMPLATE = crop_template(0.32, 0.55, (64, 64))


def test_every_face_lies_where_the_template_says(world):
    crops, points = example_faces(world, TEMPLATE, 2)
    assert crops.shape == (3, 64, 64, 3) and crops.dtype == np.uint8
    assert np.abs(points.mean(axis=1) - TEMPLATE.points.mean(axis=0)).max() < 1
    assert np.linalg.norm(points - TEMPLATE.points, axis=2).max() < 10


def test_faces_that_may_not_be_shown_are_refused(world):
    with pytest.raises(ValueError, match="may be shown"):
        example_faces(replace(world, publishable=False), TEMPLATE, 2)
