"""What matchers read: drift, one person, links and the way back, on embeddings whose answers are known."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.sequences.readings import Reading, embeddings, flicker, judge_treatment
from lib.judges.base import Judgement
from lib.judges.packaged_catalogue import DLIB_RECOGNISER
from tests.evaluation.sequences.toy_sequences import DRAWS, SIZE, toy_frames

CARD = dataclasses.replace(DLIB_RECOGNISER, name="toy", comparison="cosine")


class Counting:
    """Embeds a picture as its mean and 1, and counts what it is shown."""

    def __init__(self, **facts: object) -> None:
        self.card, self.shown = dataclasses.replace(CARD, **facts), []

    def __call__(self, images, points=None):
        self.shown.append(images.shape)
        rows = np.stack([images.mean((1, 2, 3)), np.ones(len(images))], 1)
        return Judgement(rows, np.ones(len(images), bool))


def _reading(frames, seed: int = 0, strangers: int = 60) -> Reading:
    """Before: a direction for each subject. `kept` is like it; `pseudonym`: another; `image`: none at all."""
    random = np.random.default_rng(seed)
    who = np.unique(frames.faces.subjects, return_inverse=True)[1]
    one, other = random.normal(size=(2, who.max() + 1, 64))
    noise = 0.05 * random.normal(size=(len(frames), 64))
    per_sequence = random.normal(size=(who.max() + 1, 9, 64))[who, frames.sequence]
    by = {
        "before": one[who] + noise,
        "kept": one[who] + noise[::-1],
        "pseudonym": other[who] + noise,
        "sequence": per_sequence + noise,
        "image": random.normal(size=(len(frames), 64)),
        "all": np.tile(one[:1], (len(frames), 1)) + noise,
    }
    known = random.normal(size=(strangers, 64))
    return Reading(frames, by, known, np.array([f"s{k}" for k in range(strangers)]))


@pytest.fixture(scope="module")
def judged():
    reading = _reading(toy_frames(8, (5, 3)))
    return {name: judge_treatment(reading, name, 2000, **DRAWS) for name in reading.by}


def _tmr(verification) -> float:
    return verification.tmr[0.01].estimate


def test_what_stays_one_person_and_what_does_not(judged):
    assert [_tmr(judged[name].one_person) for name in ("before", "pseudonym", "sequence")] == [1, 1, 1]
    assert _tmr(judged["image"].one_person) < 0.1


def test_a_pseudonym_links_sequences_and_one_draw_for_each_sequence_does_not(judged):
    assert _tmr(judged["pseudonym"].linked) == pytest.approx(1)
    assert _tmr(judged["sequence"].linked) < 0.1
    assert judged["pseudonym"].linkable.d_sys.estimate > 0.8
    assert judged["sequence"].linkable.d_sys.estimate < judged["pseudonym"].linkable.d_sys.estimate


def test_only_what_looks_like_the_original_leads_back_to_it(judged):
    assert _tmr(judged["kept"].back) == pytest.approx(1)
    assert _tmr(judged["pseudonym"].back) < 0.1


def test_frames_that_share_a_trace_of_the_person_give_it_away_together():
    frames = toy_frames(12, (40, 3))
    reading, random = _reading(frames), np.random.default_rng(2)
    person = reading.by["before"]
    trace = 0.3 * person / np.linalg.norm(person, axis=1, keepdims=True)
    noise = random.normal(size=person.shape)
    reading.by["trace"] = trace + noise / np.linalg.norm(noise, axis=1, keepdims=True)
    found = judge_treatment(reading, "trace", 2000, **DRAWS)
    assert _tmr(found.averaged) == pytest.approx(1) and _tmr(found.back) < 0.7


def test_one_face_for_all_is_seen_by_the_fmr_that_is_reached(judged):
    assert _tmr(judged["all"].one_person) == pytest.approx(1)
    assert judged["all"].one_person.fmr[0.01].estimate == pytest.approx(1)
    assert judged["pseudonym"].one_person.fmr[0.01].estimate < 0.1


def test_drift_of_known_angles():
    frames = toy_frames(2, (3,))
    angle = np.deg2rad([0, 60, 60, 0, 90, 0])
    by = {"before": np.stack([np.cos(angle), np.sin(angle)], 1)}
    reading = Reading(frames, by, np.eye(2), np.array(["a", "b"]))
    np.testing.assert_allclose(reading.distances("before"), [0.5, 0, 1, 1], atol=1e-9)
    assert reading.drift("before", **DRAWS).estimate == pytest.approx(0.625)
    lost = {"before": np.where(np.arange(6)[:, None] == 4, np.nan, by["before"])}
    assert dataclasses.replace(reading, by=lost).drift("before", **DRAWS).estimate == pytest.approx(0.25)


def test_equal_pictures_are_read_once_and_every_treatment_gets_its_own():
    judge, pictures = Counting(), np.random.default_rng(0).integers(0, 255, (5, 8, 8, 3)).astype(np.uint8)
    points = np.zeros((5, 5, 2), np.float32)
    found = embeddings(judge, {"a": pictures, "b": pictures[::-1], "c": pictures // 2}, points)
    assert judge.shown == [(10, 8, 8, 3)]
    np.testing.assert_allclose(found["a"], found["b"][::-1])
    np.testing.assert_allclose(found["c"][:, 0], (pictures // 2).mean((1, 2, 3)), rtol=1e-6)


def test_equal_pictures_with_other_points_are_read_apart():
    judge, picture = Counting(), np.full((2, 8, 8, 3), 7, np.uint8)
    embeddings(judge, {"a": picture}, np.arange(20, dtype=np.float32).reshape(2, 5, 2))
    assert judge.shown == [(2, 8, 8, 3)]


def test_a_judge_of_whole_pictures_gets_its_own_size():
    judge = Counting(needs=(), size=(12, 12))
    embeddings(judge, {"a": np.zeros((2, 8, 8, 3), np.uint8)}, None)
    assert judge.shown == [(1, 12, 12, 3)]


def test_embeddings_of_euclidean_distance_are_centred_on_the_strangers():
    frames = toy_frames(2, (2,))
    strangers = toy_frames(3, (2,), seed=5).faces
    reading = Reading.of(Counting(comparison="euclidean"), frames, {"before": frames.faces.images}, strangers)
    np.testing.assert_allclose(reading.strangers.mean(0), 0, atol=1e-4)
    plain = Reading.of(Counting(), frames, {"before": frames.faces.images}, strangers)
    assert np.all(plain.strangers[:, 1] == pytest.approx(1))


def test_flicker_counts_what_the_scene_itself_does_not_move():
    frames = toy_frames(2, (3,))
    still = np.full((6, SIZE, SIZE, 3), 50, np.uint8)
    blinking = still + np.array([0, 10, 0] * 2, np.uint8)[:, None, None, None]
    assert flicker(frames, blinking, still, **DRAWS).estimate == pytest.approx(10)
    assert flicker(frames, blinking, blinking, **DRAWS).estimate == pytest.approx(0)
