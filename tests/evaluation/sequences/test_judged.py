"""All of the chapter's measures at once on made-up frames: what is kept, in which words, what is shown."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.sequences import shown, words
from lib.evaluation.sequences.judged import (
    PASTED,
    RATES,
    judge_sequences,
    page_results,
    pasted_rows,
    treatment_words,
)
from lib.evaluation.sequences.seam import WAYS
from lib.evaluation.sequences.treatments import AXES, treatments
from lib.judges.base import Judgement
from lib.judges.packaged_catalogue import DLIB_RECOGNISER
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER
from lib.measures.estimate import Estimate
from tests.evaluation.sequences.toy_sequences import DRAWS, SIZE, toy_codec, toy_frames
from tests.exact import exactly


class Thumbnails:
    """Embeds a picture as its four quarters' mean colours."""

    def __init__(self, name: str) -> None:
        self.card = dataclasses.replace(DLIB_RECOGNISER, name=name, comparison="cosine")

    def __call__(self, images, points=None):
        parts = images.reshape(len(images), 2, SIZE // 2, 2, SIZE // 2, 3).mean((2, 4)) - 120
        return Judgement(parts.reshape(len(images), -1), np.ones(len(images), bool))


@pytest.fixture(scope="module")
def found():
    strangers = toy_frames(30, (1,), seed=9).faces
    others = strangers.labels.assign(subject="stranger " + strangers.labels["subject"])
    strangers = dataclasses.replace(strangers, labels=others)
    matchers = {HELD_OUT_MATCHER: Thumbnails("held"), DLIB: Thumbnails("dlib")}
    told = {"angle": 90.0, "key": "k", "impostors": 200, "pasted": 2}
    return judge_sequences(toy_frames(4, (3, 2)), toy_codec(), matchers, strangers, **told, **DRAWS)


def test_results_have_the_keys_that_others_rely_on(found):
    kept = page_results({"toy": found})
    assert set(kept["drift"]) == set(AXES) and set(kept["seam"]) == set(WAYS)
    own = kept["toy"][HELD_OUT_MATCHER]
    measures = {"drift", "drift_beyond", "linkable", "linkable_zero", *RATES}
    assert set(own) == measures | {f"{one}_fmr" for one in RATES}
    assert own["linkable_zero"]["turned_all"].estimate < 1
    assert set(own["drift"]) == {"original", *treatments()[1:]}
    assert own["drift_beyond"]["original"].estimate == pytest.approx(0)
    assert kept["toy"]["counts"] == {"subjects": 4, "frames": 20, "lost": 0}
    assert set(kept["toy"]["seam"]) == set(PASTED)


def test_untouched_frames_do_not_flicker_beyond_themselves(found):
    assert found.flicker["before"].estimate == pytest.approx(0)
    rows = [one["row"] for one in found.flicker_records()]
    assert exactly(sorted(rows), sorted(treatments()), because="names")


def test_every_record_is_named(found):
    records = found.records()
    assert len(records) == 2 * len(treatments()) * (4 + 2 * len(RATES))
    matchers = sorted({one["matcher"] for one in records})
    assert exactly(matchers, sorted([HELD_OUT_MATCHER, DLIB]), because="names")
    assert len(found.seam_records()) == len(PASTED) * len(WAYS)


def test_frames_that_are_pasted_lie_evenly_in_the_first_sequence_of_each_subject():
    frames = toy_frames(2, (6, 2))
    assert pasted_rows(frames, 2).tolist() == [0, 3, 8, 11]
    assert pasted_rows(frames, 99).tolist() == [*range(6), *range(8, 14)]


def test_treatments_in_words():
    said = treatment_words(90.0, treatments())
    assert said["turned_sequence"] == "90°, axis per sequence" and said["new_all"] == "new identity for all"
    assert len(set(said.values())) == len(treatments())


def test_the_strip_compares_with_the_first_frame_of_its_row(found):
    strip = shown.strip(found, HELD_OUT_MATCHER, 3)
    assert strip is not None and list(strip.pictures) == list(shown.STRIP)
    assert all(scores[0] == pytest.approx(1) for scores in strip.scores["match"].values())
    assert strip.names[0] == "frame 1"


def test_nothing_is_shown_of_people(found):
    private = dataclasses.replace(found.frames.faces, publishable=False)
    hidden = dataclasses.replace(found, frames=dataclasses.replace(found.frames, faces=private))
    assert shown.strip(hidden, HELD_OUT_MATCHER, 3) is None


def test_what_plays_and_what_is_pasted(found):
    moving = shown.played(toy_frames(1, (3,)), toy_codec(), 90.0, "k")
    assert list(moving) == ["before", *shown.PLAYED] and len(shown.tiles(moving, 2)) == 5
    (row,) = shown.pasted_back(found, [0])
    assert len(row) == 1 + len(WAYS) and {one.shape for one in row} == {found.frames.photos[0].shape}


def test_words_follow_the_intervals_whichever_way_they_fall():
    low, high, wide = Estimate(0.1, 0.05, 0.2), Estimate(0.8, 0.7, 0.9), Estimate(0.5, 0.1, 0.95)
    assert words.beside(low, high) == "below" and words.beside(high, low) == "above"
    assert words.beside(low, wide) == "not told apart from"
    assert words.beside(None, low) == words.beside(Estimate(0.5), low) == words.UNMEASURED
    seams = {
        "still steeper": Estimate(2, 1, 3),
        "smoother": Estimate(-2, -3, -1),
        "cannot be told": Estimate(0, -1, 1),
    }
    for part, figure in seams.items():
        assert part in words.seam_verdict({"seam": {"colour": figure}})
    assert words.seam_verdict({}) == words.seam_words({}) == words.UNMEASURED


def test_the_page_has_all_its_words_with_and_without_clips(found):
    kept = page_results({"toy": found})
    without = words.page_words(kept, {}, "toy")
    assert "not been measured" in without["clips"] and words.UNMEASURED not in without["seam"]
    with_clips = words.page_words(kept, {"clips": kept["toy"]}, "toy")
    assert "20 frames of 4 people" in with_clips["clips"] and set(without) == set(with_clips)
    assert all(
        part in with_clips["clips"] for part in ("the drift is", "one person at a TMR of", "the seam is")
    )
    assert words.page_words({}, {}, "toy")["seam"] == words.UNMEASURED
