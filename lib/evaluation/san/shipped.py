"""What ships of networks trained on photographs and may be shown: prototypes, a gender classifier."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lib.arrays import read_arrays
from lib.judges.book_networks import GenderJudge
from lib.training.store.model_cards import CARDS, read_model_cards
from lib.training.store.model_store import ModelStore

PROTOTYPES = "prototypes.npz"
CLASSIFIER = "classifier"


def shipped_prototypes(folder: Path, size: int) -> tuple[np.ndarray | None, int]:
    """Prototypes of photographs, and how many subjects stand behind each, at least.

    Parameters
    ----------
    folder : of the networks that ship.
    size : height and width in pixels.

    Returns
    -------
    Female, male and neutral mean, float64 (3, size, size, 3), 0 to 255; (None, 0) where nothing ships.
    """
    if not (folder / CARDS).exists() or not (folder / PROTOTYPES).exists():
        return None, 0
    means = 255.0 * read_arrays(folder / PROTOTYPES)["prototypes"].astype(np.float64)
    if means.shape[1] != size:
        means = np.stack([cv2.resize(one, (size, size), interpolation=cv2.INTER_AREA) for one in means])
    return means, int(read_model_cards(folder)["subjects"].max())


def shipped_gender(folder: Path, size: int) -> GenderJudge | None:
    """Classifier trained on photographs; None where it does not ship, or takes images of another size.

    Parameters
    ----------
    folder : of the networks that ship.
    size : of the images in pixels; resizing would change the crop that it knows.
    """
    if not (folder / CARDS).exists() or not (folder / f"{CLASSIFIER}.npz").exists():
        return None
    judge = GenderJudge.stored(ModelStore(folder), CLASSIFIER)
    return judge if judge.card.size == (size, size) else None
