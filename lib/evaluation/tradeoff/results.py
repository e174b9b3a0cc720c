"""What the page of the trade-off keeps as results, and its picture at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.protections.adversarial_filter import FilterRound
from lib.evaluation.matching.page_figures import top_picture
from lib.evaluation.matching.results import as_results
from lib.evaluation.matching.treated_faces import BEFORE, MatchingParts
from lib.evaluation.matching.verifications import BOTH
from lib.evaluation.scored_faces import Scored
from lib.evaluation.tradeoff.code_readings import code_results
from lib.evaluation.tradeoff.linkability import Linked, linkability_results
from lib.evaluation.tradeoff.prices import tradeoff_results
from lib.evaluation.tradeoff.readings import ONE, grown_results
from lib.judges.base import Judge
from lib.judges.book_networks import GenderJudge
from lib.measures.estimate import Estimate

TOP = (BEFORE, "blur", "k-Same", "filter", "op", "private")
"""Treatments at the top of the page, of those that there are; of several strengths the last."""


def page_results(
    linked: Linked,
    attacks: Mapping[str, Mapping[str, CodeAttack]],
    worst: Mapping[str, Mapping[str, tuple[str, Estimate]]],
    records: Sequence[Mapping[str, Any]],
    grown: pd.DataFrame,
) -> dict[str, dict[str, Any]]:
    """Results by set: linkability, both pictures protected, codes, and the trade-off.

    Parameters
    ----------
    attacks : of `code_attacks`. worst : of `worst_readings`.
    records : of `tradeoff_records`, of the first set. grown : of `curve_table`, of the first set.
    """
    kept: dict[str, dict[str, Any]] = {}
    for name, best in linked.best().items():
        both = {
            matcher: {BOTH: as_results(by[BOTH])}
            for (where, matcher), by in linked.verified.items()
            if where == name and BOTH in by
        }
        figures = {measure: figure for measure, (_, figure) in worst[name].items()}
        kept[name] = {
            **linkability_results(best),
            **both,
            "codes": code_results(attacks[name]),
            "tradeoff": {"private": figures},
        }
    first = next(iter(kept))
    weighed = tradeoff_results(records)
    weighed["private"] = {**weighed.get("private", {}), **kept[first]["tradeoff"]["private"]}
    kept[first] |= {"tradeoff": weighed, "growth": grown_results(grown)}
    return kept


def filter_results(
    played: Sequence[FilterRound], fresh: Mapping[str, Estimate], images: int = 0
) -> dict[str, Any]:
    """What results keep of the game; nothing where nobody played.

    Parameters
    ----------
    played : rounds. fresh : what fresh attackers read of `filter` and `before`.
    images : that both learned from.
    """
    if not played:
        return {}
    attacker = {ONE: fresh["filter"], BEFORE: fresh[BEFORE]}
    game = {"rounds": len(played), "images": images, "adversary": vars(played[-1])}
    return {"filter": game | {"fresh_attacker": attacker}}


def top_gallery(
    pictures: Mapping[str, np.ndarray],
    parts: MatchingParts,
    matcher: Judge,
    classifier: GenderJudge,
    count: int = 3,
) -> Scored | None:
    """Faces of the top picture with their scores; None where they may not be shown.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W) of the probes.
    parts : whose gallery has another photo of each subject.
    matcher : compares with that photo.
    count : subjects at most.
    """
    last = {name: pictures[key] for name in TOP for key in pictures if key.partition(" ")[0] == name}
    return top_picture(parts, last, matcher, classifier, count=count)
