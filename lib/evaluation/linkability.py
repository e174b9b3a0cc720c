"""Whether altered pictures of one person can be linked to each other, and by which matcher best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from lib.evaluation.matching_protocol import MatchingTest
from lib.evaluation.matching_results import results_by_treatment
from lib.measures.estimate import strongest
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
    """The matcher that links pictures of a treatment best, and its D.

    A matcher whose D is undefined might be the best one: then it is the one returned, and its figure says why
    there is none.

    Parameters
    ----------
    found : matcher -> treatment -> D, as `linkabilities` gives it for each matcher.
    """
    figures = {name: by_treatment[treatment] for name, by_treatment in found.items()}
    undefined = [name for name, one in figures.items() if not one.d_sys.defined]
    matcher = undefined[0] if undefined else strongest({name: one.d_sys for name, one in figures.items()})
    return matcher, figures[matcher]


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
