"""Records for tables and figures of matching tests, one for each figure of merit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from lib.evaluation.matching.costs import Costs
from lib.evaluation.matching.results import Key, as_points, as_results
from lib.evaluation.matching.treated_faces import BEFORE
from lib.evaluation.matching.verifications import QUOTED_FMR
from lib.faces.titles import title
from lib.judges.result_keys import DLIB
from lib.measures.significance import VerificationDifference, holm
from lib.measures.verification import Verification

UNTOUCHED, OWN = "untouched strangers", "strangers treated alike"
"""Whose comparisons set the thresholds."""


def verification_records(
    found: Mapping[Key, Mapping[str, Verification]], impostors: str
) -> list[dict[str, Any]]:
    """A record of each figure, for `figures_table`: `set`, `matcher`, `impostors`, `row`, `series`, `figure`.

    Parameters
    ----------
    found : set and matcher -> treatment -> verification.
    impostors : who they were, in words.
    """
    return [
        {"set": name, "matcher": matcher, "impostors": impostors}
        | {"row": treatment, "series": measure, "figure": figure}
        for (name, matcher), by in found.items()
        for treatment, one in by.items()
        for measure, figure in as_results(one).items()
    ]


def loss_records(found: Mapping[Key, Costs]) -> list[dict[str, Any]]:
    """A record of each TMR lost and of the FMR that the treatment reaches there, for `figures_table`.

    Returns
    -------
    Dicts with `set`, `against` (what the treatment is compared with), `thresholds` (whose), `fmr` (wanted),
    `measure` (`TMR lost` or `FMR reached`), `row` (treatment), `series` (matcher) and `figure`.
    """
    return [
        {"set": name, "against": against, "thresholds": whose, "fmr": rate, "measure": measure}
        | {"row": treatment, "series": matcher, "figure": figure}
        for (name, matcher), one in found.items()
        for against, whose, treatment, lost in _differences(one)
        for rate in lost.tmr
        for measure, figure in (("TMR lost", lost.tmr[rate]), ("FMR reached", lost.reached[rate]))
    ]


def _differences(one: Costs) -> Iterator[tuple[str, str, str, VerificationDifference]]:
    """Against what, whose thresholds, treatment, difference."""
    yield from ((BEFORE, UNTOUCHED, *each) for each in one.lost.items())
    yield from ((BEFORE, OWN, *each) for each in one.equal_fmr.items())
    yield from (("reconstruction", UNTOUCHED, *each) for each in one.painted.items())
    yield from ((control, OWN, "op", lost) for control, lost in one.beyond.items())


LOSS_ROWS = ("sm", "nt", "op", "control", "report_op", "reversed_op", "private", "authors_op")
"""Treatments of `loss_table`, as many as a table of a page may have."""


def loss_table(
    kept: Mapping[str, Mapping[str, Any]],
    words: Mapping[str, str],
    matcher: str = DLIB,
    briefly: Collection[str] = ("celeba",),
) -> pd.DataFrame:
    """Table for a page: points of TMR lost with one matcher, at one threshold and at equal FMR, by set.

    Parameters
    ----------
    kept : set -> results of `matching_results`.
    words : treatment -> what it is called; a row for those of LOSS_ROWS that were measured anywhere.
    briefly : sets with the column at equal FMR alone: a table of a page has six columns.
    """
    parts = {"": "tmr_loss", ", equal FMR": "tmr_loss_equal_fmr"}
    rows = []
    for name in LOSS_ROWS:
        row = {
            f"{title(data)}{at}": f"{as_points(by[name]):.1f}"
            for data, own in kept.items()
            for at, part in parts.items()
            if (at or data not in briefly) and name in (by := own.get(part, {}).get(matcher, {}))
        }
        if row:
            rows.append({"treatment": words.get(name, name)} | row)
    return pd.DataFrame(rows).fillna("–")


def apart_records(found: Mapping[Key, Costs], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Records for `figures_table` of SM, NT and OP against each other, in points, with p after Holm.

    The comparisons at one threshold and at equal FMR are one family.

    Parameters
    ----------
    words : pair -> what it is called, those that count.
    """
    told = [
        (name, matcher, whose, words[pair], one)
        for (name, matcher), by in found.items()
        for whose, pairs in ((UNTOUCHED, by.apart), (OWN, by.apart_equal_fmr))
        for pair, one in pairs.items()
        if pair in words
    ]
    adjusted = holm([one.p for *_, one in told])
    return [
        {"set": name, "thresholds": whose, "row": pair, "series": matcher}
        | {"figure": as_points(one.difference.tmr[QUOTED_FMR]), "p": one.p, "p (Holm)": float(p)}
        | {"m": len(told)}
        for (name, matcher, whose, pair, one), p in zip(told, adjusted, strict=True)
    ]


def same_photo_records(
    same_photo: Mapping[Key, Mapping[str, Verification]],
    found: Mapping[Key, Mapping[str, Verification]],
) -> list[dict[str, Any]]:
    """Records for `figures_table`: TMR at QUOTED_FMR and FMR reached, with the very photo and a second one.

    Parameters
    ----------
    same_photo, found : set and matcher -> treatment -> verification; the untouched picture, which meets
        itself, is left out.
    """
    return [
        {"set": name, "matcher": matcher, "row": treatment, "series": series, "figure": figure}
        for words, some in (("same photo", same_photo), ("second photo", found))
        for name, matcher in same_photo
        for treatment in same_photo[name, matcher]
        if treatment != BEFORE
        for series, figure in (
            (f"{words}, TMR", some[name, matcher][treatment].tmr[QUOTED_FMR]),
            (f"{words}, FMR reached", some[name, matcher][treatment].fmr[QUOTED_FMR]),
        )
    ]
