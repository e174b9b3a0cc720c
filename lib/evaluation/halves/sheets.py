"""Faces that chapter 07 shows, with scores below them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.evaluation.halves.read_halves import ReadHalves
from lib.evaluation.scored_faces import Scored
from lib.faces.faceset import FaceSet
from lib.training.store.model_store import ModelStore

COLUMNS: Mapping[str, str] = {
    "face": "face",
    "donor": "donor",
    "source rebuilt": "paper, rebuilt",
    "source swapped": "paper, swapped",
    "ours rebuilt": "ours, rebuilt",
    "ours swapped": "ours, swapped",
}
"""Treatments of `swap_sheet` -> what stands above them."""
HALF_COLUMNS: Mapping[str, str] = {"face": "face", "half": "equation 1 as printed", "whole": "whole"}
"""Treatments of `half_sheet` -> what stands above them."""


def spaced_subjects(faces: FaceSet, count: int) -> np.ndarray:
    """Rows of at most `count` faces, of different subjects evenly spaced over the set."""
    first = np.sort(np.unique(faces.subjects, return_index=True)[1])
    return np.asarray(first[np.unique(np.linspace(0, len(first) - 1, count).astype(int))])


def half_sheet(store: ModelStore, faces: FaceSet, rows: np.ndarray, whole: ReadHalves) -> Scored | None:
    """Faces, what a network trained with half the cross-entropy paints, and one trained with the whole.

    None of faces that may not be shown, and where nobody trained with the half.

    Parameters
    ----------
    store : with the training `half`. rows : faces to show. whole : of the other network, of all `faces`.

    Returns
    -------
    Treatments of HALF_COLUMNS, with the score `brightness`: mean of a picture, 1 is white.
    """
    if not faces.publishable or not (store.folder / "half.csv").is_file():
        return None
    codec, images = CleanirCodec.stored(store, "half"), faces.images[rows]
    halves = codec.encode(images)
    painted = codec.decode(halves.identity, halves.attributes)
    pictures = {"face": images, "half": painted, "whole": whole.rebuilt[rows]}
    return Scored(pictures, {"brightness": {name: _brightness(one) for name, one in pictures.items()}})


def _brightness(pictures: np.ndarray) -> np.ndarray:
    return np.asarray(pictures.reshape(len(pictures), -1).mean(axis=1) / 255)


def swap_sheet(read: Mapping[str, ReadHalves], faces: FaceSet, rows: np.ndarray) -> Scored | None:
    """Faces, whose identity they get, and what each training paints; None of faces that may not be shown.

    Parameters
    ----------
    read : training -> what it does with `faces`, all with the same donors.
    rows : faces to show.

    Returns
    -------
    Treatments `face`, `donor`, and of each training `<name> rebuilt` and `<name> swapped`, with the cosines
    `self` and `donor`.
    """
    if not faces.publishable:
        return None
    first = next(iter(read.values()))
    pictures = {"face": faces.images[rows], "donor": faces.images[first.donor[rows]]}
    own: dict[str, np.ndarray] = {}
    given: dict[str, np.ndarray] = {}
    for name, one in read.items():
        pictures |= {f"{name} rebuilt": one.rebuilt[rows], f"{name} swapped": one.swapped[rows]}
        own |= {f"{name} {kind}": one.cosines[kind][rows] for kind in ("rebuilt", "swapped")}
        given[f"{name} swapped"] = one.cosines["donor"][rows]
    return Scored(pictures, {"self": own, "donor": given})
