"""A matcher that this book trained, as a judge among others."""

from __future__ import annotations

import keras
import numpy as np

from lib.faces.grey import to_grey
from lib.judges.interface import Card, JudgeError, Judgement, judge_batches


class TrainedMatcher:
    """A Keras network from a grey picture to an embedding; looks at the whole picture, as it was trained to.

    Attributes
    ----------
    card : who it is.
    """

    def __init__(
        self,
        network: keras.Model,
        *,
        trained_on: str,
        sha256: tuple[str, ...] = (),
        name: str = "trained_matcher",
        notes: str = "Took part in the training of the protection: a white-box judge.",
    ) -> None:
        """Wrap `network`, from (B, H, W, 1) in [0, 1] to (B, D).

        Parameters
        ----------
        trained_on, sha256, name, notes : for its card.
        """
        height, width = network.input_shape[1:3]
        self._network = network
        self.card = Card(
            name=name,
            task="identity",
            trained_by="this book",
            trained_on=trained_on,
            size=(height, width),
            colour="grey",
            range=(0.0, 1.0),
            crop="the whole picture, cut as those of its training",
            output=f"{network.output_shape[-1]} numbers, compared by the cosine of their angle",
            licence="research only where photographs trained it",
            source="chapter 03",
            sha256=sha256,
            comparison="cosine",
            notes=notes,
        )

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Embed faces.

        Parameters
        ----------
        images : uint8 (N, H, W, 3) RGB of the card's size.
        points : (N, 5, 2) pixels; they only say where a face was found. None: everywhere.

        Raises
        ------
        JudgeError : pictures of another size; resizing would change the crop that it knows.
        """
        if images.shape[1:3] != self.card.size:
            raise JudgeError(
                f"{self.card.name} was trained on pictures of {self.card.size} pixels, these have "
                f"{images.shape[1:3]}: load the faces with that size and crop"
            )
        everywhere = np.zeros((len(images), 5, 2), np.float32)
        return judge_batches(self._embed, images, everywhere if points is None else points)

    def _embed(self, images: np.ndarray, _: np.ndarray) -> np.ndarray:
        grey = to_grey(images)[..., None].astype(np.float32) / np.float32(255)
        return keras.ops.convert_to_numpy(self._network(grey, training=False)).astype(np.float32)
