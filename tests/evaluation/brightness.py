"""A classifier that reads brightness."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from lib.judges.book_networks import GenderJudge


class Brightness(GenderJudge):
    """Judge whose logit is the mean of a picture of any size around one half, times 20."""

    def __init__(self, threshold: float = 0.0) -> None:
        self.card = SimpleNamespace(threshold=threshold)  # type: ignore[assignment]

    def logits(self, images: np.ndarray) -> np.ndarray:
        return 20 * (images.reshape(len(images), -1).mean(axis=1) / 255 - 0.5)
