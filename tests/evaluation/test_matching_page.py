"""What the page of matching takes from results, shows and declares."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.matching_page import figure15, kept_figures, recipe_parties, shown_matchers, top_cells
from lib.evaluation.matching_protocol import MatchingTest
from lib.evaluation.who_saw_whom import Party, check, overlaps, read_declared
from lib.measures.estimate import Estimate
from tests.evaluation.test_matching_protocol import CARD, people


def test_points_are_hundredths_and_matchers_have_words():
    kept = {"lfw": {"tmr_loss": {"unseen_dlib": {"op": Estimate(0.2, 0.1, 0.3, 50).to_dict()}}}}
    (record,) = kept_figures(kept, "tmr_loss", {"op": "OP"}, most=1)
    assert record["figure"].estimate == pytest.approx(20) and record["series"] == "dlib's recogniser"
    assert record["set"] == "LFW"


def test_the_report_has_its_own_curves_in_its_figure():
    noise = {f"{network}{kind}": 0.5 for network in ("", "report_") for kind in ("sm", "nt", "op")}
    plain = {"before": 0.1}
    test = MatchingTest(
        CARD, people(12, "t", 1, noise), people(12, "t", 2, plain), people(20, "st", 3, plain), seed=4
    )
    found = figure15(test, 3, np.array([0.1, 1.0]), replicates=20)
    assert list(found) == [
        "report, 1 − y: 6 for the report's 400", "report, 1 − y: all 12",
        "ours: 6 for the report's 400", "ours: all 12",
    ]  # fmt: skip
    assert all(list(bands) == ["sm", "nt", "op"] for bands in found.values())


def test_recipes_are_judged_and_declared_once():
    met = [Party("op", True), Party("trained_matcher", roles=frozenset({"protection"}))]
    found = recipe_parties(met, ["trained_matcher", "unseen_dlib"])
    assert [one.name for one in found] == ["op", "trained_matcher", "report_op", "reversed_op"]
    assert len(recipe_parties(found, [])) == 4
    said = overlaps(found, "rendered")
    assert ("trained_matcher", "report_op", "its training") in {(one.who, one.whom, one.what) for one in said}
    check(said, read_declared())


def test_a_figure_shows_held_out_matchers_first():
    names = ["trained_matcher", "unseen_dlib", "published_reid0095", "published_mobilefacenet_casia"]
    assert shown_matchers(names) == ["unseen_dlib", "published_mobilefacenet_casia", "published_reid0095"]
    assert shown_matchers(names[:2]) == ["unseen_dlib", "trained_matcher"]


def test_the_top_picture_shows_another_photo_of_the_same_subject():
    pictures = {"before": np.arange(3, dtype=np.uint8).reshape(3, 1, 1), "op": np.zeros((3, 1, 1), np.uint8)}
    waiting = {"before": np.arange(10, 14, dtype=np.uint8).reshape(4, 1, 1)}
    probes = SimpleNamespace(pictures=pictures, faces=SimpleNamespace(subjects=np.array(["a", "b", "c"])))
    gallery = SimpleNamespace(
        pictures=waiting, faces=SimpleNamespace(subjects=np.array(["b", "a", "c", "c"]))
    )
    cells, shown, others = top_cells((probes, gallery, None), ("before", "op", "private"), np.array([0, 2]))
    assert others == [1, 2] and list(shown) == ["before", "op"]
    assert [int(one[0, 0]) for one in cells[1]] == [12, 2, 0]
