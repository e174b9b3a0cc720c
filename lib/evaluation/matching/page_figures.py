"""What the figures of the page of matching show: losses, curves and the top picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from lib.evaluation.matching.comparisons import MatchingTest
from lib.evaluation.matching.page_matchers import FACENET_STANDS_IN
from lib.evaluation.matching.results import as_points
from lib.evaluation.matching.treated_faces import BEFORE, MatchingParts
from lib.evaluation.matching.verifications import QUOTED_FMR, roc_by_treatment
from lib.evaluation.protections import recipe_output
from lib.evaluation.scored_faces import Scored, alternating_rows, score_against
from lib.faces.titles import title
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.judges.names import name_in_sentence
from lib.judges.result_keys import DLIB, TRAINED_MATCHER
from lib.measures.estimate import EstimateBand
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification

REPORTED = 400
"""Subjects of the report's sample of LFW."""
TABLE_ROWS = ("before", "reconstruction", "sm", "nt", "op", "control", "report_op", "private")
"""Treatments in the tables of the page."""


def kept_figures(
    kept: Mapping[str, Any], part: str, rows: Mapping[str, str], most: int = 3
) -> list[dict[str, Any]]:
    """Records for `figures_table` from results: `set` and `row` in words, `series` (matcher), `figure`.

    Parameters
    ----------
    kept : set -> results. part : `tmr_loss` or `apart`; a result that lacks it gives none.
    rows : key below a matcher -> words, those that are taken.
    most : matchers of each set, `shown_matchers`; 0: all.
    """
    return [
        {"set": title(name), "row": words, "series": name_in_sentence(matcher), "figure": as_points(by[key])}
        for name, own in kept.items()
        for matcher, by in own.get(part, {}).items()
        if not most or matcher in shown_matchers(own[part], most)
        for key, words in rows.items()
        if key in by
    ]


def shown_matchers(names: Iterable[str], most: int = 3) -> list[str]:
    """At most three matchers for a figure: those without a part in training first, FaceNet's stand-in too."""
    held_out = [name for name in names if name != TRAINED_MATCHER]
    first = [name for name in (DLIB, FACENET_STANDS_IN) if name in held_out]
    rest = [name for name in held_out if name not in first]
    return [*first, *rest, *([TRAINED_MATCHER] if len(held_out) < most else [])][:most]


def top_picture(
    parts: MatchingParts,
    pictures: Mapping[str, np.ndarray],
    matcher: Judge,
    classifier: GenderJudge | None = None,
    *,
    count: int = 3,
    gallery_too: bool = False,
    one_person: float | None = None,
) -> Scored | None:
    """Some probes under treatments, scored beside another photo of each; None where none may be shown.

    Parameters
    ----------
    parts : whose gallery has that photo.
    pictures : treatment -> uint8 (N, H, W) of the probes.
    matcher : compares with that photo. classifier : None: no certainty of male.
    count : subjects at most, of either label in turns.
    gallery_too : whether the other photo stands in front, as `gallery`.
    one_person : distance below which two photos are taken for one person; None: it is not said.
    """
    faces, others = parts.probes.faces, parts.gallery.faces
    if not faces.publishable:
        return None
    rows = alternating_rows(faces.binary("Male"), count)
    waiting = parts.gallery_rows(rows)
    photo = parts.gallery.pictures[BEFORE][waiting]
    scored = score_against(
        {name: one[rows] for name, one in pictures.items()},
        None if faces.points is None else faces.points[rows],
        photo,
        None if others.points is None else others.points[waiting],
        matcher,
        classifier,
    )
    scored = replace(scored, one_person=one_person)
    return scored.preceded_by("gallery", photo) if gallery_too else scored


def distance_at(verified: Verification, fmr: float = QUOTED_FMR) -> float:
    """Distance below which two photos match, of a matcher that compares by distances.

    Parameters
    ----------
    verified : whose threshold is a score, the distance with its sign changed.
    """
    return -float(verified.thresholds[fmr])


def figure15(
    test: MatchingTest, sample: int, rates: np.ndarray, **draws: Unpack[BootstrapOptions]
) -> dict[str, dict[str, EstimateBand]]:
    """The report's Figure 15 rebuilt: ROC curves of SM, NT and OP, by its recipe and by this book's.

    Parameters
    ----------
    sample : men, and as many women, of a sample like the report's.
    rates : (K,) false match rates.

    Returns
    -------
    Network and subjects, in words -> `sm`, `nt`, `op` -> curve.
    """
    like = test.balanced(sample)
    men = int(like.probes.male.sum())
    samples = {
        f"{men} men, {len(like.probes.subjects) - men} women (report: {REPORTED})": like,
        f"all {len(test.probes.subjects)} subjects": test,
    }
    networks = {"report_op": "report, 1 − y", "reversed_op": "report, its code", "op": "ours"}
    found = {}
    for network, words in networks.items():
        names = {recipe_output(network, output): output for output in ("sm", "nt", "op")}
        if set(names) <= set(test.probes.by):
            for whose, one in samples.items():
                bands = roc_by_treatment(one, rates, names, **draws)
                found[f"{words}: {whose}"] = {names[name]: band for name, band in bands.items()}
    return found
