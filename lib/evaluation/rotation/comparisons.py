"""Every probe compared with every photo of a gallery, and what an attacker reaches by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Unpack

import numpy as np

from lib.measures.bootstrap_intervals import bootstrap, bootstrap_proportion, never_certain
from lib.measures.estimate import Estimate
from lib.measures.identification import identification
from lib.measures.pairs import prepared
from lib.measures.privacy import DirectionFree, direction_free
from lib.measures.resampling import BootstrapOptions
from lib.measures.roc import auc
from lib.measures.scored_pairs import ScoredPairs
from lib.measures.statistics import auc_of
from lib.measures.thresholds import SortedScores
from lib.measures.ties import round_for_ties
from lib.measures.verification import Verification, mark_few_impostors, verify

FMR = 0.01
"""False match rate at which attackers are read."""


@dataclass(frozen=True)
class Comparisons:
    """Scores of every probe with every gallery photo of the same group of subjects.

    Attributes
    ----------
    scores : (S, S x G) float64, higher is more alike; columns are ordered by subject, G photos each.
    subjects : (S,) of the probes, and of the gallery in this order.
    """

    scores: np.ndarray
    subjects: np.ndarray

    def __post_init__(self) -> None:
        if self.scores.ndim != 2 or len(self.scores) != len(self.subjects):
            shape = self.scores.shape
            raise ValueError(f"{len(self.subjects)} subjects need as many rows of scores: {shape}")
        if self.scores.shape[1] % len(self.subjects):
            raise ValueError(f"{self.scores.shape[1]} photos are not equally many of each subject")

    @classmethod
    def of(cls, probes: np.ndarray, gallery: np.ndarray, subjects: np.ndarray) -> Comparisons:
        """Cosines of probes (S, D) and gallery (S, G, D), or (S, D) of one photo each.

        A reading that is missing (NaN) is that of nobody: it is as like to one as to another, cosine 0.
        """
        photos = gallery.reshape(-1, gallery.shape[-1])
        cosines = np.nan_to_num(prepared(probes) @ np.nan_to_num(prepared(photos)).T)
        return cls(round_for_ties(np.clip(cosines, -1, 1)), np.asarray(subjects))

    @property
    def photos(self) -> int:
        """Photos of each subject in the gallery."""
        return self.scores.shape[1] // len(self.subjects)

    @property
    def gallery_subjects(self) -> np.ndarray:
        """Subject of each column."""
        return np.repeat(self.subjects, self.photos)

    def first(self, photos: int) -> Comparisons:
        """With the first photos of each subject alone.

        Raises
        ------
        ValueError : there are not so many.
        """
        if not 1 <= photos <= self.photos:
            raise ValueError(f"the gallery has {self.photos} photos of a subject, not {photos}")
        kept = np.arange(self.scores.shape[1]) % self.photos < photos
        return replace(self, scores=self.scores[:, kept])

    def two_sided(self, middle: float) -> Comparisons:
        """How far scores lie from `middle`, the median of strangers, on either side."""
        return replace(self, scores=np.abs(self.scores - middle))

    def pairs(self) -> ScoredPairs:
        """All comparisons, in rows."""
        first = np.repeat(self.subjects, self.scores.shape[1])
        second = np.tile(self.gallery_subjects, len(self.subjects))
        return ScoredPairs(self.scores.ravel(), first, second, "all cross pairs")

    @property
    def stranger_median(self) -> float:
        """Median score of non-mated pairs."""
        return float(np.median(self.first(1).pairs().impostor_scores))


@dataclass(frozen=True)
class Reached:
    """What one attacker reaches.

    Attributes
    ----------
    tmr : share of probes accepted with the first gallery photo of their own subject, at FMR.
    fmr : share of other pairs accepted at the same threshold: the FMR that is reached.
    auc : direction-free, of mated against other pairs: turned round where it is below .5 among strangers.
    rank_one : number of photos of a subject in the gallery -> share of probes found first.
    """

    tmr: Estimate
    fmr: Estimate
    auc: Estimate
    rank_one: dict[int, Estimate] = field(default_factory=dict)


def threshold_of(strangers: Comparisons, fmr: float = FMR) -> float:
    """Score that strangers' non-mated pairs exceed at this rate at most."""
    impostors = strangers.first(1).pairs().impostor_scores
    return float(SortedScores.of(impostors, []).plain().threshold_at_fmr(fmr)[0])


def plain_tmr(test: Comparisons, strangers: Comparisons) -> float:
    """TMR at FMR without an interval, to choose by."""
    return float((np.diag(test.first(1).scores) > threshold_of(strangers)).mean())


def plain_auc(test: Comparisons, strangers: Comparisons) -> float:
    """AUC of mated against other pairs, its direction learned from `strangers`."""
    own, known = (auc(one.impostor_scores, one.genuine_scores) for one in _both(test, strangers))
    return float(1 - own if known < 0.5 else own)


def reached(
    test: Comparisons, strangers: Comparisons, photos: Sequence[int] = (1,), **draws: Unpack[BootstrapOptions]
) -> Reached:
    """What an attacker reaches on test subjects, with intervals over them; the threshold is held fixed.

    Parameters
    ----------
    test, strangers : comparisons of the same attacker, of other subjects each.
    photos : numbers of photos of a subject for the rank-one rate; those that there are not are left out.
    """
    threshold, one = threshold_of(strangers), test.first(1)
    hits, limit = np.diag(one.scores) > threshold, len(strangers.first(1).pairs().impostor_scores)
    wrong = ((one.scores > threshold) & ~np.eye(len(hits), dtype=bool)).astype(float)

    def false_matches(weights: np.ndarray) -> np.ndarray:
        # weights (R, S) of subjects: a pair of strangers weighs the product, and nobody is their own stranger
        pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray(((weights @ wrong) * weights).sum(axis=1) / pairs)

    fmr = bootstrap(false_matches, test.subjects, **draws)
    own, known = _both(test, strangers)
    measured = bootstrap(
        auc_of(own.scores, own.mated), own.first_subject, second_subjects=own.second_subject, **draws
    )
    free = direction_free(measured, float(auc(known.impostor_scores, known.genuine_scores))).auc
    ranks = {
        count: identification(
            test.first(count).scores, test.subjects, test.first(count).gallery_subjects, most=1, **draws
        ).rank_one
        for count in photos
        if count <= test.photos
    }
    return Reached(
        mark_few_impostors(bootstrap_proportion(hits, test.subjects, **draws), FMR, limit),
        never_certain(fmr, len(test.subjects)),
        never_certain(free, len(test.subjects)),
        ranks,
    )


def verified(
    test: Comparisons, strangers: Comparisons, **draws: Unpack[BootstrapOptions]
) -> tuple[Verification, DirectionFree]:
    """Verification with thresholds drawn anew, and the direction-free AUC with its interval."""
    own, known = _both(test, strangers)
    found = verify(own, calibration=known, fmrs=(FMR,), **draws)
    return found, direction_free(found.auc, float(auc(known.impostor_scores, known.genuine_scores)))


def _both(test: Comparisons, strangers: Comparisons) -> tuple[ScoredPairs, ScoredPairs]:
    return test.first(1).pairs(), strangers.first(1).pairs()
