"""A training builds its network, and keeps it with its facts and, if asked for, its course."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from lib.arrays import WeightsError
from lib.faces.faceset import FaceSet
from lib.training.inference import predict_images
from lib.training.loop.history import History
from lib.training.network_training import NetworkTraining, stated_threshold
from lib.training.recipes import fit_classifier
from lib.training.san_presets import SECOND_MATCHER, SanTrainings
from lib.training.store.model_store import ModelStore
from lib.training.training_plan import TrainingPlan

SETTINGS = {"size": 64}


def halves(world: FaceSet) -> dict:
    split = world.labels["split"].to_numpy()
    rows = {"rows": "train", "validation": "validation"}
    return {"faces": world} | {name: np.flatnonzero(split == part)[:24] for name, part in rows.items()}


def test_what_is_kept_is_what_was_trained(world, tmp_path):
    told = {}

    def recipe(network, resume_folder, name):
        told.update(network=network, folder=resume_folder, name=name)
        return History(pd.DataFrame({"epoch": [1, 2], "loss": [0.5, 0.25]}), 2)

    store = ModelStore(tmp_path / "shelf")
    task = partial(NetworkTraining, "own", "gender_classifier", SETTINGS, recipe, store, tmp_path / "scratch")
    task(3, about={"source": "tiny"}, measured=lambda network: {"kernels": len(network.layers)}).run()
    facts = store.about("own")
    assert facts["source"] == "tiny" and facts["kernels"] == len(told["network"].layers)
    assert facts["kind"] == "gender_classifier" and facts["settings"] == SETTINGS
    assert (told["folder"], told["name"]) == (tmp_path / "scratch" / "own", "own")
    assert store.history("own").last("loss") == pytest.approx(0.25)
    images = world.images[:4]
    kept = predict_images(store.get("own"), images)
    np.testing.assert_allclose(kept, predict_images(told["network"], images), atol=0.02)
    first = (tmp_path / "shelf" / "own.npz").read_bytes()
    task(3, about={"source": "tiny"}, measured=lambda network: {"kernels": len(network.layers)}).run()
    assert (tmp_path / "shelf" / "own.npz").read_bytes() == first, "the seed decides the first weights"


def test_an_autoencoder_is_built_with_the_prototypes_of_its_store(tmp_path):
    built, store = [], ModelStore(tmp_path / "shelf")

    def recipe(network, resume_folder, name):
        built.append(network)
        return History(pd.DataFrame({"epoch": [1], "loss": [0.5]}), 1)

    settings = {"size": 64, "decoder": [4, 4], "outputs": ["sm"]}
    task = NetworkTraining("autoencoder", "autoencoder", settings, recipe, store, tmp_path, 0)
    with pytest.raises(WeightsError):
        task.run()
    three = np.stack([np.full((64, 64, 3), level, np.float32) for level in (0.1, 0.9, 0.5)])
    store.put_prototypes(three)
    task.run()
    np.testing.assert_allclose(built[0].fixed, three)
    assert store.about("autoencoder")["settings"] == settings and len(store.history("autoencoder").table) == 1


def test_a_classifier_states_the_threshold_of_other_subjects(world, tmp_path):
    lessons, store = halves(world), ModelStore(tmp_path / "shelf")
    recipe = partial(fit_classifier, **lessons, plan=TrainingPlan(1, batch=8))
    measured = partial(stated_threshold, faces=world, rows=lessons["validation"])
    task = NetworkTraining(
        "classifier", "gender_classifier", SETTINGS, recipe, store, tmp_path, 1, measured=measured
    )
    task.run()
    threshold = store.about("classifier")["threshold"]
    logits = predict_images(store.get("classifier"), world.images[lessons["validation"]])
    male = world.binary("Male", lessons["validation"])
    rates = [np.mean((logits > threshold)[male == label] == label) for label in (False, True)]
    assert np.mean(rates) >= 0.5, "no threshold that is worse than saying the same of all"


def test_the_players_of_the_game_are_kept_without_a_course(world, tmp_path):
    lessons, shelf = halves(world), ModelStore(tmp_path / "shelf")
    games = SanTrainings(
        world, lessons["rows"], lessons["validation"],
        before=shelf, shelf=shelf, scratch=tmp_path / "scratch", batch=16, seed=4,
    )  # fmt: skip
    tasks = games.players({"original": 1}, 0.001, 1, distorted=False)
    assert len(tasks) == 2 and len(games.players({"original": 1}, 0.001, 0, distorted=True)) == 1
    tasks[0]()
    kept = sorted(path.name for path in (tmp_path / "shelf").iterdir())
    assert kept == ["partner_original.npz"]
    assert shelf.about("partner_original")["settings"] == {"size": 64, "reading": "original"}
    matcher = games.second_matcher(1, distorted=False)
    assert matcher.name == SECOND_MATCHER and matcher.settings["widths"] == [16, 32, 64, 128]
    assert matcher.seed == 5 and games.partner("original", 1, 0.001).seed == 4 + len("original")
