"""Which eraser is used: the one that removes least of those whose codes attackers cannot read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib.deidentify.attacks.codes import attack_codes
from lib.deidentify.attacks.embeddings import EmbeddingSet
from lib.deidentify.private.encoder import FaceEncoder

Coded = Callable[[FaceEncoder], tuple[EmbeddingSet, EmbeddingSet, EmbeddingSet]]
"""From a coder to the codes that attackers learn from, calibrate by, and read."""


@dataclass(frozen=True)
class TriedEraser:
    """What the strongest attackers read behind one eraser.

    Attributes
    ----------
    removed : directions that it removes. dimension : numbers of its code.
    one, averaged : direction-free AUC of the strongest attacker of one code, and of all codes of a subject.
    """

    removed: int
    dimension: int
    one: float
    averaged: float

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
        attack = attack_codes(*coded(coders[count]), replicates=1)
        one, averaged = (best.estimate for _, best in (attack.strongest(), attack.strongest_averaged()))
        tried.append(TriedEraser(count, coders[count].dimension, one, averaged))
    good = [one for one in tried if one.within(wanted, wanted_averaged)]
    chosen = good[0] if good else min(tried, key=lambda one: one.one + one.averaged)
    return coders[chosen.removed], tried
