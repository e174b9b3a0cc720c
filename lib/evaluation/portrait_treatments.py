"""The astronaut under the protections that ship, with what the shipped classifier says of each picture."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage import data

from lib.deidentify.private.protection import Private
from lib.deidentify.protections.matched_blur_control import control
from lib.deidentify.protections.san import SanProtection
from lib.evaluation.shipped_gender import shipped_gender
from lib.faces.grey import as_rgb, to_grey
from lib.faces.loading.align import align, apply, similarity
from lib.judges.dlib_detector import DlibFrontal
from lib.training.store.model_cards import CARDS

FEMALE = 0.0
"""The label that the networks are told of Eileen Collins."""


@dataclass(frozen=True)
class Portrait:
    """One photograph that may be shown, under several treatments.

    Attributes
    ----------
    pictures : treatment -> uint8 (H, W) grey: `before`, `control`, `op`, and `private` where it ships.
    certainty : treatment -> the shipped classifier's certainty of `male`, 0 to 1; empty where none ships.
    """

    pictures: dict[str, np.ndarray]
    certainty: dict[str, float]


def portrait_treatments(folder: Path) -> Portrait | None:
    """Treat the astronaut Eileen Collins (photograph by NASA, part of scikit-image); None if nothing ships.

    Parameters
    ----------
    folder : of the networks that ship.

    Raises
    ------
    ProtectionError, WeightsError : a file of a network is missing or damaged.
    """
    if not (folder / CARDS).exists():
        return None
    san = SanProtection(folder, label="told")
    if san.template is None:
        return None
    photograph = data.astronaut()
    points = DlibFrontal()(photograph).points[0]
    grey = to_grey(align(photograph, points, san.template)[None])
    pictures = {"before": grey, "op": san(grey[..., None], Male=np.array([FEMALE]))[..., 0]}
    pictures["control"] = control(grey, pictures["op"])
    if (folder / "private").exists():
        moved = apply(similarity(points, san.template.points), points)[None].astype(np.float32)
        pictures["private"] = to_grey(Private.load(folder / "private")(grey[..., None], points=moved))
    read = shipped_gender(folder, san.size[0])
    certainty = {name: float(read(as_rgb(one))[0]) for name, one in pictures.items()} if read else {}
    order = ("before", "control", "op", "private")
    return Portrait({name: pictures[name][0] for name in order if name in pictures}, certainty)
