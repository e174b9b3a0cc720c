"""How good the players are: figures of each part, the gap of validation, one layer read in three ways."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

from lib.evaluation.san.players import Players, example_players, shipped_players
from lib.evaluation.san.pretrained_players import (
    Answers,
    classifier_figures,
    classifier_readings,
    matcher_figures,
    read_parts,
    read_three_ways,
    reconstruction_figures,
    validation_gap,
)
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.book_networks import GenderJudge
from lib.training.loop.guards import GuardError
from tests.exact import exactly

DRAWS = {"replicates": 50, "seed": 0}


@pytest.fixture
def faces():
    """Forty subjects with three images each; men are bright, and each subject has a stripe of its own."""
    random, images = np.random.default_rng(0), np.zeros((120, 16, 16, 3), np.uint8)
    for k in range(120):
        images[k] = (150 if (k // 3) % 2 else 60) + random.integers(0, 9, (16, 16, 1))
        images[k, (k // 3) % 16] = 200 - k // 3
    subjects = np.repeat([f"s{k}" for k in range(40)], 3)
    labels = pd.DataFrame({"subject": subjects, "split": "test", "Male": (np.arange(120) // 3) % 2 == 1})
    labels["image"] = [f"{k}.jpg" for k in range(120)]
    return FaceSet(images, labels, "tiny", publishable=True)


@pytest.fixture
def players():
    image = keras.Input((16, 16, 1), name="image")
    label = keras.Input((), name="label")
    darker = keras.layers.Rescaling(0.9)(image)
    autoencoder = keras.Model({"image": image, "label": label}, {"sm": darker})
    bright = keras.layers.Rescaling(20.0, -8.0)(keras.layers.GlobalAveragePooling2D()(image))
    classifier = GenderJudge("trained_gender", keras.Model(image, bright), trained_on="nothing")
    matcher = keras.Model(image, keras.layers.Flatten()(keras.layers.AveragePooling2D((1, 16))(image)))
    return Players(autoencoder, classifier, matcher, template=None)


def test_each_part_is_judged_by_the_same_threshold(faces, players):
    answers = read_parts(
        players.classifier, faces, {"train": np.arange(60), "validation": np.arange(60, 120)}
    )
    found = classifier_figures(answers, threshold=0.0, majority=False, **DRAWS)
    assert found["train"]["accuracy"].estimate > 0.99 and found["validation"]["auc"].estimate > 0.99
    wrong = classifier_figures(answers, threshold=100.0, majority=False, **DRAWS)
    assert wrong["train"]["balanced_accuracy"].estimate == pytest.approx(0.5)


def test_validation_that_is_the_better_one_stops():
    who, male = np.array([f"s{k}" for k in range(40)]), np.arange(40) % 2 == 1
    good, bad = np.where(male, 4.0, -4.0), np.where(male, 0.1, -0.1)
    sane = validation_gap({"train": Answers(good, male, who), "validation": Answers(bad, male, who)})
    assert sane.low > 0
    with pytest.raises(GuardError, match="validation is better"):
        validation_gap({"train": Answers(bad, male, who), "validation": Answers(good, male, who)})


def test_a_reconstruction_is_measured_in_one_unit(faces, players):
    found = reconstruction_figures(players, faces, np.arange(120), **DRAWS)
    before = to_grey(faces.images).astype(float)
    levels = np.sqrt(((before - np.rint(0.9 * before)) ** 2).mean((1, 2)))
    assert found["grey_levels"].estimate == pytest.approx(levels.mean(), rel=0.01)
    assert found["psnr"].estimate == pytest.approx((20 * np.log10(255 / levels)).mean(), rel=0.01)
    assert found["match"].estimate > 0.99  # the matcher does not see brightness


def test_same_gender_takes_other_impostors(faces, players):
    found = matcher_figures(players.matcher, faces, np.arange(120), **DRAWS)
    assert set(found) == {"any gender", "same gender"}
    assert found["any gender"]["auc"].estimate > 0.9 and found["same gender"]["auc"].estimate > 0.9
    assert found["any gender"]["auc"].items > found["same gender"]["auc"].items > 0  # pairs


def test_one_layer_decides_alike_in_all_three_forms():
    z = np.random.default_rng(1).normal(0, 2, (500, 2))
    softmax = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    forms = {"logit": z[:, 1] - z[:, 0], "softmax": softmax, "sigmoids": 1 / (1 + np.exp(-z))}
    found = read_three_ways(forms)
    assert found["agreed"] == found["images"] == 500
    assert found["lowest_sum"] < 0.5 and found["highest_sum"] > 1.5
    assert read_three_ways(forms | {"logit": -forms["logit"]})["agreed"] == 0


def test_the_readings_have_the_sizes_that_their_sources_imply():
    assert classifier_readings()["parameters at 224 px"].tolist() == [1622210, 639170, 2159618]


def test_faces_that_may_not_be_shown_are_left_out(faces, players):
    for publishable, number in ((True, 5), (False, 1)):
        some = FaceSet(faces.images, faces.labels, "tiny", publishable=publishable)
        shown = example_players(some, np.arange(120), 4, players, None)
        assert shown.images.shape == (number, 16, 16, 3) and not shown.label[-1]
        assert len(shown.repaint()) == len(shown.scored({}).pictures["original"]) == number


def test_the_last_image_is_scored_by_who_knows_photographs(faces, players):
    shown = example_players(faces, np.arange(120), 4, players, players)
    alone = example_players(faces, np.arange(120), 4, players, None)
    repainted = shown.repaint()
    said = shown.scored({"repainted": repainted})
    assert alone.scored({}).caption("original", 4) == "" and said.caption("original", 4).endswith(" male")
    assert said.caption("repainted", 4).endswith(" male\nmatch 1.00")
    assert exactly(
        alone.repaint()[-1], alone.before[-1], because="nobody repaints it: the same 8-bit picture"
    )
    assert np.abs(repainted[-1] - 0.9 * shown.before[-1]).max() < 1


def test_pictures_of_another_size_are_resized_for_the_judges(players):
    before, after = (np.full((2, 32, 32), grey, np.uint8) for grey in (110, 200))
    small = (before[:, ::2, ::2], after[:, ::2, ::2])
    because = "the sets are made the same picture"
    assert exactly(players.certainty(before), players.certainty(small[0]), because=because)
    assert exactly(players.matches(before, after), players.matches(*small), because=because)


def test_nothing_ships_from_an_empty_folder(tmp_path):
    assert shipped_players(tmp_path) is None
