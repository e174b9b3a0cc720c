"""Whether altered pictures of one person can be linked to each other, and by which matcher best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Unpack

from lib.evaluation.matching.comparisons import MatchingTest, matching_test
from lib.evaluation.matching.matching_plan import MatchingPlan
from lib.evaluation.matching.results import Key, results_by_treatment
from lib.evaluation.matching.treated_faces import BEFORE, MatchingParts, TreatedFaces
from lib.evaluation.matching.verifications import verifications
from lib.evaluation.protections import Protections
from lib.faces.faceset import FaceSet
from lib.faces.grey import to_grey
from lib.faces.matching_design import MatchingDesign
from lib.judges.base import Judge
from lib.measures.estimate import strongest
from lib.measures.resampling import BootstrapOptions
from lib.measures.unlinkability import Unlinkability, unlinkability
from lib.measures.verification import Verification


def linked_parts(faces: FaceSet, design: MatchingDesign, protections: Protections) -> MatchingParts:
    """Probes and gallery untouched, by OP and `private`; strangers untouched and by `private`.

    Parameters
    ----------
    design : rows of `faces` by their part.
    """
    probes, gallery, strangers = (
        faces.take(rows) for rows in (design.probes, design.gallery, design.strangers)
    )

    def treated(part: FaceSet, op: bool) -> TreatedFaces:
        pictures = {BEFORE: to_grey(part.images)} | ({"op": protections.op(part)} if op else {})
        return TreatedFaces(part, pictures | protections.generated(part))

    return MatchingParts(treated(probes, True), treated(gallery, True), treated(strangers, False))


def linkabilities(test: MatchingTest, **draws: Unpack[BootstrapOptions]) -> dict[str, Unlinkability]:
    """D by treatment, of probes against gallery photos of which both were altered so.

    Parameters
    ----------
    test : of one matcher; the treatments of its gallery count, and its probes must have them too.
    draws : of the intervals over subjects.
    """
    found = {}
    for treatment in test.gallery.by:
        pairs = test.comparisons(treatment, treatment)
        found[treatment] = unlinkability(pairs.scores, pairs.first_subject, pairs.second_subject, **draws)
    return found


def best_linking(
    found: Mapping[str, Mapping[str, Unlinkability]], treatment: str
) -> tuple[str, Unlinkability]:
    """The matcher that links pictures of a treatment best, and its D.

    A matcher whose D is undefined might be the best one: then it is the one returned, and its figure says why
    there is none.

    Parameters
    ----------
    found : matcher -> treatment -> D, as `linkabilities` gives it for each matcher.
    """
    figures = {name: by_treatment[treatment] for name, by_treatment in found.items()}
    undefined = [name for name, one in figures.items() if not one.d_sys.defined]
    matcher = undefined[0] if undefined else strongest({name: one.d_sys for name, one in figures.items()})
    return matcher, figures[matcher]


def linkability_results(best: Mapping[str, tuple[str, Unlinkability]]) -> dict[str, dict[str, Any]]:
    """What results keep of `best_linking` by treatment: D, by whom, and what no link and certainty give.

    Returns
    -------
    `unlinkability` : treatment -> D; `unlinkability_by` : treatment -> {`matcher`, `zero`, `ceiling`}.
    """
    return {
        "unlinkability": results_by_treatment(best, lambda one: one[1].d_sys),
        "unlinkability_by": results_by_treatment(
            best, lambda one: {"matcher": one[0], "zero": one[1].zero, "ceiling": one[1].ceiling}
        ),
    }


@dataclass(frozen=True)
class Linked:
    """Every matcher on the same parts of every set: verification, and whether altered pictures are linked.

    Attributes
    ----------
    parts : set -> parts, of `linked_parts`.
    tests : set and matcher -> matching test.
    verified : set and matcher -> treatment -> verification.
    linkable : set and matcher -> treatment -> D.
    """

    parts: Mapping[str, MatchingParts]
    tests: Mapping[Key, MatchingTest]
    verified: Mapping[Key, Mapping[str, Verification]]
    linkable: Mapping[Key, Mapping[str, Unlinkability]]

    def best(self) -> dict[str, dict[str, tuple[str, Unlinkability]]]:
        """Set -> treatment -> the matcher that links best, and its D."""
        return {
            name: {
                kind: best_linking({who: by for (at, who), by in self.linkable.items() if at == name}, kind)
                for kind in own.gallery.pictures
            }
            for name, own in self.parts.items()
        }

    def records(self) -> list[dict[str, Any]]:
        """Records of D for `figures_table`, each with what shuffled labels (`zero`) and certainty give."""
        return [
            {
                "set": name,
                "matcher": matcher,
                "row": kind,
                "series": "D",
                "zero": one.zero,
                "ceiling": one.ceiling,
                "figure": one.d_sys,
            }
            for (name, matcher), by in self.linkable.items()
            for kind, one in by.items()
        ]


def link(
    sets: Mapping[str, FaceSet],
    protections: Protections,
    matchers: Mapping[str, Judge],
    plan: MatchingPlan,
    **draws: Unpack[BootstrapOptions],
) -> Linked:
    """Let every matcher compare untouched and altered pictures of every set.

    Parameters
    ----------
    plan : of every test.
    draws : of the intervals over subjects.
    """
    parts = {
        name: linked_parts(faces, plan.design(faces.labels), protections) for name, faces in sets.items()
    }
    tests = {
        (name, matcher): matching_test(judge, own, impostors=plan.impostors, seed=plan.seed)
        for name, own in parts.items()
        for matcher, judge in matchers.items()
    }
    verified = {key: verifications(one, **draws) for key, one in tests.items()}
    return Linked(parts, tests, verified, {key: linkabilities(one, **draws) for key, one in tests.items()})
