"""Sentences and figures of the page of sequences: they follow the results, whichever way these fall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.evaluation.sequences.judged import RATES
from lib.evaluation.sequences.treatments import AXES
from lib.judges.result_keys import DLIB, HELD_OUT_MATCHER
from lib.measures.estimate import Estimate, as_estimate

UNMEASURED = "not measured yet"
By = Mapping[str, Any]
_SHARED = {"image": "each image", "sequence": "each sequence", "subject": "each subject", "all": "all"}
_PASTED = {"hard": "a hard border", "feather": "a feathered one", "colour": "feather and colour"}
_RATES = tuple(f"{rate}{end}" for rate in RATES for end in ("", "_fmr"))


def figure_text(kept: By, *path: str, form: str = ".2f") -> str:
    """A figure of the results with its interval, by its place; UNMEASURED where there is none."""
    one: Any = kept
    for key in path:
        one = one.get(key) if isinstance(one, Mapping) else None
    figure = as_estimate(one)
    return format(figure, form) if isinstance(figure, Estimate) and figure.defined else UNMEASURED


def beside(first: Any, second: Any) -> str:
    """Whether a figure lies below or above another one, by their intervals, in words.

    Parameters
    ----------
    first, second : estimates, or what results keep of them.

    Returns
    -------
    `below`, `above`, or `not told apart from`; UNMEASURED where one is undefined or has no interval.
    """
    one, other = as_estimate(first), as_estimate(second)
    ends = [getattr(each, end, float("nan")) for each in (one, other) for end in ("low", "high")]
    if any(value is None or value != value for value in ends):
        return UNMEASURED
    if ends[1] < ends[2]:
        return "below"
    return "above" if ends[0] > ends[3] else "not told apart from"


def by_axis(own: By, measure: str, kind: str, form: str = ".2f") -> str:
    """One measure of a matcher for each axis, such as `0.10 [..] for each image, ...`.

    Parameters
    ----------
    own : of one matcher in one set. kind : `turned` or `new`.
    """
    told = [f"{figure_text(own, measure, f'{kind}_{axis}', form=form)} for {_SHARED[axis]}" for axis in AXES]
    return ", ".join(told) if measure in own else UNMEASURED


def seam_words(kept: By, form: str = ".1f") -> str:
    """The seam by way of pasting, in grey levels per pixel."""
    seam = kept.get("seam", {})
    told = [f"{figure_text(seam, way, form=form)} with {phrase}" for way, phrase in _PASTED.items()]
    return ", ".join(told) if seam else UNMEASURED


def seam_verdict(kept: By) -> str:
    """Whether the best way of pasting leaves a seam steeper than the untouched frame, in words."""
    best = as_estimate(kept.get("seam", {}).get("colour"))
    if not isinstance(best, Estimate) or not best.defined:
        return UNMEASURED
    if best.low > 0:
        return "is still steeper than the untouched frame at the same place"
    if best.high < 0:
        return "is smoother than the untouched frame at the same place, and detail is lost with it"
    return "cannot be told from the untouched frame at the same place"


def page_words(kept: By, photographs: By, name: str) -> dict[str, str]:
    """All sentences and figures of the page, by the names that its text glues.

    Parameters
    ----------
    kept : results of this run. photographs : of the clips; empty: not measured.
    name : of this run's set.
    """
    own = kept.get(name, {})
    held, dlib = own.get(HELD_OUT_MATCHER, {}), own.get(DLIB, {})
    clips = photographs.get("clips", {})
    words = {
        f"{measure}_{kind}": figure_text(held, measure, kind)
        for measure in (*_RATES, "drift", "drift_beyond", "linkable")
        for kind in ("original", "reconstruction", "opposite")
    }
    words |= {
        f"{measure}_{kind}_{axis}": figure_text(held, measure, f"{kind}_{axis}")
        for measure in (*_RATES, "drift", "drift_beyond", "linkable")
        for kind in ("turned", "new")
        for axis in AXES
    }
    words |= {
        f"{measure}_{kind}_axes_{which}": by_axis(reader, measure, kind)
        for measure in ("drift", *RATES)
        for kind in ("turned", "new")
        for which, reader in (("held", held), ("dlib", dlib))
    }
    words |= {
        "seam": seam_words(kept),
        "seam_verdict": seam_verdict(kept),
        "flicker_image": figure_text(own, "flicker", "turned_image", form=".1f"),
        "flicker_sequence": figure_text(own, "flicker", "turned_sequence", form=".1f"),
        "flicker_reconstruction": figure_text(own, "flicker", "reconstruction", form=".1f"),
        "flicker_beside": beside(
            own.get("flicker", {}).get("turned_image"), own.get("flicker", {}).get("turned_sequence")
        ),
        "drift_beside": beside(
            held.get("drift", {}).get("turned_image"), held.get("drift", {}).get("turned_sequence")
        ),
        "linked_beside": beside(
            held.get("linked", {}).get("new_sequence"), held.get("linked", {}).get("new_subject")
        ),
        "subjects": str(own.get("counts", {}).get("subjects", UNMEASURED)),
        "clips": clip_words(clips),
    }
    return words


def clip_words(clips: By) -> str:
    """What was found on clips of photographs, in sentences."""
    if not clips:
        return "clips of people have not been measured yet."
    counts, held = clips["counts"], clips.get(HELD_OUT_MATCHER, {})
    lost = f" ({counts['lost']} frames in which no face was found are left out)" if counts["lost"] else ""
    seam = seam_words({"seam": clips.get("seam", {}).get("turned_subject", {})})
    return (
        f"with the held-out matcher on {counts['frames']} frames of {counts['subjects']} people in "
        f"clips{lost}, the drift is {by_axis(held, 'drift', 'turned')} (untouched "
        f"{figure_text(held, 'drift', 'original')}), and frames of a clip are one person at a TMR of "
        f"{by_axis(held, 'one_person', 'turned')} (untouched {figure_text(held, 'one_person', 'original')}); "
        f"the seam is {seam}, in grey levels per pixel. So few people say whether the measures work on "
        "photographs, not how large they are in general."
    )
