"""A filter against a classifier that learns along."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from keras import Model, layers

from lib.deidentify.protections.adversarial_filter import AdversarialFilter, FilterRound, filter_protection
from lib.deidentify.protections.base import Protection
from lib.deidentify.protections.protect_set import protected_pictures
from lib.faces.faceset import FaceSet
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.roc import auc
from lib.networks.matcher import matcher
from lib.networks.san import SanAutoencoder
from lib.training.inference import predict_images
from lib.training.loop.device import set_determinism
from lib.training.recipes import FLIP_ONLY, fit_autoencoder, fit_classifier
from lib.training.training_plan import TrainingPlan
from tests.exact import exactly

SIZE = 32


@pytest.fixture(scope="module")
def stamped():
    """180 subjects of one picture; those labelled male are brighter below."""
    random = np.random.default_rng(0)
    male = np.arange(180) % 2 == 1
    pictures = random.integers(60, 120, (180, SIZE, SIZE, 1))
    pictures[male, SIZE // 2 :] += 70
    labels = pd.DataFrame({"image": [f"i{n}" for n in range(180)], "subject": [f"s{n}" for n in range(180)]})
    labels["split"] = "train"
    labels["Male"] = pd.array(male, dtype="boolean")
    return FaceSet(pictures.repeat(3, -1).astype(np.uint8), labels, "stamped")


def quarters():
    """A classifier that sees the mean grey level of each quarter."""
    image = layers.Input((SIZE, SIZE, 1))
    means = layers.Flatten()(layers.AveragePooling2D(SIZE // 2)(layers.Rescaling(4.0, -2.0)(image)))
    return Model(image, layers.Dense(1, dtype="float32")(means))


@pytest.fixture(scope="module")
def game(stamped, tmp_path_factory):
    set_determinism(0)
    rows, validation, folder = np.arange(120), np.arange(120, 180), tmp_path_factory.mktemp("game")
    three = (
        np.full((3, SIZE, SIZE, 3), 0.4, np.float32) + np.arange(3)[:, None, None, None].astype("float32") / 9
    )
    network = SanAutoencoder(three, SIZE, decoder=(8, 8), outputs=("sm", "op"))
    fit_autoencoder(network, stamped, rows, validation, TrainingPlan(4, 16, 3e-3, 0), folder)
    adversary = quarters()
    fit_classifier(
        adversary, stamped, rows, validation, TrainingPlan(4, 16, 0.1, 0), folder, augment=FLIP_ONLY
    )
    before = adversary.get_weights()
    plans = TrainingPlan(2, 16, 3e-3, 0), TrainingPlan(3, 16, 0.1, 0)
    matchers = [matcher(SIZE, dimensions=8, widths=(4, 8))]
    played = AdversarialFilter(network, adversary, matchers, stamped, rows, validation).play(2, plans, folder)
    return network, adversary, before, played


def test_the_filter_is_told_nothing(game, stamped):
    network = game[0]
    said = network(
        {"image": np.full((2, SIZE, SIZE, 1), 0.3, np.float32), "label": np.full(2, 0.5, np.float32)}
    )
    np.testing.assert_allclose(np.asarray(said["sm"]), np.asarray(said["op"]), atol=1e-6)
    assert isinstance(filter_protection(network), Protection) and not filter_protection(network).needs
    other = FaceSet(stamped.images, stamped.labels.assign(Male=~stamped.labels["Male"]), "turned")
    assert exactly(
        protected_pictures(filter_protection(network), stamped),
        protected_pictures(filter_protection(network), other),
        because="the same pictures, and the same operations on the same machine",
    )


def test_the_adversary_learns_in_every_round_and_reads_the_last_pictures(game, stamped):
    network, adversary, before, played = game
    assert len(played) == 2
    assert any(
        not exactly(a, b, because="weights that nothing may touch")
        for a, b in zip(before, adversary.get_weights(), strict=True)
    )
    rows = np.arange(120, 180)
    male = stamped.labels["Male"].to_numpy(bool)[rows]
    logits = predict_images(
        adversary, protected_pictures(filter_protection(network), stamped)[rows][..., None]
    )
    assert played[-1].caught_up.estimate == pytest.approx(auc(logits[~male], logits[male]))
    assert played[-1].caught_up.estimate >= played[-1].fooled.estimate


def test_a_round_survives_json():
    one = FilterRound(Estimate(0.25, 0.125, 0.5, 8), undefined_estimate("one class"))
    kept = FilterRound.from_dict(json.loads(json.dumps(one.to_dict())))
    assert exactly(kept.fooled, one.fooled, because="JSON keeps all digits")
    assert not kept.caught_up.defined and kept.caught_up.why == "one class"


def test_a_subject_on_both_sides_is_refused(game, stamped, tmp_path):
    network, adversary, *_ = game
    plans = TrainingPlan(1, 16, 1e-3, 0), TrainingPlan(1, 16, 1e-3, 0)
    with pytest.raises(ValueError, match="in training and in validation"):
        AdversarialFilter(network, adversary, [], stamped, np.arange(60), np.arange(59, 90)).play(
            1, plans, tmp_path
        )
