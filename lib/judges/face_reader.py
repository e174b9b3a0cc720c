"""Judge made of a face reader that this book trained: expression, and all else that it learned to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
from scipy.special import expit, softmax

from lib.faces.faceset import EXPRESSIONS
from lib.faces.grey import unit_grey
from lib.faces.read_labels import ReadLabels
from lib.judges.base import BATCH, JudgeError, Judgement
from lib.judges.book_networks import NetworkJudge, NetworkStore
from lib.networks.face_reader import ATTRIBUTES, EXPRESSION, NUMBERS
from lib.networks.predict import predict


@dataclass(frozen=True)
class FaceReading:
    """What a reader says of N pictures.

    Attributes
    ----------
    emotions : float32 (N, 7), probabilities in the order of EXPRESSIONS; (N, 0) where it reads none.
    attributes : name -> probability (N,).
    numbers : name -> (N,), years or degrees.
    """

    emotions: np.ndarray
    attributes: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]


class FaceReader(NetworkJudge):
    """Judge of emotion made of a face reader; `read` also gives what its other heads say. Needs no points.

    Attributes
    ----------
    labels : what it learned to read.
    """

    def __init__(self, name: str, network: keras.Model, labels: ReadLabels, *, trained_on: str) -> None:
        """Make a judge of a reader; `name` as in result keys, `trained_on` for its card."""
        super().__init__(
            network,
            name=name,
            trained_on=trained_on,
            notes="",
            task="emotion",
            output=f"probabilities of {', '.join(EXPRESSIONS)}",
            licence="as the pictures that it was trained on",
            source=network.name,
            sha256=(),
        )
        self.labels = labels

    @classmethod
    def stored(cls, store: NetworkStore, name: str) -> FaceReader:
        """The judge made of a stored reader and the facts that are kept with it.

        Raises
        ------
        WeightsError : the network is missing or damaged.
        """
        facts = store.about(name)
        trained_on = str(facts.get("trained_on", "not stated"))
        return cls(name, store.get(name), ReadLabels.kept(facts), trained_on=trained_on)

    def read(self, images: np.ndarray) -> FaceReading:
        """What all heads say of pictures, uint8 (N, H, W, 3) RGB of the card's size.

        Raises
        ------
        JudgeError : pictures of another size.
        """
        if images.shape[1:3] != self.card.size:
            raise JudgeError(
                f"{self.card.name} takes pictures of {self.card.size} pixels, got {images.shape[1:3]}"
            )
        parts = [self._heads(images[start : start + BATCH]) for start in range(0, len(images), BATCH)]
        heads = {
            name: np.concatenate([np.zeros((0, units), np.float32), *(part[name] for part in parts)])
            for name, units in self._units.items()
        }
        emotions = heads.get(EXPRESSION, np.zeros((len(images), 0), np.float32))
        said = expit(heads[ATTRIBUTES]).T if self.labels.attributes else ()
        scales = enumerate(self.labels.numbers.items())
        return FaceReading(
            softmax(emotions, axis=1) if emotions.size else emotions,
            dict(zip(self.labels.attributes, said, strict=True)),
            {name: heads[NUMBERS][:, at] * sd + mean for at, (name, (mean, sd)) in scales},
        )

    @property
    def _units(self) -> dict[str, int]:
        """Head -> how many numbers it gives."""
        return {name: int(head.shape[-1]) for name, head in self.network.output.items()}

    def _heads(self, images: np.ndarray) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = predict(self.network, unit_grey(images))
        return {name: np.asarray(one, np.float32) for name, one in found.items()}

    def _said(self, images: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.asarray(softmax(self._heads(images)[EXPRESSION], axis=1))


def likeliest(judgement: Judgement, missing: str) -> np.ndarray:
    """Most likely expression of each picture by a judge of emotion, (N,) str; `missing` without a face."""
    values = np.where(judgement.acquired[:, None], judgement.values, 0).reshape(len(judgement), -1)
    names = np.array([*EXPRESSIONS, missing])
    return names[np.where(judgement.acquired, values.argmax(axis=1), len(EXPRESSIONS))]
