"""Named random streams of the renderer, so that a new draw in one leaves the others unchanged."""

from __future__ import annotations

import numpy as np

_STREAMS = (
    "subject", "skin", "hair", "spectacles", "shot", "accessories", "picture", "jewellery", "expressions",
)  # fmt: skip


def generator(stream: str, *numbers: int) -> np.random.Generator:
    """Random generator of a named stream, seeded by world, subject number and shot number."""
    return np.random.default_rng([_STREAMS.index(stream), *numbers])
