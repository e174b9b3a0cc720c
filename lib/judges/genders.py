"""Gender classifiers that this project trains, as judges beside the published ones."""

from __future__ import annotations

import keras
import numpy as np

from lib.faces.grey import to_grey
from lib.judges.interface import BATCH, Card, JudgeError, Judgement


class OwnGender:
    """A classifier from a grey picture to the logit of male; it looks at the whole picture, needs no points.

    Attributes
    ----------
    card : who it is.
    """

    def __init__(self, name: str, network: keras.Model, *, trained_on: str, notes: str = "") -> None:
        """Take over a network.

        Parameters
        ----------
        name : as in result keys; starts with `trained_` where the protection trained with it, else `unseen_`.
        network : from (B, H, W, 1) in [0, 1] to the logit (B, 1).
        trained_on, notes : for the card: which pictures of which subjects, and whatever else.
        """
        height, width = network.input_shape[1:3]
        self.network = network
        self.card = Card(
            name=name,
            task="gender",
            trained_by="this book",
            trained_on=trained_on,
            size=(height, width),
            colour="grey",
            range=(0.0, 1.0),
            crop="the whole picture",
            output="logit of male, higher is more male",
            licence="as the pictures that it was trained on",
            source=network.name,
            sha256=(),
            threshold=0.0,
            notes=notes,
        )

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Judge `images`, uint8 (N, H, W, 3) RGB; `points` are not looked at, every row counts as acquired.

        Raises
        ------
        JudgeError : pictures of another size than the network's.
        """
        if images.shape[1:3] != self.card.size:
            raise JudgeError(f"{self.card.name} takes pictures of {self.card.size}, not {images.shape[1:3]}")
        values = np.zeros(len(images), np.float32)
        for start in range(0, len(images), BATCH):
            part = to_grey(images[start : start + BATCH])[..., None]
            logit = self.network.predict_on_batch(part.astype(np.float32) / np.float32(255))
            values[start : start + BATCH] = np.asarray(logit, np.float32).reshape(len(part))
        return Judgement(values, np.ones(len(images), bool))
