"""Published recognisers as terms of a training: the crop is the judge's own, and gradients flow."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import tensorflow as tf

from lib.faces.loading.align import crop_template
from lib.judges.base import JudgeError
from lib.judges.differentiable import _resampling, differentiable_matcher
from lib.judges.published_networks import Networks, published_judge

TEMPLATE = crop_template(0.32, 0.49, (64, 64))


def test_resampling_is_that_of_opencv():
    picture = cv2.GaussianBlur(np.random.default_rng(0).random((64, 64)).astype(np.float32), (0, 0), 2)
    matrix = np.array([[1.7, 0, 3.25], [0, 1.7, 20.5]])
    expected = cv2.warpAffine(
        picture, matrix, (96, 112), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    found = _resampling(1.7, 20.5, 64, 112) @ picture @ _resampling(1.7, 3.25, 64, 96).T
    np.testing.assert_allclose(found, expected, atol=0.01)  # OpenCV rounds places to 1/32 pixel
    np.testing.assert_allclose(_resampling(1, 0, 5, 5), np.eye(5), atol=1e-12)


def test_only_recognisers_take_part(tmp_path):
    with pytest.raises(JudgeError, match="no published recogniser 'gender_mini_xception'; there are"):
        differentiable_matcher("gender_mini_xception", Networks(tmp_path), TEMPLATE)


def test_it_reads_what_the_judge_reads(published):
    networks, random = Networks(published), np.random.default_rng(1)
    grey = cv2.GaussianBlur(random.random((64, 64)).astype(np.float32), (0, 0), 2)
    grey = np.uint8(255 * (grey - grey.min()) / np.ptp(grey))
    judge = published_judge("identity_mobilefacenet_y1", networks)
    said = judge(grey[None, ..., None].repeat(3, -1), TEMPLATE.points[None]).values[0]
    pictures = tf.constant(grey[None, ..., None] / 255.0, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        found = differentiable_matcher("identity_mobilefacenet_y1", networks, TEMPLATE)(pictures)
        total = tf.reduce_sum(found * said)
    assert total.numpy() > 0.99
    assert np.abs(tape.gradient(total, pictures).numpy()).max() > 0
