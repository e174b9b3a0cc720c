"""Which eraser is used: the one that removes least of those that attackers cannot read."""

from __future__ import annotations

from collections.abc import Iterable

from lib.deidentify.attacks.embeddings import EmbeddingSet, attack_embeddings
from lib.deidentify.attacks.result import strongest_attack
from lib.deidentify.private.erasure import Eraser


def choose_removed(
    eraser: Eraser,
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    validation: EmbeddingSet,
    counts: Iterable[int],
    *,
    wanted: float,
    attackers: Iterable[str] = ("quadratic", "perceptron_128"),
) -> tuple[Eraser, dict[int, float]]:
    """The eraser that removes least of those whose strongest attacker stays at or below `wanted`.

    Parameters
    ----------
    train, calibration, validation : unprotected embeddings for `attack_embeddings`; no test subjects.
    counts : numbers of directions to try, rising.
    wanted : AUC.

    Returns
    -------
    The eraser, and the AUC by number of directions. If none is good enough, the one with the lowest AUC.
    """
    found: dict[int, float] = {}
    for count in counts:
        one = eraser.removing(count)
        samples = (sample.mapped(one) for sample in (train, calibration, validation))
        attacks = attack_embeddings(*samples, attackers=attackers, replicates=1)
        found[count] = strongest_attack(attacks)[1].auc_free.estimate
        if found[count] <= wanted:
            break
    good = [count for count, value in found.items() if value <= wanted]
    return eraser.removing(good[0] if good else min(found, key=lambda count: found[count])), found
