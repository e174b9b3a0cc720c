"""Readings of pictures: embeddings as the identity half was taught them, and those of the codec itself."""

import dataclasses

import numpy as np
import pytest

from lib.evaluation.rotation.readers import readers
from lib.evaluation.rotation.views import ATTRIBUTES, CODEC
from lib.judges.base import Judgement
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER
from tests.evaluation.rotation.tiny_codec import NUMBERS, Tones, tiny_codec, tiny_matcher
from tests.exact import exactly


class Lengthy(Tones):
    """Tones whose embeddings have lengths of their own, longer for later pictures."""

    def __call__(self, images, points=None):
        found = super().__call__(images, points)
        return Judgement(found.values * np.arange(1, len(images) + 1)[:, None], found.acquired)


class Blind(Tones):
    """Finds no face anywhere."""

    def __call__(self, images, points=None):
        return Judgement(np.full(len(images), np.nan, np.float32), np.zeros(len(images), bool))


@pytest.fixture(scope="module")
def known():
    codec = tiny_codec()
    random = np.random.default_rng(0)
    # bright faces on a dark ground: what all of them share is longer than what tells them apart
    shared = np.linspace(30, 200, 64 * 64 * 3).reshape(64, 64, 3)
    pictures = np.clip(shared + 12 * random.normal(size=(40, 8, 8, 3)).repeat(8, 1).repeat(8, 2), 0, 255)
    pictures, points = pictures.astype(np.uint8), np.zeros((40, 5, 2), np.float32)
    unit = Tones()(pictures.mean(-1, keepdims=True).round().repeat(3, -1).astype(np.uint8)).values
    mean = (unit / np.linalg.norm(unit, axis=1, keepdims=True)).mean(axis=0)
    identities = dataclasses.replace(codec.identities, mean=mean)
    return dataclasses.replace(codec, identities=identities), pictures, points


def read(known, recogniser):
    codec, pictures, points = known
    by = readers(codec, tiny_matcher(), np.zeros(NUMBERS), recogniser)
    return {name: one(pictures, points) for name, one in by.items()}


def test_strangers_lie_around_0_whatever_the_length_of_an_embedding(known):
    plain, lengthy = read(known, Tones())[DLIB], read(known, Lengthy())[DLIB]
    np.testing.assert_allclose(plain, lengthy, atol=1e-3)
    cosines = (plain @ plain.T)[np.triu_indices(len(plain), 1)]
    assert abs(np.median(cosines)) < 0.15
    codec, pictures, _ = known
    raw = Tones()(pictures).values - codec.identities.mean  # the wrong variant: the mean of other lengths
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    assert np.median((raw @ raw.T)[np.triu_indices(len(raw), 1)]) > 0.5


def test_every_reader_reads_every_picture(known):
    found = read(known, Tones())
    assert exactly(set(found), {DLIB, HELD_OUT_MATCHER, CODEC, ATTRIBUTES}, because="names")
    assert {len(one) for one in found.values()} == {40}
    np.testing.assert_allclose(np.linalg.norm(found[CODEC], axis=1), 1, atol=1e-5)


def test_where_no_face_is_found_nothing_is_read(known):
    found = read(known, Blind())[DLIB]
    assert found.shape == (40, NUMBERS) and np.isnan(found).all()
