"""Sentences of the page of matching: they follow the figures, whichever way these fall."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib.evaluation.matching_page import (
    APART,
    aim_words,
    apart_words,
    kept_figures,
    loss_words,
    prototype_losses,
    refuted_words,
    shown_matchers,
    top_cells,
)
from lib.measures.estimate import Estimate


def kept(low: float, high: float, found: float = 0.9) -> dict:
    middle = (low + high) / 2
    figure = Estimate(middle, low, high, 50).to_dict()
    return {
        "lfw": {
            "tmr_loss": {
                "trained_matcher": {"op": Estimate(0.9, 0.8, 1, 50).to_dict()},
                "unseen_dlib": dict.fromkeys(("sm", "nt", "op"), figure),
            },
            "apart": {"unseen_dlib": dict.fromkeys(APART, figure)},
            "unseen_dlib": {"reconstruction": {"tmr_at_fmr_1": Estimate(found, 0, 1, 50).to_dict()}},
        }
    }


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.02, 0.06, "is reached"),
        (0.02, 0.14, "is reached, though not across the whole of every interval"),
        (0.12, 0.2, "is missed in 1 of 1"),
    ],
)
def test_the_aim_follows_the_figures_of_matchers_without_a_part(low, high, said):
    assert aim_words(kept(low, high), 0.1).startswith(said)


def test_what_the_autoencoder_destroyed_no_protection_can_cost():
    assert aim_words(kept(0.0, 0.01, found=0.3), 0.1).startswith("cannot be judged")


def test_prototypes_are_told_apart_only_where_an_interval_leaves_out_0():
    assert "in 3 of 3" in apart_words(kept(0.01, 0.2)) and "can be told apart" in apart_words(kept(0.01, 0.2))
    assert "in 0 of 3" in apart_words(kept(-0.1, 0.2)) and "cannot" in apart_words(kept(-0.1, 0.2))
    assert refuted_words(kept(0.01, 0.2)).startswith("they exclude 0 for SM minus NT")
    assert refuted_words(kept(-0.1, 0.2)) == "they cannot be told from 0"


def test_what_was_not_measured_is_said():
    assert "not been measured" in apart_words({}) and "not been measured" in aim_words({}, 0.1)
    assert loss_words({}, "op") == prototype_losses({}, "lfw", "unseen_dlib") == "not measured yet"


def test_points_are_hundredths_and_matchers_have_words():
    (record,) = kept_figures(kept(0.1, 0.3), "tmr_loss", {"op": "OP"}, most=1)
    assert record["figure"].estimate == pytest.approx(20) and record["series"] == "dlib's recogniser"
    assert record["set"] == "LFW"
    assert "20.0 [10.0, 30.0] with SM" in prototype_losses(kept(0.1, 0.3), "lfw", "unseen_dlib")


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
