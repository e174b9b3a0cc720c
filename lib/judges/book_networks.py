"""Judges made of networks that this book trained: gender classifiers and matchers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lib.faces.grey import unit_grey
from lib.judges.base import JudgeError, Judgement, ModelCard, judge_batches
from lib.networks.predict import predict


class NetworkJudge:
    """Judge made of a Keras network of grey images, which are shown whole.

    Attributes
    ----------
    card : who it is.
    network : from (B, H, W, 1) in [0, 1] to (B, 1) or (B, D).
    """

    def __init__(self, network: keras.Model, *, name: str, trained_on: str, notes: str, **facts: Any) -> None:
        """Make a judge of a network and write its model card.

        Parameters
        ----------
        name : as in result keys; starts with `trained_` where the network took part in training the
            protection, else `unseen_`.
        trained_on, notes : for the card: which pictures of which subjects, and whatever else.
        facts : what else its card says and the network does not tell.
        """
        self.network = network
        self.card = ModelCard(
            name=name,
            trained_by="this book",
            trained_on=trained_on,
            crop="the whole picture, cut as those of its training",
            size=network.input_shape[1:3],
            colour="grey",
            range=(0.0, 1.0),
            notes=notes,
            needs=(),
            **facts,
        )

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Score or embed faces.

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
                f"{self.card.name} takes pictures of {self.card.size} pixels, these have "
                f"{images.shape[1:3]}: load the faces with that size and crop"
            )
        everywhere = np.zeros((len(images), 5, 2), np.float32)
        return judge_batches(self._said, images, everywhere if points is None else points)

    def _said(self, images: np.ndarray, _: np.ndarray) -> np.ndarray:
        return predict(self.network, unit_grey(images))


class GenderJudge(NetworkJudge):
    """Judge made of a gender classifier (grey image to the logit of male); needs no points."""

    def __init__(self, name: str, network: keras.Model, *, trained_on: str, notes: str = "") -> None:
        """Make a judge of a classifier; parameters as in `NetworkJudge`."""
        super().__init__(
            network,
            name=name,
            trained_on=trained_on,
            notes=notes,
            task="gender",
            output="logit of male, higher is more male",
            licence="as the pictures that it was trained on",
            source=network.name,
            sha256=(),
            threshold=0.0,
        )

    def __call__(self, images: np.ndarray, points: np.ndarray | None = None) -> Judgement:
        """Score faces; `points` are ignored, so every row counts as acquired."""
        return super().__call__(images)

    def _said(self, images: np.ndarray, _: np.ndarray) -> np.ndarray:
        # Compiled, as a chapter scores every treatment of every image.
        return np.asarray(predict(self.network, unit_grey(images))).reshape(len(images))


class MatcherJudge(NetworkJudge):
    """Judge made of a matcher (grey image to embedding).

    Attributes
    ----------
    settings : arguments with which `networks.matcher` builds the network; empty if none were given.
    """

    def __init__(
        self,
        network: keras.Model,
        *,
        trained_on: str,
        sha256: tuple[str, ...] = (),
        name: str = "trained_matcher",
        notes: str = "Took part in the training of the protection: a white-box judge.",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a judge of a matcher; `name`, `trained_on` and `notes` as in `NetworkJudge`.

        Parameters
        ----------
        sha256 : of its weights file, if it has one.
        settings : arguments with which `networks.matcher` builds it; needed to save the network.
        """
        self.settings = dict(settings or {})
        super().__init__(
            network,
            name=name,
            trained_on=trained_on,
            notes=notes,
            task="identity",
            output=f"{network.output_shape[-1]} numbers, compared by the cosine of their angle",
            licence="research only where photographs trained it",
            source="chapter 03",
            sha256=sha256,
            comparison="cosine",
        )
