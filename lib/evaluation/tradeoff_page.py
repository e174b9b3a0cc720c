"""What the page of the trade-off keeps as results, says in sentences, and shows at its top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd

from lib.deidentify.attacks.codes import CodeAttack
from lib.deidentify.protections.adversarial_filter import FilterRound
from lib.evaluation.codes_of_sets import code_results
from lib.evaluation.linkability import Linked, Parts, linkability_results
from lib.evaluation.matching_protocol import BEFORE, BOTH
from lib.evaluation.matching_results import as_results
from lib.evaluation.page_matchers import called
from lib.evaluation.tradeoff import (
    ALL,
    ONE,
    Readings,
    grown_results,
    private_readings,
    retrained_attackers,
    strongest_reading,
    tradeoff_results,
)
from lib.evaluation.treatment_captions import shown_rows, treatment_captions
from lib.judges.base import Judge
from lib.measures.estimate import Estimate, as_estimate

UNMEASURED = "not measured yet"
TOP = (BEFORE, "blur", "k-Same", "filter", "op", "private")
"""Treatments at the top of the page, of those that there are; of several strengths the last."""


def readings_by_set(
    attacks: Mapping[str, Mapping[str, CodeAttack]], grown: pd.DataFrame, kept: Mapping[str, Any]
) -> dict[str, dict[str, dict[str, Estimate]]]:
    """`private_readings` of every set; attackers grew on the first one.

    Parameters
    ----------
    attacks : of `code_attacks`. grown : of `curve_table`. kept : values of chapter 05, by set.
    """
    first = next(iter(attacks))
    return {
        name: private_readings(one, grown if name == first else None, kept.get(name, {}))
        for name, one in attacks.items()
    }


def worst_readings(readings: Mapping[str, Readings]) -> dict[str, dict[str, tuple[str, Estimate]]]:
    """Set -> ONE or ALL -> the strongest attackers and their figure."""
    return {
        name: {measure: strongest_reading(by, measure) for measure in (ONE, ALL)}
        for name, by in readings.items()
    }


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


def filter_results(played: Sequence[FilterRound], fresh: Mapping[str, Estimate]) -> dict[str, Any]:
    """What results keep of the game; nothing where nobody played."""
    if not played:
        return {}
    attacker = {ONE: fresh["filter"], BEFORE: fresh[BEFORE]}
    return {"filter": {"adversary": vars(played[-1]), "fresh_attacker": attacker}}


def page_words(
    kept: Mapping[str, Any],
    photographs: Mapping[str, Any],
    worst: Mapping[str, Mapping[str, tuple[str, Estimate]]],
) -> dict[str, str]:
    """Figures and phrases that the text quotes.

    Parameters
    ----------
    kept : of `page_results`, and `inversion` and `filter` where they were measured; the first set counts.
    photographs : results of the same page on photographs; empty: not made yet.
    worst : of `worst_readings`.
    """
    first = next(iter(kept))
    own, private = kept[first], worst[first]
    back = own["inversion"]
    words = {
        "private_one": _text(private[ONE][1]),
        "private_all": _text(private[ALL][1]),
        "strongest_one": f"“{private[ONE][0]}”",
        "strongest_all": f"“{private[ALL][0]}”",
        "numbers_back": f"{back['numbers']:.0%}",
        "directions_back": f"{back['directions']:.0%}",
        "median_error": f"{back['median_error']:.2g}",
        "inverted": f"{back['pictures']:,}",
        "filter": filter_words(own.get("filter")),
        "pp": _both(own) or "not measured here",
        "pp_photographs": _both(photographs.get("celeba", {}), "published_") or UNMEASURED,
        "copies": copies_words(photographs or kept),
    }
    for name in ("celeba", "lfw"):
        told = photographs.get(name, {}).get("tradeoff", {}).get("private", {})
        both = [_text(told[measure]) for measure in (ONE, ALL) if measure in told]
        words[f"photo_{name}"] = " and ".join(both) if len(both) == 2 else UNMEASURED
    found = own["unlinkability"]
    names = {"before": "original", "op": "op", "private": "private"}
    for kind, key in names.items():
        words[f"d_{kind}"] = _text(found[key]) if key in found else "not measured here"
    return words


def filter_words(game: Mapping[str, Any] | None) -> str:
    """What the game with the filter came to, in two sentences."""
    if not game:
        return "In this run nobody played the game."
    adversary, fresh = game["adversary"], game["fresh_attacker"]
    return (
        f"In the last round the filter leaves its own adversary with an AUC of "
        f"{_text(adversary['fooled'])}; this is the figure that such papers report. After another lesson the "
        f"same adversary reads {_text(adversary['caught_up'])}. Fresh attackers read {_text(fresh[ONE])} "
        f"from the test subjects' filtered pictures and {_text(fresh[BEFORE])} from their originals, having "
        f"learned from as many pictures of either kind."
    )


def copies_words(kept: Mapping[str, Any]) -> str:
    """What copies leave readable, in a sentence."""
    copies: Mapping[str, Any] = next((by["copies"] for by in kept.values() if by.get("copies")), {})
    told = {name: by.get(ONE) for name, by in copies.items()}
    face, head = told.get("face"), told.get("head_untinted")
    if face is None or head is None:
        return "How much can be read from each kind of copy has not been measured yet."
    several = copies["head_untinted"].get(ALL)
    more = f", and {_text(several)} from all copies of a person" if several is not None else ""
    return (
        f"Where only the face is replaced, attackers read gender from a copy with an AUC of {_text(face)}. "
        f"Where the whole head is replaced without tint, they still read {_text(head)}{more}."
    )


def top_gallery(
    pictures: Mapping[str, np.ndarray], parts: Parts, matcher: Judge, classifier: keras.Model, count: int = 3
) -> tuple[list[list[np.ndarray]], list[str], list[list[str]]]:
    """Cells, names and captions of the top picture.

    Parameters
    ----------
    pictures : treatment -> uint8 (N, H, W) of the probes.
    parts : whose gallery has another photo of each subject.
    matcher : compares with that photo. classifier : from a grey picture to the logit of male.
    count : subjects at most.
    """
    probes, gallery, _ = parts
    last = {name: key for name in TOP for key in pictures if key.partition(" ")[0] == name}
    rows = shown_rows(probes.faces.subjects, probes.faces.binary("Male"), count)
    theirs = gallery.faces.subjects
    waiting = [int(np.flatnonzero(theirs == probes.faces.subjects[row])[0]) for row in rows]
    shown = {name: pictures[key][rows] for name, key in last.items()}
    points, others = probes.faces.points, gallery.faces.points
    captions = treatment_captions(
        shown,
        None if points is None else points[rows],
        gallery.pictures[BEFORE][waiting],
        None if others is None else others[waiting],
        matcher,
        classifier,
    )
    return [[one[at] for one in shown.values()] for at in range(len(rows))], list(shown), captions


def _both(kept: Mapping[str, Any], start: str = "") -> str:
    """TMR of protected pictures with protected ones by each matcher, in words."""
    found = {
        matcher: by[BOTH]
        for matcher, by in kept.items()
        if matcher.startswith(start or ("trained_", "unseen_", "published_")) and BOTH in by
    }
    return "; ".join(
        f"{_text(by['tmr_at_fmr_1'])} with {called(matcher)} "
        f"(FMR reached {_text(by['reached_fmr_1'], '.3f')})"
        for matcher, by in found.items()
    )


def _text(figure: Any, form: str = ".2f") -> str:
    one = as_estimate(figure)
    return format(one, form) if isinstance(one, Estimate) else f"{one:{form}}"


def readings_of(
    method: str, grown: pd.DataFrame, kept: Mapping[str, Any], fresh: Mapping[str, Estimate]
) -> list[Estimate]:
    """What attackers read of a method: those who grew, those of chapter 05, and fresh ones."""
    grew = grown_results(grown).get(method, {})
    found = [grew[ONE]] if ONE in grew else []
    found += [fresh[method]] if method in fresh else []
    return found + retrained_attackers(kept, method)
