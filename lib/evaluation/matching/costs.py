"""What treatments cost a matcher: paired differences on the same comparisons and the same draws.

Two questions have two thresholds. A matcher in service keeps the threshold that strangers' untouched photos
set, and a treatment may move its FMR as well as its TMR. At equal FMR each side has its own threshold, set on
strangers who were treated alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.treated_faces import BEFORE
from lib.evaluation.matching.verifications import QUOTED_FMR, draw_treatments
from lib.evaluation.protections import CONTROLS, RECIPES, RESAMPLED, recipe_output
from lib.measures.bootstrap_intervals import bootstrap, never_certain_difference
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.significance import VerificationDifference, drawn_difference, tmr_sign_flip
from lib.measures.statistics import auc_and_eer_of
from lib.measures.verification import DrawnVerification

PAINTED = ("sm", "nt", "op")
PROTOTYPES_APART = (("sm", "nt"), ("sm", "op"), ("nt", "op"))
"""Pairs of outputs that differ in their prototype alone."""
Drawn = Mapping[str, DrawnVerification]


@dataclass(frozen=True)
class Apart:
    """Whether a matcher tells two outputs of one network apart.

    Attributes
    ----------
    difference : the first output's rates minus the second's.
    p : of the sign-flip test over subjects of their TMR at QUOTED_FMR; thresholds are taken as given, and it
        is not yet corrected for many tests.
    """

    difference: VerificationDifference
    p: float


@dataclass(frozen=True)
class Costs:
    """What one matcher loses to treatments; every difference is paired.

    Attributes
    ----------
    lost : treatment -> untouched minus treated, at the threshold of untouched strangers.
    equal_fmr : the same, each side at the threshold of strangers who were treated alike.
    painted : `sm`, `nt`, `op` -> reconstruction minus output, at the threshold of untouched strangers: what
        the autoencoder does not lose in any case.
    beyond : control of OP -> control minus OP at equal FMR: what OP costs more than that control.
    apart : pairs of outputs, as `sm_op` and `report_sm_op` -> whether they can be told apart at the
        threshold of untouched strangers.
    apart_equal_fmr : the same, each output at the threshold of strangers who were treated alike.
    same_gender : treatment -> EER with impostors of the probe's label minus that with all.
    """

    lost: Mapping[str, VerificationDifference]
    equal_fmr: Mapping[str, VerificationDifference]
    painted: Mapping[str, VerificationDifference]
    beyond: Mapping[str, VerificationDifference]
    apart: Mapping[str, Apart]
    apart_equal_fmr: Mapping[str, Apart]
    same_gender: Mapping[str, Estimate]


def costs(one: MatchingTest, drawn: Drawn, **draws: Unpack[BootstrapOptions]) -> Costs:
    """Everything that one matcher loses.

    Parameters
    ----------
    drawn : of `draw_treatments`, at the threshold of untouched strangers, with the same `draws`.
    """
    own = draw_treatments(one, own_threshold=True, **draws)
    controls = [name for name in (CONTROLS["op"], RESAMPLED) if {name, "op"} <= set(own)]
    return Costs(
        losses(drawn),
        losses(own),
        losses(
            {name: drawn[name] for name in ("reconstruction", *PAINTED) if name in drawn}, "reconstruction"
        ),
        {name: drawn_difference(own[name], own["op"]) for name in controls},
        prototypes_apart(drawn),
        prototypes_apart(own),
        {name: same_gender_rise(one, name, **draws) for name in (BEFORE, "op") if name in drawn},
    )


def losses(drawn: Drawn, against: str = BEFORE) -> dict[str, VerificationDifference]:
    """`against` minus every other treatment; empty where there is none of that name."""
    if against not in drawn:
        return {}
    return {name: drawn_difference(drawn[against], one) for name, one in drawn.items() if name != against}


def prototypes_apart(drawn: Drawn) -> dict[str, Apart]:
    """Whether SM, NT and OP are told apart, those of this book's network and those of the recipes.

    Keys as `sm_op` and `report_sm_op`; a network that lacks an output is left out.
    """
    found = {}
    for network in ("op", *RECIPES):
        names = {output: recipe_output(network, output) for output in PAINTED}
        if set(names.values()) <= set(drawn):
            for first, second in PROTOTYPES_APART:
                one, other = drawn[names[first]], drawn[names[second]]
                test = tmr_sign_flip(one, other, QUOTED_FMR)
                found[f"{names[first]}_{second}"] = Apart(drawn_difference(one, other), test.p)
    return found


def same_gender_rise(one: MatchingTest, treatment: str, **draws: Unpack[BootstrapOptions]) -> Estimate:
    """EER with impostors of the probe's own label minus EER with all, of the same comparisons and draws."""
    pairs = one.comparisons(treatment)
    male = dict(zip(one.gallery.subjects, one.gallery.male, strict=True))
    male |= dict(zip(one.probes.subjects, one.probes.male, strict=True))
    labels = [
        np.array([male[subject] for subject in subjects])
        for subjects in (pairs.first_subject, pairs.second_subject)
    ]
    counted, rates = (labels[0] == labels[1]).astype(float), auc_and_eer_of(pairs.scores, pairs.mated)

    def statistic(weights: np.ndarray) -> np.ndarray:
        rise: np.ndarray = rates(weights * counted)[:, 1] - rates(weights)[:, 1]
        return rise

    subjects, others = pairs.first_subject, pairs.second_subject
    found = bootstrap(statistic, subjects, second_subjects=others, why="no impostors", **draws)
    return never_certain_difference(found, len(np.unique(subjects[pairs.mated])))
