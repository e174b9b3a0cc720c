"""A stage on the shared rendered faces with an untrained codec, and what it kept."""

import pytest

from lib.evaluation.rotation.people import Plan, attackers_rows
from lib.evaluation.rotation.stage import Stage
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan
from tests.evaluation.rotation.tiny_codec import Tones, tiny_codec, tiny_matcher

STEP = 90


@pytest.fixture(scope="session")
def codec():
    return tiny_codec()


@pytest.fixture(scope="session")
def stage(world, codec):
    groups = Plan(gallery=2).groups(world.labels)
    own = attackers_rows(world.labels, 0, 2)
    return Stage(world, codec, tiny_matcher(), groups, own, own, STEP, (0.1, 0.1), 2, 6, recogniser=Tones())


@pytest.fixture(scope="session")
def kept(stage, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rotation")
    store = ModelStore(folder / "store")
    stage.run(TrainingPlan(1, batch=4), (0, 2, 400), store, folder / "scratch", copies=1)
    return store
