"""Embeddings of made-up subjects, and matchers and protections whose answers can be worked out."""

from __future__ import annotations

import dataclasses

import numpy as np

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.embedded_faces import EmbeddedFaces
from lib.evaluation.matching.treated_faces import TreatedFaces
from lib.judges.base import Judgement
from lib.judges.packaged_catalogue import DLIB_RECOGNISER

CARD = dataclasses.replace(DLIB_RECOGNISER, name="toy", comparison="cosine")
DRAWS = {"replicates": 40, "seed": 1}


def people(
    count: int, prefix: str, seed: int, treatments: dict[str, float], photos: int = 1
) -> EmbeddedFaces:
    """Embeddings around one direction for each subject, noisier by treatment."""
    generator = np.random.default_rng(seed)
    centre = np.repeat(np.random.default_rng(len(prefix)).normal(size=(count, 12)), photos, axis=0)
    number = np.repeat(np.arange(count), photos)
    return EmbeddedFaces(
        np.array([f"{prefix}{n}" for n in number]),
        np.array([f"{prefix}{n}_{seed}_{k}" for k, n in enumerate(number)]),
        number % 3 == 0,
        {name: centre + noise * generator.normal(size=centre.shape) for name, noise in treatments.items()},
    )


def toy_test() -> MatchingTest:
    """Thirty subjects whom OP hides and `private` does not; thresholds from fifty strangers."""
    noise = {"before": 0.1, "reconstruction": 0.2, "op": 2.0, "private": 0.1}
    few = {name: noise[name] for name in ("before", "op", "private")}
    return MatchingTest(
        CARD, people(30, "t", 1, noise), people(30, "t", 2, few, 2), people(50, "st", 3, few), seed=4
    )


class Means:
    """Embeds a picture as its mean and 1: angles tell light from dark."""

    card = CARD

    def __call__(self, images, points=None):
        assert images.dtype == np.uint8 and images.shape[-1] == 3
        there = np.isfinite(points).all((1, 2))
        rows = np.stack([images.mean((1, 2, 3)), np.ones(len(images))], 1)
        return Judgement(np.where(there[:, None], rows, np.nan), there)


def part(world, rows) -> TreatedFaces:
    """Photos at `rows`, untouched and half as bright."""
    faces = world.take(rows)
    grey = faces.images[..., 1]
    return TreatedFaces(faces, {"before": grey, "dark": grey // 2})
