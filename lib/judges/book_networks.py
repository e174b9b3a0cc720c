"""Judges made of networks that this book trained: gender classifiers and matchers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import keras
import numpy as np
from scipy.special import expit

from lib.faces.grey import as_rgb, unit_grey
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


class NetworkStore(Protocol):
    """What `GenderJudge.stored` asks of a store of networks, as `training.store.ModelStore` gives it."""

    def get(self, name: str) -> keras.Model:
        """The network that is kept under a name."""
        ...

    def about(self, name: str) -> dict[str, Any]:
        """The facts that are kept with it."""
        ...


class GenderJudge(NetworkJudge):
    """Judge made of a gender classifier (grey image to the logit of male) and its threshold; needs no points.

    Its certainty is the logistic function of the logit, whatever the threshold: above `male_from` it reads
    male.
    """

    def __init__(
        self, name: str, network: keras.Model, *, trained_on: str, notes: str = "", threshold: float = 0.0
    ) -> None:
        """Make a judge of a classifier; the other parameters as in `NetworkJudge`.

        Parameters
        ----------
        threshold : logit above which it reads male.
        """
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
            threshold=threshold,
        )

    @classmethod
    def stored(
        cls, store: NetworkStore, network: str = "classifier", *, name: str = "trained_gender"
    ) -> GenderJudge:
        """The judge made of a stored classifier, with the threshold that is kept with it, 0 if none is.

        Parameters
        ----------
        network : its name in the store. name : as in result keys.

        Raises
        ------
        WeightsError : the network is missing or damaged.
        """
        facts = store.about(network)
        return cls(
            name,
            store.get(network),
            trained_on=str(facts.get("trained_on", "not stated")),
            threshold=float(facts.get("threshold", 0.0)),
        )

    @property
    def threshold(self) -> float:
        """Logit above which it reads male."""
        return self.card.threshold or 0.0

    @property
    def male_from(self) -> float:
        """Certainty, 0 to 1, above which it reads male: its threshold."""
        return float(expit(self.threshold))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Logit of male of each picture, float32 (N,).

        Parameters
        ----------
        images : uint8 (N, H, W, 3) RGB, or grey (N, H, W, 1) or (N, H, W), of the card's size.

        Raises
        ------
        JudgeError : pictures of another size.
        """
        grey = images[..., 0] if images.ndim == 4 and images.shape[-1] == 1 else images
        return self(as_rgb(grey) if grey.ndim == 3 else grey).values

    def certainty(self, images: np.ndarray) -> np.ndarray:
        """Certainty of male of each picture, float32 (N,), 0 to 1; parameters as in `logits`."""
        return np.asarray(expit(self.logits(images)))

    def predicted(self, images: np.ndarray) -> np.ndarray:
        """Whether it reads male, bool (N,); parameters as in `logits`."""
        return self.logits(images) > self.threshold

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
