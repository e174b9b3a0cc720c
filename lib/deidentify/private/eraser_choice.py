"""Which eraser is used: the one that removes least of those whose codes attackers cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib.deidentify.attacks.codes import attack_codes
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.private.encoder import FaceEncoder
from lib.measures.pairs import pair_scores, within
from lib.measures.roc import tmr_at_fmr

FMR = 0.01

Coded = Callable[[FaceEncoder], tuple[EmbeddingSet, EmbeddingSet, EmbeddingSet]]
"""From a coder to the codes that attackers learn from, calibrate by, and read."""


@dataclass(frozen=True)
class TriedEraser:
    """What the strongest attackers read behind one eraser.

    Attributes
    ----------
    removed : directions that it removes. dimension : numbers of its code.
    one, averaged : direction-free AUC of the strongest attacker of one code, and of all codes of a subject.
    matched : true match rate of codes with codes of the same subject, cosine, at a threshold that gives FMR
        in the calibration subjects; what the code says of identity, before it is painted.
    """

    removed: int
    dimension: int
    one: float
    averaged: float
    matched: float

    def within(self, wanted: float, wanted_averaged: float) -> bool:
        """Whether both attackers stay at or below what is wanted."""
        return self.one <= wanted and self.averaged <= wanted_averaged


def choose_eraser(
    fitted: Callable[[int], FaceEncoder],
    coded: Coded,
    counts: Iterable[int],
    *,
    wanted: float,
    wanted_averaged: float,
) -> tuple[FaceEncoder, list[TriedEraser]]:
    """The coder that removes least of those whose strongest attackers stay at or below what is wanted.

    All counts are tried, as the price of each belongs to the answer.

    Parameters
    ----------
    fitted : from the number of directions removed to the coder.
    coded : its codes of three groups of subjects; nobody of the test subjects is among them.
    counts : numbers of directions to try, rising.
    wanted, wanted_averaged : AUC.

    Returns
    -------
    The coder, and what was tried. If none is good enough, the coder with the lowest sum of both AUC.
    """
    tried, coders = [], {}
    for count in counts:
        coders[count] = fitted(count)
        train, calibration, test = coded(coders[count])
        attack = attack_codes(train, calibration, test, replicates=1)
        one, averaged = (best.estimate for _, best in (attack.strongest(), attack.strongest_averaged()))
        matched = _matched(calibration, test)
        tried.append(TriedEraser(count, coders[count].dimension, one, averaged, matched))
    good = [one for one in tried if one.within(wanted, wanted_averaged)]
    chosen = good[0] if good else min(tried, key=lambda one: one.one + one.averaged)
    return coders[chosen.removed], tried


def _matched(calibration: EmbeddingSet, test: EmbeddingSet) -> float:
    """TMR of codes at FMR, the threshold from other subjects; NaN where nobody has two pictures."""
    impostors, pairs = within(calibration.subjects, mated_per_subject=1), within(test.subjects)
    if not pairs.mated.any():
        return float("nan")
    others = pair_scores(impostors, calibration.embeddings)[~impostors.mated]
    scores = pair_scores(pairs, test.embeddings)
    point = tmr_at_fmr(scores[~pairs.mated], scores[pairs.mated], FMR, calibration_impostor_scores=others)
    return point.tmr
