"""Verification rates and ROC curves of one matcher, by treatment of the probes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Unpack

import numpy as np

from lib.evaluation.matching.comparisons import MatchingTest
from lib.measures.bootstrap_intervals import bootstrap_roc
from lib.measures.estimate import Estimate, EstimateBand
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import DrawnVerification, Verification, draw_verification, verify

QUOTED_FMR = 0.01
"""False match rate at which pages quote true match rates and what is lost of them."""
PRIVATE, BOTH = "private", "private_private"
"""The generated picture; and the name of both pictures being generated."""


def draw_treatments(
    one: MatchingTest,
    *,
    same_gender: bool = False,
    same_photo: bool = False,
    own_threshold: bool = False,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, DrawnVerification]:
    """Bootstrap draws of every treatment of the probes, thresholds from originals of strangers.

    Parameters
    ----------
    same_gender, same_photo : as of `MatchingTest.comparisons`.
    own_threshold : thresholds from strangers who were treated alike; other treatments are left out.
    """
    treated = one.treated_strangers.by if own_threshold and one.treated_strangers else {}
    originals = None if own_threshold else one.calibration(same_gender=same_gender)
    return {
        name: draw_verification(
            one.comparisons(name, same_gender=same_gender, same_photo=same_photo),
            calibration=originals or one.own_calibration(name),
            **draws,
        )
        for name in one.probes.by
        if not own_threshold or name in treated
    }


def verifications(
    one: MatchingTest,
    *,
    same_gender: bool = False,
    same_photo: bool = False,
    fta: Mapping[str, Estimate] | None = None,
    drawn: Mapping[str, DrawnVerification] | None = None,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, Verification]:
    """Verification by treatment, thresholds from originals of strangers.

    `private_private` compares generated with generated pictures; its thresholds come from generated pictures
    of strangers, as a system that holds nothing else would set them.

    Parameters
    ----------
    drawn : of `draw_treatments` with the same arguments, where they are at hand; None: drawn here.
    """
    if drawn is None:
        drawn = draw_treatments(one, same_gender=same_gender, same_photo=same_photo, **draws)
    found = {name: treated.figures((fta or {}).get(name)) for name, treated in drawn.items()}
    if PRIVATE in one.gallery.by and not same_photo:
        found[BOTH] = verify(
            one.comparisons(PRIVATE, PRIVATE, same_gender=same_gender),
            calibration=one.calibration(PRIVATE, same_gender=same_gender),
            fta=(fta or {}).get(PRIVATE),
            **draws,
        )
    return found


def roc_by_treatment(
    test: MatchingTest,
    rates: np.ndarray,
    treatments: Collection[str] | None = None,
    **draws: Unpack[BootstrapOptions],
) -> dict[str, EstimateBand]:
    """ROC curves with bands over subjects, by treatment of the probe.

    Parameters
    ----------
    rates : (K,) false match rates.
    treatments : of the probes; None: all.
    """
    found = {}
    for name in test.probes.by:
        if treatments is None or name in treatments:
            two = test.comparisons(name)
            found[name] = bootstrap_roc(
                two.scores, two.mated, two.first_subject, rates, second_subjects=two.second_subject, **draws
            )
    return found
