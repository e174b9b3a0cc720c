"""Whether altered pictures of one person can be linked to each other, and by which matcher best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import numpy as np

from lib.evaluation.matching import MatchingTest, results_by_treatment
from lib.measures.resampling import BootstrapOptions
from lib.measures.unlinkability import Unlinkability, unlinkability


def linkabilities(test: MatchingTest, **draws: Unpack[BootstrapOptions]) -> dict[str, Unlinkability]:
    """D by treatment, of probes against gallery photos of which both were altered so.

    Parameters
    ----------
    test : of one matcher; the treatments of its gallery count, and its probes must have them too.
    draws : of the intervals over subjects.
    """
    found = {}
    for treatment in test.gallery.by:
        pairs = test.comparisons(treatment, treatment)
        found[treatment] = unlinkability(pairs.scores, pairs.first_subject, pairs.second_subject, **draws)
    return found


def best_linking(
    found: Mapping[str, Mapping[str, Unlinkability]], treatment: str
) -> tuple[str, Unlinkability]:
    """The matcher that links pictures of a treatment best, and its D; an undefined D counts as 0.

    Parameters
    ----------
    found : matcher -> treatment -> D, as `linkabilities` gives it for each matcher.
    """
    matcher = max(found, key=lambda name: np.nan_to_num(found[name][treatment].d_sys.estimate))
    return matcher, found[matcher][treatment]


def linkability_results(best: Mapping[str, tuple[str, Unlinkability]]) -> dict[str, dict[str, Any]]:
    """What results keep of `best_linking` by treatment: D, by which matcher, and what no link gives.

    Returns
    -------
    `unlinkability` : treatment -> D; `unlinkability_by` : treatment -> {`matcher`, `zero`}.
    """
    return {
        "unlinkability": results_by_treatment(best, lambda one: one[1].d_sys),
        "unlinkability_by": results_by_treatment(best, lambda one: {"matcher": one[0], "zero": one[1].zero}),
    }
