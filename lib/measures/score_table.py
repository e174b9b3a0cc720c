"""ScoreTable: the scores that judges gave the same pictures under several treatments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.measures import roc

Scores = Mapping[str, Mapping[str, np.ndarray]]
"""Judge -> treatment -> (N,) scores of the same pictures, higher is more positive."""
Directions = Mapping[str, Mapping[str, float]]
"""Judge -> treatment -> AUC on other subjects; below one half the judge's answer is turned round."""


@dataclass(frozen=True)
class ScoreTable:
    """Scores of the same N pictures.

    Attributes
    ----------
    scores : NaN where a judge had no face.
    positive : (N,) bool, the true label.
    subjects : (N,) str.
    """

    scores: Scores
    positive: np.ndarray
    subjects: np.ndarray

    def take(self, rows: np.ndarray) -> ScoreTable:
        """The pictures at `rows` (indices or a mask)."""
        scores = {
            judge: {name: values[rows] for name, values in own.items()} for judge, own in self.scores.items()
        }
        return ScoreTable(scores, self.positive[rows], self.subjects[rows])

    def complete(self) -> ScoreTable:
        """The pictures that every judge scored under every treatment: all are compared on the same."""
        every = [np.isfinite(values) for own in self.scores.values() for values in own.values()]
        return self.take(np.logical_and.reduce(every))

    def aucs(self) -> dict[str, dict[str, float]]:
        """Plain AUCs without intervals, judge -> treatment; on subjects of their own they are Directions."""
        return {
            judge: {name: roc.auc(*roc.two_classes(values, self.positive)) for name, values in own.items()}
            for judge, own in self.scores.items()
        }
