"""Games with terms: the loss is their weighted sum, and a stored state is found by what it always was."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
import pytest

from lib.faces.faceset import FaceSet
from lib.networks.face_decoder import face_decoder
from lib.training.objectives import san_objective, weighted
from lib.training.objectives.generator_objective import GeneratorWeights
from lib.training.objectives.generator_training import fit_generator
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly


@dataclass(frozen=True)
class Two:
    near: float = 1.0
    far: float = 0.0


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
    parts = [weighted.Phase(TrainingPlan(1), Two()), weighted.Phase(TrainingPlan(3, seed=2), Two(far=4.0))]
    feeds = lambda plan: (range(plan.epochs), "check")  # noqa: E731
    assert weighted.fit_phases(Tiny(), parts, feeds, None, identity={"more": 1}, name="tiny") == [1, 2]
    assert [one[0] for one in seen] == [Two(), Two(far=4.0)]
    assert [one[1:3] for one in seen] == [(range(1), "check"), (range(3), "check")]
    options = [one[3] for one in seen]
    assert [one["name"] for one in options] == ["tiny 1/2", "tiny 2/2"]
    checkpoints = [one["checkpoint"] for one in options]
    assert [one["epochs"] for one in options] == [1, 3] and not any(one.remove for one in checkpoints)
    plan = {"epochs": 1, "batch": 32, "learning_rate": 1e-3, "seed": 0, "patience": None}
    first = {"plan": plan, "weights": {"near": 1.0, "far": 0.0}}
    assert exactly(
        checkpoints[0].identity,
        {"phases": [first], "more": 1},
        because="settings as they were given",
    )
    assert (
        exactly(checkpoints[1].identity["phases"][0], first, because="settings as they were given")
        and len(checkpoints[1].identity["phases"]) == 2
    )


@pytest.fixture
def crowd():
    """Two pictures of each of four subjects, the last two to validate with."""
    subject = np.arange(8) // 2
    labels = pd.DataFrame({"image": np.arange(8).astype(str), "subject": subject.astype(str)})
    labels["split"] = np.where(subject < 2, "train", "validation")
    labels["Male"] = pd.array(subject % 2 == 1, dtype="boolean")
    return FaceSet(np.zeros((8, 16, 16, 3), np.uint8), labels, "crowd"), np.arange(4), np.arange(4, 8)


def play_san(faces, rows, validation):
    tone = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    game = san_objective.SemiAdversarial(keras.Sequential([keras.layers.Identity()]), [tone])
    phases = [weighted.Phase(TrainingPlan(1, 4), san_objective.SanWeights(pixel_sm=2.0))]
    return san_objective.train(game, faces, rows, validation, phases, None)


def play_generator(faces, rows, validation):
    phases = [weighted.Phase(TrainingPlan(1, 4), GeneratorWeights(pixel=2.0))]
    net = face_decoder(16, 2, widths=(8, 8, 8, 4, 4))
    return fit_generator(net, faces, rows, validation, np.ones((8, 2), np.float32), phases, None)


@pytest.mark.parametrize(
    ("play", "key", "first", "more"),
    [
        (play_san, "weights", "pixel_sm", {"target": "opposite"}),
        (play_generator, "terms", "pixel", {"jitter": True}),
    ],
)
def test_stored_states_know_phases_by_these_names(play, key, first, more, crowd, monkeypatch):
    """A half-finished training is found by them: another name, and it starts anew."""
    seen = []
    monkeypatch.setattr(weighted, "fit", lambda *_, checkpoint, **options: seen.append(checkpoint.identity))
    play(*crowd)
    [phase] = seen[0].pop("phases")
    assert seen == [more] and list(phase) == ["plan", key]
    assert list(phase["plan"]) == ["epochs", "batch", "learning_rate", "seed", "patience"]
    assert next(iter(phase[key])) == first and phase[key][first] == 2
