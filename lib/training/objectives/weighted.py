"""Games: a network learns against frozen others by a weighted sum of terms, phase by phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import keras

from lib.training.data.feed import Feed
from lib.training.loop.checkpoint import CheckpointOptions
from lib.training.loop.device import use_xla
from lib.training.loop.fit import fit
from lib.training.loop.history import History
from lib.training.training_plan import TrainingPlan

Weights = TypeVar("Weights")
"""Weights of a game's terms: a dataclass with a number for each."""


@dataclass(frozen=True)
class Phase(Generic[Weights]):
    """A part of a training with its own weights of the terms: fool first, then repair.

    Attributes
    ----------
    plan : epochs, batch, learning rate, seed.
    weights : of the terms.
    """

    plan: TrainingPlan
    weights: Weights

    def stored(self, weights_name: str = "weights") -> dict[str, Any]:
        """The phase as it stands in the identity of a training's state, the weights under `weights_name`."""
        own = asdict(self)
        return {"plan": own["plan"], weights_name: own["weights"]}


class WeightedObjective(keras.Model):
    """A network whose loss is a weighted sum of terms, each logged for itself.

    Attributes
    ----------
    weights_of_terms : a dataclass with a number for each term; may be changed between two calls of `compile`.
    logged : the mean of each term, as metrics.
    """

    def __init__(self, weights: Any, *, name: str) -> None:
        super().__init__(name=name)
        self.weights_of_terms = weights
        self.logged = {term: keras.metrics.Mean(name=term) for term in asdict(weights)}

    def term_values(self, inputs: Mapping[str, Any], outputs: Any, training: bool = False) -> dict[str, Any]:
        """Mean of each term over the batch, scalars float32.

        Parameters
        ----------
        inputs : of a batch, by name.
        outputs : as `call` gives them.
        training : whether the step is one of training.
        """
        raise NotImplementedError

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Weighted sum of the terms; keeps each of them as a metric.

        What weighs nothing stays out of the sum: a product with 0 would be differentiated all the same.
        """
        values = self.term_values(x, y_pred, training)
        for name, value in values.items():
            self.logged[name].update_state(value)
        weights = asdict(self.weights_of_terms)
        return sum(weights[name] * value for name, value in values.items() if weights[name])


def fit_phases(
    game: WeightedObjective,
    phases: Sequence[Phase[Weights]],
    feeds: Callable[[TrainingPlan], tuple[Feed, Feed]],
    resume_folder: str | Path | None,
    *,
    identity: Mapping[str, Any],
    name: str,
    weights_name: str = "weights",
) -> list[History]:
    """Train phase by phase; each starts with a new optimizer and resumes for itself after a kill.

    Parameters
    ----------
    feeds : makes those of training and of validation for the plan of a phase.
    resume_folder : keeps what finished phases reached until the last one is done: clear it afterwards.
    identity : see `CheckpointOptions`; the phases so far are added here.
    weights_name : of the phases' weights there; with another one, half-finished trainings start anew.

    Returns
    -------
    One History per phase: `loss` and the terms, each with `val_`.
    """
    histories = []
    for number, phase in enumerate(phases, start=1):
        game.weights_of_terms = phase.weights
        feed, check = feeds(phase.plan)
        game.compile(phase.plan.optimizer(len(feed)), jit_compile=use_xla())
        so_far = {"phases": [one.stored(weights_name) for one in phases[:number]], **identity}
        histories.append(
            fit(
                game,
                feed,
                check,
                epochs=phase.plan.epochs,
                checkpoint=CheckpointOptions(resume_folder, so_far, remove=False),
                name=f"{name} {number}/{len(phases)}",
            )
        )
    return histories
