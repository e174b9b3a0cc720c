"""Embeddings of faces at unit length, whichever recogniser reads them."""

from __future__ import annotations

import numpy as np

from lib.faces.grey import as_rgb, to_grey
from lib.judges.base import Judge, JudgeError
from lib.judges.book_networks import MatcherJudge

OWN_MATCHER = "matcher"
"""Name in files of the recogniser that is a matcher of ours, whose network lies beside the coder."""


def unit_rows(embeddings: np.ndarray) -> np.ndarray:
    """Rows (N, d) scaled to length 1, float64."""
    rows = np.asarray(embeddings, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def unit_embeddings(recogniser: Judge, images: np.ndarray, points: np.ndarray | None = None) -> np.ndarray:
    """Embeddings of faces at length 1; rows of NaN where the recogniser had no face to look at.

    Parameters
    ----------
    recogniser : of the task `identity`.
    images : uint8 (N, H, W, 1 or 3); colour is not looked at.
    points : (N, 5, 2) pixels, NaN where unknown; only a recogniser that needs them sees them.

    Returns
    -------
    float32 (N, D), or (N, 1) of NaN where there was no face in any of the images.

    Raises
    ------
    JudgeError : the recogniser needs points and there are none, or it refuses the images.
    """
    needs_points = "points" in recogniser.card.needs
    if needs_points and points is None:
        raise JudgeError(f"{recogniser.card.name} must be told five points: find them with a detector")
    found = recogniser(as_rgb(to_grey(images)), points if needs_points else None).values
    return unit_rows(found[:, None] if found.ndim == 1 else found).astype(np.float32)


def stored_name(recogniser: Judge) -> str:
    """Name of a recogniser in stored files and protections' names: `matcher` for ours, else its card's."""
    return OWN_MATCHER if isinstance(recogniser, MatcherJudge) else recogniser.card.name
