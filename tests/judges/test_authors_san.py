"""The original authors' network, on their own files where these are."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from lib.faces.align import align, crop_template
from lib.faces.grey import to_grey
from lib.judges.authors_san import AuthorsSan, enlarged, reduced
from lib.judges.published import Networks
from lib.measures.images import psnr, rmse

ASTRONAUT = np.array([[201, 109], [246, 109], [228, 135], [207, 156], [240, 156]], float)


class Copy:
    """Networks whose autoencoder returns its picture, and whose prototypes are of one tone each."""

    def __init__(self):
        self.tones = {"female": 50, "male": 200, "neutral": 120}

    def graph(self, name):
        self.calls = []

        def run(x, prototype, target):
            self.calls.append((prototype[:, 0, 0, 0] * 255, target[:, 0, 0, 0] * 255))
            import tensorflow as tf

            return {"image": tf.constant(x)}

        return run

    def prototypes(self):
        tones = {name: np.full((224, 224, 3), tone, np.uint8) for name, tone in self.tones.items()}
        return {**tones, "points": np.zeros((5, 2))}


@pytest.fixture
def face() -> np.ndarray:
    crop = align(data.astronaut(), ASTRONAUT, crop_template(0.32, 0.49), (112, 112))
    return to_grey(crop[None])


def test_enlarging_and_reducing_costs_next_to_nothing(face):
    there_and_back = reduced(enlarged(face[0]), 112)
    assert psnr(rmse(there_and_back[None], face))[0] > 40
    assert enlarged(face[0]).shape == (224, 224)
    large = np.tile(face[0], (2, 2))
    assert np.array_equal(reduced(enlarged(large), 224), large), "nothing is resized at 224 px"


def test_the_encoder_gets_the_own_prototype_and_the_last_layer_the_target(face):
    networks = Copy()
    san = AuthorsSan(networks)
    two = np.concatenate([face, face])
    for target, shown in (("sm", [50, 200]), ("nt", [120, 120]), ("op", [200, 50])):
        out = san(two, np.array([0, 1]), target)
        own, chosen = networks.calls[-1]
        assert np.allclose(own, [50, 200], atol=0.01) and np.allclose(chosen, shown, atol=0.01)
        assert out.shape == two.shape and out.dtype == np.uint8
    assert np.array_equal(san(np.repeat(two[..., None], 3, -1), [0, 1]), san(two, [0, 1]))
    with pytest.raises(ValueError, match="0 or 1"):
        san(two, np.array([0, 2]))
    with pytest.raises(ValueError, match="square"):
        san(two[:, :100], np.array([0, 1]))


@pytest.mark.real
def test_it_alters_a_face_as_far_as_was_measured(published, face):
    san = AuthorsSan(Networks(published))
    change = {
        target: np.abs(san(face, np.array([0]), target).astype(float) - face).mean()
        for target in ("sm", "nt", "op")
    }
    assert 3 < change["sm"] < 14 and 3 < change["op"] < 16, "8.0 and 9.0 grey levels on CelebA"
    assert change["op"] != change["sm"]
