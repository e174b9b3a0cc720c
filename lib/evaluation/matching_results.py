"""What results and tables keep of a matching test: figures by the names that results use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from lib.evaluation.matching_costs import RATE, Costs
from lib.evaluation.matching_protocol import BEFORE
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.significance import VerificationDifference, holm
from lib.measures.verification import Verification

Key = tuple[str, str]
"""Set of faces and matcher."""
UNTOUCHED, OWN = "untouched strangers", "strangers treated alike"
"""Whose comparisons set the thresholds."""
Figure = TypeVar("Figure")
Result = TypeVar("Result")


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


def apart_records(found: Mapping[Key, Costs], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Records for `figures_table` of SM, NT and OP against each other, in points, with p after Holm.

    Parameters
    ----------
    words : pair -> what it is called, those that count.
    """
    told = [
        (name, matcher, words[pair], one)
        for (name, matcher), by in found.items()
        for pair, one in by.apart.items()
        if pair in words
    ]
    adjusted = holm([one.p for *_, one in told])
    return [
        {"set": name, "row": pair, "series": matcher, "figure": as_points(one.difference.tmr[RATE])}
        | {"p": one.p, "p (Holm)": float(p), "m": len(told)}
        for (name, matcher, pair, one), p in zip(told, adjusted, strict=True)
    ]


def as_points(figure: Any) -> Estimate:
    """A share between 0 and 1 in points of a hundred."""
    one = as_estimate(figure)
    return Estimate(100 * one.estimate, 100 * one.low, 100 * one.high, n=one.n, why=one.why)


def same_photo_records(
    same_photo: Mapping[Key, Mapping[str, Verification]],
    found: Mapping[Key, Mapping[str, Verification]],
    rate: float = 0.01,
) -> list[dict[str, Any]]:
    """Records for `figures_table`: TMR and FMR reached against the very photo and against a second one.

    Parameters
    ----------
    same_photo, found : set and matcher -> treatment -> verification; the untouched picture, which meets
        itself, is left out.
    rate : false match rate wanted.
    """
    return [
        {"set": name, "matcher": matcher, "row": treatment, "series": series, "figure": figure}
        for words, some in (("same photo", same_photo), ("second photo", found))
        for name, matcher in same_photo
        for treatment in same_photo[name, matcher]
        if treatment != BEFORE
        for series, figure in (
            (f"{words}, TMR", some[name, matcher][treatment].tmr[rate]),
            (f"{words}, FMR reached", some[name, matcher][treatment].fmr[rate]),
        )
    ]


def results_by_treatment(by: Mapping[str, Figure], of: Callable[[Figure], Result]) -> dict[str, Result]:
    """What results keep of each treatment; the untouched picture is called `original` there.

    Parameters
    ----------
    by : treatment -> what was found.
    of : from that to what is kept.
    """
    return {"original" if name == BEFORE else name: of(one) for name, one in by.items()}


def matching_results(
    name: str,
    found: Mapping[Key, Mapping[str, Verification]],
    same_gender: Mapping[Key, Mapping[str, Verification]],
    same_photo: Mapping[Key, Mapping[str, Verification]],
    lost: Mapping[Key, Costs],
) -> dict[str, Any]:
    """What results keep of one set of faces.

    Parameters
    ----------
    name : of the set; all mappings go from set and matcher by treatment.
    found, same_gender, same_photo : verifications against second photos with impostors of any gender, with
        those of the same, and against the very photos.
    lost : what each matcher loses.

    Returns
    -------
    matcher -> treatment -> figures, and the same below `same_gender` and `same_photo`. At an FMR of 1 %, by
    matcher: `tmr_loss`, `tmr_loss_equal_fmr`, `equal_fmr_reached` and `tmr_loss_painted` by treatment,
    `beyond_control` by control, `apart` and `apart_p` by pair; and `same_gender_rise` of the EER.
    """
    matchers = [matcher for one, matcher in found if one == name]

    def kept(by: Mapping[Key, Mapping[str, Figure]], of: Callable[[Figure], Any]) -> dict[str, Any]:
        return {matcher: results_by_treatment(by[name, matcher], of) for matcher in matchers}

    def costs_of(part: str, of: Callable[[Any], Any] = lambda one: one.tmr[RATE]) -> dict[str, Any]:
        return kept({key: getattr(one, part) for key, one in lost.items()}, of)

    return kept(found, as_results) | {
        "same_gender": kept(same_gender, as_results),
        "same_photo": kept(same_photo, as_results),
        "tmr_loss": costs_of("lost"),
        "tmr_loss_equal_fmr": costs_of("equal_fmr"),
        "equal_fmr_reached": costs_of("equal_fmr", lambda one: one.reached[RATE]),
        "tmr_loss_painted": costs_of("painted"),
        "beyond_control": costs_of("beyond"),
        "apart": costs_of("apart", lambda one: one.difference.tmr[RATE]),
        "apart_p": costs_of("apart", lambda one: one.p),
        "same_gender_rise": costs_of("same_gender", lambda one: one),
    }


def as_results(found: Verification) -> dict[str, Estimate]:
    """A verification under the names that results use; FMR as reached on the test subjects.

    `fta` only where somebody looked for the faces.
    """
    out = {
        "auc": found.auc,
        "eer": found.eer,
        "tmr_at_fmr_1": found.tmr[0.01],
        "tmr_at_fmr_01": found.tmr[0.001],
        "reached_fmr_1": found.fmr[0.01],
        "reached_fmr_01": found.fmr[0.001],
    }
    return out if found.fta is None else {**out, "fta": found.fta}
