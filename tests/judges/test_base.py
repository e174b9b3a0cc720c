from __future__ import annotations

import re

import numpy as np
import pytest

from lib.judges import published_cards_and_crops
from lib.judges.base import JudgeError, Judgement, judge_batches
from lib.judges.registry import CARDS, detectors, packaged_judges, scorers
from tests.exact import exactly


def test_rows_without_points_are_missing_and_never_seen() -> None:
    images = np.arange(10, dtype=np.uint8)[:, None, None, None] * np.ones((1, 4, 4, 3), np.uint8)
    points = np.zeros((10, 5, 2))
    points[3], points[7, 4, 1] = np.nan, np.nan
    seen: list[int] = []

    def score(part: np.ndarray, five: np.ndarray) -> np.ndarray:
        assert len(part) == len(five) <= 3 and np.isfinite(five).all()
        seen.extend(part[:, 0, 0, 0].tolist())
        return part[:, 0, 0, 0].astype(float)

    judgement = judge_batches(score, images, points, batch=3)
    assert seen == [0, 1, 2, 4, 5, 6, 8, 9]
    assert judgement.failures == 2 and not judgement.acquired[[3, 7]].any()
    assert exactly(judgement.values[judgement.acquired], seen, because="copied, not computed")
    assert np.isnan(judgement.values[[3, 7]]).all()


def test_nobody_found_is_an_answer() -> None:
    judgement = judge_batches(lambda *_: 1 / 0, np.zeros((3, 4, 4, 3), np.uint8), np.full((3, 5, 2), np.nan))
    assert judgement.failures == 3 and np.isnan(judgement.values).all()


def test_embeddings_keep_their_width() -> None:
    points = np.zeros((3, 5, 2))
    points[0] = np.nan
    judgement = judge_batches(
        lambda part, _: np.ones((len(part), 8)), np.zeros((3, 4, 4, 3), np.uint8), points
    )
    assert judgement.values.shape == (3, 8) and np.isnan(judgement.values[0]).all()


def test_points_must_fit_the_images() -> None:
    with pytest.raises(JudgeError, match="3 images need points"):
        judge_batches(lambda *_: np.zeros(0), np.zeros((3, 4, 4, 3), np.uint8), np.zeros((2, 5, 2)))


@pytest.mark.parametrize("images", [np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4), np.uint8)])
def test_only_colour_pictures_of_bytes_are_judged(images: np.ndarray) -> None:
    with pytest.raises(JudgeError, match="images must be uint8"):
        judge_batches(lambda *_: np.zeros(2), images, np.zeros((2, 5, 2)))


@pytest.mark.parametrize(
    ("values", "acquired", "words"),
    [
        ([0.0, 0.5], [True, False], "without a face must be NaN"),
        ([np.nan, 0.5], [True, True], "NaN for a face"),
        ([0.5], [True, True], "acquired has the shape"),
    ],
)
def test_a_judgement_cannot_hide_a_failure(values, acquired, words: str) -> None:
    with pytest.raises(JudgeError, match=words):
        Judgement(np.array(values), np.array(acquired))


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_complete(name: str) -> None:
    card = CARDS[name]
    for field in ("trained_by", "trained_on", "crop", "output", "licence", "source"):
        assert getattr(card, field), field
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in card.sha256) and card.sha256
    assert bool(card.comparison) == (card.task == "identity")
    assert (card.threshold is not None) == (card.task == "gender")
    assert card.task == "detect" or min(card.size) > 0
    assert card.range[0] < card.range[1]
    assert card.needs == (() if card.task == "detect" else ("points",))


def test_names_are_those_of_result_keys() -> None:
    assert len(CARDS) == 3 + 19
    for name, card in CARDS.items():
        assert card.name == name
        if name not in ("dlib_frontal", "mtcnn", "dlib_recogniser", "yunet"):
            assert name.startswith(f"{card.task}_")
    assert {"gender_tinyxception", "age_tinyxception", "identity_mobilefacenet_y1"} <= set(CARDS)
    assert "higher is more male" in " ".join(CARDS["gender_ssrnet_wiki"].output.split())


def test_nineteen_networks_have_a_hash_and_all_but_two_are_judges() -> None:
    used = {recipe.network for recipe in published_cards_and_crops.RECIPES.values()} | {"face_detector_yunet"}
    assert (
        len(published_cards_and_crops.SHA256) == 19
        and len(set(published_cards_and_crops.SHA256.values())) == 19
    )
    assert set(published_cards_and_crops.SHA256) - used == {"landmarks5", "san_mirjalili_2018"}


def test_tasks_are_told_apart_without_loading_anything() -> None:
    judges = packaged_judges()
    assert list(detectors(judges)) == ["dlib_frontal", "mtcnn"]
    assert list(scorers(judges)) == list(scorers(judges, "identity")) == ["dlib_recogniser"]
    with pytest.raises(JudgeError, match="no task"):
        scorers(judges, "detection")
