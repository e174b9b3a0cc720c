"""Whoever knows the fixed map needs its sign only, and the sign is the label."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from lib.deidentify.attacks.mask_removal import SignClassifier, remove_map, sign_features
from lib.measures.image_quality import rmse
from lib.measures.roc import auc
from lib.networks.san import SanAutoencoder, fixed_map
from lib.training.inference import reconstruct
from lib.training.loop.device import set_determinism
from tests.exact import exactly

pytestmark = pytest.mark.numeric

SIZE, NUMBER = 32, 24


@pytest.fixture(scope="module")
def made():
    """SM and OP of smooth pictures under a network with random weights, and its map."""
    rng = np.random.default_rng(0)
    prototypes = gaussian_filter(rng.random((3, SIZE, SIZE, 3)), (0, 1, 1, 0)).astype(np.float32)
    set_determinism(1)
    net = SanAutoencoder(prototypes, SIZE, decoder=(8, 8))
    kernel = net.combiner.kernel.numpy()
    kernel[0, 0, -3:, 0] = (0.8, -0.5, 0.6)
    net.combiner.kernel.assign(kernel)
    smooth = gaussian_filter(rng.normal(size=(NUMBER, SIZE, SIZE)), (0, 4, 4))
    images = np.clip(128 + 400 * smooth, 0, 255).astype(np.uint8)[..., None]
    male = np.arange(NUMBER) % 2 == 0
    return reconstruct(net, images, male), male, fixed_map(net, prototypes, 1)


def test_the_right_sign_gives_sm_back_and_the_wrong_one_does_not(made):
    pictures, male, fixed = made
    sign = np.where(male, 1, -1)
    back = remove_map(pictures["op"], fixed, sign).astype(int)
    inside = (pictures["op"] > 2) & (pictures["op"] < 253) & (pictures["sm"] > 2) & (pictures["sm"] < 253)
    assert inside.mean() > 0.9
    assert np.abs(back - pictures["sm"])[inside].max() <= 1
    assert np.abs(back - pictures["sm"])[inside].mean() < 0.5
    wrong = remove_map(pictures["op"], fixed, -sign)
    masked = rmse(pictures["op"], pictures["sm"])
    assert (rmse(wrong, pictures["sm"]) > 1.5 * masked).all() and (masked > 3).all()


def test_the_sign_is_guessed_from_the_picture_and_is_the_label(made):
    pictures, male, fixed = made
    for turned in (1, -1):
        factors = sign_features(pictures["op"], turned * fixed)[:, 0]
        assert exactly(factors >= 0, male == (turned > 0), because="signs")
    factor = sign_features(pictures["op"], fixed) - sign_features(pictures["sm"], fixed)
    assert np.allclose(factor[male], 1, atol=0.1) and np.allclose(factor[~male], -1, atol=0.1)


def biased(number: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Faces whose own detail is twice the map's, so that a guess at zero always says the same."""
    rng = np.random.default_rng(seed)
    fixed = 0.3 * np.random.default_rng(9).normal(size=(SIZE, SIZE))
    male = np.arange(number) % 2 == 0
    own = gaussian_filter(rng.normal(size=(number, SIZE, SIZE)), (0, 3, 3)) + 2 * fixed
    logits = own + np.where(male, 1, -1)[:, None, None] * fixed
    return np.rint(255 / (1 + np.exp(-logits))).astype(np.uint8), fixed, male


def test_a_learned_reader_is_not_misled_by_detail_that_all_faces_share():
    op, fixed, male = biased(40, 1)
    other, _, truth = biased(40, 2)
    assert (sign_features(other, fixed)[:, 0] > 0).all()
    reader = SignClassifier.learn(op, fixed, male)
    assert exactly(reader.sign(other), np.where(truth, 1, -1), because="signs are -1 and 1")
    scores = reader.scores(other)
    assert auc(scores[~truth], scores[truth]) == 1


def test_black_and_white_stay_finite():
    op = np.array([[[0, 255], [128, 20]]], np.uint8)
    plain = remove_map(op, np.zeros((2, 2)), np.array([1]))[0]
    assert plain[1].tolist() == [128, 20] and plain[0, 0] <= 1 and plain[0, 1] >= 254


def test_what_cannot_be_unmasked_is_refused(made):
    pictures, male, fixed = made
    op = pictures["op"]
    with pytest.raises(ValueError, match="sign must be"):
        remove_map(op, fixed, male.astype(int))
    with pytest.raises(ValueError, match="map's size"):
        remove_map(op, fixed[1:], np.ones(len(op)))
    with pytest.raises(ValueError, match="no detail"):
        sign_features(op, np.full_like(fixed, 0.3))
    with pytest.raises(ValueError, match="both labels"):
        SignClassifier.learn(op[male], fixed, male[male])
