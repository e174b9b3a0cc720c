"""Further training of the semi-adversarial autoencoder against frozen classifiers and matchers.

Each of the report's terms (eq. 1 to 5) has a weight of its own and is logged for itself, to be held against
what chance gives: `gender_chance`, `matching_chance`, `pixel_floor` of `networks.san_losses`. Start from a
pre-trained autoencoder: from a fresh one the terms of eq. 5 alone end at a saturated picture, with every
answer at chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from lib.faces.faceset import FaceSet
from lib.networks.matcher import unit_length
from lib.networks.san_losses import label_loss, matching_loss, opposite_label, pixel_loss
from lib.training.data.feed import column
from lib.training.loop.history import History
from lib.training.objectives.weighted import Phase, WeightedObjective, fit_phases
from lib.training.recipes import make_feeds
from lib.training.training_plan import TrainingPlan

OppositeLabel = Literal["opposite", "reversed", "half"]


@dataclass(frozen=True)
class SanWeights:
    """Weights of the terms; 0 leaves a term out of the loss, it is logged all the same.

    Attributes
    ----------
    pixel_sm, pixel_op : cross-entropy per pixel, mean, of each output to the picture (eq. 2).
    gender_sm, gender_op : of the classifiers' answers (eq. 3), mean over the classifiers.
    matching_sm, matching_op : squared distance of the unit embeddings (eq. 4), mean over the matchers.
    absolute_sm : mean absolute difference of SM to the picture; matching_both : squared distance of the mean
        embedding of SM and OP, each of length 1. The first paper has these two instead.
    """

    pixel_sm: float = 0.0
    pixel_op: float = 0.0
    gender_sm: float = 1.0
    gender_op: float = 1.0
    matching_sm: float = 1.0
    matching_op: float = 0.0
    absolute_sm: float = 0.0
    matching_both: float = 0.0


REPORT = SanWeights()
"""Eq. (5): no pixel term, and nothing binds OP to the person."""


class SemiAdversarial(WeightedObjective):
    """The autoencoder with all that it is trained against; only the autoencoder learns.

    Parameters
    ----------
    autoencoder : `SanAutoencoder` with the outputs `sm` and `op`.
    classifiers : one or more, from a grey picture to the logit of male; frozen here.
    matchers : none or more, from a grey picture to an embedding; frozen here.
    target : what OP should be read as: `opposite`, 1 - y (the text); `reversed`, another picture's label (the
        report's code, kept to show what it does); `half`, 1/2: hidden instead of fooled.
    weights : of the terms; may be changed between two calls of `compile`.

    Raises
    ------
    ValueError : no classifier, a missing output, or no such target.
    """

    def __init__(
        self,
        autoencoder: keras.Model,
        classifiers: Sequence[keras.Model],
        matchers: Sequence[keras.Model] = (),
        *,
        target: OppositeLabel = "opposite",
        weights: SanWeights = REPORT,
    ) -> None:
        super().__init__(weights, name="semi_adversarial")
        if not classifiers:
            raise ValueError("a semi-adversarial network needs a classifier to fool")
        if target not in ("opposite", "reversed", "half"):
            raise ValueError(f"target must be opposite, reversed or half, not {target!r}")
        self.autoencoder, self.target = autoencoder, target
        self.classifiers, self.matchers = list(classifiers), list(matchers)
        for network in (*self.classifiers, *self.matchers):
            network.trainable = False

    def call(self, inputs: Mapping[str, Any], training: bool | None = None) -> Mapping[str, Any]:
        """The outputs `sm` and `op`, (B, H, W, 1) in [0, 1]."""
        said = self.autoencoder(inputs)
        if not {"sm", "op"} <= set(said):
            raise ValueError(f"the autoencoder must give sm and op, it gives {', '.join(said)}")
        return said

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        Parameters
        ----------
        inputs : `image` (B, H, W, 1) in [0, 1] and `label` (B,), male 1.
        outputs : `sm` and `op`, as `call` gives them.
        """
        image, label = inputs["image"], inputs["label"]
        wanted = {"sm": ops.reshape(ops.cast(label, "float32"), (-1,)), "op": self._op_label(label)}
        values: dict[str, Any] = {}
        for name, label_wanted in wanted.items():
            said = [classifier(outputs[name], training=False) for classifier in self.classifiers]
            values[f"pixel_{name}"] = ops.mean(pixel_loss(image, outputs[name]))
            values[f"gender_{name}"] = _mean([ops.mean(label_loss(label_wanted, one)) for one in said])
        values["absolute_sm"] = ops.mean(ops.abs(ops.cast(image, "float32") - outputs["sm"]))
        return {**values, **self._matching(image, outputs)}

    def _matching(self, image: Any, outputs: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, list[Any]] = {"matching_sm": [], "matching_op": [], "matching_both": []}
        for matcher in self.matchers:
            reference = ops.stop_gradient(matcher(image, training=False))
            same, opposite = (unit_length(matcher(outputs[name], training=False)) for name in ("sm", "op"))
            found["matching_sm"].append(ops.mean(matching_loss(reference, same)))
            found["matching_op"].append(ops.mean(matching_loss(reference, opposite)))
            apart = (same + opposite) / 2 - unit_length(reference)
            found["matching_both"].append(ops.mean(ops.sum(ops.square(apart), axis=-1)))
        return {name: _mean(terms) for name, terms in found.items()}

    def _op_label(self, label: Any) -> Any:
        if self.target == "half":
            return 0 * ops.reshape(ops.cast(label, "float32"), (-1,)) + 0.5
        return opposite_label(label, self.target)


def _mean(terms: Sequence[Any]) -> Any:
    return sum(terms) / len(terms) if terms else ops.zeros(())


def phases_of(settings: Sequence[Mapping[str, Any]], batch: int, seed: int) -> list[Phase[SanWeights]]:
    """Phases as parameters name them.

    Parameters
    ----------
    settings : for each phase `epochs`, `learning_rate`, and weights of terms by name; what is not named is 0.
        A phase may name a `batch` of its own.
    batch, seed : of every phase.

    Raises
    ------
    ValueError : an unknown name.
    """
    terms = set(asdict(REPORT))
    phases = []
    for one in settings:
        unknown = set(one) - terms - {"epochs", "learning_rate", "batch"}
        if unknown:
            raise ValueError(f"no term {', '.join(sorted(unknown))}; there are {', '.join(sorted(terms))}")
        weights = SanWeights(**{name: float(one.get(name, 0.0)) for name in terms})
        plan = TrainingPlan(one["epochs"], int(one.get("batch", batch)), one["learning_rate"], seed)
        phases.append(Phase(plan, weights))
    return phases


def train(
    network: SemiAdversarial,
    faces: FaceSet,
    rows: np.ndarray,
    validation: np.ndarray,
    phases: Sequence[Phase[SanWeights]],
    resume_folder: str | Path | None,
    *,
    name: str = "semi-adversarial",
) -> list[History]:
    """Train phase by phase; each starts with a new optimizer and resumes for itself after a kill.

    Parameters
    ----------
    faces : with `Male` known in all rows.
    rows, validation : to train with; of other subjects.
    resume_folder : keeps what finished phases reached until the last one is done: clear it afterwards.

    Returns
    -------
    One History per phase: `loss` and the terms, each with `val_`.

    Raises
    ------
    ValueError : a subject is in training and in validation.
    """
    names, label = {"labels": ("Male",), "inputs": ("image", "label")}, {"label": column(faces, "Male")}
    return fit_phases(
        network,
        phases,
        lambda plan: make_feeds(faces, rows, validation, plan, names, values=label),
        resume_folder,
        identity={"target": network.target},
        name=name,
    )
