"""What a method leaves to attackers who read embeddings of its pictures: the other half of a trade-off.

Any method that makes pictures can be weighed without a network to be trained on each: a recogniser embeds
the altered pictures, and attackers learn gender from the embeddings. Recognisers carry it in full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.deidentify.attacks.embeddings import EmbeddingAttackResult, EmbeddingSet, strongest_attacker
from lib.deidentify.attacks.grid import AttackSplit
from lib.deidentify.private.erasure import unit_rows
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb
from lib.judges.base import Judge
from lib.measures.resampling import BootstrapOptions

READERS = ("quadratic", "perceptron_128")


@dataclass(frozen=True)
class EmbeddingAttackData:
    """Embeddings of one method's pictures of all three groups: made once, read as often as one likes.

    Attributes
    ----------
    train, calibration, test : of other subjects each.
    """

    train: EmbeddingSet
    calibration: EmbeddingSet
    test: EmbeddingSet

    def read(
        self,
        *,
        attackers: Iterable[str] = READERS,
        subjects: int | None = None,
        **draws: Unpack[BootstrapOptions],
    ) -> EmbeddingAttackResult:
        """What attackers read, trained on pictures by the same method.

        Parameters
        ----------
        attackers, subjects : as `embedding_attacks.worst_attacker`.
        """
        samples = (self.train, self.calibration, self.test)
        return strongest_attacker(*samples, attackers=attackers, subjects=subjects, **draws)


@dataclass(frozen=True)
class EmbeddingExtractor:
    """Faces of three groups of subjects, and who embeds them.

    Attributes
    ----------
    judge : embeds faces; pictures in which it finds none are left out.
    faces : with `Male` known. rows : which of them the attackers learn from, choose by, and are tested on.
    """

    judge: Judge
    faces: FaceSet
    rows: AttackSplit

    def embedded(self, pictures: np.ndarray) -> EmbeddingAttackData:
        """Embeddings of all faces as some method altered them: the slow part, apart from the reading of them.

        Parameters
        ----------
        pictures : uint8 (N, H, W), one for each of the faces.
        """
        said = self.judge(as_rgb(pictures), self.faces.points)
        male, people = self.faces.binary("Male"), self.faces.subjects

        def sample(rows: np.ndarray) -> EmbeddingSet:
            known = rows[said.acquired[rows]]
            return EmbeddingSet(unit_rows(said.values[known]), male[known], people[known])

        return EmbeddingAttackData(
            *(sample(rows) for rows in (self.rows.train, self.rows.calibration, self.rows.test))
        )
