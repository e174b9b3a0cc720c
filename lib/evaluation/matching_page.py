"""Everything that the page of matching compares: every treatment, every matcher, every set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import keras
import numpy as np
import pandas as pd

from lib.evaluation.linkability import Parts
from lib.evaluation.matching_costs import Costs, costs
from lib.evaluation.matching_protocol import (
    BEFORE,
    MatchingTest,
    draw_treatments,
    matching_test,
    photo_counts,
    roc_by_treatment,
    treated_parts,
    treated_strangers,
    verifications,
)
from lib.evaluation.matching_results import Key, as_points, matching_results
from lib.evaluation.matching_words import SETS
from lib.evaluation.page_matchers import DLIB, FACENET_STANDS_IN, TRAINED, called
from lib.evaluation.protections import RECIPES, Protections, recipe_output
from lib.evaluation.who_saw_whom import Party
from lib.faces.faceset import FaceSet
from lib.faces.matching_design import matching_design
from lib.judges.base import Detector, Judge
from lib.measures.estimate import EstimateBand
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification

REPORTED = 400
"""Subjects of the report's sample of LFW."""
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
    lost : what each matcher loses, by paired differences.
    """

    parts: Mapping[str, Parts]
    counts: pd.DataFrame
    tests: Mapping[Key, MatchingTest]
    any_gender: _By
    same_gender: _By
    same_photo: _By
    lost: Mapping[Key, Costs]

    def results(self) -> dict[str, dict[str, Any]]:
        """What results keep, by set."""
        kinds = (self.any_gender, self.same_gender, self.same_photo, self.lost)
        return {name: matching_results(name, *kinds) for name in self.parts}


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
    chosen : parameters of `matching_design`, its seed among them. As many strangers as `subjects` says are
        treated too, one photo each.
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
    seed = chosen["seed"]
    treated = {
        name: treated_strangers(own[2].faces, chosen["subjects"], protections, pretrained, seed=seed)
        for name, own in parts.items()
    }
    tests = {
        (name, matcher): matching_test(judge, *own, treated[name], impostors=impostors, seed=seed)
        for name, own in parts.items()
        for matcher, judge in matchers.items()
    }
    steps = {recipe_output(name, output) for name in RECIPES for output in ("sm", "nt")}
    plain = {key: one.only(set(one.probes.by) - steps) for key, one in tests.items()}
    any_gender, lost = {}, {}
    for key, one in tests.items():
        drawn = draw_treatments(one, **draws)
        fta = unfound[key[0], finders[key[1]].name]
        any_gender[key] = verifications(one, fta=fta, drawn=drawn)
        lost[key] = costs(one, drawn, **draws)
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
        any_gender,
        {key: verifications(one, same_gender=True, **draws) for key, one in plain.items()},
        {key: verifications(one, same_photo=True, **draws) for key, one in plain.items()},
        lost,
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


def shown_matchers(names: Iterable[str], most: int = 3) -> list[str]:
    """At most three matchers for a figure: those without a part in training first, FaceNet's stand-in too."""
    held_out = [name for name in names if name != TRAINED]
    first = [name for name in (DLIB, FACENET_STANDS_IN) if name in held_out]
    rest = [name for name in held_out if name not in first]
    return [*first, *rest, *([TRAINED] if len(held_out) < most else [])][:most]


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


def recipe_parties(met: Iterable[Party], matchers: Iterable[str]) -> list[Party]:
    """The parties of a page and, where they are not among them, the recipes of the report.

    Parameters
    ----------
    met : of `who_saw_whom.matching_parties`. matchers : those of training are called `trained_*`.
    """
    there = list(met)
    own = {name for name in matchers if name.startswith("trained_")}
    names = [name for name in RECIPES if name not in {one.name for one in there}]
    ours, helpers = frozenset({"protection"}), frozenset({"trained_gender", *own})
    return there + [Party(name, True, ours, helpers=helpers) for name in names]


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
    samples = {
        f"{len(like.probes.subjects)} for the report's {REPORTED}": like,
        f"all {len(test.probes.subjects)}": test,
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
