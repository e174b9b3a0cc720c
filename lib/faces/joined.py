"""Several sets of faces as one, so that one protection and one attacker meet them alike."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.faces.faceset import FaceSet, FaceSetError


def joined(parts: Mapping[str, FaceSet], name: str) -> tuple[FaceSet, dict[str, np.ndarray]]:
    """All faces in one set, copied, and the rows of each part.

    Parameters
    ----------
    parts : sets of one size; only the columns that all of them have are kept.
    name : of the new set.

    Returns
    -------
    The set, and rows (int64) by the names of `parts`.

    Raises
    ------
    FaceSetError : no part, or parts of different sizes.
    """
    sizes = {part.size for part in parts.values()}
    if len(sizes) != 1:
        raise FaceSetError(f"{name}: parts must be of one size, got {sorted(sizes) or 'none'}")
    shared = [
        column
        for column in next(iter(parts.values())).labels
        if all(column in part.labels for part in parts.values())
    ]
    labels = pd.concat([part.labels[shared] for part in parts.values()], ignore_index=True)
    images = np.concatenate([part.images for part in parts.values()])
    ends = np.cumsum([len(part) for part in parts.values()])
    rows = {
        key: np.arange(end - len(part), end) for (key, part), end in zip(parts.items(), ends, strict=True)
    }
    publishable = all(part.publishable for part in parts.values())
    return FaceSet(images, labels, name, publishable=publishable), rows
