"""ScoredPairs: scores of pairs of images with the subjects of both, the input of verification."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib.measures.pairs import Metric, Pairs, pair_scores
from lib.measures.resampling import ResamplingUnits
from lib.measures.validation import as_floats, check_lengths


@dataclass(frozen=True)
class ScoredPairs:
    """Scores of pairs of images whose templates both exist.

    Attributes
    ----------
    scores : (P,) float64, higher is more alike.
    first_subject, second_subject : (P,) subjects of both images; mated where they are equal.
    how : how the impostors were formed.
    failed : comparisons left out because an embedding was missing.
    """

    scores: np.ndarray
    first_subject: np.ndarray
    second_subject: np.ndarray
    how: str = ""
    failed: int = 0

    def __post_init__(self) -> None:
        scores = as_floats(self.scores, "scores")
        first, second = np.asarray(self.first_subject), np.asarray(self.second_subject)
        check_lengths(len(scores), first_subject=first, second_subject=second)
        for name, array in (("scores", scores), ("first_subject", first), ("second_subject", second)):
            object.__setattr__(self, name, array)

    @property
    def mated(self) -> np.ndarray:
        """Whether both images of a pair show the same subject, (P,) bool."""
        return self.first_subject == self.second_subject

    @property
    def impostor_scores(self) -> np.ndarray:
        """Scores of the non-mated pairs, float64."""
        return self.scores[~self.mated]

    @property
    def genuine_scores(self) -> np.ndarray:
        """Scores of the mated pairs, float64."""
        return self.scores[self.mated]

    @property
    def units(self) -> ResamplingUnits:
        """Subjects of each pair, as resampling units for the bootstrap."""
        return ResamplingUnits.of(self.first_subject, self.second_subject)

    def subjects(self) -> set[str]:
        """Names of all subjects in any pair."""
        return {str(name) for name in np.union1d(self.first_subject, self.second_subject)}


def score_pairs(
    pairs: Pairs,
    probes: ArrayLike,
    probe_subjects: ArrayLike,
    gallery: ArrayLike | None = None,
    gallery_subjects: ArrayLike | None = None,
    *,
    metric: Metric = "cosine",
) -> ScoredPairs:
    """Score `pairs` of embeddings: (N, D) probes with the (M, D) gallery (the probes by default).

    Pairs with a missing embedding (NaN, or length zero) are left out and counted in `failed`.
    """
    if (gallery is None) != (gallery_subjects is None):
        raise ValueError("give the gallery and its subjects, or neither")
    first = np.asarray(probe_subjects)
    second = first if gallery_subjects is None else np.asarray(gallery_subjects)
    scores = pair_scores(pairs, probes, gallery, metric=metric)
    there = ~np.isnan(scores)
    return ScoredPairs(
        scores[there],
        first[pairs.first[there]],
        second[pairs.second[there]],
        pairs.how,
        int((~there).sum()),
    )
