"""Comparisons of one matcher in a matching test, and those of strangers that set its thresholds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from lib.evaluation.matching.embedded_faces import EmbeddedFaces, embed
from lib.evaluation.matching.treated_faces import BEFORE, MatchingParts, TreatedFaces
from lib.judges.base import Judge, JudgeError, ModelCard
from lib.measures.pairs import Metric, across, within
from lib.measures.scored_pairs import ScoredPairs, score_pairs


@dataclass(frozen=True)
class MatchingTest:
    """All embeddings of one matcher in one matching test, and how they are compared.

    Attributes
    ----------
    card : the matcher's.
    probes, gallery, strangers : its embeddings of the three parts. Strangers are other subjects.
    impostors : impostor comparisons at most, drawn with `seed`, of the test and of the strangers each.
    treated_strangers : its embeddings of some strangers' photos under treatments; None: nobody made them.
    """

    card: ModelCard
    probes: EmbeddedFaces
    gallery: EmbeddedFaces
    strangers: EmbeddedFaces
    impostors: int = 100_000
    seed: int = 0
    treated_strangers: EmbeddedFaces | None = None

    @property
    def metric(self) -> Metric:
        """How its embeddings are compared."""
        return "euclidean" if self.card.comparison == "euclidean" else "cosine"

    def comparisons(
        self, probe: str, gallery: str = BEFORE, *, same_gender: bool = False, same_photo: bool = False
    ) -> ScoredPairs:
        """Probes of one treatment against the gallery of another.

        Parameters
        ----------
        probe, gallery : treatments.
        same_gender : impostors of the probe's own label only.
        same_photo : the gallery holds the very photos that the probes were made of: an upper bound of what
            matching can reach, and no question that anybody asks of a matcher.
        """
        mine, theirs = self.probes, self.probes if same_photo else self.gallery
        pairs = across(
            mine.subjects,
            theirs.subjects,
            probe_images=None if same_photo else mine.images,
            gallery_images=None if same_photo else theirs.images,
            probe_groups=mine.male if same_gender else None,
            gallery_groups=theirs.male if same_gender else None,
            impostors=self.impostors,
            seed=self.seed,
        )
        first, second = mine.by[probe], theirs.by[gallery]
        return score_pairs(pairs, first, mine.subjects, second, theirs.subjects, metric=self.metric)

    def calibration(self, treatment: str = BEFORE, *, same_gender: bool = False) -> ScoredPairs:
        """Comparisons of strangers with strangers, whose impostors set the thresholds."""
        one = self.strangers
        groups = one.male if same_gender else None
        pairs = within(one.subjects, groups=groups, impostors=self.impostors, seed=self.seed)
        return score_pairs(pairs, one.by[treatment], one.subjects, metric=self.metric)

    def own_calibration(self, treatment: str) -> ScoredPairs:
        """Comparisons of strangers of one treatment with untouched photos of other strangers.

        Raises
        ------
        KeyError : nobody treated strangers so.
        """
        mine, theirs = self.treated_strangers, self.strangers
        if mine is None:
            raise KeyError(treatment)
        pairs = across(
            mine.subjects,
            theirs.subjects,
            probe_images=mine.images,
            gallery_images=theirs.images,
            impostors=self.impostors,
            seed=self.seed,
        )
        first, second = mine.by[treatment], theirs.by[BEFORE]
        return score_pairs(pairs, first, mine.subjects, second, theirs.subjects, metric=self.metric)

    def with_probes(self, judge: Judge, more: TreatedFaces) -> MatchingTest:
        """The same test with further treatments of its probes: only these are embedded, by the same matcher.

        Raises
        ------
        JudgeError : another matcher, or other photos than those of the probes.
        """
        images = more.faces.labels["image"].to_numpy(dtype=str)
        if judge.card != self.card or not np.array_equal(images, self.probes.images):
            raise JudgeError(f"further treatments must be of the same probes, by {self.card.name}")
        by = {**self.probes.by, **embed(judge, more).by}
        return replace(self, probes=replace(self.probes, by=by))

    def only(self, treatments: Collection[str]) -> MatchingTest:
        """The same test with some treatments of its probes, and untouched photos in the gallery."""
        by = {name: values for name, values in self.probes.by.items() if name in treatments}
        gallery = replace(self.gallery, by={BEFORE: self.gallery.by[BEFORE]})
        return replace(self, probes=replace(self.probes, by=by), gallery=gallery)

    def balanced(self, per_gender: int) -> MatchingTest:
        """The source's sample: so many men and as many women, one photo each in the gallery.

        Fewer where the set has fewer of either label.
        """
        generator = np.random.default_rng(self.seed)
        groups = [np.flatnonzero(self.probes.male == value) for value in (False, True)]
        count = min(per_gender, *(len(group) for group in groups))
        rows = np.sort(np.concatenate([generator.permutation(group)[:count] for group in groups]))
        first = np.unique(self.gallery.subjects, return_index=True)[1]
        theirs = first[np.isin(self.gallery.subjects[first], self.probes.subjects[rows])]
        return replace(self, probes=self.probes.take(rows), gallery=self.gallery.take(np.sort(theirs)))


def matching_test(
    judge: Judge, parts: MatchingParts, treated: TreatedFaces | None = None, *, impostors: int, seed: int
) -> MatchingTest:
    """Let one matcher look at the three parts, and at strangers under treatments where there are any."""
    first, second, others = (embed(judge, part) for part in parts)
    more = None if treated is None else embed(judge, treated)
    return MatchingTest(judge.card, first, second, others, impostors, seed, more)
