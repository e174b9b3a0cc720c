"""The original authors' network, on their own files where these are."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.published_san import CROP, SIDE, PublishedSan, to_published_crop
from lib.faces.grey import to_grey
from lib.faces.loading.align import align, apply, crop_template, invert, similarity
from lib.judges.published_networks import Networks
from tests.exact import exactly

ASTRONAUT = np.array([[201, 109], [246, 109], [228, 135], [207, 156], [240, 156]], float)
OURS = crop_template(0.32, 0.55)
THEIRS = crop_template(*CROP, (SIDE, SIDE))


class Fixed:
    """Networks whose autoencoder adds a constant, and whose prototypes are of one tone each."""

    def __init__(self, added: float):
        self.added, self.calls, self.seen = added, [], []

    def graph(self, name):
        import tensorflow as tf

        def run(x, prototype, target):
            self.calls.append((prototype[:, 0, 0, 0] * 255, target[:, 0, 0, 0] * 255))
            self.seen.append(x)
            return {"image": tf.constant(x + self.added)}

        return run

    def prototypes(self):
        tones = {"female": 50, "male": 200, "neutral": 120}
        pictures = {name: np.full((224, 224, 3), tone, np.uint8) for name, tone in tones.items()}
        return {**pictures, "points": np.zeros((5, 2))}


@pytest.fixture
def face() -> np.ndarray:
    return to_grey(align(data.astronaut(), ASTRONAUT, OURS, (112, 112))[None])[..., None]


@pytest.fixture
def points() -> np.ndarray:
    return apply(similarity(ASTRONAUT, OURS.points), ASTRONAUT)[None]


def test_a_network_that_changes_nothing_leaves_the_picture_alone(face, points):
    san = PublishedSan(Fixed(0))
    assert isinstance(san, Protection)
    assert exactly(san(face, Male=np.array([0]), points=points), face, because="a change of nothing")


def test_the_face_is_turned_to_their_crop_and_only_what_they_see_changes(face, points):
    networks = Fixed(-0.2)
    out = PublishedSan(networks)(face, Male=np.array([1]), points=points)[0, ..., 0].astype(int)
    direct = to_published_crop(to_grey(data.astronaut()[None])[0], similarity(ASTRONAUT, THEIRS.points))
    seen = networks.seen[0][0, ..., 0]
    inside = slice(20, 200)
    assert np.abs(seen[inside, inside] - direct[inside, inside]).mean() < 0.02
    assert np.array_equal(out[:3], face[0, :3, :, 0]), "the top of our crop lies outside of theirs"
    bright = face[0, 40:80, 40:80, 0] > 60
    assert np.allclose((face[0, ..., 0].astype(int) - out)[40:80, 40:80][bright], 51, atol=1)
    matrix = similarity(points[0], THEIRS.points)
    assert np.allclose(apply(invert(matrix), apply(matrix, points[0])), points[0])


def test_the_encoder_gets_the_own_prototype_and_the_last_layer_the_target(face, points):
    networks = Fixed(0.1)
    two, both = np.concatenate([face, face]), np.concatenate([points, points])
    for target, shown in (("sm", [50, 200]), ("nt", [120, 120]), ("op", [200, 50])):
        out = PublishedSan(networks, target)(two, Male=np.array([0, 1]), points=both)
        own, chosen = networks.calls[-1]
        assert np.allclose(own, [50, 200], atol=0.01) and np.allclose(chosen, shown, atol=0.01)
        assert out.shape == two.shape and out.dtype == np.uint8
    san = PublishedSan(networks)
    with pytest.raises(ValueError, match="0 or 1"):
        san(two, Male=np.array([0, 2]), points=both)
    with pytest.raises(ValueError, match="unknown"):
        san(two, Male=np.array([0, 1]), points=both * np.nan)


@pytest.mark.real
def test_it_alters_a_face_as_far_as_was_measured(published, face, points):
    networks, told = Networks(published), {"Male": np.array([0]), "points": points}
    change = {
        target: np.abs(PublishedSan(networks, target)(face, **told).astype(float) - face).mean()
        for target in ("sm", "nt", "op")
    }
    assert 3 < change["sm"] < 14 and 3 < change["op"] < 16, "8.0 and 9.0 grey levels on CelebA"
    assert change["op"] != change["sm"]
