"""Jitter before a frozen judge: a picture must convince it wherever it stands, not only pixel by pixel."""

from __future__ import annotations

import keras

SHIFT = 0.03
"""Largest shift, as a part of the side."""


def jitter(seed: int) -> keras.Model:
    """Mirror pictures (B, H, W, C), and shift them by up to SHIFT of the side, in training alone.

    A matcher that always sees a picture in one place can be convinced by a pattern of single pixels, which
    nobody else takes for a face.
    """
    return keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal", seed=seed, dtype="float32"),
            keras.layers.RandomTranslation(SHIFT, SHIFT, fill_mode="nearest", seed=seed + 1, dtype="float32"),
        ],
        name="jitter",
    )
