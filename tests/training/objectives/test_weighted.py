"""Games with terms: the loss is their weighted sum, and a stored state is found by what it always was."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import pytest

from lib.training.objectives import generator, semi_adversarial, weighted
from lib.training.plan import TrainingPlan
from tests.exact import exactly


@dataclass(frozen=True)
class Two:
    near: float = 1.0
    far: float = 0.0


@dataclass(frozen=True)
class Part:
    plan: TrainingPlan
    weights: Two


class Tiny(weighted.WeightedObjective):
    """One number that is to be the mean of its inputs."""

    def __init__(self):
        super().__init__(Two(2.0, 0.5), name="tiny")
        self.place = self.add_weight(name="place", initializer="zeros")

    def call(self, inputs, training=None):
        return inputs["x"] - self.place

    def term_values(self, inputs, outputs, training=False):
        return {"near": keras.ops.mean(keras.ops.abs(outputs)), "far": keras.ops.mean(outputs**2)}


def test_the_loss_is_the_weighted_sum_and_each_term_is_logged():
    game = Tiny()
    loss = game.compute_loss({"x": None}, None, np.float32([1, -3]))
    assert float(loss) == pytest.approx(2.0 * 2 + 0.5 * 5)
    assert {name: float(mean.result()) for name, mean in game.logged.items()} == {"near": 2, "far": 5}
    assert [metric.name for metric in game.metrics] == ["near", "far"]


def test_each_phase_has_its_weights_plan_feeds_and_identity(monkeypatch):
    seen = []

    def fit(game, feed, check, **options):
        seen.append((game.weights_of_terms, feed, check, options))
        return len(seen)

    monkeypatch.setattr(weighted, "fit", fit)
    parts = [Part(TrainingPlan(1), Two()), Part(TrainingPlan(3, seed=2), Two(far=4.0))]
    feeds = lambda plan: (range(plan.epochs), "check")  # noqa: E731
    assert weighted.fit_phases(Tiny(), parts, feeds, None, identity={"more": 1}, name="tiny") == [1, 2]
    assert [one[0] for one in seen] == [Two(), Two(far=4.0)]
    assert [one[1:3] for one in seen] == [(range(1), "check"), (range(3), "check")]
    options = [one[3] for one in seen]
    assert [one["name"] for one in options] == ["tiny 1/2", "tiny 2/2"]
    assert [one["epochs"] for one in options] == [1, 3] and not any(one["remove"] for one in options)
    plan = {"epochs": 1, "batch": 32, "learning_rate": 1e-3, "seed": 0, "patience": None}
    first = {"plan": plan, "weights": {"near": 1.0, "far": 0.0}}
    assert exactly(
        options[0]["identity"], {"phases": [first], "more": 1}, because="settings as they were given"
    )
    assert (
        exactly(options[1]["identity"]["phases"][0], first, because="settings as they were given")
        and len(options[1]["identity"]["phases"]) == 2
    )


@pytest.mark.parametrize(
    ("kind", "weights", "fields"),
    [
        (semi_adversarial.SanPhase, semi_adversarial.SanWeights(), ["plan", "weights"]),
        (generator.GeneratorPhase, generator.GeneratorWeights(), ["plan", "terms"]),
    ],
)
def test_stored_states_know_phases_by_these_names(kind, weights, fields):
    """A half-finished training is found by them: another name, and it starts anew."""
    phase = kind(TrainingPlan(1), weights)
    assert list(vars(phase)) == fields and phase.weights is weights
