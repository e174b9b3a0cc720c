"""Faces with scores, as galleries take them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Said:
    """Two faces under two treatments, grey levels 90 and 110, with a text below each."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        levels = {"before": 90, "op": 110}
        self.pictures = {name: np.full((2, 32, 32), level, np.uint8) for name, level in levels.items()}
        self.names = names

    def caption(self, name: str, at: int) -> str:
        return f"{name} {at}"
