"""Prevalence of a class, from the share that an imperfect classifier reports, corrected for its errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from lib.measures.estimate import NAN, Estimate
from lib.measures.resampling import LEVEL
from lib.measures.ties import TIE


@dataclass(frozen=True)
class Prevalence:
    """Prevalence of a class, corrected for the classifier's errors, with intervals.

    Attributes
    ----------
    raw : the Rogan-Gladen estimate, which may leave [0, 1]; print it.
    standard_error : its delta-method error.
    wald : raw with the Wald interval. figure : raw with the interval of Lang and Reiczigel, the better one.
    """

    raw: float
    standard_error: float
    wald: Estimate
    figure: Estimate

    @property
    def shown(self) -> float:
        """The estimate clipped to [0, 1], for display only."""
        return float(np.clip(self.raw, 0, 1))


@dataclass(frozen=True)
class Rate:
    """A proportion and the number of independent subjects it was measured on; ValueError outside [0, 1]."""

    share: float
    n: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1 or self.n < 1:
            raise ValueError(f"a share in [0, 1] of at least one subject is needed, got {self}")

    @property
    def variance(self) -> float:
        """Binomial variance of the share."""
        return self.share * (1 - self.share) / self.n

    def shrunk(self, successes: float, trials: float) -> Rate:
        """The proportion after adding `successes` and `trials`, as interval formulas do."""
        n = self.n + trials
        return Rate((self.n * self.share + successes) / n, n)


def _corrected(apparent: float, sensitivity: float, specificity: float) -> float:
    return (apparent + specificity - 1) / (sensitivity + specificity - 1)


def _error(apparent: Rate, sensitivity: Rate, specificity: Rate, share: float) -> float:
    parts = apparent.variance + share**2 * sensitivity.variance + (1 - share) ** 2 * specificity.variance
    return float(np.sqrt(parts) / (sensitivity.share + specificity.share - 1))


def prevalence(apparent: Rate, sensitivity: Rate, specificity: Rate, *, level: float = LEVEL) -> Prevalence:
    """Rogan-Gladen estimate of a prevalence, with Wald and Lang-Reiczigel intervals.

    Parameters
    ----------
    apparent : share that the classifier calls positive.
    sensitivity, specificity : measured on labelled images of the *same kind* (generated, if the images are
        generated); values measured on photographs do not carry over.

    Returns
    -------
    All NaN where sensitivity + specificity <= 1: the classifier says nothing.
    Estimate and intervals may leave [0, 1].
    """
    if sensitivity.share + specificity.share <= 1 + TIE:
        none = Estimate(NAN, n=int(apparent.n), why="sensitivity + specificity <= 1")
        return Prevalence(NAN, NAN, none, none)
    z = float(norm.ppf((1 + level) / 2))
    raw = _corrected(apparent.share, sensitivity.share, specificity.share)
    error = _error(apparent, sensitivity, specificity, raw)
    q, se, sp = apparent.shrunk(z**2 / 2, z**2), sensitivity.shrunk(1, 2), specificity.shrunk(1, 2)
    centre = _corrected(q.share, se.share, sp.share)
    middle = centre + 2 * z**2 * (centre * se.variance - (1 - centre) * sp.variance)
    half = z * _error(q, se, sp, centre)
    wald = Estimate(raw, raw - z * error, raw + z * error, int(apparent.n))
    return Prevalence(raw, error, wald, Estimate(raw, middle - half, middle + half, int(apparent.n)))
