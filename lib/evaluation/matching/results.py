"""What results keep of a matching test: figures by the names that results use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from lib.evaluation.matching.costs import Costs
from lib.evaluation.matching.treated_faces import BEFORE
from lib.evaluation.matching.verifications import QUOTED_FMR
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.verification import Verification

Key = tuple[str, str]
"""Set of faces and matcher."""
Figure = TypeVar("Figure")
Result = TypeVar("Result")


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
    `beyond_control` by control, `apart`, `apart_p`, `apart_equal_fmr` and `apart_equal_fmr_p` by pair; and
    `same_gender_rise` of the EER.
    """
    matchers = [matcher for one, matcher in found if one == name]

    def kept(by: Mapping[Key, Mapping[str, Figure]], of: Callable[[Figure], Any]) -> dict[str, Any]:
        return {matcher: results_by_treatment(by[name, matcher], of) for matcher in matchers}

    def costs_of(part: str, of: Callable[[Any], Any] = lambda one: one.tmr[QUOTED_FMR]) -> dict[str, Any]:
        return kept({key: getattr(one, part) for key, one in lost.items()}, of)

    return kept(found, as_results) | {
        "same_gender": kept(same_gender, as_results),
        "same_photo": kept(same_photo, as_results),
        "tmr_loss": costs_of("lost"),
        "tmr_loss_equal_fmr": costs_of("equal_fmr"),
        "equal_fmr_reached": costs_of("equal_fmr", lambda one: one.reached[QUOTED_FMR]),
        "tmr_loss_painted": costs_of("painted"),
        "beyond_control": costs_of("beyond"),
        "apart": costs_of("apart", lambda one: one.difference.tmr[QUOTED_FMR]),
        "apart_p": costs_of("apart", lambda one: one.p),
        "apart_equal_fmr": costs_of("apart_equal_fmr", lambda one: one.difference.tmr[QUOTED_FMR]),
        "apart_equal_fmr_p": costs_of("apart_equal_fmr", lambda one: one.p),
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


def as_points(figure: Any) -> Estimate:
    """A share between 0 and 1 in points of a hundred."""
    one = as_estimate(figure)
    return Estimate(100 * one.estimate, 100 * one.low, 100 * one.high, n=one.n, why=one.why)
