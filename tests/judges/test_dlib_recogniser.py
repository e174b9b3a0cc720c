"""dlib's matcher run in TensorFlow gives dlib's own embeddings."""

from __future__ import annotations

from pathlib import Path

import dlib
import numpy as np
import pytest
from skimage import data

from lib.judges.base import JudgeError
from lib.judges.dlib_detector import DlibFrontal, model
from lib.judges.dlib_network import dlib_network
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.judges.packaged_catalogue import RECOGNISER


def test_embeddings_are_those_of_dlib():
    portrait = np.asarray(data.astronaut())
    points = DlibFrontal()(portrait).points[:1]
    chip = DlibRecogniser().chip(portrait, points[0])
    noise = np.random.default_rng(0).integers(0, 256, chip.shape, np.uint8)
    chips = np.stack([chip, chip[:, ::-1], np.zeros_like(chip), noise])
    ours = dlib_network(model(RECOGNISER))(chips / np.float32(255))["embedding"].numpy()
    theirs = dlib.face_recognition_model_v1(str(model(RECOGNISER)))
    expected = np.array([theirs.compute_face_descriptor(np.ascontiguousarray(one), 0) for one in chips])
    np.testing.assert_allclose(ours, expected, atol=1e-4)
    assert np.linalg.norm(ours[0] - ours[1]) > 0.05  # the mirror image is told apart: not a constant
    judged = DlibRecogniser()(portrait[None], points).values
    np.testing.assert_allclose(judged, expected[:1], atol=1e-4)


def test_a_file_with_other_layers_is_refused(tmp_path: Path):
    cut = tmp_path / "cut.dat"
    cut.write_bytes(model(RECOGNISER).read_bytes()[:20_000])
    with pytest.raises(JudgeError, match=r"cut\.dat: a tensor of version"):
        dlib_network(cut)
    cut.write_bytes(cut.read_bytes()[:300])
    with pytest.raises(JudgeError, match=r"cut\.dat has no further layer"):
        dlib_network(cut)
