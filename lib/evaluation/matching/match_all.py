"""Let every matcher compare every treatment of every set: tests, figures, and what they lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

import keras
import pandas as pd

from lib.evaluation.matching.comparisons import MatchingTest, matching_test
from lib.evaluation.matching.costs import Costs, costs
from lib.evaluation.matching.matching_plan import MatchingPlan
from lib.evaluation.matching.results import Key, matching_results
from lib.evaluation.matching.treated_faces import (
    MatchingParts,
    TreatedFaces,
    photo_counts,
    treated_parts,
    treated_strangers,
)
from lib.evaluation.matching.verifications import draw_treatments, verifications
from lib.evaluation.protections import RECIPES, Protections, recipe_output
from lib.faces.faceset import FaceSet
from lib.faces.matching_design import MatchingDesign
from lib.judges.base import Detector, Judge
from lib.measures.estimate import Estimate
from lib.measures.resampling import BootstrapOptions
from lib.measures.verification import Verification

_By = Mapping[Key, Mapping[str, Verification]]


@dataclass(frozen=True)
class Matched:
    """What every matcher finds on every set, by set and matcher.

    Attributes
    ----------
    parts : of each set.
    counts : one row for each set.
    tests : embeddings of each matcher.
    any_gender, same_gender, same_photo : treatment -> verification, with impostors of any gender, of the
        probe's own, and against the very photo that the probe was made of.
    lost : what each matcher loses, by paired differences.
    """

    parts: Mapping[str, MatchingParts]
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
    plan: MatchingPlan,
    **draws: Unpack[BootstrapOptions],
) -> Matched:
    """Let every matcher compare every treatment of the probes with untouched photos of the same subjects.

    Parameters
    ----------
    pretrained : autoencoder of the treatment `reconstruction`.
    finders : matcher -> detector that says whether there was a face (FTA).
    plan : of every test.
    draws : of the intervals over subjects.
    """
    designs = {name: plan.design(faces.labels) for name, faces in sets.items()}
    parts = {
        name: MatchingParts(*treated_parts(faces, designs[name], protections, pretrained))
        for name, faces in sets.items()
    }
    treated = {
        name: treated_strangers(own.strangers.faces, plan.subjects, protections, pretrained, seed=plan.seed)
        for name, own in parts.items()
    }
    tests = _tested(parts, treated, matchers, plan)
    any_gender, lost = _verified_and_lost(tests, _not_acquired(parts, finders, **draws), **draws)
    steps = {recipe_output(name, output) for name in RECIPES for output in ("sm", "nt")}
    plain = {key: one.only(set(one.probes.by) - steps) for key, one in tests.items()}
    return Matched(
        parts,
        _counted(parts, designs),
        tests,
        any_gender,
        {key: verifications(one, same_gender=True, **draws) for key, one in plain.items()},
        {key: verifications(one, same_photo=True, **draws) for key, one in plain.items()},
        lost,
    )


def _tested(
    parts: Mapping[str, MatchingParts],
    treated: Mapping[str, TreatedFaces],
    matchers: Mapping[str, Judge],
    plan: MatchingPlan,
) -> dict[Key, MatchingTest]:
    return {
        (name, matcher): matching_test(judge, own, treated[name], impostors=plan.impostors, seed=plan.seed)
        for name, own in parts.items()
        for matcher, judge in matchers.items()
    }


def _not_acquired(
    parts: Mapping[str, MatchingParts], finders: Mapping[str, Detector], **draws: Unpack[BootstrapOptions]
) -> dict[Key, dict[str, Estimate]]:
    """Set and matcher -> treatment -> failure to acquire; each detector looks once."""
    apart = {one.name: one for one in finders.values()}
    found = {
        (name, who): own.probes.acquisition(finder, **draws)
        for name, own in parts.items()
        for who, finder in apart.items()
    }
    return {(name, matcher): found[name, one.name] for name in parts for matcher, one in finders.items()}


def _verified_and_lost(
    tests: Mapping[Key, MatchingTest],
    fta: Mapping[Key, Mapping[str, Estimate]],
    **draws: Unpack[BootstrapOptions],
) -> tuple[dict[Key, dict[str, Verification]], dict[Key, Costs]]:
    """Verification by treatment and what each treatment costs, from the same draws of each matcher."""
    verified, lost = {}, {}
    for key, one in tests.items():
        drawn = draw_treatments(one, **draws)
        verified[key] = verifications(one, fta=fta[key], drawn=drawn)
        lost[key] = costs(one, drawn, **draws)
    return verified, lost


def _counted(parts: Mapping[str, MatchingParts], designs: Mapping[str, MatchingDesign]) -> pd.DataFrame:
    """One row for each set: who plays which part."""
    rows = [
        {"set": name}
        | photo_counts(*(part.faces for part in own))
        | {"strangers are": designs[name].strangers_are}
        for name, own in parts.items()
    ]
    return pd.DataFrame(rows)
