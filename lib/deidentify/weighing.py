"""What a method leaves to attackers who read embeddings of its pictures: the other half of a trade-off.

Any method that makes pictures can be weighed without a network to be trained on each: a recogniser embeds
the altered pictures, and attackers learn gender from the embeddings. Recognisers carry it in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Unpack

import keras
import numpy as np

from lib.deidentify.embedding_attacks import Attacked, Sample, worst_attacker
from lib.deidentify.erasure import unit_rows
from lib.faces.faceset import FaceSet
from lib.measures.resampling import Draws
from lib.training.recipes import outputs

Method = Callable[[FaceSet], np.ndarray]
"""From faces to altered grey pictures, uint8 (N, H, W)."""
READERS = ("quadratic", "perceptron_128")


@dataclass(frozen=True)
class Witnesses:
    """Faces of three groups of subjects, and who embeds them.

    Attributes
    ----------
    matcher : from grey pictures to embeddings.
    train, calibration, test : of other subjects each, `Male` known.
    """

    matcher: keras.Model
    train: FaceSet
    calibration: FaceSet
    test: FaceSet

    def read(
        self,
        method: Method,
        *,
        attackers: Iterable[str] = READERS,
        subjects: int | None = None,
        averaged: bool = False,
        **draws: Unpack[Draws],
    ) -> Attacked:
        """What the attackers read from pictures by `method`, trained on such pictures.

        Parameters
        ----------
        attackers, subjects, averaged : as `embedding_attacks.worst_attacker`.
        """
        samples = (self._embedded(faces, method) for faces in (self.train, self.calibration, self.test))
        return worst_attacker(*samples, attackers=attackers, subjects=subjects, averaged=averaged, **draws)

    def _embedded(self, faces: FaceSet, method: Method) -> Sample:
        rows = unit_rows(outputs(self.matcher, method(faces)[..., None]))
        return Sample(rows, faces.labels["Male"].to_numpy(bool), faces.subjects)
