"""The astronaut under the protections that ship, with what a classifier and a matcher say of each picture."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lib.deidentify.private.protection import Private, stored_private
from lib.deidentify.protections.san import SanProtection
from lib.evaluation.example_faces import example_faces
from lib.evaluation.shipped_gender import shipped_gender
from lib.evaluation.treatment_captions import treatment_captions
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.dlib_recogniser import DlibRecogniser
from lib.training.store.model_cards import CARDS

SIDE = 300
"""Height and width in pixels at which the photograph is shown."""


def astronaut_shipped(faces: FaceSet, folder: Path) -> tuple[list[np.ndarray], list[str], list[str]]:
    """Pictures, names and captions of the astronaut before, under `san` and under `private`.

    dlib's recogniser compares each picture with the photograph itself: a second one of her is not at hand.

    Parameters
    ----------
    faces : rendered, of which none is used but to keep company in the batch.
    folder : of the networks that ship.

    Returns
    -------
    uint8 (SIDE, SIDE) each; empty lists where nothing ships.
    """
    if not (folder / CARDS).exists() or not (folder / "private").exists():
        return [], [], []
    new: Private = stored_private(folder / "private")
    blended = SanProtection()
    if blended.template is None:
        return [], [], []
    crops, points = example_faces(faces, blended.template, 1)
    grey, mine = to_grey(crops[-1:])[..., None], points[-1:]
    pictures = {"before": grey, "san": blended(grey), "private": new(grey, points=mine)}
    flat = {name: one[..., 0] for name, one in pictures.items()}
    side = flat["before"].shape[1]
    male = shipped_gender(folder, side)
    said = treatment_captions(flat, mine, flat["before"], mine, DlibRecogniser(), male)
    large = [cv2.resize(one[0], (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for one in flat.values()]
    return large, list(flat), said[0]
