"""The strongest attackers of generated faces: those who have the codes behind the pictures.

Whoever owns the generator gets the code back from the picture (`code_inversion`), and no picture says more
than its code. So attackers of codes bound all attackers of such pictures. They read one code, or all codes of
a subject: by the mean of their scores, or having learned from means of codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.deidentify.attacks.embeddings import EmbeddingSet, train_readers
from lib.deidentify.attacks.result import AttackResult, AttackScores
from lib.measures.estimate import Estimate, strongest
from lib.measures.resampling import BootstrapOptions

CODE_ATTACKERS = ("quadratic", "support_vectors", "perceptron_128")
"""Of one code."""
MEAN_ATTACKERS = ("quadratic", "support_vectors")
"""Of the mean code of a subject."""


@dataclass(frozen=True)
class CodeAttack:
    """What attackers read from codes.

    Attributes
    ----------
    one : attacker -> result for single codes.
    means : attacker -> result for the mean code of each subject.
    """

    one: dict[str, AttackResult]
    means: dict[str, AttackResult]

    @property
    def auc_free(self) -> dict[str, Estimate]:
        """Direction-free AUC of each attacker who reads one code."""
        return {name: found.auc_free for name, found in self.one.items()}

    @property
    def auc_free_averaged(self) -> dict[str, Estimate]:
        """Direction-free AUC of each attacker who reads all codes of a subject."""
        scores = {f"{name}, mean score": found.averaged for name, found in self.one.items()}
        return scores | {f"{name}, mean code": found.auc_free for name, found in self.means.items()}

    def strongest(self) -> tuple[str, Estimate]:
        """Who reads most from one code, and what."""
        name = strongest(self.auc_free)
        return name, self.auc_free[name]

    def strongest_averaged(self) -> tuple[str, Estimate]:
        """Who reads most from all codes of a subject, and what."""
        name = strongest(self.auc_free_averaged)
        return name, self.auc_free_averaged[name]


@dataclass(frozen=True)
class CodeScores:
    """What trained attackers say of the test subjects' codes.

    Attributes
    ----------
    one : attacker -> scores of single codes.
    means : attacker -> scores of the mean code of each subject, as `EmbeddingSet.by_subject` orders them.
    """

    one: dict[str, AttackScores]
    means: dict[str, AttackScores]

    def attack(self, test: EmbeddingSet, **draws: Unpack[BootstrapOptions]) -> CodeAttack:
        """Their figures.

        Parameters
        ----------
        test : the rows that were attacked.
        draws : of the intervals over subjects.
        """

        def figures(by: Mapping[str, AttackScores], rows: EmbeddingSet) -> dict[str, AttackResult]:
            return {name: said.result(rows.positive, rows.subjects, **draws) for name, said in by.items()}

        return CodeAttack(figures(self.one, test), figures(self.means, test.by_subject()))


def train_code_readers(
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    test: EmbeddingSet,
    *,
    attackers: Iterable[str] = CODE_ATTACKERS,
    also: np.ndarray | None = None,
    training_seed: int = 0,
) -> CodeScores:
    """Let attackers learn from codes of their own subjects, and score those of the test subjects.

    Parameters
    ----------
    train, calibration, test, attackers, training_seed : as for `attack_codes`.
    also : (M, d) further codes, which attackers of single codes score as well.

    Raises
    ------
    ValueError : a subject is in two samples.
    """
    samples = (train, calibration, test)
    one = train_readers(*samples, attackers=attackers, also=also, training_seed=training_seed)
    by_subject = (sample.by_subject() for sample in samples)
    means = train_readers(*by_subject, attackers=MEAN_ATTACKERS, training_seed=training_seed)
    return CodeScores(one, means)


def attack_codes(
    train: EmbeddingSet,
    calibration: EmbeddingSet,
    test: EmbeddingSet,
    *,
    attackers: Iterable[str] = CODE_ATTACKERS,
    training_seed: int = 0,
    **draws: Unpack[BootstrapOptions],
) -> CodeAttack:
    """Let attackers learn from codes of their own subjects and read those of the test subjects.

    Parameters
    ----------
    train : as many subjects as there are, those of the eraser among them. calibration : by whom settings and
        direction are chosen. test : those who are attacked. No subject may be in two of the three.
    attackers : of single codes, names in `embeddings.MORE_ATTACKERS`.
    training_seed : of their training.
    draws : of the intervals over subjects.

    Raises
    ------
    ValueError : a subject is in two samples, or one class is missing.
    """
    read = train_code_readers(train, calibration, test, attackers=attackers, training_seed=training_seed)
    return read.attack(test, **draws)
