"""Every random draw of the rendered world comes from a named stream of its own."""

from __future__ import annotations

import numpy as np

_STREAMS = (
    "subject", "skin", "hair", "spectacles", "shot", "accessories", "picture", "jewellery", "expressions",
)  # fmt: skip


def generator(stream: str, *numbers: int) -> np.random.Generator:
    """Generator of one stream; `numbers` are the world's seed, the subject's and the shot's number."""
    return np.random.default_rng([_STREAMS.index(stream), *numbers])
