"""All that chapter 10 measures on one set of sequences, and what its results and tables keep of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np

from lib.deidentify.cleanir.codec import CleanirCodec
from lib.evaluation.matching.results import results_by_treatment
from lib.evaluation.sequences.frames import Frames
from lib.evaluation.sequences.readings import FMR, Judged, Reading, flicker, judge_treatment
from lib.evaluation.sequences.seam import WAYS, seams
from lib.evaluation.sequences.treatments import AXES, BEFORE, OPPOSITE, RECONSTRUCTION, treated
from lib.faces.faceset import FaceSet
from lib.judges.base import Judge
from lib.judges.result_keys import HELD_OUT_MATCHER
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions

PASTED = (RECONSTRUCTION, "turned_subject", "new_subject")
"""Treatments whose faces are pasted back."""
RATES = {
    "one_person": "one person",
    "linked": "two sequences",
    "back": "the original",
    "averaged": "the original, by the mean",
}
"""What a TMR was read of -> in words."""


@dataclass(frozen=True)
class Sequenced:
    """What was found on one set of sequences.

    Attributes
    ----------
    frames : that were protected. pictures : treatment -> their crops, uint8 (N, size, size, 3).
    readings : matcher -> embeddings.
    judged : matcher -> treatment -> drift, one person, links.
    flicker : treatment -> beyond the untouched frames (of these: 0), grey levels.
    seam : treatment -> way of pasting -> beyond the untouched frame, grey levels per pixel.
    """

    frames: Frames
    pictures: Mapping[str, np.ndarray]
    readings: Mapping[str, Reading]
    judged: Mapping[str, Mapping[str, Judged]]
    flicker: Mapping[str, Estimate]
    seam: Mapping[str, Mapping[str, Estimate]]

    def results(self) -> dict[str, Any]:
        """What results keep: matcher -> measure -> treatment, `flicker`, `seam` and counts."""
        found = {
            matcher: {kind: figures(one) for kind, one in by.items()} for matcher, by in self.judged.items()
        }
        by_matcher = {
            matcher: {
                measure: results_by_treatment({kind: one[measure] for kind, one in by.items()}, as_it_is)
                for measure in by[BEFORE]
            }
            for matcher, by in found.items()
        }
        counts = {
            "subjects": len(np.unique(self.frames.faces.subjects)),
            "frames": len(self.frames),
            "lost": self.frames.lost,
        }
        return {**by_matcher, "flicker": dict(self.flicker), "seam": dict(self.seam), "counts": counts}

    def records(self) -> list[dict[str, Any]]:
        """Records of the matchers' figures for `figures_table`: set, matcher, row (treatment), series."""
        return [
            {"set": self.frames.faces.name, "matcher": matcher, "row": treatment, "series": measure}
            | {"figure": figure}
            for matcher, by in self.judged.items()
            for treatment, one in by.items()
            for measure, figure in figures(one).items()
        ]

    def seam_records(self) -> list[dict[str, Any]]:
        """Records of the seam: set, row (treatment), series (way of pasting in words)."""
        return [
            {"set": self.frames.faces.name, "row": treatment, "series": WAYS[way], "figure": figure}
            for treatment, by in self.seam.items()
            for way, figure in by.items()
        ]

    def flicker_records(self) -> list[dict[str, Any]]:
        """Records of the flicker: set, row (treatment), series."""
        return [
            {"set": self.frames.faces.name, "row": treatment, "series": "flicker", "figure": figure}
            for treatment, figure in self.flicker.items()
        ]


def as_it_is(figure: Estimate) -> Estimate:
    """What results keep of a figure: all of it."""
    return figure


def figures(one: Judged) -> dict[str, Estimate]:
    """Figures of one treatment by the names that results use.

    TMR at an FMR of 1 %, and the FMR that is reached; D, and what it is of as many pairs that nothing links.
    """
    found = {"drift": one.drift, "drift_beyond": one.drift_beyond}
    for measure in RATES:
        verified = getattr(one, measure)
        found |= {measure: verified.tmr[FMR], f"{measure}_fmr": verified.fmr[FMR]}
    d = one.linkable.d_sys
    return found | {"linkable": d, "linkable_zero": Estimate(one.linkable.zero, n=d.n, why=d.why)}


def judge_sequences(
    frames: Frames,
    codec: CleanirCodec,
    matchers: Mapping[str, Judge],
    strangers: FaceSet,
    *,
    angle: float,
    key: str,
    impostors: int,
    pasted: int,
    **draws: Unpack[BootstrapOptions],
) -> Sequenced:
    """Protect frames in every way, and let every matcher read them.

    Parameters
    ----------
    strangers : untouched crops of other subjects, who set the thresholds.
    angle, key : of `protections`.
    impostors : comparisons of impostors at most, in each question.
    pasted : frames of each first sequence, evenly through it, that are pasted back.
    draws : of the intervals over subjects.
    """
    pictures = treated(frames, codec, angle, key)
    readings = {name: Reading.of(judge, frames, pictures, strangers) for name, judge in matchers.items()}
    judged = {
        name: {kind: judge_treatment(one, kind, impostors, **draws) for kind in pictures}
        for name, one in readings.items()
    }
    before, rows = pictures[BEFORE], pasted_rows(frames, pasted)
    unsteady = {kind: flicker(frames, one, before, **draws) for kind, one in pictures.items()}
    seam = {kind: seams(frames, rows, pictures[kind], **draws) for kind in PASTED}
    return Sequenced(frames, pictures, readings, judged, unsteady, seam)


def pasted_rows(frames: Frames, count: int) -> np.ndarray:
    """Rows of `count` frames of each subject's first sequence, evenly through it."""
    first = np.flatnonzero(frames.sequence == 0)
    found = []
    for name in dict.fromkeys(frames.faces.subjects[first]):
        own = first[frames.faces.subjects[first] == name]
        found.append(own[np.unique(np.arange(count) * len(own) // count)])
    return np.concatenate(found)


def page_results(found: Mapping[str, Sequenced]) -> dict[str, Any]:
    """What the chapter keeps: each set, and of the first one `drift` by axis and the `seam` of turned faces.

    Parameters
    ----------
    found : set -> what was found; the held-out matcher must be among the matchers.
    """
    first = next(iter(found.values()))
    held_out = first.judged[HELD_OUT_MATCHER]
    return {name: one.results() for name, one in found.items()} | {
        "drift": {axis: held_out[f"turned_{axis}"].drift for axis in AXES},
        "seam": dict(first.seam["turned_subject"]),
    }


def treatment_words(angle: float, names: Iterable[str]) -> dict[str, str]:
    """Treatments as figures and tables call them, such as `90°, axis per image`.

    Parameters
    ----------
    angle : of the turned identities, degrees.
    """
    words = {BEFORE: "untouched", RECONSTRUCTION: "0°", OPPOSITE: "180°"}
    for axis in AXES:
        shared = "for all" if axis == "all" else f"per {axis}"
        words |= {f"turned_{axis}": f"{angle:g}°, axis {shared}", f"new_{axis}": f"new identity {shared}"}
    return {name: words[name] for name in names}
