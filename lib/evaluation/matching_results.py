"""What results and tables keep of a matching test: figures by the names that results use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lib.evaluation.matching_protocol import BEFORE
from lib.measures.estimate import Estimate
from lib.measures.significance import VerificationDifference
from lib.measures.verification import Verification

Key = tuple[str, str]
"""Set of faces and matcher."""
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


def loss_records(
    losses: Mapping[Key, Mapping[str, VerificationDifference]],
    found: Mapping[Key, Mapping[str, Verification]],
) -> list[dict[str, Any]]:
    """A record of each TMR lost and of the FMR that the treatment reaches there, for `figures_table`.

    Parameters
    ----------
    losses : set and matcher -> treatment -> difference, see `tmr_losses`.
    found : the verifications of the same treatments, whose thresholds are those of the differences.

    Returns
    -------
    Dicts with `set`, `fmr` (wanted), `measure` (`TMR lost` or `FMR reached`), `row` (treatment), `series`
    (matcher) and `figure`.
    """
    return [
        {"set": name, "fmr": rate, "measure": measure, "row": treatment, "series": matcher, "figure": figure}
        for (name, matcher), by in losses.items()
        for treatment, one in by.items()
        for rate in one.tmr
        for measure, figure in (
            ("TMR lost", one.tmr[rate]),
            ("FMR reached", found[name, matcher][treatment].fmr[rate]),
        )
    ]


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
    losses: Mapping[Key, Mapping[str, VerificationDifference]],
) -> dict[str, Any]:
    """What results keep of one set of faces.

    Parameters
    ----------
    name : of the set; all mappings go from set and matcher by treatment.
    found, same_gender, same_photo : verifications against second photos with impostors of any gender, with
        those of the same, and against the very photos.
    losses : of TMR, see `tmr_losses`.

    Returns
    -------
    matcher -> treatment -> figures, and the same below `same_gender`, `same_photo` and `tmr_loss`, the last
    at an FMR of 1 %.
    """
    matchers = [matcher for one, matcher in found if one == name]

    def kept(by: Mapping[Key, Mapping[str, Figure]], of: Callable[[Figure], Any]) -> dict[str, Any]:
        return {matcher: results_by_treatment(by[name, matcher], of) for matcher in matchers}

    return kept(found, as_results) | {
        "same_gender": kept(same_gender, as_results),
        "same_photo": kept(same_photo, as_results),
        "tmr_loss": kept(losses, lambda one: one.tmr[0.01]),
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
