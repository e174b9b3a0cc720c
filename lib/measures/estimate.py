"""Estimate: a figure of merit with its interval, the form in which `measures` returns every number."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

NAN = float("nan")
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Estimate:
    """A figure of merit: the estimate, its 95 % interval, and the number of independent subjects.

    Attributes
    ----------
    estimate, low, high : the value and its interval; NaN where undefined.
    n : number of subjects (the independent units), not of images or comparisons.
    why : empty, or the reason for which the estimate is undefined or its interval unstable.
    items : number of images or comparisons behind the estimate; 0 where nobody counted. Not part of
        `to_dict`: results keep four numbers per figure.
    """

    estimate: float
    low: float = NAN
    high: float = NAN
    n: int = 0
    why: str = ""
    items: int = 0

    @property
    def defined(self) -> bool:
        """Whether the estimate is a number (not NaN)."""
        return not math.isnan(self.estimate)

    def to_dict(self) -> dict[str, Any]:
        """Dictionary that results store as JSON; undefined numbers become None."""

        def plain(value: float) -> float | None:
            return None if math.isnan(value) else float(value)

        out: dict[str, Any] = {
            "estimate": plain(self.estimate),
            "low": plain(self.low),
            "high": plain(self.high),
            "n": int(self.n),
        }
        return {**out, "why": self.why} if self.why else out

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Estimate:
        """Estimate from a dictionary that `to_dict` made."""
        estimate, low, high = (
            NAN if kept[key] is None else float(kept[key]) for key in ("estimate", "low", "high")
        )
        return cls(estimate, low, high, n=int(kept["n"]), why=str(kept.get("why", "")))

    def __format__(self, form: str) -> str:
        form = form or ".3f"
        if not self.defined:
            return f"undefined ({self.why})" if self.why else "undefined"
        if math.isnan(self.low) or math.isnan(self.high):
            return f"{self.estimate:{form}} (no interval)"
        return f"{self.estimate:{form}} [{self.low:{form}}, {self.high:{form}}]"


def as_estimate(value: Any) -> Any:
    """Turn a dictionary made by `Estimate.to_dict` into an Estimate; return anything else unchanged."""
    kept = isinstance(value, Mapping) and {"estimate", "low", "high", "n"} <= set(value)
    return Estimate.from_dict(value) if kept else value


def estimates_in(values: Any, before: str = "") -> dict[str, Estimate]:
    """All estimates in nested values, by dotted key; `before` is the prefix of every key."""
    value = as_estimate(values)
    if isinstance(value, Estimate):
        return {before: value}
    if not isinstance(value, Mapping):
        return {}
    parts = (estimates_in(part, f"{before}.{key}" if before else str(key)) for key, part in value.items())
    return {key: estimate for part in parts for key, estimate in part.items()}


def strongest(estimates: Mapping[Key, Estimate]) -> Key:
    """Key of the highest estimate: among several attackers the strongest one counts.

    Raises
    ------
    ValueError : there is none, or one is undefined: it could be the highest.
    """
    unknown = [
        f"{key} ({estimate.why or 'no reason given'})"
        for key, estimate in estimates.items()
        if not estimate.defined
    ]
    if unknown or not estimates:
        raise ValueError(f"no attacker can be called the strongest, undefined: {', '.join(unknown) or 'all'}")
    return max(estimates, key=lambda key: round(estimates[key].estimate, 12))  # ties go to the first


def undefined_estimate(why: str, n: int = 0, items: int = 0) -> Estimate:
    """An Estimate without a value (NaN) that says why."""
    return Estimate(NAN, n=n, why=why, items=items)


@dataclass(frozen=True)
class EstimateBand:
    """A curve with its pointwise 95 % interval.

    Attributes
    ----------
    x, estimate, low, high : (K,) float64, NaN where undefined.
    n : number of subjects.
    """

    x: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: int
