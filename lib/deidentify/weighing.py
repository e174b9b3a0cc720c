"""What a method leaves to attackers who read embeddings of its pictures: the other half of a trade-off.

Any method that makes pictures can be weighed without a network to be trained on each: a recogniser embeds
the altered pictures, and attackers learn gender from the embeddings. Recognisers carry it in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.deidentify.embedding_attacks import Attacked, Sample, worst_attacker
from lib.deidentify.erasure import unit_rows
from lib.faces.faceset import FaceSet
from lib.faces.grey import as_rgb
from lib.judges.interface import Judge
from lib.measures.resampling import Draws

Method = Callable[[FaceSet], np.ndarray]
"""From faces to altered grey pictures, uint8 (N, H, W)."""
READERS = ("quadratic", "perceptron_128")


@dataclass(frozen=True)
class Embeddings:
    """Embeddings of one method's pictures of all three groups: made once, read as often as one likes.

    Attributes
    ----------
    train, calibration, test : of other subjects each.
    """

    train: Sample
    calibration: Sample
    test: Sample

    def read(
        self,
        *,
        attackers: Iterable[str] = READERS,
        subjects: int | None = None,
        averaged: bool = False,
        **draws: Unpack[Draws],
    ) -> Attacked:
        """What attackers read, trained on pictures by the same method.

        Parameters
        ----------
        attackers, subjects, averaged : as `embedding_attacks.worst_attacker`.
        """
        samples = (self.train, self.calibration, self.test)
        return worst_attacker(*samples, attackers=attackers, subjects=subjects, averaged=averaged, **draws)


@dataclass(frozen=True)
class Witnesses:
    """Faces of three groups of subjects, and who embeds them.

    Attributes
    ----------
    judge : embeds faces; pictures in which it finds none are left out.
    train, calibration, test : of other subjects each, `Male` known.
    """

    judge: Judge
    train: FaceSet
    calibration: FaceSet
    test: FaceSet

    def embedded(self, method: Method) -> Embeddings:
        """Embeddings of all faces altered by `method`: the slow part, apart from the reading of them."""
        groups = (self.train, self.calibration, self.test)
        return Embeddings(*(sample_of(self.judge, faces, method(faces)) for faces in groups))


def sample_of(judge: Judge, faces: FaceSet, pictures: np.ndarray) -> Sample:
    """Embeddings of altered pictures, uint8 (N, H, W), without those in which the judge found no face.

    Parameters
    ----------
    faces : what the pictures were made of; `Male` known.
    """
    said = judge(as_rgb(pictures), faces.points)
    known = np.flatnonzero(said.acquired)
    male = faces.labels["Male"].to_numpy(bool)
    return Sample(unit_rows(said.values[known]), male[known], faces.subjects[known])
