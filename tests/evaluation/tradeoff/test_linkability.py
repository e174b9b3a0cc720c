"""D of pictures that all look alike, of pictures that tell their subject, and who links best."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.embedded_faces import EmbeddedFaces
from lib.evaluation.tradeoff.linkability import best_linking, linkabilities, linkability_results
from lib.judges.packaged_catalogue import DLIB_RECOGNISER
from lib.measures.estimate import Estimate, undefined_estimate
from lib.measures.unlinkability import Unlinkability
from tests.exact import exactly

DRAWS = {"replicates": 20, "seed": 1}


def photos(prefix: str, seed: int) -> EmbeddedFaces:
    """Forty subjects: `own` has a direction of its own for each subject, `none` has chance alone."""
    random, fixed = np.random.default_rng(seed), np.random.default_rng(0)
    own = fixed.normal(size=(40, 12)) + 0.1 * random.normal(size=(40, 12))
    names = np.array([f"s{n}" for n in range(40)])
    images = np.array([f"{prefix}{n}" for n in range(40)])
    return EmbeddedFaces(
        names, images, np.arange(40) % 2 == 0, {"own": own, "none": random.normal(size=(40, 12))}
    )


def unlinkable(d: float, zero: float = 0.1) -> Unlinkability:
    figure = undefined_estimate("no pairs") if np.isnan(d) else Estimate(d, d, d, 5)
    return Unlinkability(figure, zero, 0.95, np.zeros(2), np.zeros(1))


def test_pictures_that_tell_their_subject_are_linked_and_noise_is_not():
    strangers = photos("c", 3)
    test = MatchingTest(
        dataclasses.replace(DLIB_RECOGNISER, comparison="cosine"), photos("p", 1), photos("g", 2), strangers
    )
    found = linkabilities(test, **DRAWS)
    assert list(found) == ["own", "none"]
    assert (
        found["own"].d_sys.estimate > 0.5
        and found["own"].d_sys.estimate > found["none"].d_sys.estimate + 0.25
    )
    mixed = dataclasses.replace(test.gallery, subjects=np.roll(test.gallery.subjects, 1))  # wrong people
    wrong = linkabilities(dataclasses.replace(test, gallery=mixed), **DRAWS)
    assert wrong["own"].d_sys.estimate < found["own"].d_sys.estimate - 0.25


def test_the_matcher_that_links_best_speaks():
    found = {
        "a": {"op": unlinkable(0.2), "before": unlinkable(0.9)},
        "b": {"op": unlinkable(0.4, 0.15), "before": unlinkable(0.8)},
    }
    best = {treatment: best_linking(found, treatment) for treatment in ("before", "op")}
    assert [best[name][0] for name in best] == ["a", "b"]
    kept = linkability_results(best)
    assert kept["unlinkability"]["original"].estimate == pytest.approx(0.9)
    by = {
        "original": {"matcher": "a", "zero": 0.1, "ceiling": 0.95},
        "op": {"matcher": "b", "zero": 0.15, "ceiling": 0.95},
    }
    assert exactly(kept["unlinkability_by"], by, because="names, and figures passed on as they are")


def test_a_matcher_without_a_figure_might_link_best():
    found = {"a": {"op": unlinkable(0.9)}, "b": {"op": unlinkable(float("nan"))}}
    matcher, figure = best_linking(found, "op")
    assert matcher == "b" and not figure.d_sys.defined and figure.d_sys.why == "no pairs"
