"""Taking the map off again: what is left of OP where it is SM plus or minus one fixed map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np

from lib.deidentify.attacks.mask_removal import SignClassifier, remove_map
from lib.evaluation.protections import Protections
from lib.faces.faceset import FaceSet
from lib.measures.bootstrap_intervals import bootstrap_mean, bootstrap_proportion
from lib.measures.estimate import Estimate
from lib.measures.image_quality import rmse
from lib.measures.resampling import BootstrapOptions
from lib.networks.san import fixed_map


@dataclass(frozen=True)
class MapRemoval:
    """What an attacker who knows the map makes of OP pictures.

    Attributes
    ----------
    fixed : (H, W) the map for label 1, in units of the logit.
    op : uint8 (N, H, W).
    scores : (N,) log odds of the sign +1, read from each picture: an attack by itself.
    """

    fixed: np.ndarray
    op: np.ndarray
    scores: np.ndarray

    @classmethod
    def learn(cls, protections: Protections, own: FaceSet, op: np.ndarray) -> MapRemoval | None:
        """Learn to read the sign, and read it; None for a network that adds no fixed map.

        Parameters
        ----------
        protections : whose autoencoder made the pictures.
        own : the attackers' own faces, with known `Male`.
        op : uint8 (N, H, W), the pictures that are read.
        """
        san = protections.san
        if san.settings["combiner"] != "pointwise":
            return None
        fixed = fixed_map(san, san.fixed, 1)
        reader = SignClassifier.learn(protections.op(own), fixed, own.binary("Male"))
        return cls(fixed, op, reader.scores(op))

    @property
    def sign(self) -> np.ndarray:
        """The sign that is read from each picture, +1 or -1, (N,)."""
        return np.where(self.scores >= 0, 1, -1)

    def taken_off(self) -> np.ndarray:
        """The pictures without the map, by the sign that was read, uint8 (N, H, W)."""
        return remove_map(self.op, self.fixed, self.sign)

    def distances(
        self,
        rows: np.ndarray,
        sm: np.ndarray,
        positive: np.ndarray,
        subjects: np.ndarray,
        **draws: Unpack[BootstrapOptions],
    ) -> dict[str, Estimate]:
        """Distance to SM, mean RMSE in grey levels: map `left on`, off by sign `guessed`, `true`, `wrong`.

        Parameters
        ----------
        rows : (R,) of the pictures that count.
        sm, positive, subjects : of all N pictures: SM uint8 (N, H, W), true label, subject.
        draws : of the intervals over subjects.
        """
        op, true = self.op[rows], np.where(positive[rows], 1, -1)
        signs = {"guessed": self.sign[rows], "true": true, "wrong": -true}
        cleaned = {name: remove_map(op, self.fixed, sign) for name, sign in signs.items()} | {"left on": op}
        return {
            name: bootstrap_mean(rmse(one, sm[rows]), subjects[rows], **draws)
            for name, one in cleaned.items()
        }

    def share_right(
        self, rows: np.ndarray, positive: np.ndarray, subjects: np.ndarray, **draws: Unpack[BootstrapOptions]
    ) -> Estimate:
        """Share of the pictures at `rows` whose sign, and so whose label (N,), was read correctly."""
        return bootstrap_proportion((self.sign[rows] > 0) == positive[rows], subjects[rows], **draws)
