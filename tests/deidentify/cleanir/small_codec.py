"""A CLEANIR small enough for tests, untrained."""

from __future__ import annotations

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.deidentify.cleanir.identities import IdentityDistribution
from lib.networks.cleanir import cleanir_decoder, cleanir_encoder
from lib.training.loop.device import set_determinism

SIZE = 32
HALVES = {"identity": 6, "attributes": 10}


def small_codec(seed: int = 0) -> CleanirCodec:
    set_determinism(seed)
    settings = {**HALVES, "width": 1 / 16}
    root = np.diag([1.0, 1.0, 1.0, 0.0, 0.0, 0.0])  # strangers differ in three of six directions
    return CleanirCodec(
        cleanir_encoder(SIZE, **settings),
        cleanir_decoder(SIZE, **settings),
        IdentityDistribution(np.zeros(6), root),
    )


def pictures(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, SIZE, SIZE, 3), dtype=np.uint8)
