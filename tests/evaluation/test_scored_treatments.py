"""Scores below faces, and what the networks that ship make of faces that may be shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.book import paths
from lib.evaluation.scored_treatments import (
    PORTRAIT,
    STRENGTHS,
    ShippedNetworks,
    at_strengths,
    score,
    shown_faces,
)
from lib.evaluation.shipped_pictures import TREATMENTS, astronaut_shipped
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.judges.base import Judgement
from tests.deidentify.tiny_shelf import fill
from tests.evaluation.test_san_outputs import Brightness

ships = pytest.mark.skipif(not (paths.WEIGHTS / "cards.json").exists(), reason="no networks were fetched")


def recogniser(images: np.ndarray, points: np.ndarray) -> Judgement:
    return Judgement(images.mean((1, 2)) / 255, np.ones(len(images), bool))


def test_captions_say_certainty_and_distance(world: FaceSet):
    before = to_grey(world.images[:2])
    scored = score({"before": before, "op": 255 - before}, Brightness(), world.points[:2], recogniser)
    certain = 1 / (1 + np.exp(-20 * (before[1].mean() / 255 - 0.5)))
    assert scored.caption("before", 1) == f"{certain:.2f} male"
    apart = np.sqrt(3) * abs(1 - 2 * before[1].mean() / 255)
    assert scored.caption("op", 1) == f"{1 - certain:.2f} male\ndistance {apart:.2f}"
    alone = score({"before": before, "op": before}, Brightness())
    assert "\n" not in alone.caption("op", 0)


def test_of_faces_that_may_not_be_shown_there_is_a_mean_or_nothing(world: FaceSet):
    hidden = replace(world, publishable=False)
    pictures = {"before": to_grey(world.images)}
    assert shown_faces(pictures, np.array([0]), hidden, Brightness()) is None
    labels = world.labels.assign(subject=[f"s{k}" for k in range(len(world))])
    many = FaceSet.concatenate({f"{k}": replace(hidden, labels=labels.assign(
        subject=labels["subject"] + f"_{k}")) for k in range(2)}, "many")[0]  # fmt: skip
    twice = {"before": to_grey(many.images)}
    scored = shown_faces(twice, np.array([0, 1]), many, Brightness())
    assert scored is not None and scored.pictures["before"].shape[0] == 1
    np.testing.assert_allclose(scored.pictures["before"][0], twice["before"].mean(0), atol=0.51)


def test_where_nothing_ships_there_is_nothing(tmp_path, world: FaceSet):
    assert ShippedNetworks.load(tmp_path) is None and astronaut_shipped(tmp_path) is None
    san = fill(tmp_path / "shelf", side=64).get("ours", outputs=("sm", "nt", "op"))
    steps = at_strengths(san, Brightness(), world.take([0, 1]), None, [0, 1])
    assert [len(tiles) for tiles, _ in steps] == [2, 2] and steps[0][0][0].shape == (64, 64)
    assert at_strengths(san, Brightness(), replace(world, publishable=False), None) == []


@ships
def test_the_astronaut_is_painted_and_read():
    shipped = ShippedNetworks.load(paths.WEIGHTS)
    assert shipped is not None
    scored = shipped.scored_portrait()
    assert {*TREATMENTS, *(name for line in PORTRAIT for name in line)} <= set(scored.pictures)
    assert scored.male["before"][0] < 0.5 < scored.male["op"][0], "she is fooled, of all photographs"
    assert all(0 < apart[0] < 1.5 for name, apart in scored.distance.items() if name != "before")
    means = shipped.scored_means()
    assert means.male["before"][0] < 0.5 < means.male["before"][1] and shipped.subjects >= 100
    assert not means.distance and "private" not in means.pictures
    assert STRENGTHS["0 (SM)"] == pytest.approx(0) and STRENGTHS["1 (OP)"] == pytest.approx(1)
