"""How large a matching test is: photos that play each part, and comparisons of impostors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lib.faces.faceset import FaceSet
from lib.faces.matching_design import MatchingDesign, matching_design


@dataclass(frozen=True)
class MatchingPlan:
    """Choice that a page makes once for the matching tests of all its sets.

    Attributes
    ----------
    subjects : test subjects at most; 0: all. As many strangers are treated, where any are.
    gallery : photos of each subject in the gallery, at most.
    strangers : photos of strangers at most; 0: all.
    impostors : impostor comparisons at most.
    seed : of all draws.
    """

    subjects: int = 0
    gallery: int = 1
    strangers: int = 0
    impostors: int = 100_000
    seed: int = 0

    def design(self, labels: pd.DataFrame) -> MatchingDesign:
        """Who is compared with whom in one set, by its labels; errors as of `matching_design`."""
        return matching_design(
            labels, subjects=self.subjects, gallery=self.gallery, strangers=self.strangers, seed=self.seed
        )

    def strangers_are(self, sets: Mapping[str, FaceSet]) -> dict[str, str]:
        """Set -> who sets the thresholds there, in words."""
        return {name: self.design(faces.labels).strangers_are for name, faces in sets.items()}
