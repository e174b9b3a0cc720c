"""What judges of emotion read under each treatment: confusion matrices, F, and what is left of it.

A picture in which a judge finds no face counts as an error of its true class, in every row: it is not left
out, as it is where a service answers only for the faces that it finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd

from lib.faces.faceset import EXPRESSIONS, FaceSet
from lib.judges.base import Judge
from lib.judges.face_reader import likeliest
from lib.measures.bootstrap_intervals import bootstrap
from lib.measures.classification import bootstrap_kappa, confusion, confusion_of, f1_scores
from lib.measures.estimate import Estimate
from lib.measures.kept_share import ratio_of_two
from lib.measures.resampling import BootstrapOptions, WeightedSums
from lib.measures.statistics import difference_of, divide

NO_FACE = "no face"
CLASSES = (*EXPRESSIONS, NO_FACE)
"""What a judge can say."""


def expression_f(matrix: np.ndarray) -> np.ndarray:
    """Mean F1 of the seven expressions, of confusion matrices (..., 8, 8) with CLASSES.

    Expressions that are neither there nor said are left out.
    """
    values = f1_scores(matrix)[..., : len(EXPRESSIONS)]
    there = ~np.isnan(values)
    return divide(np.where(there, values, 0).sum(axis=-1), there.sum(axis=-1))


@dataclass(frozen=True)
class ExpressionTest:
    """What judges said of the expressions of one set.

    Attributes
    ----------
    name : of the set.
    true, subjects : (N,) str.
    said : judge -> treatment -> (N,) str, of CLASSES. The first judge is the one quoted.
    """

    name: str
    true: np.ndarray
    subjects: np.ndarray
    said: Mapping[str, Mapping[str, np.ndarray]]

    @classmethod
    def of(
        cls, faces: FaceSet, pictures: Mapping[str, np.ndarray], judges: Mapping[str, Judge]
    ) -> ExpressionTest:
        """Ask the judges.

        Parameters
        ----------
        faces : N faces with `expression` known and five points.
        pictures : treatment -> uint8 (N, H, W, 3). judges : of emotion, by their names in results.
        """
        said = {
            name: {
                treatment: likeliest(judge(images, faces.points), NO_FACE)
                for treatment, images in pictures.items()
            }
            for name, judge in judges.items()
        }
        return cls(faces.name, faces.labels["expression"].to_numpy(str), faces.subjects, said)

    @property
    def first(self) -> str:
        """The judge that is quoted."""
        return next(iter(self.said))

    def matrix(self, treatment: str, judge: str = "") -> np.ndarray:
        """Counts (7, 8), true expressions in rows, CLASSES in columns."""
        said = self.said[judge or self.first][treatment]
        return confusion(self.true, said, CLASSES)[: len(EXPRESSIONS)]

    def _statistic(self, treatment: str, judge: str) -> WeightedSums:
        return confusion_of(expression_f, self.true, self.said[judge or self.first][treatment], CLASSES)

    def f(self, treatment: str, judge: str = "", **draws: Unpack[BootstrapOptions]) -> Estimate:
        """Mean F with its interval over subjects."""
        return bootstrap(self._statistic(treatment, judge), self.subjects, **draws)

    def part(
        self, treatment: str, whole: str, judge: str = "", **draws: Unpack[BootstrapOptions]
    ) -> Estimate:
        """F of a treatment as a part of that of another, on the same images and in the same draws."""
        both = ratio_of_two(self._statistic(treatment, judge), self._statistic(whole, judge))
        return bootstrap(both, self.subjects, why="nothing is read", **draws)

    def difference(
        self, treatment: str, other: str, judge: str = "", **draws: Unpack[BootstrapOptions]
    ) -> Estimate:
        """F of a treatment minus that of another, on the same images and in the same draws."""
        both = difference_of(self._statistic(treatment, judge), self._statistic(other, judge))
        return bootstrap(both, self.subjects, **draws)

    def agreement(
        self, treatment: str, other: str, judge: str = "", **draws: Unpack[BootstrapOptions]
    ) -> Estimate:
        """Cohen's kappa of what a judge says of the same faces under two treatments, right or wrong."""
        said = self.said[judge or self.first]
        return bootstrap_kappa(said[treatment], said[other], self.subjects, CLASSES, **draws)

    def table(self, treatments: Iterable[str], **draws: Unpack[BootstrapOptions]) -> pd.DataFrame:
        """F by judge and treatment: columns set, judge, treatment, estimate, low, high, n."""
        rows = [
            {"set": self.name, "judge": judge, "treatment": one, **self.f(one, judge, **draws).to_dict()}
            for judge in self.said
            for one in treatments
        ]
        return pd.DataFrame(rows)

    def confusions(self, treatments: Iterable[str]) -> pd.DataFrame:
        """Counts of all judges: columns set, judge, treatment, true, said, images."""
        rows = [
            {"set": self.name, "judge": judge, "treatment": one, "true": true, "said": said, "images": count}
            for judge in self.said
            for one in treatments
            for true, line in zip(EXPRESSIONS, self.matrix(one, judge), strict=True)
            for said, count in zip(CLASSES, line.tolist(), strict=True)
        ]
        return pd.DataFrame(rows)
