"""Which faces are shown under treatments, and what the networks that ship make of a face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.book import paths
from lib.evaluation.scored_faces import MALE
from lib.evaluation.scored_treatments import (
    BY_PROTECTION,
    PORTRAIT,
    STRENGTHS,
    ShippedNetworks,
    astronaut_shipped,
    at_strengths,
    portrait_treatments,
    shown_faces,
)
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from tests.deidentify.tiny_shelf import fill
from tests.evaluation.brightness import Brightness

ships = pytest.mark.skipif(not (paths.WEIGHTS / "cards.json").exists(), reason="no networks were fetched")


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
    assert portrait_treatments(tmp_path) is None
    san = fill(tmp_path / "shelf", side=64).get("ours", outputs=("sm", "nt", "op"))
    steps = at_strengths(san, Brightness(), world.take([0, 1]), None, [0, 1])
    assert [len(tiles) for tiles, _ in steps] == [2, 2] and steps[0][0][0].shape == (64, 64)
    assert at_strengths(san, Brightness(), replace(world, publishable=False), None) == []


@ships
def test_the_astronaut_is_painted_and_read():
    shipped = ShippedNetworks.load(paths.WEIGHTS)
    assert shipped is not None
    scored = shipped.scored_portrait()
    assert {*BY_PROTECTION, *(name for line in PORTRAIT for name in line)} <= set(scored.pictures)
    male, distance = scored.scores[MALE], scored.scores["distance"]
    assert male["before"][0] < 0.5 < male["op"][0], "she is fooled, of all photographs"
    assert "before" not in distance and all(0 < apart[0] < 1.5 for apart in distance.values())
    means = shipped.scored_means()
    women, men = means.scores[MALE]["before"]
    assert women < 0.5 < men and means.names == ("women", "men") and shipped.subjects >= 100
    assert "distance" not in means.scores and "private" not in means.pictures
    assert STRENGTHS["0 (SM)"] == pytest.approx(0) and STRENGTHS["1 (OP)"] == pytest.approx(1)
    portrait = portrait_treatments(paths.WEIGHTS)
    assert {"before", "control", "op"} <= set(portrait.pictures) and list(portrait.scores) == [MALE]
    assert portrait.scores[MALE]["before"][0] < 0.5 < portrait.scores[MALE]["op"][0]
