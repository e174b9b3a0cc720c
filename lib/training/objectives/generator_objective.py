"""Objective of a face generator: weights and values of its terms, of which the step minimises the sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from lib.training.objectives.generator_losses import Matcher, feature_differences, matching_losses
from lib.training.objectives.jitter import jitter as moved
from lib.training.objectives.weighted import WeightedObjective


@dataclass(frozen=True)
class GeneratorWeights:
    """Weights of the terms; one of weight 0 is not computed and logged as 0.

    Attributes
    ----------
    pixel : mean absolute difference to the photograph.
    features : mean absolute difference of the matchers' first inner maps of picture and photograph, as a part
        of the mean size of the photograph's, mean over the maps and over the matchers that give them. Where
        pixels alone ask for the blurred mean of all likely faces, it asks for their edges.
    matching : 1 - cos of the picture's embedding and the target, mean over the matchers.
    subject : cross-entropy, in nats, of the softmax over the subjects' mean targets, mean over the matchers;
        chance is the logarithm of the number of subjects.
    """

    pixel: float = 1.0
    matching: float = 0.0
    subject: float = 0.0
    features: float = 0.0

    @property
    def need_matchers(self) -> bool:
        """Whether a term is about what matchers read."""
        return bool(self.matching or self.subject)


class GeneratorObjective(WeightedObjective):
    """The generator with all that judges its faces; only the generator learns.

    Parameters
    ----------
    generator : from {`code`} or {`code`, `nuisance`} to a grey picture.
    matchers : none or more; frozen here where they are Keras networks.
    centres : per matcher float32 (S, D), each subject's mean target, of unit length.
    group : (S,) int, 0 for subjects to train with, 1 to validate with; the softmax knows those of one group.
    jitter : whether the matchers see mirrored and shifted pictures in training, so that a face convinces
        matchers that took no part.
    seed : of the jitter.
    features : networks that give inner maps, see `feature_maps`; none or more, frozen here.

    Raises
    ------
    ValueError : matchers and centres differ in number.
    """

    def __init__(
        self,
        generator: keras.Model,
        matchers: Sequence[Matcher] = (),
        centres: Sequence[np.ndarray] = (),
        group: np.ndarray | None = None,
        *,
        jitter: bool = True,
        seed: int = 0,
        features: Sequence[keras.Model] = (),
    ) -> None:
        super().__init__(GeneratorWeights(), name="generating")
        if len(matchers) != len(centres):
            raise ValueError(f"{len(matchers)} matchers need as many tables of centres, got {len(centres)}")
        self.generator, self.matchers = generator, list(matchers)
        self.features = list(features)
        for network in (*self.matchers, *self.features):
            if isinstance(network, keras.Model):
                network.trainable = False
        self.centres = [np.asarray(one, np.float32) for one in centres]
        self.group = np.zeros(0, np.int32) if group is None else np.asarray(group, np.int32)
        self.jitter = moved(seed) if jitter else None

    def build(self, input_shape: Any = None) -> None:
        """All variables exist from the start."""

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> Any:
        """The faces, (B, H, W, 1) in [0, 1]."""
        told = {name: inputs[name] for name in ("code", "nuisance") if name in inputs}
        return self.generator(told, training=training)

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        In training each matcher sees its share of the batch, every other picture if there are two; else all.

        Parameters
        ----------
        inputs : `image` (B, H, W, 1), `subject` (B,) and `target0` (B, D), ... of a batch.
        outputs : pictures (B, H, W, 1), as `call` gives them.
        """
        values = {"pixel": ops.mean(ops.abs(ops.cast(inputs["image"], "float32") - outputs))}
        values |= {"matching": ops.zeros(()), "subject": ops.zeros(())}
        values["features"] = self._features(inputs["image"], outputs, training)
        if not self.matchers or not self.weights_of_terms.need_matchers:
            return values
        shown = self.jitter(outputs, training=True) if training and self.jitter else outputs
        count = len(self.matchers)
        for number in range(count):
            mine = slice(number, None, count) if training else slice(None)
            target, subject = inputs[f"target{number}"][mine], inputs["subject"][mine]
            apart, surprise = matching_losses(
                self.matchers[number], shown[mine], target, subject, self.centres[number], self.group
            )
            values["matching"] += ops.mean(apart) / count
            values["subject"] += ops.mean(surprise) / count
        return values

    def _features(self, image: Any, outputs: Any, training: bool) -> Any:
        """The term `features`; in training each network sees its share of the batch."""
        if not self.features or not self.weights_of_terms.features:
            return ops.zeros(())
        count, apart = len(self.features), []
        for number, network in enumerate(self.features):
            mine = slice(number, None, count) if training else slice(None)
            apart += feature_differences(network, image[mine], outputs[mine])
        return sum(apart) / len(apart)
