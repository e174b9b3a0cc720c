"""Sequences of made-up faces, and an untrained codec."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.evaluation.sequences.frames import Frames
from lib.faces.faceset import POINT_COLUMNS, FaceSet
from lib.faces.loading.align import MEAN_SHAPE
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder

DRAWS = {"replicates": 40, "seed": 1}
SIZE = 32


def toy_frames(subjects: int = 4, counts: tuple[int, ...] = (4, 2), seed: int = 0) -> Frames:
    """Noise in the place of faces; the crop is the middle of a frame twice as large."""
    rows = [
        (f"{who:03d}", number, at)
        for who in range(subjects)
        for number, count in enumerate(counts)
        for at in range(count)
    ]
    images = np.random.default_rng(seed).integers(60, 190, (len(rows), SIZE, SIZE, 3)).astype(np.uint8)
    labels = pd.DataFrame(rows, columns=["subject", "sequence", "frame"])
    labels["image"] = [f"{a}_{b}_{c}" for a, b, c in rows]
    labels["split"] = "test"
    within = MEAN_SHAPE * 0.28 * SIZE + np.array([SIZE / 2, 0.52 * SIZE])
    labels[list(POINT_COLUMNS)] = np.tile(within.reshape(1, -1), (len(rows), 1))
    photos = np.full((len(rows), 2 * SIZE, 2 * SIZE, 3), 100, np.uint8)
    photos[:, SIZE // 2 : -SIZE // 2, SIZE // 2 : -SIZE // 2] = images
    matrix = np.array([[1.0, 0, -SIZE / 2], [0, 1, -SIZE / 2]])
    points = np.tile(within + SIZE / 2, (len(rows), 1, 1))
    faces = FaceSet(images, labels, "toy", publishable=True)
    return Frames(faces, list(photos), points, np.tile(matrix, (len(rows), 1, 1)))


def toy_codec(dimension: int = 8) -> CleanirCodec:
    """Untrained, but whole."""
    shape = {"identity": dimension, "attributes": 8, "width": 1 / 16}
    known = np.random.default_rng(3).normal(size=(50, dimension))
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    distribution = IdentityDistribution.of(np.zeros(dimension), known)
    return CleanirCodec(cleanir_encoder(SIZE, **shape), cleanir_decoder(SIZE, **shape), distribution)
