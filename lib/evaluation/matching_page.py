"""Everything that the page of matching compares: every treatment, every matcher, every set; and its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import keras
import numpy as np
import pandas as pd

from lib.evaluation.lfw import TOLERANCE, gate_words
from lib.evaluation.linkability import Parts
from lib.evaluation.matching_protocol import (
    BEFORE,
    MatchingTest,
    matching_test,
    photo_counts,
    prototypes_apart,
    tmr_losses,
    treated_parts,
    verifications,
)
from lib.evaluation.matching_results import Key, matching_results
from lib.evaluation.page_matchers import DLIB, FACENET_STANDS_IN, TRAINED, called
from lib.evaluation.protections import Protections
from lib.faces.faceset import FaceSet
from lib.faces.matching_design import matching_design
from lib.judges.base import Detector, Judge
from lib.measures.estimate import Estimate, as_estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.significance import VerificationDifference
from lib.measures.verification import Verification

UNMEASURED = "not measured yet"
APART = {"sm_nt": "SM minus NT", "sm_op": "SM minus OP", "nt_op": "NT minus OP"}
"""Pairs of perturbed pictures, whose true match rates are compared -> words."""
SETS = {"rendered": "rendered faces", "celeba": "CelebA", "lfw": "LFW"}
_By = Mapping[Key, Mapping[str, Verification]]


@dataclass(frozen=True)
class Matched:
    """What every matcher finds on every set, by set and matcher.

    Attributes
    ----------
    parts : set -> probes, gallery, strangers.
    counts : one row for each set.
    tests : embeddings of each matcher.
    any_gender, same_gender, same_photo : treatment -> verification, with impostors of any gender, of the
        probe's own, and against the very photo that the probe was made of.
    lost : treatment -> TMR of the reconstruction less that of the treatment.
    apart : pairs of SM, NT and OP -> TMR of the first less that of the second.
    """

    parts: Mapping[str, Parts]
    counts: pd.DataFrame
    tests: Mapping[Key, MatchingTest]
    any_gender: _By
    same_gender: _By
    same_photo: _By
    lost: Mapping[Key, Mapping[str, VerificationDifference]]
    apart: Mapping[Key, Mapping[str, VerificationDifference]]

    def results(self) -> dict[str, dict[str, Any]]:
        """What results keep, by set."""
        kinds = (self.any_gender, self.same_gender, self.same_photo, self.lost)
        kept = {name: matching_results(name, *kinds) for name in self.parts}
        for (name, matcher), by in self.apart.items():
            kept[name].setdefault("apart", {})[matcher] = {pair: one.tmr[0.01] for pair, one in by.items()}
        return kept


def match_all(
    sets: Mapping[str, FaceSet],
    protections: Protections,
    pretrained: keras.Model,
    matchers: Mapping[str, Judge],
    finders: Mapping[str, Detector],
    chosen: Mapping[str, int],
    *,
    impostors: int,
    **draws: Unpack[BootstrapOptions],
) -> Matched:
    """Let every matcher compare every treatment of the probes with untouched photos of the same subjects.

    Parameters
    ----------
    pretrained : autoencoder of the treatment `reconstruction`.
    finders : matcher -> detector that says whether there was a face (FTA).
    chosen : parameters of `matching_design`, its seed among them.
    impostors : impostor comparisons at most.
    draws : of the intervals over subjects.
    """
    designs = {name: matching_design(faces.labels, **chosen) for name, faces in sets.items()}
    parts = {
        name: treated_parts(faces, designs[name], protections, pretrained) for name, faces in sets.items()
    }
    unfound = {
        (name, who): own[0].acquisition(finder, **draws)
        for name, own in parts.items()
        for who, finder in {one.name: one for one in finders.values()}.items()
    }
    tests = {
        (name, matcher): matching_test(judge, *own, impostors=impostors, seed=chosen["seed"])
        for name, own in parts.items()
        for matcher, judge in matchers.items()
    }
    counts = [
        {"set": name}
        | photo_counts(*(part.faces for part in own))
        | {"strangers are": designs[name].strangers_are}
        for name, own in parts.items()
    ]
    return Matched(
        parts,
        pd.DataFrame(counts),
        tests,
        {
            key: verifications(one, fta=unfound[key[0], finders[key[1]].name], **draws)
            for key, one in tests.items()
        },
        {key: verifications(one, same_gender=True, **draws) for key, one in tests.items()},
        {key: verifications(one, same_photo=True, **draws) for key, one in tests.items()},
        {key: tmr_losses(one, **draws) for key, one in tests.items()},
        {key: prototypes_apart(one, **draws) for key, one in tests.items()},
    )


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
        {"set": SETS.get(name, name), "row": words, "series": called(matcher), "figure": as_points(by[key])}
        for name, own in kept.items()
        for matcher, by in own.get(part, {}).items()
        if not most or matcher in shown_matchers(own[part], most)
        for key, words in rows.items()
        if key in by
    ]


def as_points(figure: Any) -> Estimate:
    """A share between 0 and 1 in points of a hundred."""
    one = as_estimate(figure)
    return Estimate(100 * one.estimate, 100 * one.low, 100 * one.high, n=one.n, why=one.why)


def shown_matchers(names: Iterable[str], most: int = 3) -> list[str]:
    """At most three matchers for a figure: those without a part in training first, FaceNet's stand-in too."""
    held_out = [name for name in names if name != TRAINED]
    first = [name for name in (DLIB, FACENET_STANDS_IN) if name in held_out]
    rest = [name for name in held_out if name not in first]
    return [*first, *rest, *([TRAINED] if len(held_out) < most else [])][:most]


def loss_words(kept: Mapping[str, Any], treatment: str) -> str:
    """TMR lost to a treatment with each matcher that had no part, in points; of the first set."""
    own: Mapping[str, Any] = next(iter(kept.values()), {})
    told = [
        f"{as_points(by[treatment]):.1f} points with {called(matcher)}"
        for matcher, by in own.get("tmr_loss", {}).items()
        if matcher != TRAINED and treatment in by
    ]
    return " and ".join(told) or UNMEASURED


def prototype_losses(kept: Mapping[str, Any], name: str, matcher: str) -> str:
    """Points lost with SM, NT and OP, each with its interval: `11.6 [..] with SM, ...`."""
    by = kept.get(name, {}).get("tmr_loss", {}).get(matcher, {})
    told = [f"{as_points(by[kind]):.1f} with {kind.upper()}" for kind in ("sm", "nt", "op") if kind in by]
    return ", ".join(told) or UNMEASURED


def apart_words(kept: Mapping[str, Any]) -> str:
    """In how many comparisons of SM, NT and OP with each other the difference is not 0.

    Parameters
    ----------
    kept : set -> results with `apart`; without them it says that nothing was measured.
    """
    figures = [
        as_estimate(one)
        for own in kept.values()
        for by in own.get("apart", {}).values()
        for one in by.values()
    ]
    if not figures:
        return f"the paired differences have {UNMEASURED.replace('not measured', 'not been measured')}."
    clear = sum(not one.low <= 0 <= one.high for one in figures)
    widest = max(figures, key=lambda one: abs(one.estimate))
    verdict = (
        "so the prototypes can be told apart"
        if clear
        else "so this number of subjects cannot tell the prototypes apart"
    )
    return (
        f"in {clear} of {len(figures)} comparisons the interval excludes 0, {verdict}. The largest "
        f"difference is {as_points(widest):.1f} points."
    )


def aim_words(kept: Mapping[str, Any], bound: float) -> str:
    """Whether OP stays within the aim with every matcher that had no part, in words.

    Parameters
    ----------
    kept : set -> results; all sets count. bound : share of true matches that may be lost.
    """
    figures = [
        as_estimate(by["op"])
        for own in kept.values()
        for matcher, by in own.get("tmr_loss", {}).items()
        if matcher != TRAINED and "op" in by
    ]
    if not figures:
        return f"has {UNMEASURED.replace('not measured', 'not been measured')}"
    kept_at = [
        as_estimate(own[matcher]["reconstruction"]["tmr_at_fmr_1"])
        for own in kept.values()
        for matcher in own
        if matcher.startswith(("unseen_", "published_")) and "reconstruction" in own[matcher]
    ]
    if any(one.estimate < 0.5 for one in kept_at):
        return "cannot be judged, because a matcher finds fewer than half even of the reconstructions"
    if all(one.high <= bound for one in figures):
        return "is reached"
    if all(one.estimate <= bound for one in figures):
        return "is reached, though not across the whole of every interval"
    return (
        f"is missed in {sum(one.estimate > bound for one in figures)} of {len(figures)} pairs of matcher "
        "and data set"
    )


def top_cells(
    parts: Parts, treatments: Sequence[str], rows: np.ndarray
) -> tuple[list[list[np.ndarray]], dict[str, np.ndarray], list[int]]:
    """Cells of the top picture: another photo of each subject, then the probe under treatments.

    Parameters
    ----------
    treatments : of those that there are. rows : of the probes.

    Returns
    -------
    Cells, the pictures by treatment, and the rows of the other photos in the gallery.
    """
    probes, gallery, _ = parts
    theirs = gallery.faces.subjects
    waiting = [int(np.flatnonzero(theirs == probes.faces.subjects[row])[0]) for row in rows]
    shown = {name: probes.pictures[name][rows] for name in treatments if name in probes.pictures}
    cells = [
        [gallery.pictures[BEFORE][other], *(one[at] for one in shown.values())]
        for at, other in enumerate(waiting)
    ]
    return cells, shown, waiting


def page_words(
    kept: Mapping[str, Any], photographs: Mapping[str, Any], bound: float, source: str
) -> dict[str, str]:
    """Figures and phrases that the text quotes.

    Parameters
    ----------
    kept : of `Matched.results`. photographs : results of the same page on photographs; empty: not made yet.
    bound : share of true matches that OP may cost. source : the page's own set.
    """
    seen = photographs or {name: own for name, own in kept.items() if name != "rendered"}
    gate = seen.get("lfw", {}).get("gate", {})
    words = {
        "loss_op": loss_words(kept, "op"),
        "loss_control": loss_words(kept, "control"),
        "loss_report": loss_words(kept, "report_op"),
        "loss_private": loss_words(kept, "private"),
        "aim_points": f"{100 * bound:.0f}",
        "aim": aim_words(kept, bound),
        "photo_aim": aim_words(seen, bound),
        "apart": apart_words(kept),
        "photo_apart": apart_words(seen),
        "photo_prototypes": prototype_losses(seen, "lfw", DLIB),
        "photo_facenet": prototype_losses(seen, "lfw", FACENET_STANDS_IN),
        "photo_refuted": refuted_words(seen),
        "fold_gate": gate_words(gate, called),
        "fold_tolerance": f"{TOLERANCE:.3f}",
    }
    for kind, own in (("any", kept[source]), ("same", kept[source]["same_gender"])):
        for name, key in (("", "original"), ("_op", "op")):
            words[f"eer_{kind}{name}"] = f"{own[DLIB][key]['eer']:.3f}"
    words["same_auc"] = f"{kept[source][DLIB]['op']['auc'].estimate:.3f}"
    return words


def refuted_words(kept: Mapping[str, Any]) -> str:
    """Whether dlib's recogniser tells SM, NT and OP apart on LFW, in words."""
    by = kept.get("lfw", {}).get("apart", {}).get(DLIB, {})
    if not by:
        return "they have not been measured yet"
    figures = {pair: as_estimate(one) for pair, one in by.items()}
    clear = [APART[pair] for pair, one in figures.items() if not one.low <= 0 <= one.high]
    return f"they exclude 0 for {', '.join(clear)}" if clear else "they cannot be told from 0"
